/** The person as the relying party sees them. Never links accounts: two certificates of one person have nothing in common here. */
import type { Carrier, CertificateClass, ProvenVerdict, Purpose } from '@jpki-rp/verifier';

export interface Identity {
  readonly class: CertificateClass;
  readonly carrier: Carrier;
  readonly purpose: Purpose;
  /** Until when the certificate says so; it may be revoked earlier. */
  readonly validUntil: Date;
  /** From a digital-signature certificate only. Personal data. */
  readonly person: Person | null;
}

export interface Person {
  readonly name: string | null;
  readonly address: string | null;
  /** `YYYY-MM-DD`, or null where the certificate names no calendar date. */
  readonly dateOfBirth: string | null;
  readonly gender: 'male' | 'female' | null;
  /** Characters of name or address stand for ones that the certificate cannot carry: compare with care. */
  readonly hasSubstitutedCharacters: boolean;
}

export function identityOf(verdict: ProvenVerdict): Identity {
  const [carrier, purpose] = partsOf(verdict.class);
  const { attributes } = verdict;
  const person: Person | null =
    attributes === undefined
      ? null
      : {
          name: attributes.name,
          address: attributes.address,
          dateOfBirth: attributes.derived.dateOfBirth,
          gender: attributes.derived.gender,
          hasSubstitutedCharacters: attributes.derived.nameSubstitutedAt.length + attributes.derived.addressSubstitutedAt.length > 0,
        };
  return { class: verdict.class, carrier, purpose, validUntil: verdict.certificate.notAfter, person };
}

const partsOf = (certificateClass: CertificateClass): readonly [Carrier, Purpose] => [
  certificateClass.startsWith('card-') ? 'card' : 'smartphone',
  certificateClass.endsWith('-digital-signature') ? 'digital-signature' : 'user-authentication',
];
