/** `links reconcile`: lets revocations of verified lists take effect, from a difference or from whole lists, going on where it was stopped. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type CrlIndex, diffCrlIndexes, openCrlIndex } from '@jpki-rp/verifier/crl';
import { type RevokedCertificate, revocationsIn, type SweepReport } from '@jpki-rp/verifier/links';
import { writeWhole } from '../keeper/directory.ts';
import { keyOf, refusals } from './crl.ts';
import { fault, listOf, oneOf } from './files.ts';
import { refusedLink } from './links.ts';
import { type LedgerArguments, withLedger } from './links-database.ts';
import { countOn } from './progress.ts';
import { type Answer, CliFault, EXIT, type Terminal, table } from './terminal.ts';

export interface ReconcileArguments extends Omit<LedgerArguments, 'outbox'> {
  /** Two indexes of the same list: before and after. */
  readonly diff?: string;
  /** Indexes of whole lists. */
  readonly full?: string;
  readonly indexKey?: string;
  /** Whether these are all lists of their class: what they do not name is good. */
  readonly complete: boolean;
  readonly outbox: string;
  readonly cursor?: string;
  /** Keeps the cursor from batch to batch; deleted at the end. */
  readonly cursorFile?: string;
}

interface Source {
  readonly revocations: () => Iterable<RevokedCertificate>;
  readonly asOf: Date;
  readonly total: number;
  /** Names what is gone through, in this order: a cursor into something else says nothing. */
  readonly name: string;
}

export const reconcile = (args: ReconcileArguments, terminal: Terminal): Promise<Answer> =>
  refusals(async () => {
    const outbox = oneOf(args.outbox, ['keep', 'none'] as const, 'outbox');
    const opened: CrlIndex[] = [];
    const open = async (paths: readonly string[]): Promise<readonly CrlIndex[]> => {
      for (const path of paths) opened.push(await openCrlIndex(path, { mode: 'memory', ...(await keyOf(args.indexKey)) }));
      return opened;
    };
    try {
      const source = await sourceOf(args, open);
      const { cursorFile, complete } = args;
      const kept = cursorFile === undefined ? 0 : await keptCursor(cursorFile, source.name);
      const cursor = args.cursor === undefined ? kept : numberOf(args.cursor);
      const certificateClass = complete ? opened[0]?.info.class : undefined;
      // A resumed sweep proves nothing of what came before it: between the two, anything may have been linked.
      if (complete && cursor > 0) terminal.stderr(`! ${RESUMED[terminal.language]}\n`);
      return await withLedger({ ...args, outbox }, terminal, async (ledger) => {
        const progress = countOn(terminal);
        const signal = terminal.interruption();
        let reached = cursor;
        try {
          const report = await ledger.reconcile({
            revocations: source.revocations(),
            asOf: source.asOf,
            cursor,
            ...(certificateClass === undefined ? {} : { complete: certificateClass }),
            signal,
            onProgress: async (done) => {
              reached = done.cursor;
              progress.update(done.cursor, source.total);
              if (cursorFile !== undefined) keepCursor(cursorFile, source.name, done.cursor);
            },
          });
          if (cursorFile !== undefined) await rm(cursorFile, { force: true });
          return answerOf(report, complete ? cursor === 0 : null, terminal);
        } catch (error) {
          terminal.stderr(
            terminal.language === 'ja' ? `中断しました。続きは --cursor ${reached}\n` : `stopped: go on with --cursor ${reached}\n`,
          );
          if (signal.aborted) throw new CliFault(EXIT.unknown, { ja: '中断されました', en: 'interrupted' });
          throw error;
        } finally {
          progress.stop();
        }
      });
    } finally {
      for (const index of opened) index.close();
    }
  }, terminal.language);

const sourceOf = async (
  { diff, full, complete }: ReconcileArguments,
  open: (paths: readonly string[]) => Promise<readonly CrlIndex[]>,
): Promise<Source> => {
  if ((diff === undefined) === (full === undefined)) {
    throw new CliFault(EXIT.usage, { ja: '--diff か --full のどちらか一方を指定してください', en: 'either --diff or --full is needed' });
  }
  const paths = listOf(diff ?? full);
  const wrong = (ja: string, en: string): CliFault => new CliFault(EXIT.usage, { ja, en });
  if (diff !== undefined) {
    if (paths.length !== 2) throw wrong('--diff は「前の索引,後の索引」です', '--diff takes two indexes: before,after');
    if (complete)
      throw wrong(
        '差分だけでは全件にはなりません（--complete は --full と）',
        'a difference is never complete: --complete goes with --full',
      );
    const [before, after] = await open(paths);
    if (before === undefined || after === undefined) throw new Error('unreachable: two were opened');
    if (!isSameList(before, after) || before.info.thisUpdate > after.info.thisUpdate)
      throw fault('二つの索引は同じCRLの前と後ではありません', 'the two indexes are not of one list, before and after');
    const { issuerKeyId } = after.info;
    if (issuerKeyId === null) throw fault('発行者の鍵識別子がない索引です', 'the issuer of the list has no key identifier');
    const revocations = () => newlyRevoked(before, after, issuerKeyId);
    let total = 0;
    for (const _ of revocations()) total += 1;
    return { revocations, asOf: after.info.thisUpdate, total, name: nameOf('diff', [before, after]) };
  }
  const lists = await open(paths);
  const [first] = lists;
  if (first === undefined) throw wrong('--full に索引がありません', '--full names no index');
  if (complete && lists.some(({ info }) => info.class !== first.info.class))
    throw wrong('--complete は一つの区分の全ての索引と使います', '--complete goes with all indexes of one class');
  return {
    revocations: () => revocationsIn(lists),
    asOf: new Date(Math.min(...lists.map(({ info }) => info.thisUpdate.getTime()))),
    total: lists.reduce((sum, { info }) => sum + info.entries, 0),
    name: nameOf('full', lists),
  };
};

const isSameList = ({ info: a }: CrlIndex, { info: b }: CrlIndex): boolean =>
  a.class === b.class && a.distributionPoint === b.distributionPoint && a.issuerKeySha256 === b.issuerKeySha256;

/** What is gone from a list has expired or was let go: that says nothing revoked, and only a verdict lifts a hold. */
function* newlyRevoked(before: CrlIndex, after: CrlIndex, issuerKeyId: string): Generator<RevokedCertificate, void, undefined> {
  for (const { change, serialNumber, reason, revokedAt } of diffCrlIndexes(before, after)) {
    if (change === 'removed') return;
    yield { issuerKeyId, serialNumber: Buffer.from(serialNumber).toString('hex'), reason, revokedAt };
  }
}

const nameOf = (kind: string, lists: readonly CrlIndex[]): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, ...lists.map(({ info }) => [info.class, info.distributionPoint, info.sha256, info.entries])]))
    .digest('hex');

const numberOf = (text: string): number => {
  if (!/^\d{1,15}$/.test(text))
    throw new CliFault(EXIT.usage, { ja: `--cursor は件数です: ${text}`, en: `--cursor is a number of entries: ${text}` });
  return Number(text);
};

/** Where an earlier run of the same lists stood; 0 where there is none. A file of something else is left alone. */
const keptCursor = async (path: string, name: string): Promise<number> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw fault(`読めません: ${path}`, `cannot be read: ${path}`);
  }
  const [of, cursor, ...rest] = text.trim().split(' ');
  if (of === undefined || !/^[0-9a-f]{64}$/.test(of) || cursor === undefined || !/^\d{1,15}$/.test(cursor) || rest.length > 0)
    throw fault(`位置の記録ではありません: ${path}`, `not a file this command wrote: ${path}`);
  return of === name ? Number(cursor) : 0;
};

/** Whole or not at all: a half-written position would skip revocations. */
const keepCursor = (path: string, name: string, cursor: number): void => {
  try {
    writeWhole(dirname(path), basename(path), `${name} ${cursor}\n`);
  } catch {
    throw fault(`書けません: ${path}`, `cannot be written: ${path}`);
  }
};

const RESUMED = {
  ja: '途中から再開した照合では全件の照合（--complete）は記録されません。終了後、最初から（--cursor なしで）もう一度実行してください',
  en: 'a resumed sweep is not noted as complete (--complete): when it is done, run it again from the start, without --cursor',
} as const;

/** A sweep with failures is to be run again: it is not done. `fromStart` null: nobody asked for completeness to be noted. */
const answerOf = (report: SweepReport, fromStart: boolean | null, { language }: Terminal): Answer => {
  const { examined, cursor, changed, failures } = report;
  const failed = failures['link-busy'] + failures['link-integrity'];
  const noted = fromStart === null ? null : fromStart && failed === 0;
  const words =
    language === 'ja'
      ? {
          examined: '照合した失効',
          changed: '停止・終了した紐付け',
          busy: '他の処理と競合',
          broken: '記録の改ざんの疑い',
          complete: '全件の照合',
          noted: ['記録なし', '記録済み'],
        }
      : {
          examined: 'revocations matched',
          changed: 'links suspended or ended',
          busy: 'persons busy',
          broken: 'records that do not verify',
          complete: 'complete sweep',
          noted: ['not noted', 'noted'],
        };
  const lines = table([
    [words.examined, examined],
    [words.changed, changed],
    [words.busy, failures['link-busy'] || null],
    [words.broken, failures['link-integrity'] || null],
    [words.complete, noted === null ? null : String(words.noted[Number(noted)])],
  ]);
  const code = failures['link-integrity'] > 0 ? 'link-integrity' : 'link-busy';
  return {
    exit: failed === 0 ? EXIT.ok : EXIT.unknown,
    json: { ok: failed === 0, examined, cursor, changed, failures, completeNoted: noted },
    lines: failed === 0 ? lines : [...lines, ...refusedLink(code, language).lines],
  };
};
