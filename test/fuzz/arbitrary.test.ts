/** Inputs that were never anything: arbitrary octets, DER grown from nothing, arbitrary JSON. Where one fails, fast-check shrinks it. */
import { EnvironmentError, loadEnvironment } from '@jpki-rp/verifier';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonObject } from '../../packages/node-sdk/src/json/parse.ts';
import { readCertificate } from '../../packages/verifier/src/certificate/certificate.ts';
import { parseName } from '../../packages/verifier/src/certificate/name.ts';
import { passGate } from '../../packages/verifier/src/der/gate.ts';
import { DerError, DerReader } from '../../packages/verifier/src/der/reader.ts';
import { OCSP_LIMITS } from '../../packages/verifier/src/revocation/budget.ts';
import { readCertificateList } from '../../packages/verifier/src/revocation/crl/list.ts';
import { readOcspResponse } from '../../packages/verifier/src/revocation/ocsp/response.ts';
import { der, int, seq } from '../../packages/verifier/test/revocation/der.ts';

const RUNS = { numRuns: 3_000, seed: 20261122 };

const read = (run: () => unknown): 'read' | 'refused' => {
  try {
    run();
    return 'read';
  } catch (error) {
    if (error instanceof DerError) return 'refused';
    throw error;
  }
};

const primitive = fc
  .tuple(
    fc.constantFrom(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x80, 0x82),
    fc.uint8Array({ maxLength: 12 }),
  )
  .map(([tag, bytes]) => der(tag, bytes));
const tree = fc.letrec<{ node: Uint8Array }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    primitive,
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa1, 0xa3), fc.array(tie('node'), { maxLength: 5 }))
      .map(([tag, parts]) => der(tag, ...parts)),
  ),
})).node;

describe('readers give a value or a DerError', () => {
  test.each<[string, (input: Uint8Array) => unknown]>([
    ['certificate', readCertificate],
    ['CRL', (input) => readCertificateList(input)],
    ['OCSP response', (input) => readOcspResponse(input, OCSP_LIMITS)],
    ['gate', (input) => passGate(input, { maxBytes: 1 << 20, maxDepth: 32, maxElements: 1000 })],
  ])('%s', (_, reader) => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), tree), (input) => {
        expect(['read', 'refused']).toContain(read(() => reader(input)));
      }),
      RUNS,
    );
  });

  test('what the gate passes is exactly one element', () => {
    fc.assert(
      fc.property(tree, (input) => {
        const limits = { maxBytes: 1 << 20, maxDepth: 64, maxElements: 10_000 };
        expect(passGate(input, limits)).toBe('passed');
        expect(read(() => passGate(Uint8Array.from([...input, 0]), limits))).toBe('refused');
        expect(read(() => passGate(input.subarray(0, -1), limits))).toBe('refused');
      }),
      RUNS,
    );
  });
});

describe('one value has one encoding', () => {
  test('an INTEGER that is read is the one that is written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 9 }), (content) => {
        const taken = read(() => new DerReader(int(...content)).integer()) === 'read';
        const value = BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString('hex')}`));
        const shortest =
          content.length === 1 || value < -(1n << BigInt(content.length * 8 - 9)) || value >= 1n << BigInt(content.length * 8 - 9);
        expect(taken).toBe(shortest);
      }),
      RUNS,
    );
  });

  test('a length that is not the shortest is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 4 }), (length, octets) => {
        const long = Uint8Array.from([
          0x04,
          0x80 | octets,
          ...Array.from({ length: octets }, (_, i) => Math.floor(length / 256 ** (octets - 1 - i)) & 255),
          ...new Uint8Array(length),
        ]);
        const shortest = length >= 0x80 && (octets === 1 ? length < 256 : octets === 2 && length >= 256);
        expect(read(() => new DerReader(long).element()) === 'read').toBe(shortest);
      }),
      RUNS,
    );
  });

  test('a child never reaches beyond its parent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 255 }), (content, more) => {
        const child = der(0x04, content);
        child[1] = Math.min(255, (child[1] as number) + more);
        const outer = seq(child);
        expect(
          read(() => {
            const reader = new DerReader(Uint8Array.from([...outer, ...new Uint8Array(300)]));
            reader.enter(0x30);
            reader.value(0x04);
          }),
        ).toBe('refused');
      }),
      RUNS,
    );
  });
});

describe('text from outside', () => {
  test('any JSON for an environment is an environment or an EnvironmentError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.jsonValue(), fc.record({ id: fc.string(), anchors: fc.jsonValue(), classes: fc.jsonValue() })),
        (json) => {
          let fault: unknown;
          try {
            loadEnvironment(json);
          } catch (error) {
            fault = error;
          }
          expect(fault).toBeInstanceOf(EnvironmentError);
        },
      ),
      { ...RUNS, numRuns: 1_000 },
    );
  });

  test('any octets for a message are an object or null, and an object is what JSON says it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 100 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (input) => {
          const value = parseJsonObject(input);
          if (value !== null) expect(value).toEqual(JSON.parse(new TextDecoder().decode(input)));
          expect(Array.isArray(value)).toBe(false);
        },
      ),
      RUNS,
    );
  });

  test('any text for a name is a name or null', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('C', 'O', 'U', 'N', '=', ',', '+', '\\', '"', '#', ' ', '0', 'あ', ';') })),
        (text) => {
          const name = parseName(text);
          expect(name === null || name.equals(name)).toBe(true);
        },
      ),
      RUNS,
    );
  });
});
