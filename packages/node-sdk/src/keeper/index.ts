export { KeeperDirectoryError } from './directory.ts';
export { createCrlKeeper } from './keeper.ts';
export type {
  CrlFeed,
  CrlKeeper,
  CrlKeeperOptions,
  CrlTarget,
  KeeperAlarmCode,
  KeeperEvent,
  KeeperFailure,
  KeeperMetric,
  KeeperPorts,
  KeeperSchedule,
  KeptCrlSourceOptions,
  Leadership,
  LeadershipTerm,
  RefreshOutcome,
  RefreshSummary,
  TargetStatus,
} from './keeper.types.ts';
export type { DirectoryLeadershipOptions } from './lock.ts';
export { directoryLeadership } from './lock.ts';
export { prometheusText } from './metrics.ts';
export type { LeaderConnection, LeaderPool, PostgresLeadershipOptions } from './postgres-leadership.ts';
export { postgresLeadership } from './postgres-leadership.ts';
export type { KeptCrlSource } from './source.ts';
export { keptCrlSource } from './source.ts';
export type { CrlTargetsOptions } from './targets.ts';
export { crlTargets } from './targets.ts';
