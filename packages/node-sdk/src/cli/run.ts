/** The commands, their options, and what becomes of an answer. */
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty';
import * as crl from './crl.ts';
import { inspectFile } from './inspect.ts';
import * as keeper from './keeper.ts';
import * as links from './links.ts';
import { reconcile } from './links-reconcile.ts';
import { type Answer, CliFault, EXIT, type ExitCode, type Terminal } from './terminal.ts';
import { queryOcsp, verifyFiles } from './verify.ts';

const file = (description: string) => ({ type: 'string', required: true, description, valueHint: 'file' }) as const;
const text = (description: string) => ({ type: 'string', description }) as const;
const place = (description: string) => ({ type: 'positional', required: true, description }) as const;
const SHARED = {
  json: { type: 'boolean', description: 'one JSON value on standard output' },
  lang: { type: 'string', description: 'ja or en; default: the locale' },
} as const;
const SCOPE = {
  issuer: text('certificate whose key signs the CRL'),
  class: text('certificate class'),
  'distribution-point': text('RFC 4514 name'),
  coverage: text('idp (default) or asserted'),
  key: text('file with the MAC key of the index'),
} as const;

const LEDGER = {
  database: text('connection string, postgres://…'),
  'database-file': text('file that holds it'),
  'identifier-key': file('JSON: keyId, key in base64, previous'),
} as const;

type Value = string | undefined;
type Arguments = Readonly<Record<string, unknown>>;
const stringOf = (args: Arguments, name: string): string => String(args[name] ?? '');
const optional = <K extends string>(args: Arguments, name: string, as: K): { [P in K]?: string } => {
  const value = args[name] as Value;
  return (value === undefined ? {} : { [as]: value }) as { [P in K]?: string };
};

/**
 * Runs one command line. Answers go to standard output, everything else to standard error; nothing of a certificate’s holder is printed unless `inspect` is asked
 * to. Never rejects.
 */
export const runCli = async (rawArgs: readonly string[], given: Terminal): Promise<ExitCode> => {
  let exit: ExitCode = EXIT.usage;
  const terminal: Terminal = { ...given, language: languageOf(rawArgs) ?? given.language };

  const leaf = (description: string, own: ArgsDef, answer: (args: Arguments) => Promise<Answer>): CommandDef => {
    const args: ArgsDef = { ...own, ...SHARED };
    return {
      meta: { description },
      args,
      run: async (context) => {
        assertKnown(context.rawArgs, args);
        const found = await answer(context.args);
        terminal.stdout(
          context.args['json'] === true ? `${JSON.stringify(found.json)}\n` : found.lines.map((line) => `${line}\n`).join(''),
        );
        exit = found.exit;
      },
    };
  };

  const inspectCommand = leaf(
    'a certificate, CRL or OCSP response as people read it',
    { file: place('DER or PEM'), 'show-attributes': { type: 'boolean', description: 'also the personal attributes' } },
    (args) => inspectFile(stringOf(args, 'file'), args['show-attributes'] === true, terminal.language),
  );
  const verifyCommand = leaf(
    'a signature and its certificate under an environment',
    {
      environment: file('environment JSON'),
      certificate: file('DER or PEM'),
      signature: file('octets or base64'),
      message: file('the bytes that were signed'),
      scheme: { type: 'string', default: 'rsa-pkcs1-sha256', description: 'signature scheme' },
      purpose: { type: 'string', required: true, description: 'digital-signature or user-authentication' },
      carriers: { type: 'string', default: 'card,smartphone', description: 'accepted carriers' },
      revocation: {
        type: 'string',
        required: true,
        description: 'crl, ocsp (files only); crlcheck, ocspcheck, bothcheck, eithercheck (network)',
      },
      crls: text('files, separated by commas'),
      'ocsp-responses': text('files, separated by commas'),
      at: text('ISO 8601; default: now'),
    },
    (args) =>
      verifyFiles(
        {
          environment: stringOf(args, 'environment'),
          certificate: stringOf(args, 'certificate'),
          signature: stringOf(args, 'signature'),
          message: stringOf(args, 'message'),
          scheme: stringOf(args, 'scheme'),
          purpose: stringOf(args, 'purpose'),
          carriers: stringOf(args, 'carriers'),
          revocation: stringOf(args, 'revocation'),
          ...optional(args, 'crls', 'crls'),
          ...optional(args, 'ocsp-responses', 'ocspResponses'),
          ...optional(args, 'at', 'at'),
        },
        terminal,
      ),
  );
  const queryCommand = leaf(
    'asks the responders of the certificate’s class',
    { environment: file('environment JSON'), certificate: file('DER or PEM'), at: text('ISO 8601; default: now') },
    (args) =>
      queryOcsp(
        { environment: stringOf(args, 'environment'), certificate: stringOf(args, 'certificate'), ...optional(args, 'at', 'at') },
        terminal,
      ),
  );
  const scopeOf = (args: Arguments) => ({
    ...optional(args, 'issuer', 'issuer'),
    ...optional(args, 'class', 'class'),
    ...optional(args, 'distribution-point', 'distributionPoint'),
    ...optional(args, 'coverage', 'coverage'),
    ...optional(args, 'key', 'key'),
  });
  const KEY = { key: SCOPE.key };
  const keyOf = (args: Arguments): Value => args['key'] as Value;
  const crlCommands = {
    ingest: leaf(
      'reads, verifies and indexes a CRL',
      {
        crl: place('CRL, DER; or its URL, with --environment'),
        into: file('index file'),
        environment: text('environment JSON: whose hosts may be asked, and what it says of the list'),
        ...SCOPE,
        archive: text('folder that keeps the CRL'),
        'override-operator': text('who lets an older CRL in'),
        'override-reason': text('and why; both are recorded'),
      },
      (args) =>
        crl.ingest(
          {
            crl: stringOf(args, 'crl'),
            into: stringOf(args, 'into'),
            ...scopeOf(args),
            ...optional(args, 'environment', 'environment'),
            ...optional(args, 'archive', 'archive'),
            ...optional(args, 'override-operator', 'overrideOperator'),
            ...optional(args, 'override-reason', 'overrideReason'),
          },
          terminal,
        ),
    ),
    info: leaf('what an index is of', { index: place('index file'), ...KEY }, (args) =>
      crl.info(stringOf(args, 'index'), keyOf(args), terminal),
    ),
    lookup: leaf('whether a serial number is listed', { index: place('index file'), serial: place('hex'), ...KEY }, (args) =>
      crl.lookup(stringOf(args, 'index'), stringOf(args, 'serial'), keyOf(args), terminal),
    ),
    diff: leaf(
      'what one index lists and another does not',
      { before: place('index file'), after: place('index file'), ...KEY, list: { type: 'boolean', description: 'every change' } },
      (args) =>
        crl.diff(stringOf(args, 'before'), stringOf(args, 'after'), keyOf(args), args['list'] === true && args['json'] !== true, terminal),
    ),
    verify: leaf('an index against its CRL', { index: place('index file'), crl: place('CRL, DER'), ...SCOPE }, (args) =>
      crl.verifyIndex({ index: stringOf(args, 'index'), crl: stringOf(args, 'crl'), ...scopeOf(args) }, terminal),
    ),
  };
  const KEEPER = {
    environment: file('environment JSON'),
    directory: file('folder of the keeper'),
    key: SCOPE.key,
    lead: text('seconds before nextUpdate at which the alarm is raised; default 1800'),
  } as const;
  const keeperOf = (args: Arguments) => ({
    environment: stringOf(args, 'environment'),
    directory: stringOf(args, 'directory'),
    ...optional(args, 'key', 'key'),
    ...optional(args, 'lead', 'lead'),
  });
  const keeperCommands = {
    run: leaf(
      'keeps the CRLs of an environment, until it is stopped',
      {
        ...KEEPER,
        'swap-window': text('HH:MM/minutes in Japan: when the day’s lists are swapped'),
        poll: text('seconds between questions while a new list is awaited; default 300'),
        concurrency: text('downloads at once; default 4'),
        'keep-count': text('CRLs kept per list; default 32'),
        'keep-days': text('and for how long; default: for ever'),
        metrics: text('file that is kept up to date in Prometheus’ text format'),
        once: { type: 'boolean', description: 'one pass over what is due' },
        force: { type: 'boolean', description: 'with --once: over everything' },
      },
      (args) =>
        keeper.run(
          {
            ...keeperOf(args),
            once: args['once'] === true,
            force: args['force'] === true,
            json: args['json'] === true,
            ...optional(args, 'swap-window', 'swapWindow'),
            ...optional(args, 'poll', 'poll'),
            ...optional(args, 'concurrency', 'concurrency'),
            ...optional(args, 'keep-count', 'keepCount'),
            ...optional(args, 'keep-days', 'keepDays'),
            ...optional(args, 'metrics', 'metrics'),
          },
          terminal,
        ),
    ),
    status: leaf('how the kept CRLs stand', KEEPER, (args) => keeper.status(keeperOf(args), terminal)),
  };
  const ledgerOf = (args: Arguments) => ({
    identifierKey: stringOf(args, 'identifier-key'),
    ...optional(args, 'database', 'database'),
    ...optional(args, 'database-file', 'databaseFile'),
  });
  const ACCOUNT = { account: place('account id'), ...LEDGER };
  const accountOf = (args: Arguments) => ({ account: stringOf(args, 'account'), ...ledgerOf(args) });
  const linkCommands = {
    show: leaf('the links of an account', ACCOUNT, (args) => links.show(accountOf(args), terminal)),
    history: leaf('every event of an account’s links', ACCOUNT, (args) => links.history(accountOf(args), terminal)),
    reconcile: leaf(
      'lets the revocations of indexed CRLs take effect',
      {
        diff: text('two indexes of one list: before,after'),
        full: text('indexes of whole lists, separated by commas'),
        complete: { type: 'boolean', description: 'with --full: these are all lists of their class' },
        'index-key': text('file with the MAC key of the indexes'),
        outbox: { type: 'string', required: true, description: 'keep or none: as the service that runs the ledger has it' },
        cursor: text('entries that an earlier run has settled'),
        'cursor-file': text('file that keeps the cursor until the end'),
        ...LEDGER,
      },
      (args) =>
        reconcile(
          {
            ...ledgerOf(args),
            complete: args['complete'] === true,
            outbox: stringOf(args, 'outbox'),
            ...optional(args, 'diff', 'diff'),
            ...optional(args, 'full', 'full'),
            ...optional(args, 'index-key', 'indexKey'),
            ...optional(args, 'cursor', 'cursor'),
            ...optional(args, 'cursor-file', 'cursorFile'),
          },
          terminal,
        ),
    ),
    erase: leaf(
      'destroys what is known about an account, for good',
      { ...ACCOUNT, yes: { type: 'boolean', description: 'without asking' } },
      (args) => links.erase({ ...accountOf(args), yes: args['yes'] === true }, terminal),
    ),
  };
  const group = (description: string, subCommands: Readonly<Record<string, CommandDef>>): CommandDef =>
    defineCommand({ meta: { description }, subCommands: { ...subCommands } });
  const main: CommandDef = defineCommand({
    meta: { name: 'jpki-rp', description: 'certificates and status data of JPKI' },
    subCommands: {
      inspect: inspectCommand,
      verify: verifyCommand,
      ocsp: group('online status', { query: queryCommand }),
      crl: group('revocation lists and their indexes', crlCommands),
      keeper: group('CRLs kept up to date', keeperCommands),
      links: group('the ledger of links', linkCommands),
    },
  });

  try {
    if (rawArgs.length === 0 || rawArgs.includes('--help') || rawArgs.includes('-h')) {
      terminal.stdout(`${await usageOf(main, rawArgs)}\n`);
      return rawArgs.length === 0 ? EXIT.usage : EXIT.ok;
    }
    await runCommand(main, { rawArgs: [...rawArgs] });
    return exit;
  } catch (error) {
    if (error instanceof CliFault) {
      terminal.stderr(`${error.texts[terminal.language]}\n`);
      return error.exit;
    }
    // citty's own: an unknown command, a missing argument.
    if (error instanceof Error && error.name === 'CLIError') {
      terminal.stderr(`${error.message}\n`);
      return EXIT.usage;
    }
    terminal.stderr(
      `${terminal.language === 'ja' ? '内部エラー' : 'internal error'}: ${error instanceof Error ? error.message : 'unknown'}\n`,
    );
    return EXIT.internal;
  }
};

/** A misspelt option must not silently decide what is checked. */
const assertKnown = (rawArgs: readonly string[], known: ArgsDef): void => {
  const end = rawArgs.indexOf('--');
  const stray = (end === -1 ? rawArgs : rawArgs.slice(0, end)).find(
    (arg) => /^--?[a-z]/i.test(arg) && !Object.hasOwn(known, arg.replace(/^--?/, '').replace(/=.*$/s, '')),
  );
  if (stray !== undefined) throw new CliFault(EXIT.usage, { ja: `知らないオプションです: ${stray}`, en: `unknown option: ${stray}` });
};

const languageOf = (rawArgs: readonly string[]): 'ja' | 'en' | null => {
  const at = rawArgs.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const word = at === -1 ? undefined : rawArgs[at] === '--lang' ? rawArgs[at + 1] : rawArgs[at]?.slice('--lang='.length);
  return word === 'ja' || word === 'en' ? word : null;
};

const usageOf = async (main: CommandDef, rawArgs: readonly string[]): Promise<string> => {
  let [command, parent]: [CommandDef, CommandDef | undefined] = [main, undefined];
  for (const word of rawArgs) {
    const next = ((await command.subCommands) as Readonly<Record<string, CommandDef>> | undefined)?.[word];
    if (next === undefined) break;
    [command, parent] = [next, command];
  }
  return await renderUsage(command, parent);
};
