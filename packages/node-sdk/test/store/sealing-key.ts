import type { SealingOptions } from '../../src/store/sealing.ts';

export const SEALING: SealingOptions = { keyId: 's1', key: new Uint8Array(32).fill(3) };
