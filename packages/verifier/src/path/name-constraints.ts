/** Name constraints (RFC 5280 §4.2.1.10, §6.1.3 (b) and (c)) for directory names, DNS names, mail addresses, URIs and IP addresses. */
import type { Certificate } from '../certificate/certificate.ts';
import type { NameConstraints } from '../certificate/extensions.ts';
import type { GeneralName } from '../certificate/general-name.ts';
import { OID } from '../der/oids.ts';
import type { Account } from './budget.ts';
import { dnsWithin, hostWithin, ipWithin, isFullyQualified, mailboxWithin, uriHost } from './name-forms.ts';

/** Why a certificate's names break the constraints of its path; null where they do not. */
export type NameConstraintFault = 'not-permitted' | 'excluded' | 'unsupported-form' | 'unreadable-name' | null;

/**
 * The permitted and excluded subtrees met so far. Permitted subtrees of several certificates intersect: a name must be within each
 * certificate's list that speaks of its form. Excluded ones add up.
 */
export class NameConstraintState {
  readonly #account: Account;
  readonly #permitted: (readonly GeneralName[])[] = [];
  readonly #excluded: GeneralName[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  /** RFC 5280 §6.1.4 (g). */
  add(constraints: NameConstraints): void {
    if (constraints.permitted.length > 0) this.#permitted.push(constraints.permitted);
    this.#excluded.push(...constraints.excluded);
  }

  /** RFC 5280 §6.1.3 (b), (c). */
  faultOf(certificate: Certificate): NameConstraintFault {
    if (this.#permitted.length === 0 && this.#excluded.length === 0) return null;
    for (const name of constrainedNames(certificate)) {
      for (const bases of this.#permitted) {
        let spoken = false;
        let within = false;
        for (const base of bases) {
          const answer = this.#compare(name, base, 'permitted');
          if (answer === 'other-form') continue;
          if (typeof answer === 'string') return answer;
          spoken = true;
          within ||= answer;
        }
        if (spoken && !within) return 'not-permitted';
      }
      for (const base of this.#excluded) {
        const answer = this.#compare(name, base, 'excluded');
        if (answer === 'other-form') continue;
        if (typeof answer === 'string') return answer;
        if (answer) return 'excluded';
      }
    }
    return null;
  }

  #compare(name: GeneralName, base: GeneralName, side: 'permitted' | 'excluded'): Comparison {
    this.#account.spend('nameComparisons');
    return compare(name, base, side);
  }
}

type Comparison = boolean | 'other-form' | 'unsupported-form' | 'unreadable-name';

/** The subject (unless empty), its e-mail attributes, and every alternative name. */
const constrainedNames = (certificate: Certificate): GeneralName[] => {
  const names: GeneralName[] = [];
  if (!certificate.subject.isEmpty) names.push({ kind: 'directoryName', name: certificate.subject });
  // RFC 5280 asks for the attribute only where subjectAltName is absent. An address that is shown to people is an address, so it always counts.
  for (const rdn of certificate.subject.rdns) {
    for (const { type, text } of rdn) if (type === OID.emailAddress) names.push({ kind: 'rfc822Name', text: text ?? '' });
  }
  names.push(...(certificate.subjectAltName ?? []));
  return names;
};

const compare = (name: GeneralName, base: GeneralName, side: 'permitted' | 'excluded'): Comparison => {
  if (name.kind !== base.kind) return 'other-form';
  switch (name.kind) {
    case 'directoryName':
      return name.name.isWithin((base as typeof name).name);
    case 'dNSName':
      return dnsWithin(name.text, (base as typeof name).text, side) ?? 'unreadable-name';
    case 'rfc822Name':
      return mailboxWithin(name.text, (base as typeof name).text) ?? 'unreadable-name';
    case 'uniformResourceIdentifier': {
      // §4.2.1.10: a URI without a fully qualified host name is rejected where URIs are constrained.
      const host = uriHost(name.text);
      if (host === null || !isFullyQualified(host)) return 'unreadable-name';
      return hostWithin(host, (base as typeof name).text) ?? 'unreadable-name';
    }
    case 'iPAddress':
      return ipWithin(name.octets, (base as typeof name).octets) ?? 'unreadable-name';
    default:
      // §4.2.1.10: process the constraint or reject the certificate.
      return 'unsupported-form';
  }
};
