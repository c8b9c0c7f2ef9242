/** What a keeper of CRLs takes and gives. */
import type { CertificateClass, Environment, SignatureAlgorithm } from '@jpki-rp/verifier';
import type { CrlOverride } from '@jpki-rp/verifier/crl';
import type { Downloader } from '@jpki-rp/verifier/net';

type Anchor = Environment['anchors'][number];

/** One CRL to be kept: of one class, one key of the issuer, one distribution point. `crlTargets(environment)` makes them. */
export interface CrlTarget {
  /** Class and a hash of issuer key and distribution point: the name of its files, and a label of metrics. */
  readonly id: string;
  readonly class: CertificateClass;
  readonly anchor: Anchor;
  /** RFC 4514. */
  readonly distributionPoint: string;
  readonly coverage: 'idp' | 'asserted';
  readonly algorithms: { readonly algorithms: readonly SignatureAlgorithm[]; readonly minimumRsaBits: number };
  /** Of the complete list; after a failure the next one is asked. */
  readonly urls: readonly string[];
  /** Where a delta CRL to the same list is published. */
  readonly deltaUrl?: string;
}

/** `full`: the complete list. `delta`: what changed since. */
export type CrlFeed = 'full' | 'delta';

/** When a target is asked for. Every time gets jitter, so that many keepers do not come at once. */
export interface KeeperSchedule {
  /** When the day's list is swapped, Japan Standard Time (UTC+9, no summer time). Within it a list is asked for until it is a new one. No default: the issuer says when. */
  readonly swapWindow?: { readonly start: `${number}:${number}`; readonly minutes: number };
  /** So long before nextUpdate the next list is asked for. Default 3 600. */
  readonly beforeNextUpdateSeconds?: number;
  /** Pause between questions while a new list is awaited. Default 300. */
  readonly pollSeconds?: number;
  /** Asked for at least so often, whatever else says. Default 21 600 for complete lists. */
  readonly everySeconds?: number;
  /** The same for delta CRLs. Default 3 600. */
  readonly deltaEverySeconds?: number;
  /** Upper bound of the jitter. Default 60. */
  readonly jitterSeconds?: number;
  /** Full jitter after failures in a row: from 0 to a bound that doubles from `baseMs` to `capMs`. Default 5 000 and 900 000. */
  readonly backoff?: { readonly baseMs: number; readonly capMs: number };
}

/** Time, chance and waiting: ports, so that a test waits for nothing. */
export interface KeeperPorts {
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
  /** Resolves after that time; rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The right to publish, until it is lost. */
export interface LeadershipTerm {
  /** Aborts as soon as it is known to be lost: nothing is fetched or published any more. */
  readonly lost: AbortSignal;
  /** Asked right before each publication. False: lost. */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

/** Who of several keepers on one directory fetches and publishes. */
export interface Leadership {
  /** A term, or null while another holds it. Asked again after `retryMs`. */
  acquire(ports: KeeperPorts): Promise<LeadershipTerm | null>;
  readonly retryMs: number;
}

export interface CrlKeeperOptions {
  /**
   * Indexes, archive, state and lock are kept below it. One file system; shared where several nodes serve from it. It and its folders belong to this user or
   * to root and nobody else may write to them, else `run`, `refresh` and `status` reject with `keeper-directory`.
   */
  readonly directory: string;
  readonly targets: readonly CrlTarget[];
  /** `createFetcher({ allowedHosts: environmentHosts(environment) }).download` of `@jpki-rp/verifier/net`. */
  readonly download: Downloader;
  /** Default: a lock file in the directory. Several nodes: `postgresLeadership({ pool })`. */
  readonly leadership?: Leadership;
  readonly schedule?: KeeperSchedule;
  /** Downloads at once. Default 4. */
  readonly concurrency?: number;
  /** Octets of one CRL, and time for it. Default 2 GiB, 15 minutes. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** MAC key of the indexes, at least 16 octets. */
  readonly key?: Uint8Array;
  /** CRLs kept per target; what an index stands on is never deleted. Default: the last 32, whatever their age. */
  readonly retention?: { readonly count?: number; readonly ageSeconds?: number };
  readonly alarms?: {
    /** `crl-expiring` is raised so long before nextUpdate. Default 1 800. */
    readonly leadSeconds?: number;
  };
  /** Lets older CRLs in, while it is set: for an operator's one pass, not for the configuration of a service. */
  readonly override?: CrlOverride;
  readonly onEvent?: (event: KeeperEvent) => void;
  readonly ports?: Partial<KeeperPorts>;
}

export type KeeperFailure =
  /** No CRL arrived: `detail` is timeout, connection, redirect, content, http-status, content-type, host-not-allowed. */
  | 'crl-unavailable'
  /** Larger than `maxBytes`. */
  | 'budget-crl'
  | 'crl-malformed'
  | 'crl-signature'
  | 'crl-scope-mismatch'
  | 'crl-unsupported'
  | 'crl-not-yet-valid'
  | 'crl-rollback'
  | `index-${'missing' | 'truncated' | 'corrupt' | 'version' | 'key' | 'scope' | 'differs'}`
  /** The disk: `detail` is the system's word, for example ENOSPC. */
  | 'keeper-storage'
  /** Leadership ended before publication. */
  | 'keeper-lost'
  /** A fault of the software. */
  | 'keeper-fault';

/** Each stands until it is cleared. `crl-expiring`: nextUpdate is near. `crl-stale`: it has passed, or there is none. `crl-missing`: nothing is published yet. */
export type KeeperAlarmCode = 'crl-expiring' | 'crl-stale' | 'crl-missing' | 'crl-rollback' | `index-${string}`;

export type RefreshOutcome = 'published' | 'unchanged' | 'not-modified' | 'superseded';

/** Codes, ids, times and counts. Never a serial number, certificate, or URL. */
export type KeeperEvent =
  | {
      readonly type: 'refreshed';
      readonly target: string;
      readonly feed: CrlFeed;
      /** `published`: a list that was not there before. `unchanged`: the same list again. `not-modified`: HTTP 304. `superseded`: a delta older than the index. */
      readonly outcome: RefreshOutcome;
      readonly bytes: number;
      readonly entries: number;
      readonly crlNumber: string | null;
      readonly thisUpdate: Date;
      readonly nextUpdate: Date | null;
      readonly sha256: string;
      readonly nextAttempt: Date;
    }
  | {
      readonly type: 'refresh-failed';
      readonly target: string;
      readonly feed: CrlFeed;
      readonly code: KeeperFailure;
      readonly detail?: string;
      /** Failures in a row, this one included. */
      readonly failures: number;
      readonly nextAttempt: Date;
    }
  | {
      readonly type: 'alarm';
      readonly target: string;
      readonly code: KeeperAlarmCode;
      readonly detail?: string;
      readonly override?: CrlOverride;
    }
  | { readonly type: 'alarm-cleared'; readonly target: string; readonly code: KeeperAlarmCode }
  | { readonly type: 'pruned'; readonly target: string; readonly files: number }
  | {
      readonly type: 'leadership' /** `standby`: another holds it. `unavailable`: it cannot be told who does, for example because the database does not answer. */;
      readonly state: 'gained' | 'lost' | 'standby' | 'unavailable';
    };

/** A metric as Prometheus understands it; `prometheusText` writes them out. */
export interface KeeperMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

export interface TargetStatus {
  readonly id: string;
  readonly class: CertificateClass;
  readonly distributionPoint: string;
  /** As the index on the disk stands at this moment. */
  readonly state: 'fresh' | 'expiring' | 'stale' | 'missing' | 'unreadable';
  readonly crlNumber: string | null;
  readonly thisUpdate: Date | null;
  readonly nextUpdate: Date | null;
  readonly entries: number | null;
  readonly sha256: string | null;
}

export interface RefreshSummary {
  /** False: another process or node publishes here; nothing was done. */
  readonly leader: boolean;
  readonly published: number;
  readonly unchanged: number;
  readonly failed: number;
}

export interface CrlKeeper {
  /** Keeps until the signal aborts, then resolves; what is underway is stopped, and nothing half-done stays. One at a time. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
  /** One pass: everything that is due, or with `force` everything. Takes leadership for that long. Not while `run` runs. */
  refresh(options?: { readonly force?: boolean; readonly signal?: AbortSignal }): Promise<RefreshSummary>;
  /** Read from the disk, whoever published it. */
  status(): Promise<readonly TargetStatus[]>;
  metrics(): readonly KeeperMetric[];
}

export interface KeptCrlSourceOptions {
  /** The keeper's directory; the keeper may be another process or node of this user. Where others may write to it, nothing is answered from it. */
  readonly directory: string;
  readonly classes?: readonly CertificateClass[];
  readonly key?: Uint8Array;
  /** `on-demand` (default) reads one page per lookup; `memory` holds the whole index. */
  readonly mode?: 'on-demand' | 'memory';
  /** How long the file that was last found is believed to be the newest, milliseconds. Default 0: every check asks the file system. */
  readonly recheckMs?: number;
}
