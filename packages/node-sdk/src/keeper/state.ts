/** What a keeper remembers of a target: of which list the server spoke, and when it was asked. Losing it costs a download. */
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { readText, writeWhole } from './directory.ts';

export interface FeedState {
  /** The answer of this URL, and of no other. */
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Of the list as it came. */
  readonly sha256: string;
  /** Milliseconds since 1970, as the next two. */
  readonly nextUpdate: number | null;
  readonly checkedAt: number;
  /** When another list than before was published. */
  readonly changedAt: number;
}

export interface TargetState {
  readonly version: 1;
  /** SHA-256 of the list that the published index says it came from: is it another, what the server said is not about what is published. */
  readonly index: string;
  readonly full: FeedState | null;
  readonly delta: FeedState | null;
}

const milliseconds: z.ZodType<number> = z.int().min(0);
const sha256: z.ZodType<string> = z.string().regex(/^[0-9a-f]{64}$/);
const feed: z.ZodType<FeedState> = z.strictObject({
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  sha256,
  nextUpdate: milliseconds.nullable(),
  checkedAt: milliseconds,
  changedAt: milliseconds,
});
const state: z.ZodType<TargetState> = z.strictObject({
  version: z.literal(1),
  index: sha256,
  full: feed.nullable(),
  delta: feed.nullable(),
});

/** Null where there is none, or none that can be read or believed: then everything is asked for once. */
export const readState = (path: string): TargetState | null => {
  try {
    const text = readText(path);
    return text === null ? null : state.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

export const writeState = (path: string, value: TargetState): void =>
  writeWhole(dirname(path), basename(path), `${JSON.stringify(value)}\n`);
