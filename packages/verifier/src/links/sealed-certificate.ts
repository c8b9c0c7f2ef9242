/** Mode `sealed`: a linked certificate under the operator's key, opened for its own link and side only. */
import type { KeyObject } from 'node:crypto';
import { JpkiError } from '../errors.ts';
import type { CertificateName } from './identifier.ts';
import type { Link, Side } from './link.ts';
import type { ProvenFacts } from './rules.ts';
import { openBox, sealBox } from './sealed-box.ts';

const DOMAIN = 'jpki-rp/links/v1/sealed-certificate';

/** Throws `role-forbids-revocation-data` where the verdict comes from an organisation that retains no certificates. */
export const sealCertificate = ({ certificate, evidence }: ProvenFacts, key: KeyObject, link: string, side: Side): string => {
  const { role, input } = evidence();
  if (role !== 'verifier' || input.certificate === undefined) {
    throw new JpkiError('role-forbids-revocation-data', 'only role `verifier` may keep certificates');
  }
  const { issuerKeyId, serialNumber } = certificate;
  const plain = JSON.stringify({ issuerKeyId, serialNumber, der: input.certificate });
  return sealBox(Buffer.from(plain, 'utf8'), key, { domain: DOMAIN, context: `${link}/${side}` });
};

/** Null where nothing is sealed, `broken` where it does not open. */
export const openCertificate = (
  link: Link,
  side: Side,
  key: KeyObject | null,
): (CertificateName & { readonly der: Uint8Array }) | null | 'broken' => {
  const { sealed } = link[side];
  if (key === null || sealed === undefined) return null;
  const plain = openBox(sealed, key, { domain: DOMAIN, context: `${link.id}/${side}` });
  if (plain === null) return 'broken';
  // Authentic: written by `sealCertificate`.
  const { issuerKeyId, serialNumber, der } = JSON.parse(plain.toString('utf8')) as Record<'issuerKeyId' | 'serialNumber' | 'der', string>;
  return { issuerKeyId, serialNumber, der: new Uint8Array(Buffer.from(der, 'base64')) };
};
