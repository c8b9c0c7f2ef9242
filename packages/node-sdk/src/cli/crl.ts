/** `crl ingest|info|lookup|diff|verify`: the index of revocations on the command line. */
import { CERTIFICATE_CLASSES, CODES } from '@jpki-rp/verifier';
import {
  type CrlChange,
  type CrlIndex,
  CrlIndexError,
  type CrlIndexInfo,
  type CrlSource,
  diffCrlIndexes,
  ingestCrl,
  openCrlIndex,
  verifyCrlIndex,
} from '@jpki-rp/verifier/crl';
import { downloaded, isUrl, type PublishedList, remoteOf } from './crl-url.ts';
import { derOf, fault, octetsOf, oneOf } from './files.ts';
import { progressOn } from './progress.ts';
import { type Answer, CliFault, EXIT, type Language, type Terminal, table } from './terminal.ts';

export interface IngestArguments {
  /** A file, or a URL on a host of the environment. */
  readonly crl: string;
  readonly environment?: string;
  readonly issuer?: string;
  readonly class?: string;
  readonly distributionPoint?: string;
  readonly coverage?: string;
  readonly into: string;
  readonly key?: string;
  readonly archive?: string;
  readonly overrideOperator?: string;
  readonly overrideReason?: string;
}

/** CrlIndexError is what an index file answers when it is damaged; any other fault is ours. */
export const refusals = async (run: () => Promise<Answer>, language: Language): Promise<Answer> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CrlIndexError) return refused(error.code, error.detail, language);
    throw error;
  }
};

const refused = (code: keyof typeof CODES, detail: string | undefined, language: Language): Answer => ({
  // Nothing was read, so nothing was refused.
  exit: code === 'index-missing' ? EXIT.input : EXIT.no,
  json: { ok: false, code, ...(detail === undefined ? {} : { detail }) },
  lines: [[code, detail].filter(Boolean).join(' '), CODES[code][language]],
});

export const keyOf = async (path: string | undefined): Promise<{ readonly key?: Uint8Array }> => {
  if (path === undefined) return {};
  const key = await octetsOf(path);
  if (key.length < 16) throw fault('鍵は16バイト以上です', 'a key has at least 16 octets');
  return { key };
};

type ScopeArguments = Pick<IngestArguments, 'issuer' | 'class' | 'distributionPoint' | 'coverage'>;

/** What the list has to be, as the options say; what they leave out is the environment’s where it names the list. */
const expectedOf = async (args: ScopeArguments, list: PublishedList | null): Promise<PublishedList> => {
  const { issuer, class: name, distributionPoint, coverage } = args;
  if (list === null && (issuer === undefined || name === undefined || distributionPoint === undefined)) {
    throw new CliFault(EXIT.usage, {
      ja: '--issuer、--class、--distribution-point が必要です（--environment がこのURLを一つのリストの入手先として挙げている場合を除く）',
      en: '--issuer, --class and --distribution-point are needed, unless --environment names this URL for one list',
    });
  }
  return {
    ...list,
    issuer: issuer === undefined && list !== null ? list.issuer : await derOf(String(issuer)),
    scope: {
      class: name === undefined && list !== null ? list.scope.class : oneOf(name, CERTIFICATE_CLASSES, 'class'),
      distributionPoint: distributionPoint ?? list?.scope.distributionPoint ?? '',
      coverage: coverage === undefined ? (list?.scope.coverage ?? 'idp') : oneOf(coverage, ['idp', 'asserted'], 'coverage'),
    },
  };
};

const overrideOf = ({ overrideOperator: operator, overrideReason: reason }: IngestArguments) => {
  if (operator === undefined && reason === undefined) return {};
  if (operator === undefined || reason === undefined || operator === '' || reason === '') {
    throw new CliFault(EXIT.usage, {
      ja: '上書きには --override-operator と --override-reason の両方が必要です',
      en: 'an override needs both --override-operator and --override-reason',
    });
  }
  return { override: { operator, reason } };
};

export const ingest = (args: IngestArguments, terminal: Terminal): Promise<Answer> =>
  refusals(async () => {
    const remote = isUrl(args.crl) ? await remoteOf(args.crl, args.environment, args.class) : null;
    const expected = await expectedOf(args, remote?.list ?? null);
    const options = { ...expected, into: args.into, at: terminal.now(), ...(await keyOf(args.key)), ...overrideOf(args) };
    const from = async (source: CrlSource, signal?: AbortSignal): Promise<Answer> => {
      const progress = progressOn(terminal);
      try {
        const result = await ingestCrl(source, {
          ...options,
          ...(args.archive === undefined ? {} : { archive: args.archive }),
          ...(signal === undefined ? {} : { signal }),
          onProgress: ({ bytes, totalBytes, entries }) => progress.update(bytes, totalBytes, entries),
          onAlarm: ({ code }) => terminal.stderr(`! ${code} ${CODES[code][terminal.language]}\n`),
        });
        if (!result.ok) return refused(result.code, result.detail, terminal.language);
        return { exit: EXIT.ok, json: { ok: true, info: result.info }, lines: infoLines(result.info, terminal.language) };
      } finally {
        progress.stop();
      }
    };
    return remote === null ? from(args.crl) : downloaded(args.crl, remote.hosts, terminal.language, terminal.interruption(), from);
  }, terminal.language);

export const verifyIndex = (args: Omit<IngestArguments, 'into'> & { readonly index: string }, terminal: Terminal): Promise<Answer> =>
  refusals(async () => {
    const progress = progressOn(terminal);
    try {
      const result = await verifyCrlIndex(args.index, args.crl, {
        ...(await expectedOf(args, null)),
        ...(await keyOf(args.key)),
        onProgress: ({ bytes, totalBytes, entries }) => progress.update(bytes, totalBytes, entries),
      });
      if (!result.ok) return refused(result.code, result.detail, terminal.language);
      return {
        exit: EXIT.ok,
        json: { ok: true },
        lines: [terminal.language === 'ja' ? '索引はCRLと一致します' : 'the index lists exactly what the CRL lists'],
      };
    } finally {
      progress.stop();
    }
  }, terminal.language);

const withIndex = async (file: string, key: string | undefined, use: (index: CrlIndex) => Answer | Promise<Answer>): Promise<Answer> => {
  const index = await openCrlIndex(file, await keyOf(key));
  try {
    return await use(index);
  } finally {
    index.close();
  }
};

export const info = (file: string, key: string | undefined, { language }: Terminal): Promise<Answer> =>
  refusals(() => withIndex(file, key, ({ info: of }) => ({ exit: EXIT.ok, json: of, lines: infoLines(of, language) })), language);

/** Listed: exit code 1. Not listed says nothing about a certificate outside the index's class and distribution point. */
export const lookup = (file: string, serial: string, key: string | undefined, { language }: Terminal): Promise<Answer> =>
  refusals(() => {
    if (!/^([0-9a-f]{2}){1,21}$/i.test(serial)) {
      throw new CliFault(EXIT.usage, { ja: 'シリアル番号は偶数桁の16進数です', en: 'a serial number is an even number of hex digits' });
    }
    return withIndex(file, key, (index) => {
      const found = index.lookup(new Uint8Array(Buffer.from(serial, 'hex')));
      const json = found === null ? { listed: false } : { listed: true, reason: found.reason, revokedAt: found.revokedAt.toISOString() };
      const line = found === null ? (language === 'ja' ? '記載なし' : 'not listed') : `${found.reason} ${found.revokedAt.toISOString()}`;
      return { exit: found === null ? EXIT.ok : EXIT.no, json, lines: [line] };
    });
  }, language);

/** Counts; with `list`, every change with its serial number. Differences: exit code 1. */
export const diff = (
  before: string,
  after: string,
  key: string | undefined,
  list: boolean,
  { language, stdout }: Terminal,
): Promise<Answer> =>
  refusals(
    () =>
      withIndex(before, key, (older) =>
        withIndex(after, key, (newer) => {
          const counts: Record<CrlChange['change'], number> = { revoked: 0, changed: 0, removed: 0 };
          for (const { change, serialNumber, reason } of diffCrlIndexes(older, newer)) {
            counts[change] += 1;
            if (list) stdout(`${change} ${Buffer.from(serialNumber).toString('hex')} ${reason}\n`);
          }
          const total = counts.revoked + counts.changed + counts.removed;
          const [revoked, changed, removed] = language === 'ja' ? ['新たに失効', '変更', '削除'] : ['newly revoked', 'changed', 'removed'];
          const lines = table([
            [revoked, counts.revoked],
            [changed, counts.changed],
            [removed, counts.removed],
          ]);
          return { exit: total === 0 ? EXIT.ok : EXIT.no, json: counts, lines };
        }),
      ),
    language,
  );

const infoLines = (of: CrlIndexInfo, language: Language): string[] => {
  const rows: readonly (readonly [ja: string, en: string, value: string | number | null])[] = [
    ['区分', 'class', of.class],
    ['配布点', 'distribution point', of.distributionPoint],
    ['対象範囲の根拠', 'coverage', of.coverage],
    ['発行者鍵', 'issuer key', of.issuerKeyId],
    ['CRL番号', 'CRL number', of.crlNumber],
    ['発行日時', 'this update', of.thisUpdate.toISOString()],
    ['次回更新', 'next update', of.nextUpdate?.toISOString() ?? null],
    ['件数', 'entries', of.entries],
    ['CRLのSHA-256', 'SHA-256 of the CRL', of.sha256],
    ['上書き', 'override', of.override === null ? null : `${of.override.operator}: ${of.override.reason}`],
  ];
  return table(rows.map(([ja, en, value]) => [language === 'ja' ? ja : en, value] as const));
};
