/** Reads an environment: trust anchors and class profiles of one kind. Kinds never mix. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Certificate, readCertificate, unprocessedCriticalExtension } from './certificate/certificate.ts';
import { KEY_USAGE_BITS, keyUsageMask } from './certificate/extensions.ts';
import { type Name, parseName } from './certificate/name.ts';
import { fromBase64, toHex } from './der/bytes.ts';
import { OID } from './der/oids.ts';
import { DerError } from './der/reader.ts';
import type { Anchor, ClassProfile, Environment } from './environment.types.ts';
import { EnvironmentError } from './errors.ts';
import { canonicalJson } from './evidence/jcs.ts';
import { type Carrier, CERTIFICATE_CLASSES, type CertificateClass, type Purpose } from './verdict.ts';

const oid = z.string().regex(/^[0-2](\.(0|[1-9]\d*))+$/, 'dotted OID expected');
const httpUrl = z.url({ protocol: /^https?$/ });
const text = z.string().min(1).max(4096);
const base64 = z.string().min(1).max(1_000_000);

const classSchema = z.strictObject({
  policyOids: z.array(oid).min(1),
  keyUsage: z.array(z.enum(KEY_USAGE_BITS)).min(1),
  extendedKeyUsage: z.array(oid),
  personalAttributes: z.boolean(),
  algorithms: z.array(z.enum(['rsa-pkcs1-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'])).min(1),
  minimumRsaBits: z.int().min(2048).max(8192),
  crl: z.strictObject({
    distributionPointBase: text,
    sources: z.array(z.strictObject({ anchor: text, distributionPoint: text, url: httpUrl })).optional(),
    coverage: z.enum(['idp', 'asserted']).optional(),
  }),
  ocsp: z.strictObject({
    url: httpUrl,
    urls: z.array(httpUrl).min(1).optional(),
    responders: z.union([
      z.literal('issuer-delegated'),
      z.strictObject({ delegated: z.array(text).min(1) }),
      z.strictObject({ pinned: z.array(base64).min(1) }),
    ]),
    maxAgeSeconds: z.int().min(1).max(604_800),
    nonce: z.enum(['optional', 'required']),
  }),
});

const environmentSchema = z.strictObject({
  id: text,
  kind: z.enum(['production', 'test', 'simulator']).optional(),
  pathLength: z.literal(2).optional(),
  anchors: z
    .array(z.strictObject({ id: text, purpose: z.enum(['digital-signature', 'user-authentication']), certificate: base64 }))
    .min(1, 'at least one trust anchor is needed'),
  classes: z.partialRecord(z.enum(CERTIFICATE_CLASSES), classSchema),
});

type ClassJson = z.infer<typeof classSchema>;

/**
 * Loads an environment from JSON (already parsed). Unknown members, missing members, certificates that are no strict DER CA certificates, and
 * names that are not RFC 4514 are refused.
 *
 * @throws EnvironmentError code `environment-invalid` with a JSON pointer to the fault. An environment without anchors is refused too.
 */
export const loadEnvironment = (json: unknown): Environment => {
  const parsed = environmentSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    // zod names an unknown member in the message only: point at it.
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    throw invalid(`${issue?.message ?? 'not an environment'}`, [...(issue?.path ?? []), ...unknown]);
  }
  const { id, kind = 'test', anchors: anchorsJson, classes: classesJson } = parsed.data;
  const anchors = anchorsJson.map((a, i) => loadAnchor(a, ['anchors', i]));
  refuseDuplicates(anchors);
  const classes: Partial<Record<CertificateClass, ClassProfile>> = {};
  const policyOwner = new Map<string, string>();
  for (const name of CERTIFICATE_CLASSES) {
    const entry = classesJson[name];
    if (entry === undefined) continue;
    for (const [i, policy] of entry.policyOids.entries()) {
      if (policyOwner.has(policy))
        throw invalid(`policy OID is also that of ${policyOwner.get(policy)}`, ['classes', name, 'policyOids', i]);
      policyOwner.set(policy, name);
    }
    classes[name] = loadClass(name, entry, anchors);
  }
  refuseInterchangeableCrls(anchors, classes);
  if (kind === 'production') refuseExamples(anchors, classes);
  return Object.freeze({
    id,
    kind,
    pathLength: 2,
    anchors: Object.freeze(anchors),
    classes: Object.freeze(classes),
    digest: createHash('sha256').update(canonicalJson(json)).digest('hex'),
  });
};

const invalid = (message: string, path: readonly PropertyKey[], cause?: unknown): EnvironmentError => {
  const pointer = path.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return new EnvironmentError('environment-invalid', `${pointer || '/'}: ${message}`, { pointer, cause });
};

const loadCertificate = (encoded: string, path: readonly PropertyKey[]): Certificate => {
  const der = fromBase64(encoded);
  if (der === null) throw invalid('base64 DER expected', path);
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) throw invalid(`not one strict DER certificate: ${error.message}`, path, error);
    throw error;
  }
};

const KEY_CERT_SIGN = keyUsageMask(['keyCertSign']);

/** What an anchor's certificate may insist on: read here, or met by every certificate of a class (one policy, issued directly by the anchor). */
const ANCHOR_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.subjectAltName,
  OID.certificatePolicies,
  OID.policyConstraints,
  OID.crlDistributionPoints,
]);

const loadAnchor = (json: { id: string; purpose: Purpose; certificate: string }, path: readonly PropertyKey[]): Anchor => {
  const at = [...path, 'certificate'];
  const certificate = loadCertificate(json.certificate, at);
  if (certificate.basicConstraints?.ca !== true) throw invalid('not a CA certificate', at);
  if (certificate.keyUsage !== null && (certificate.keyUsage & KEY_CERT_SIGN) === 0) throw invalid('the key may not sign certificates', at);
  // RFC 5937: an anchor is taken with the constraints of its certificate, or not at all.
  if (certificate.nameConstraints !== null) throw invalid('name constraints of an anchor are not enforced here', at);
  const unprocessed = unprocessedCriticalExtension(certificate.extensions, ANCHOR_EXTENSIONS);
  if (unprocessed !== null) throw invalid(`critical extension ${unprocessed} is not processed`, at);
  if (certificate.subjectKeyIdentifier === null) throw invalid('no subject key identifier', at);
  const publicKey = certificate.publicKeyInfo.keyObject;
  if (publicKey === null) throw invalid('the key cannot be used', at);
  return Object.freeze({
    id: json.id,
    purpose: json.purpose,
    certificate,
    keyId: toHex(certificate.subjectKeyIdentifier),
    publicKey,
    sha256: createHash('sha256').update(certificate.der).digest('hex'),
  });
};

const refuseDuplicates = (anchors: readonly Anchor[]): void => {
  const seen = new Set<string>();
  for (const [i, anchor] of anchors.entries()) {
    for (const key of [`id ${anchor.id}`, `certificate ${anchor.sha256}`]) {
      if (seen.has(key)) throw invalid('anchor occurs twice', ['anchors', i]);
      seen.add(key);
    }
  }
};

const loadClass = (name: CertificateClass, json: ClassJson, anchors: readonly Anchor[]): ClassProfile => {
  const path = ['classes', name];
  const [carrier, purpose] = splitClass(name);
  const sources = (json.crl.sources ?? []).map((source, i) => {
    const at = [...path, 'crl', 'sources', i];
    if (!anchors.some((a) => a.id === source.anchor && a.purpose === purpose))
      throw invalid('no anchor of this purpose has this id', [...at, 'anchor']);
    return Object.freeze({ ...source, distributionPoint: loadName(source.distributionPoint, [...at, 'distributionPoint']) });
  });
  return Object.freeze({
    class: name,
    carrier,
    purpose,
    policyOids: json.policyOids,
    keyUsage: json.keyUsage,
    extendedKeyUsage: json.extendedKeyUsage,
    personalAttributes: json.personalAttributes,
    algorithms: json.algorithms,
    minimumRsaBits: json.minimumRsaBits,
    crl: Object.freeze({
      distributionPointBase: loadName(json.crl.distributionPointBase, [...path, 'crl', 'distributionPointBase']),
      sources,
      coverage: json.crl.coverage ?? 'idp',
    }),
    ocsp: Object.freeze({
      urls: json.ocsp.urls ?? [json.ocsp.url],
      responders: loadResponders(json.ocsp.responders, [...path, 'ocsp', 'responders']),
      maxAgeSeconds: json.ocsp.maxAgeSeconds,
      nonce: json.ocsp.nonce,
    }),
  });
};

const loadResponders = (json: ClassJson['ocsp']['responders'], path: readonly PropertyKey[]): ClassProfile['ocsp']['responders'] => {
  if (json === 'issuer-delegated') return json;
  if ('delegated' in json) return Object.freeze({ delegated: json.delegated.map((n, i) => loadName(n, [...path, 'delegated', i])) });
  return Object.freeze({ pinned: json.pinned.map((c, i) => loadCertificate(c, [...path, 'pinned', i])) });
};

const splitClass = (name: CertificateClass): [Carrier, Purpose] => {
  const dash = name.indexOf('-');
  return [name.slice(0, dash) as Carrier, name.slice(dash + 1) as Purpose];
};

const loadName = (rfc4514: string, path: readonly PropertyKey[]): Name => {
  const name = parseName(rfc4514);
  if (name === null || name.isEmpty) throw invalid('RFC 4514 name expected', path);
  return name;
};

/**
 * Card and smartphone share the CA key: of two CRLs without issuingDistributionPoint nothing tells which is whose, and *good* of one would be taken for *good* of
 * the other. Both classes may assert coverage only where it is one and the same CRL.
 */
const refuseInterchangeableCrls = (
  anchors: readonly Anchor[],
  classes: Readonly<Partial<Record<CertificateClass, ClassProfile>>>,
): void => {
  for (const purpose of ['digital-signature', 'user-authentication'] as const) {
    const [card, smartphone] = [classes[`card-${purpose}`]?.crl, classes[`smartphone-${purpose}`]?.crl];
    if (card?.coverage !== 'asserted' || smartphone?.coverage !== 'asserted') continue;
    for (const { id } of anchors.filter((anchor) => anchor.purpose === purpose)) {
      const urls = [card, smartphone].map(({ sources }) => new Set(sources.filter(({ anchor }) => anchor === id).map(({ url }) => url)));
      if (new Set(urls.flatMap((set) => [...set])).size > 1 || urls[0]?.size !== urls[1]?.size)
        throw invalid('card and smartphone assert coverage of different CRLs', ['classes', `smartphone-${purpose}`, 'crl', 'coverage']);
    }
  }
};

/** The arc for examples, and CAs that are not JPKI's, never meet production (and these are the only refusals by kind). */
const refuseExamples = (anchors: readonly Anchor[], classes: Readonly<Partial<Record<CertificateClass, ClassProfile>>>): void => {
  for (const [i, anchor] of anchors.entries()) {
    const organization = anchor.certificate.subject.rdns.flat().filter((a) => a.type === OID.organizationName);
    if (organization.length !== 1 || organization[0]?.text !== 'JPKI')
      throw invalid('an anchor of kind production has O=JPKI', ['anchors', i, 'certificate']);
  }
  for (const profile of Object.values(classes)) {
    const i = profile.policyOids.findIndex((p) => p === '2.999' || p.startsWith('2.999.'));
    if (i >= 0) throw invalid('2.999 is the arc for examples', ['classes', profile.class, 'policyOids', i]);
  }
};
