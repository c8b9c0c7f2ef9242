import { test } from 'vitest';
import { linkStoreConformance, memoryLinkStore } from '../../src/links/index.ts';

linkStoreConformance({ test, makeStore: memoryLinkStore });
