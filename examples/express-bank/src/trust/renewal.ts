/** A new card, an old account (新旧紐付け): nothing in the new certificate says so, the issuer does. */
import type { CeremonyContext } from '@jpki-rp/node-sdk';
import type { ProvenVerdict } from '@jpki-rp/verifier';
import type { Account } from '../accounts/account.ts';
import type { Desk } from '../operations/desk.ts';

/** The account of the card that this one took the place of. Smartphones are not carried over: they are linked anew, with the new card. */
export async function renewedCard(desk: Desk, verdict: ProvenVerdict, { id, step }: CeremonyContext): Promise<Account | null> {
  if (verdict.class !== 'card-user-authentication') return null;
  const { issuerKeyId, serialNumber } = verdict.certificate;
  const predecessor = desk.predecessorOf({ issuerKeyId, serialNumber });
  const account = predecessor === null ? null : desk.accounts.byCertificate({ certificate: predecessor });
  if (predecessor === null || account === null) return null;
  const renewal = await desk.ledger.renew(verdict, {
    account: account.id,
    ceremony: { id, step },
    predecessor,
    basis: { kind: 'issuer-link-information' },
  });
  // A card that was never part of a link is the bank's own registration, and the issuer's word is as good for that.
  if (!renewal.ok && renewal.code !== 'link-not-found') return null;
  return desk.accounts.renewed(account, renewal.ok ? renewal.link.id : null, verdict, desk.now()) ? account : null;
}
