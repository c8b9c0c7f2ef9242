/**
 * One flipped bit never verifies: not in the certificate, the CRL, the OCSP response, the signature or the message. All bits of one class by CRL and one by
 * OCSP, a sample of every other good case; with `ALL_BITS=1` all bits of all.
 */
import type { Verdict } from '@jpki-rp/verifier';
import { describe, expect, test } from 'vitest';
import { readOcspResponse } from '../../packages/verifier/src/revocation/ocsp/response.ts';
import { type GoodCase, goodCases } from './good-cases.ts';

const EVERY = process.env['ALL_BITS'] === '1';
const SAMPLE = 24;

/**
 * Where a bit may flip without a trace, and why: certificates that a responder sends along stand outside the signed part (RFC 6960 §4.2.1), and these nobody
 * asks. A flip there leaves the verdict, word for word.
 */
const UNASKED: Readonly<Record<string, string>> = {
  'happy/pinned-responder-nonce': 'the responder is known from the environment; the copy it sends is not what is trusted',
  'ocsp/pinned-good': 'the responder is known from the environment; the copy it sends is not what is trusted',
  'ocsp/good-extra-certificates': 'besides the responder’s certificate there are others, which signed nothing',
};

/** Where in the response the certificates sent along stand. */
const sentAlong = (response: Uint8Array): readonly (readonly [start: number, end: number])[] => {
  const read = readOcspResponse(response);
  if (read.status !== 'successful') return [];
  return read.basic.certificates.map(({ der }) => [
    der.byteOffset - response.byteOffset,
    der.byteOffset - response.byteOffset + der.length,
  ]);
};

const PARTS = ['certificate', 'signature', 'message', 'crls', 'ocspResponses'] as const;
type Part = (typeof PARTS)[number];

const WHOLE: Readonly<Record<string, readonly Part[]>> = {
  'happy/card-digital-signature-g3-crl': PARTS,
  'happy/smartphone-user-authentication-g3-ocsp': ['ocspResponses'],
};

/** The part's pieces: certificate, signature and message are one, CRLs and responses as many as there are. */
const piecesOf = ({ input }: GoodCase, part: Part): readonly Uint8Array[] =>
  part === 'crls' || part === 'ocspResponses' ? (input[part] ?? []) : [input[part]];

const withPiece = ({ input }: GoodCase, part: Part, index: number, piece: Uint8Array): GoodCase['input'] =>
  part === 'crls' || part === 'ocspResponses'
    ? { ...input, [part]: (input[part] ?? []).map((other, i) => (i === index ? piece : other)) }
    : { ...input, [part]: piece };

/** Positions spread over the whole piece, another set in every piece of another length. */
const positions = (bits: number, all: boolean): readonly number[] => {
  if (all || bits <= SAMPLE) return Array.from({ length: bits }, (_, i) => i);
  return Array.from({ length: SAMPLE }, (_, i) => Math.floor((i * bits) / SAMPLE) + ((i * 7) % Math.floor(bits / SAMPLE)));
};

const flipped = (piece: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(piece);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (0x80 >> (bit & 7));
  return copy;
};

/** All that a verdict says, but for the hash of the data it looked at. */
const meaningOf = ({ result, class: name, checks, revocation, warnings, at, ...rest }: Verdict): string =>
  JSON.stringify([
    result,
    name,
    checks,
    warnings,
    at,
    revocation.status,
    revocation.sources.map(({ sha256: _, ...source }) => source),
    'certificate' in rest ? rest.certificate : null,
    'attributes' in rest ? rest.attributes : null,
  ]);

const cases = goodCases();

test('every good case is valid as it stands', async () => {
  expect(cases.length).toBeGreaterThan(80);
  for (const good of cases) expect((await good.verify(good.input)).result, good.id).toBe('valid');
});

describe('one flipped bit never verifies', () => {
  const tally = { flips: 0, unasked: 0 };
  test.each(cases.map((good) => [good.id, good] as const))(
    '%s',
    async (id, good) => {
      const accepted: string[] = [];
      const before = tally.flips;
      const unflipped = await good.verify(good.input);
      for (const part of PARTS) {
        for (const [index, piece] of piecesOf(good, part).entries()) {
          // Of several pieces of one kind another may be enough: then what is proven is that the flipped one proves nothing.
          if (piecesOf(good, part).length > 1) continue;
          for (const bit of positions(piece.length * 8, EVERY || WHOLE[id]?.includes(part) === true)) {
            const verdict = await good.verify(withPiece(good, part, index, flipped(piece, bit)));
            tally.flips += 1;
            if (verdict.result !== 'valid') continue;
            const unasked =
              part === 'ocspResponses' && id in UNASKED && sentAlong(piece).some(([start, end]) => bit >= start * 8 && bit < end * 8);
            if (unasked && meaningOf(verdict) === meaningOf(unflipped)) tally.unasked += 1;
            else accepted.push(`${part} ${index} bit ${bit}`);
          }
        }
      }
      expect(accepted).toEqual([]);
      expect(tally.flips).toBeGreaterThan(before);
    },
    EVERY ? 1_800_000 : 300_000,
  );

  test('the flips were made', () => {
    if (EVERY) process.stdout.write(`bit flips: ${tally.flips}, of which ${tally.unasked} in certificates nobody asks\n`);
    expect(tally.flips).toBeGreaterThan(20_000);
  });
});
