/** What a CRL lists, read without the code under test; folders and issuers for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { readCertificate } from '../../src/certificate/certificate.ts';
import { type CrlIndex, type IngestCrlOptions, type IngestResult, ingestCrl, openCrlIndex } from '../../src/crl/index.ts';
import { BASE, CA, type EntryParts, entry, mintAnchor } from '../revocation/mint.ts';

export const REASON_NAMES = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unspecified',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];
/** Most severe first. */
const SEVERITY = [1, 2, 10, 9, 5, 3, 4, 0, 7, 6];

export const HOME_TEXT = `CN=Mihon-shi CRLDP,${BASE}`;
export const ISSUER: Uint8Array = mintAnchor(CA);
export const SCOPE = { class: 'card-digital-signature', distributionPoint: HOME_TEXT } as const;

export interface Listed {
  /** Content octets, hex. */
  readonly serial: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly date: number;
  readonly reason?: number;
}

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
export const serialDer = (hex: string): Uint8Array => Uint8Array.from([0x02, hex.length / 2, ...bytesOf(hex)]);
export const entryOf = ({ serial, date, reason }: Listed, parts: EntryParts = {}): Uint8Array =>
  entry({ serial: serialDer(serial), date, ...(reason === undefined ? {} : { reason }), ...parts });

/** Each serial number once: earliest date, most severe reason. */
export const expected = (listed: readonly Listed[]): Map<string, { date: number; reason: string }> => {
  const codes = new Map<string, { date: number; code: number }>();
  for (const { serial, date, reason = 0 } of listed) {
    const before = codes.get(serial);
    const code = before !== undefined && SEVERITY.indexOf(before.code) < SEVERITY.indexOf(reason) ? before.code : reason;
    codes.set(serial, { date: Math.min(date, before?.date ?? date), code });
  }
  return new Map([...codes].map(([serial, { date, code }]) => [serial, { date, reason: REASON_NAMES[code] as string }]));
};

export const contentOf = (index: CrlIndex): Map<string, { date: number; reason: string }> => {
  const content = new Map<string, { date: number; reason: string }>();
  for (const { serialNumber, revokedAt, reason } of index.entries()) {
    const serial = Buffer.from(serialNumber).toString('hex');
    expect(content.has(serial)).toBe(false);
    content.set(serial, { date: revokedAt.getTime(), reason });
  }
  return content;
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
export const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'crl-index-'));
  folders.push(made);
  return made;
};

/** In pieces of `size` octets. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

export const ingest = (
  crl: Parameters<typeof ingestCrl>[0],
  into: string,
  changes: Partial<IngestCrlOptions> = {},
): Promise<IngestResult> => ingestCrl(crl, { issuer: ISSUER, scope: SCOPE, into, ...changes });

/** Ingests what must be accepted, and opens it. */
export const indexed = async (
  crl: Parameters<typeof ingestCrl>[0],
  into: string,
  changes: Partial<IngestCrlOptions> = {},
  mode: 'memory' | 'on-demand' = 'on-demand',
): Promise<CrlIndex> => {
  const result = await ingest(crl, into, changes);
  expect(result).toMatchObject({ ok: true });
  return openCrlIndex(into, { mode, ...(changes.key === undefined ? {} : { key: changes.key }) });
};

export const anchorOf = (der: Uint8Array = ISSUER): { certificate: ReturnType<typeof readCertificate> } => ({
  certificate: readCertificate(der),
});
