/** What mutations start from: the vectors, and the public fuzzing corpora where they are at hand. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface VectorCase {
  readonly at: string;
  readonly environment: string;
  readonly input: Readonly<Record<'certificate' | 'message' | 'signature' | 'scheme' | 'purpose', string>> & {
    readonly acceptCarriers: readonly string[];
    readonly reportedCarrier: string | null;
  };
  readonly revocation: {
    readonly mode: string;
    readonly crls: readonly string[];
    readonly ocspResponses: readonly string[];
    readonly ocspNonce: string | null;
  };
  readonly expected: { readonly result: string };
}

export const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

export const vectorsIn = (folder: string): readonly VectorCase[] =>
  JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as VectorCase[];
export const environmentIn = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, `environment-${name}.json`), 'utf8'));

/** Files of one public corpus: `asn1`, `x509`, `crl`, `cms`. */
export const corpus = (conformance: string | undefined, name: string): readonly Uint8Array[] => {
  const folder = conformance === undefined ? undefined : join(conformance, 'fuzz', name);
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => new Uint8Array(readFileSync(join(folder, file))));
};

/** Each once. */
export const distinct = (all: readonly Uint8Array[]): readonly Uint8Array[] => [
  ...new Map(all.map((bytes) => [Buffer.from(bytes).toString('latin1'), bytes])).values(),
];
