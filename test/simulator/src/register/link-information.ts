/** What the issuer tells entitled relying parties about which certificates belong together. The wire format is made up: the real one is not public. */
import type { CertificateClass } from '@jpki-rp/verifier';
import { serialHex } from '../authority/certificates.ts';
import type { Authorities } from '../authority/issuer.ts';
import type { IssuedRecord } from '../authority/ledger.ts';
import { SHAPES } from '../authority/profiles.ts';
import type { CertificateReference, LinkInformation, LinkInformationSource } from '../surface.ts';
import type { Resident } from './register.ts';

/** Pairs that each article speaks of. */
const PAIRS: Readonly<Record<LinkInformationSource, readonly (readonly [CertificateClass, CertificateClass])[]>> = {
  'article-18-4': [['card-digital-signature', 'smartphone-digital-signature']],
  'article-18-5': [
    ['card-digital-signature', 'card-user-authentication'],
    ['smartphone-digital-signature', 'smartphone-user-authentication'],
  ],
  'article-37': [['card-user-authentication', 'smartphone-user-authentication']],
};

export function linkInformation(
  authorities: Authorities,
  residents: () => readonly Resident[],
  entitled: readonly LinkInformationSource[],
): LinkInformation {
  const issuerKeyIdOf = ({ class: certificateClass, generation }: IssuedRecord): string =>
    Buffer.from(authorities.issuer(SHAPES[certificateClass].purpose, generation).key.keyId).toString('hex');
  const named = (record: IssuedRecord): CertificateReference => ({
    class: record.class,
    issuerKeyId: issuerKeyIdOf(record),
    serialNumber: serialHex(record.serial),
  });
  const find = ({ class: certificateClass, issuerKeyId, serialNumber }: CertificateReference) => {
    for (const { issued } of residents()) {
      const record = issued.find(
        (one) => one.class === certificateClass && serialHex(one.serial) === serialNumber && issuerKeyIdOf(one) === issuerKeyId,
      );
      if (record !== undefined) return { record, issued };
    }
    return null;
  };
  const check = (source: LinkInformationSource): void => {
    if (!entitled.includes(source)) throw new RangeError('not entitled to link information of this article');
  };
  return {
    counterpart: (source, certificate) => {
      check(source);
      const found = find(certificate);
      const other = PAIRS[source].find((pair) => pair.includes(certificate.class))?.find((one) => one !== certificate.class);
      if (found === null || other === undefined) return null;
      // The certificates of one card, and those written to a smartphone for it, end together.
      const same = found.issued.filter((one) => one.class === other && one.notAfter.getTime() === found.record.notAfter.getTime());
      const newest = same.at(-1);
      return newest === undefined ? null : named(newest);
    },
    predecessor: (source, certificate) => {
      check(source);
      const found = find(certificate);
      if (found === null || !PAIRS[source].some((pair) => pair.includes(certificate.class))) return null;
      const line = found.issued.filter((one) => one.class === certificate.class);
      const before = line[line.indexOf(found.record) - 1];
      return before === undefined ? null : named(before);
    },
  };
}
