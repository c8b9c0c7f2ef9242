/** Sources are other people's code: whatever they resolve to, a verdict comes of it, and never a good one by accident. */
import { describe, expect, test } from 'vitest';
import { establishStatus } from '../../src/revocation/status.ts';
import type { RevocationAnswer, RevocationSource } from '../../src/revocation/types.ts';
import { CERTIFICATE_CLASSES } from '../../src/verdict.ts';
import { AT, contextOf, mintCrl, mintOcsp } from './mint.ts';

const CONTEXT = contextOf();
const GOOD = mintOcsp();

const establish = (check: RevocationSource['check'], kind: RevocationSource['kind'] = 'ocsp') =>
  establishStatus({
    context: CONTEXT,
    configuration: {
      sources: [{ kind, classes: CERTIFICATE_CLASSES, check }],
      policy: { mode: kind === 'crl' ? 'crlcheck' : 'ocspcheck' },
    },
    handedIn: { crls: [], ocspResponses: [], ocspNonce: null },
  });

const rubbish: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'good'],
  ['an object without a kind', {}],
  ['a kind that does not exist', { kind: 'good' }],
  ['a response that is nothing', { kind: 'data', ocspResponses: [undefined] }],
  ['a response that is a hole in the list', { kind: 'data', ocspResponses: new Array(1) }],
  ['a response that is a text', { kind: 'data', ocspResponses: ['3000'] }],
  ['a good response beside one that is nothing', { kind: 'data', ocspResponses: [GOOD, null] }],
  ['responses that are no list', { kind: 'data', ocspResponses: 7 }],
  ['a CRL that is nothing', { kind: 'data', crls: [undefined], ocspResponses: [GOOD] }],
  ['a nonce that is a text', { kind: 'data', ocspResponses: [GOOD], ocspNonce: 'nonce' }],
  ['attempts of nothing', { kind: 'data', ocspResponses: [GOOD], attempts: [undefined] }],
  ['a determination without a report', { kind: 'determination' }],
  ['a determination whose report is null', { kind: 'determination', report: null }],
  ['a failure without a code', { kind: 'failed' }],
  ['a failure whose attempts are nothing', { kind: 'failed', code: 'ocsp-missing', detail: 'timeout', attempts: [null] }],
  [
    'an answer that throws when it is looked at',
    {
      get kind(): never {
        throw new Error('surprise');
      },
    },
  ],
];

describe('a source that answers with', () => {
  test.each(rubbish)('%s has nothing to say, at once or later', async (_, answer) => {
    for (const check of [() => answer, async () => answer] as unknown as RevocationSource['check'][]) {
      const { result, used } = await establish(check);
      expect(result).toMatchObject({ status: 'unknown', code: 'ocsp-missing', detail: 'source-threw' });
      expect(used).toEqual({ crls: [], ocspResponses: [], ocspNonce: null });
    }
  });

  test.each<[string, object]>([
    ['a time that is a text', { revokedAt: '2026-01-01' }],
    ['a time that is none', { revokedAt: new Date(Number.NaN) }],
    ['a reason that does not exist', { reason: 'because' }],
    ['a detail that is an object', { report: { kind: 'ocsp', status: 'revoked', origin: 'fetched', detail: {} } }],
  ])('revoked and %s still says revoked', async (_, odd) => {
    const report = { kind: 'ocsp', status: 'revoked', origin: 'fetched' } as const;
    const { result } = await establish(async () => ({ kind: 'determination', report, ...odd }) as RevocationAnswer);
    expect(result).toEqual({ status: 'revoked', code: 'revoked', reason: 'unspecified', revokedAt: null, sources: [report] });
  });

  test('a revocation date and a reason is repeated', async () => {
    const report = { kind: 'ocsp', status: 'revoked', origin: 'fetched' } as const;
    const revokedAt = new Date(AT - 1_000);
    const { result } = await establish(() => ({ kind: 'determination', report, reason: 'superseded', revokedAt }));
    expect(result).toMatchObject({ status: 'revoked', reason: 'superseded', revokedAt });
  });
});

test('octets that a source changes after it has answered are what they were', async () => {
  for (const later of [false, true]) {
    const [list, response] = [Uint8Array.from(mintCrl()), Uint8Array.from(GOOD)];
    for (const [kind, octets, name] of [
      ['crl', list, 'crls'],
      ['ocsp', response, 'ocspResponses'],
    ] as const) {
      const before = Uint8Array.from(octets);
      const given = { kind: 'data', [name]: [octets] } as RevocationAnswer;
      const { result, used } = await establish(() => (later ? Promise.resolve(given) : given), kind);
      expect(result.status).toBe('good');
      octets.fill(0);
      expect(used[name]).toEqual([before]);
    }
  }
});
