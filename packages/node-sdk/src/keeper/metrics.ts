/** Counters and gauges. Labels are ids of targets, codes and words; never a serial number or a URL. */
import type { KeeperMetric } from './keeper.types.ts';

type Labels = Readonly<Record<string, string>>;

const FAMILIES = {
  refreshes: ['jpki_crl_refreshes_total', 'counter', 'Lists asked for and answered, by outcome'],
  failures: ['jpki_crl_refresh_failures_total', 'counter', 'Lists asked for in vain, by code'],
  bytes: ['jpki_crl_downloaded_bytes_total', 'counter', 'Octets of lists received'],
  pruned: ['jpki_crl_pruned_files_total', 'counter', 'Archived lists deleted by retention'],
  inFlight: ['jpki_crl_refreshes_in_flight', 'gauge', 'Lists being asked for'],
  leader: ['jpki_crl_leader', 'gauge', '1 where this keeper has the right to publish'],
  failing: ['jpki_crl_consecutive_failures', 'gauge', 'Failures in a row'],
  thisUpdate: ['jpki_crl_this_update_seconds', 'gauge', 'thisUpdate of the published list, seconds since 1970'],
  nextUpdate: ['jpki_crl_next_update_seconds', 'gauge', 'nextUpdate of the published list, seconds since 1970'],
  entries: ['jpki_crl_entries', 'gauge', 'Entries of the published list'],
  success: ['jpki_crl_last_success_seconds', 'gauge', 'When the server last answered, seconds since 1970'],
  alarms: ['jpki_crl_alarm', 'gauge', '1 while the alarm stands'],
} as const;

export type Family = keyof typeof FAMILIES;

export class Metrics {
  readonly #values = new Map<Family, Map<string, { readonly labels: Labels; readonly value: number }>>();

  add(family: Family, labels: Labels, amount = 1): void {
    this.#set(family, labels, (before) => before + amount);
  }

  set(family: Family, labels: Labels, value: number): void {
    this.#set(family, labels, () => value);
  }

  /** Plain data, families in a fixed order. */
  all(): readonly KeeperMetric[] {
    return (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
      const samples = [...(this.#values.get(family)?.values() ?? [])];
      const [name, type, help] = FAMILIES[family];
      return samples.length === 0 ? [] : [{ name, type, help, samples }];
    });
  }

  #set(family: Family, labels: Labels, next: (before: number) => number): void {
    const samples = this.#values.get(family) ?? new Map<string, { labels: Labels; value: number }>();
    this.#values.set(family, samples);
    const key = JSON.stringify(labels);
    samples.set(key, { labels, value: next(samples.get(key)?.value ?? 0) });
  }
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** The text format of Prometheus, version 0.0.4. */
export const prometheusText = (metrics: readonly KeeperMetric[]): string =>
  metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => {
        const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
        return `${name}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}`;
      }),
    ])
    .map((line) => `${line}\n`)
    .join('');
