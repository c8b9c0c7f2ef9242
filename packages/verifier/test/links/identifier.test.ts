import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Identifier } from '../../src/links/index.ts';
import { CEREMONY, KEY, testLedger } from './ledgers.ts';
import { card, NOW, smartphone } from './verdicts.ts';

/** A key that is elsewhere: asked asynchronously, through an instance with state of its own. */
class RemoteKey implements Identifier {
  readonly keyId = 'k1';
  readonly previousKeyIds: readonly string[] = [];
  readonly #key = KEY;

  async mac(_keyId: string, bytes: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(createHmac('sha256', this.#key).update(bytes).digest());
  }
}

test('a key that answers later gives the same identifiers as one at hand, in every operation', async () => {
  const { ledger, also } = testLedger();
  const remote = also({ identifier: new RemoteKey() });
  expect((await remote.establish(card(1), smartphone(2), { account: 'account-1', ceremony: CEREMONY })).ok).toBe(true);
  expect(await ledger.find({ verdict: smartphone(2) })).toMatchObject({ ok: true });
  const revocations = [{ issuerKeyId: '0a0b', serialNumber: '01', reason: 'superseded' as const }];
  expect(await remote.reconcile({ revocations, asOf: NOW })).toMatchObject({ changed: 1 });
});

test.each(['1', '123', 'xy', '0x01'])('a serial number that is no hex (%s) names no certificate', async (serialNumber) => {
  const { ledger } = testLedger();
  const revocations = [{ issuerKeyId: '0a0b', serialNumber, reason: 'superseded' as const }];
  await expect(ledger.reconcile({ revocations, asOf: NOW })).rejects.toMatchObject({ code: 'argument-invalid' });
});
