/** One name for what an index is of: class, issuer key and distribution point. */
import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate/certificate.ts';
import type { Name } from '../certificate/name.ts';
import { distributionPointNames } from '../revocation/crl/coverage.ts';
import type { RevocationQuery } from '../revocation/types.ts';
import type { CertificateClass } from '../verdict.ts';
import { type CrlScope, distributionPointOf } from './scope.ts';

const idOf = (name: CertificateClass, issuer: Certificate, point: Name): string => {
  const hash = createHash('sha256').update(issuer.publicKeyInfo.der).update(JSON.stringify(point.canonicalRdns));
  return `${name}-${hash.digest('hex').slice(0, 32)}`;
};

/** Names that RFC 5280 §7.1 takes for the same give the same id: class, dash, 32 hex digits. Fit for a file name; says nothing by itself. */
export const crlScopeId = (issuer: { readonly certificate: Certificate }, scope: CrlScope): string =>
  idOf(scope.class, issuer.certificate, distributionPointOf(scope));

/** The ids of the indexes that may speak for this certificate: one for each of its distribution points below the class's base. */
export const crlScopeIdsOf = (query: RevocationQuery): readonly string[] =>
  distributionPointNames(query).map((point) => idOf(query.class, query.anchor.certificate, point));
