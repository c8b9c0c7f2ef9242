import { test } from 'vitest';
import { linkStoreConformance, memoryLinkStore, memorySweepLog, sweepLogConformance } from '../../src/links/index.ts';

linkStoreConformance({ test, makeStore: memoryLinkStore });
sweepLogConformance({ test, makeLog: memorySweepLog });
