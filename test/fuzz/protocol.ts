import type { TargetName } from './targets.ts';

export interface Assignment {
  readonly vectors: string;
  readonly conformance: string | undefined;
  readonly target: TargetName;
  readonly executions: number;
  readonly seed: number;
  /** Two numbers: executions done, octets in hand. */
  readonly beat: SharedArrayBuffer;
  readonly input: SharedArrayBuffer;
}

export interface Report {
  executions: number;
  /** Inputs that were read to their end. */
  taken: number;
  /** The most that one input cost. */
  elements: number;
  elementsPerOctet: number;
  signatures: number;
  fault: string | null;
}
