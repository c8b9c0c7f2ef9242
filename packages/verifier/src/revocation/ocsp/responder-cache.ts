/** Responder certificates whose issuer's signature has verified once: neither octets nor signature nor key need be looked at again. */
import { type Certificate, readCertificateAt } from '../../certificate/certificate.ts';
import { view } from '../../der/bytes.ts';
import { DerReader } from '../../der/reader.ts';
import { type AlgorithmPolicy, verifySignedData } from '../../signature/signed-data.ts';

/** Per issuer. A class has a handful of responders at a time. */
const CAPACITY = 32;
/** Per responder. An environment has four classes. */
const MAXIMUM_RULES = 8;

/** Most recently used first; held as long as the issuer's certificate is. Read from copies: a caller's buffer may change, and must not be held. */
const known = new WeakMap<Certificate, Certificate[]>();
/** The rules under which the signature of the issuer that a certificate is known under verified. */
const verifiedUnder = new WeakMap<Certificate, readonly AlgorithmPolicy[]>();

const NONE: readonly Certificate[] = Object.freeze([]);

/**
 * What the issuer's key is known to have signed: a certificate that is one of these octet for octet need not be read again, and has its key imported. That it
 * may answer is not said by being here.
 */
export const knownResponders = (issuer: Certificate): readonly Certificate[] => known.get(issuer) ?? NONE;

/**
 * True where the issuer's very key signed the certificate with an allowed algorithm. Only that is remembered: validity, marks and revocation are asked
 * each time.
 */
export const isIssuedBy = (responder: Certificate, issuer: Certificate, policy: AlgorithmPolicy): boolean => {
  const own = known.get(issuer);
  const seen = own === undefined ? undefined : own.find((one) => one === responder || view(one.der).equals(responder.der));
  const rules = seen === undefined ? undefined : verifiedUnder.get(seen);
  if (own !== undefined && seen !== undefined && rules?.some((rule) => isSame(rule, policy)) === true) {
    putFirst(own, seen);
    return true;
  }
  const signed = { tbs: responder.tbs, algorithm: responder.signatureAlgorithm, signature: responder.signatureValue };
  if (verifySignedData(signed, issuer.publicKeyInfo, policy) !== 'ok') return false;
  const certificate = seen ?? readCertificateAt(new DerReader(new Uint8Array(responder.der)), { emptySubjectAltName: 'accept' });
  const rule = { algorithms: [...policy.algorithms], minimumRsaBits: policy.minimumRsaBits };
  verifiedUnder.set(certificate, [rule, ...(rules ?? []).slice(0, MAXIMUM_RULES - 1)]);
  if (own === undefined) known.set(issuer, [certificate]);
  else putFirst(own, certificate);
  return true;
};

const putFirst = (own: Certificate[], certificate: Certificate): void => {
  if (own[0] === certificate) return;
  const place = own.indexOf(certificate);
  if (place > 0) own.splice(place, 1);
  own.unshift(certificate);
  if (own.length > CAPACITY) own.pop();
};

const isSame = (a: AlgorithmPolicy, b: AlgorithmPolicy): boolean =>
  a.minimumRsaBits === b.minimumRsaBits &&
  a.algorithms.length === b.algorithms.length &&
  a.algorithms.every((name, i) => name === b.algorithms[i]);
