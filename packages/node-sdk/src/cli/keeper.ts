/** `keeper run|status`: keeps the CRLs of an environment in a directory, and says how they stand. */

import { basename, dirname } from 'node:path';
import { CODES, type Environment } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { writeWhole } from '../keeper/directory.ts';
import {
  createCrlKeeper,
  crlTargets,
  KeeperDirectoryError,
  type KeeperEvent,
  type KeeperMetric,
  type KeeperSchedule,
  prometheusText,
  type TargetStatus,
} from '../keeper/index.ts';
import { keyOf } from './crl.ts';
import { environmentOf, fault } from './files.ts';
import { countOn } from './progress.ts';
import { type Answer, CliFault, EXIT, type ExitCode, type Language, type Terminal, table } from './terminal.ts';

export interface KeeperArguments {
  readonly environment: string;
  readonly directory: string;
  readonly key?: string;
  /** HH:MM/minutes, Japan Standard Time. */
  readonly swapWindow?: string;
  readonly poll?: string;
  readonly concurrency?: string;
  readonly keepCount?: string;
  readonly keepDays?: string;
  readonly lead?: string;
  readonly metrics?: string;
}

export interface RunArguments extends KeeperArguments {
  readonly once: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

const number = (value: string | undefined, option: string): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new CliFault(EXIT.usage, { ja: `--${option} は正の整数です`, en: `--${option} is a positive integer` });
  return Number(value);
};

const windowOf = (text: string | undefined): Pick<KeeperSchedule, 'swapWindow'> => {
  if (text === undefined) return {};
  const [, start, minutes] = /^((?:[01]\d|2[0-3]):[0-5]\d)\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (start === undefined || Number(minutes) >= 1440) {
    throw new CliFault(EXIT.usage, {
      ja: '--swap-window は HH:MM/分 で、日本時間です（例 03:00/30）',
      en: '--swap-window is HH:MM/minutes in Japan (for example 03:00/30)',
    });
  }
  return { swapWindow: { start: start as `${number}:${number}`, minutes: Number(minutes) } };
};

const given = <K extends string>(key: K, value: number | undefined): { readonly [P in K]?: number } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: number };

const keeperOf = async (args: KeeperArguments, terminal: Terminal, onEvent: (event: KeeperEvent) => void) => {
  const environment: Environment = await environmentOf(args.environment);
  const targets = crlTargets(environment);
  if (targets.length === 0) {
    throw new CliFault(EXIT.input, {
      ja: '環境設定に失効リストの入手先（crl.sources）がありません',
      en: 'the environment names no CRL (crl.sources)',
    });
  }
  const days = number(args.keepDays, 'keep-days');
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  const keeper = createCrlKeeper({
    directory: args.directory,
    targets,
    download: fetcher.download,
    onEvent,
    ports: { now: terminal.now },
    schedule: { ...windowOf(args.swapWindow), ...given('pollSeconds', number(args.poll, 'poll')) },
    ...given('concurrency', number(args.concurrency, 'concurrency')),
    retention: {
      ...given('count', number(args.keepCount, 'keep-count')),
      ...given('ageSeconds', days === undefined ? undefined : days * 86_400),
    },
    alarms: given('leadSeconds', number(args.lead, 'lead')),
    ...(await keyOf(args.key)),
  });
  return { keeper, fetcher, targets };
};

export const run = async (args: RunArguments, terminal: Terminal): Promise<Answer> => {
  const { language, stdout } = terminal;
  const progress = args.once ? countOn(terminal) : null;
  let done = 0;
  const { keeper, fetcher, targets } = await keeperOf(args, terminal, (event) => {
    if (event.type === 'refreshed' || event.type === 'refresh-failed') progress?.update(++done, Math.max(done, targets.length));
    if (!args.once) stdout(`${args.json ? JSON.stringify({ at: terminal.now(), ...event }) : lineOf(event, terminal.now(), language)}\n`);
    if (args.metrics !== undefined) writeMetrics(args.metrics, keeper.metrics(), terminal);
  });
  try {
    const signal = terminal.interruption();
    if (!args.once) {
      await keeper.run({ signal });
      return { exit: EXIT.ok, json: { stopped: true }, lines: [language === 'ja' ? '停止しました' : 'stopped'] };
    }
    const summary = await keeper.refresh({ force: args.force, signal });
    const words = language === 'ja' ? ['公開', '変更なし', '失敗'] : ['published', 'unchanged', 'failed'];
    const counts = table([summary.published, summary.unchanged, summary.failed].map((count, i) => [String(words[i]), count] as const));
    const other = language === 'ja' ? '別のプロセスが公開しています' : 'another process publishes here';
    const exit = !summary.leader || summary.failed > 0 ? EXIT.unknown : EXIT.ok;
    return { exit, json: { ...summary, targets: await keeper.status() }, lines: summary.leader ? counts : [other] };
  } catch (error) {
    throw directoryFault(error, args.directory) ?? error;
  } finally {
    progress?.stop();
    await fetcher.destroy();
  }
};

const directoryFault = (error: unknown, directory: string): CliFault | null => {
  if (error instanceof KeeperDirectoryError) {
    const { ja, en } = CODES[error.code];
    return fault(`${ja} ${directory} ${error.detail}`, `${en} ${directory} ${error.detail}`);
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined
    ? null
    : fault(`使えないフォルダーです: ${directory} ${code}`, `the folder cannot be used: ${directory} ${code}`);
};

const writeMetrics = (file: string, metrics: readonly KeeperMetric[], { stderr }: Terminal): void => {
  try {
    // For whoever collects them: another user as a rule, and there is nothing secret in them.
    writeWhole(dirname(file), basename(file), prometheusText(metrics), 0o644);
  } catch (error) {
    stderr(`! keeper-storage ${file} ${(error as NodeJS.ErrnoException).code ?? ''}\n`);
  }
};

/** 0: all fresh. 1: one is about to expire. 2: one is missing, stale or cannot be read. */
export const status = async (args: KeeperArguments, terminal: Terminal): Promise<Answer> => {
  const { keeper, fetcher } = await keeperOf(args, terminal, () => undefined);
  await fetcher.close();
  const targets = await keeper.status().catch((error: unknown) => {
    throw directoryFault(error, args.directory) ?? error;
  });
  const worst = Math.max(...targets.map(({ state }) => SEVERITY[state])) as ExitCode;
  const lines = targets.flatMap((target) => [...linesOf(target, terminal.language), '']);
  return { exit: worst, json: targets, lines: lines.slice(0, -1) };
};

const SEVERITY = { fresh: EXIT.ok, expiring: EXIT.no, stale: EXIT.unknown, missing: EXIT.unknown, unreadable: EXIT.unknown } as const;

const STATES: Readonly<Record<TargetStatus['state'], string>> = {
  fresh: '有効',
  expiring: '期限間近',
  stale: '期限切れ',
  missing: '未取得',
  unreadable: '読取不可',
};

const linesOf = (target: TargetStatus, language: Language): string[] => {
  const rows: readonly (readonly [ja: string, en: string, value: string | number | null])[] = [
    ['配布点', 'distribution point', target.distributionPoint],
    ['区分', 'class', target.class],
    ['状態', 'state', language === 'ja' ? STATES[target.state] : target.state],
    ['CRL番号', 'CRL number', target.crlNumber],
    ['発行日時', 'this update', target.thisUpdate?.toISOString() ?? null],
    ['次回更新', 'next update', target.nextUpdate?.toISOString() ?? null],
    ['件数', 'entries', target.entries],
  ];
  return table(rows.map(([ja, en, value]) => [language === 'ja' ? ja : en, value] as const));
};

const lineOf = (event: KeeperEvent, at: Date, language: Language): string => {
  const time = at.toISOString();
  switch (event.type) {
    case 'leadership':
      return `${time} ${event.type} ${event.state}`;
    case 'refreshed':
      return `${time} ${event.type} ${event.target} ${event.feed} ${event.outcome} ${event.entries}`;
    case 'refresh-failed':
      return `${time} ${event.type} ${event.target} ${event.feed} ${event.code} ${event.detail ?? ''} ${CODES[event.code][language]}`;
    case 'pruned':
      return `${time} ${event.type} ${event.target} ${event.files}`;
    case 'alarm':
    case 'alarm-cleared':
      return `${time} ${event.type} ${event.target} ${event.code}${event.type === 'alarm' ? ` ${event.detail ?? ''}` : ''}`;
  }
};
