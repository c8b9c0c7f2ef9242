/** The CRLs handed in, each read once as a whole and once more for each certificate it may speak about. */
import type { Certificate } from '../certificate/certificate.ts';
import { DerError } from '../der/reader.ts';
import { BudgetError } from '../revocation/budget.ts';
import type { CrlEntry } from '../revocation/crl/entries.ts';
import { type CertificateList, readCertificateList } from '../revocation/crl/list.ts';

export class CrlPool {
  readonly lists: readonly CertificateList[];
  /** Why the first unreadable one could not be read. */
  readonly unreadable: 'crl-malformed' | 'budget-crl' | null;

  constructor(ders: readonly Uint8Array[]) {
    const lists: CertificateList[] = [];
    let unreadable: CrlPool['unreadable'] = null;
    for (const der of ders) {
      try {
        lists.push(readCertificateList(der, READING));
      } catch (error) {
        if (error instanceof BudgetError) unreadable ??= 'budget-crl';
        else if (error instanceof DerError) unreadable ??= 'crl-malformed';
        else throw error;
      }
    }
    this.lists = lists;
    this.unreadable = unreadable;
  }

  /** The entries about this certificate, the certificate issuer in force resolved (RFC 5280 §5.3.3). */
  entriesFor(list: CertificateList, { serialNumber, issuer }: Certificate): readonly CrlEntry[] {
    if (list.entryCount === 0) return [];
    return readCertificateList(list.der, { ...READING, serialNumber }).entries.filter(({ certificateIssuer }) =>
      certificateIssuer === null
        ? list.issuer.equals(issuer)
        : certificateIssuer.some((name) => name.kind === 'directoryName' && name.name.equals(issuer)),
    );
  }
}

/**
 * RFC 5280 §4.1.2.2 asks users to bear negative serial numbers of non-conforming CAs. A CRL that lists one still speaks about the others
 * (PKITS 4.4.14); a certificate that has one is refused all the same.
 */
const READING = { negativeSerialNumbers: 'accept' } as const;
