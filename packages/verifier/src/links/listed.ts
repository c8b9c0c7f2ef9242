/** From verified lists to what a sweep takes. */
import { JpkiError } from '../errors.ts';
import type { RevocationReason } from '../verdict.ts';
import type { RevokedCertificate } from './sweep.types.ts';

/** An index of a verified CRL, as `openCrlIndex` gives it. */
export interface RevocationList {
  readonly info: { readonly issuerKeyId: string | null };
  entries(): Iterable<{ readonly serialNumber: Uint8Array; readonly reason: RevocationReason; readonly revokedAt: Date }>;
}

/** One list after the other. Throws `argument-invalid` for a list whose issuer has no key identifier: its certificates have no name here. */
export function* revocationsIn(lists: Iterable<RevocationList>): Generator<RevokedCertificate, void, undefined> {
  for (const list of lists) {
    const { issuerKeyId } = list.info;
    if (issuerKeyId === null) throw new JpkiError('argument-invalid', 'the issuer of a list needs a key identifier');
    for (const { serialNumber, reason, revokedAt } of list.entries()) {
      yield {
        issuerKeyId,
        serialNumber: Buffer.from(serialNumber.buffer, serialNumber.byteOffset, serialNumber.length).toString('hex'),
        reason,
        revokedAt,
      };
    }
  }
}
