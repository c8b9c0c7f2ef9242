/** Issuers, certificates, CRLs and OCSP responses on P-256, every part of which a test can replace. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readCertificate } from '../../src/certificate/certificate.ts';
import { parseName } from '../../src/certificate/name.ts';
import type { ClassProfile } from '../../src/environment.types.ts';
import type { StatusContext } from '../../src/revocation/types.ts';
import {
  attribute,
  bits,
  ctx,
  der,
  enumerated,
  extension,
  generalizedTime,
  int,
  name,
  nul,
  octets,
  oid,
  prim,
  seq,
  set,
  utcTime,
  yes,
} from './der.ts';

export const AT = Date.UTC(2026, 8, 15, 3, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const ECDSA_SHA256 = seq(oid('1.2.840.10045.4.3.2'));
export const SIGNATURE_ALGORITHMS = { ecdsa: ECDSA_SHA256, ecdsaSha384: seq(oid('1.2.840.10045.4.3.3')) };
export const CA_NAME = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Minted']);
export const BASE = 'OU=CRL Distribution Points,OU=Minted,O=JPKI-VECTORS,C=JP';
export const partition = (town: string, carrier = 'CRL Distribution Points'): Uint8Array =>
  name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Minted'], ['OU', carrier], ['CN', town]);
export const HOME = partition('Mihon-shi CRLDP');

export interface Keyed {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  /** Content of subjectPublicKey. */
  readonly key: Uint8Array;
  readonly ski: Uint8Array;
}

export const keyed = (): Keyed => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const key = spki.subarray(-65);
  return { privateKey, spki, key, ski: createHash('sha1').update(key).digest() };
};

export const signed = (tbs: Uint8Array, signer: Keyed, algorithm = ECDSA_SHA256): Uint8Array =>
  seq(tbs, algorithm, bits(new Uint8Array(sign('sha256', tbs, signer.privateKey))));

export interface CertificateParts {
  readonly serial?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly key?: Keyed;
  readonly signer: Keyed;
  readonly extensions: readonly Uint8Array[];
}

export const mintCertificate = ({ signer, ...p }: CertificateParts): Uint8Array => {
  const tbs = seq(
    ctx(0, int(2)),
    p.serial ?? int(0x11),
    ECDSA_SHA256,
    p.issuer ?? CA_NAME,
    seq(utcTime(p.notBefore ?? AT - 365 * DAY), utcTime(p.notAfter ?? AT + 365 * DAY)),
    p.subject ?? name(['C', 'JP'], ['CN', 'Person']),
    (p.key ?? signer).spki,
    ctx(3, seq(...p.extensions)),
  );
  return signed(tbs, signer);
};

export const akiOf = ({ ski }: Keyed): Uint8Array => extension('2.5.29.35', seq(prim(0, ski)));
export const keyUsage = (octet: number, unused: number): Uint8Array => extension('2.5.29.15', bits(Uint8Array.of(octet), unused), true);
export const fullName = (...directoryNames: readonly Uint8Array[]): Uint8Array => ctx(0, ctx(0, ...directoryNames.map((n) => ctx(4, n))));

/** keyCertSign, cRLSign. */
export const CA_KEY_USAGE = keyUsage(0x06, 1);

export const mintAnchor = (key: Keyed, usage: Uint8Array = CA_KEY_USAGE): Uint8Array =>
  mintCertificate({
    serial: int(0x01),
    subject: CA_NAME,
    signer: key,
    extensions: [usage, extension('2.5.29.19', seq(yes()), true), extension('2.5.29.14', octets(key.ski))],
  });

export const SERIAL = int(0x07, 0x00, 0x11, 0x95);

export const mintLeaf = (signer: Keyed, parts: Partial<CertificateParts> & { readonly distributionPoint?: Uint8Array } = {}): Uint8Array =>
  mintCertificate({
    serial: SERIAL,
    key: LEAF_KEY,
    signer,
    extensions: [akiOf(signer), extension('2.5.29.31', seq(parts.distributionPoint ?? seq(fullName(HOME))))],
    ...parts,
  });

/** The CA, another generation of it under the same name, and the person's key. */
export const CA = keyed();
export const OTHER_CA = keyed();
export const LEAF_KEY = keyed();

export interface ContextParts {
  readonly anchor?: Uint8Array;
  readonly leaf?: Uint8Array;
  readonly at?: number;
  readonly algorithms?: ClassProfile['algorithms'];
  readonly coverage?: 'idp' | 'asserted';
  readonly ocsp?: Partial<ClassProfile['ocsp']>;
  readonly sources?: ClassProfile['crl']['sources'];
}

const ANCHOR = mintAnchor(CA);
const LEAF = mintLeaf(CA);

export const contextOf = (parts: ContextParts = {}): StatusContext => {
  const certificate = readCertificate(parts.leaf ?? LEAF);
  const anchor = readCertificate(parts.anchor ?? ANCHOR);
  const base = parseName(BASE);
  const { keyObject } = anchor.publicKeyInfo;
  if (base === null || keyObject === null) throw new Error('test material');
  return {
    certificate,
    anchor: {
      id: 'minted',
      purpose: 'digital-signature',
      certificate: anchor,
      keyId: Buffer.from(anchor.subjectKeyIdentifier ?? []).toString('hex'),
      publicKey: keyObject,
      sha256: createHash('sha256').update(anchor.der).digest('hex'),
    },
    profile: {
      class: 'card-digital-signature',
      carrier: 'card',
      purpose: 'digital-signature',
      policyOids: ['2.999.1'],
      keyUsage: ['digitalSignature', 'nonRepudiation'],
      extendedKeyUsage: [],
      personalAttributes: false,
      algorithms: parts.algorithms ?? ['ecdsa-p256-sha256'],
      minimumRsaBits: 2048,
      crl: { distributionPointBase: base, sources: parts.sources ?? [], coverage: parts.coverage ?? 'idp' },
      ocsp: { urls: [], responders: 'issuer-delegated', maxAgeSeconds: 900, nonce: 'optional', ...parts.ocsp },
    },
    at: parts.at ?? AT,
  };
};

export interface EntryParts {
  readonly serial?: Uint8Array;
  readonly date?: number;
  readonly reason?: number;
  readonly extensions?: readonly Uint8Array[];
}

export const entry = ({ serial = SERIAL, date = AT - 3 * DAY, reason, extensions = [] }: EntryParts = {}): Uint8Array => {
  const all = [...(reason === undefined ? [] : [extension('2.5.29.21', enumerated(reason))]), ...extensions];
  return seq(serial, utcTime(date), ...(all.length === 0 ? [] : [seq(...all)]));
};

/** Neighbours of the certificate. */
export const OTHERS: readonly Uint8Array[] = [
  entry({ serial: int(0x07, 0x00, 0x11, 0x94), reason: 1 }),
  entry({ serial: int(0x07, 0x00, 0x11, 0x96) }),
];

export const idp = (...fields: readonly Uint8Array[]): Uint8Array => extension('2.5.29.28', seq(...fields), true);
export const crlNumber = (n: number): Uint8Array => extension('2.5.29.20', int(n));
export const deltaOf = (n: number): Uint8Array => extension('2.5.29.27', int(n), true);
export const HOME_IDP = idp(fullName(HOME));

export interface CrlParts {
  readonly version?: Uint8Array | null;
  readonly issuer?: Uint8Array;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  /** null: the list is absent. */
  readonly entries?: readonly Uint8Array[] | null;
  /** null: no extensions at all. */
  readonly extensions?: readonly Uint8Array[] | null;
  readonly signer?: Keyed;
  readonly innerAlgorithm?: Uint8Array;
}

export const mintCrl = (p: CrlParts = {}): Uint8Array => {
  const signer = p.signer ?? CA;
  const entries = p.entries === undefined ? OTHERS : p.entries;
  const extensions = p.extensions === undefined ? [akiOf(CA), crlNumber(5), HOME_IDP] : p.extensions;
  const tbs = seq(
    ...(p.version === null ? [] : [p.version ?? int(1)]),
    p.innerAlgorithm ?? ECDSA_SHA256,
    p.issuer ?? CA_NAME,
    utcTime(p.thisUpdate ?? AT - 6 * HOUR),
    ...(p.nextUpdate === null ? [] : [utcTime(p.nextUpdate ?? AT + 30 * HOUR)]),
    ...(entries === null ? [] : [seq(...entries)]),
    ...(extensions === null ? [] : [ctx(0, seq(...extensions))]),
  );
  return signed(tbs, signer);
};

export interface CertIdParts {
  readonly hash?: 'sha1' | 'sha256';
  readonly hashOid?: string;
  readonly parameters?: Uint8Array | null;
  readonly issuerName?: Uint8Array;
  readonly issuerKey?: Uint8Array;
  readonly serial?: Uint8Array;
}

export const certId = (p: CertIdParts = {}): Uint8Array => {
  const hash = p.hash ?? 'sha1';
  const digest = (bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();
  return seq(
    seq(
      oid(p.hashOid ?? (hash === 'sha1' ? '1.3.14.3.2.26' : '2.16.840.1.101.3.4.2.1')),
      ...(p.parameters === null ? [] : [p.parameters ?? nul()]),
    ),
    octets(digest(p.issuerName ?? CA_NAME)),
    octets(digest(p.issuerKey ?? CA.key)),
    p.serial ?? SERIAL,
  );
};

export const GOOD = prim(0);
export const UNKNOWN = prim(2);
export const revoked = (reason?: number, at: number = AT - 2 * DAY): Uint8Array =>
  ctx(1, generalizedTime(at), ...(reason === undefined ? [] : [ctx(0, enumerated(reason))]));

export interface SingleParts {
  readonly id?: Uint8Array;
  readonly status?: Uint8Array;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly extensions?: readonly Uint8Array[];
}

export const single = (p: SingleParts = {}): Uint8Array =>
  seq(
    p.id ?? certId(),
    p.status ?? GOOD,
    generalizedTime(p.thisUpdate ?? AT - 4 * MINUTE),
    ...(p.nextUpdate === null ? [] : [ctx(0, generalizedTime(p.nextUpdate ?? AT + 11 * MINUTE))]),
    ...(p.extensions === undefined ? [] : [ctx(1, seq(...p.extensions))]),
  );

export const NO_CHECK = extension('1.3.6.1.5.5.7.48.1.5', nul());
export const OCSP_SIGNING = extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.9')));
export const DIGITAL_SIGNATURE = keyUsage(0x80, 7);
export const RESPONDER_NAME = name(['C', 'JP'], ['CN', 'OCSP responder']);
export const RESPONDER = keyed();

export const mintResponder = (parts: Partial<CertificateParts> = {}): Uint8Array =>
  mintCertificate({
    serial: int(0x22),
    subject: RESPONDER_NAME,
    key: RESPONDER,
    signer: CA,
    extensions: [akiOf(CA), DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK],
    ...parts,
  });

export interface OcspParts {
  readonly responderId?: Uint8Array;
  readonly producedAt?: number;
  readonly singles?: readonly Uint8Array[];
  readonly nonce?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly signer?: Keyed;
  readonly certificates?: readonly Uint8Array[] | null;
  readonly version?: Uint8Array;
}

export const byKey = ({ ski }: Keyed): Uint8Array => ctx(2, octets(ski));
export const byName = (subject: Uint8Array): Uint8Array => ctx(1, subject);
export const nonceExtension = (value: Uint8Array): Uint8Array => extension('1.3.6.1.5.5.7.48.1.2', octets(value));

export const mintOcsp = (p: OcspParts = {}): Uint8Array => {
  const signer = p.signer ?? RESPONDER;
  const extensions = [...(p.nonce === undefined ? [] : [nonceExtension(p.nonce)]), ...(p.extensions ?? [])];
  const tbs = seq(
    ...(p.version === undefined ? [] : [p.version]),
    p.responderId ?? byKey(signer),
    generalizedTime(p.producedAt ?? AT - 4 * MINUTE),
    seq(...(p.singles ?? [single()])),
    ...(extensions.length === 0 ? [] : [ctx(1, seq(...extensions))]),
  );
  const certificates = p.certificates === undefined ? [mintResponder()] : p.certificates;
  const basic = seq(
    tbs,
    ECDSA_SHA256,
    bits(new Uint8Array(sign('sha256', tbs, signer.privateKey))),
    ...(certificates === null ? [] : [ctx(0, seq(...certificates))]),
  );
  return successful(basic);
};

export const successful = (basic: Uint8Array): Uint8Array => seq(enumerated(0), ctx(0, seq(oid('1.3.6.1.5.5.7.48.1.1'), octets(basic))));

export { attribute, bits, ctx, der, enumerated, extension, generalizedTime, int, name, nul, octets, oid, prim, seq, set, utcTime, yes };
