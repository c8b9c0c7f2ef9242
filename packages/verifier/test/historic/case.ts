/** One good case through the public API, minted on P-256. Every part of it can be replaced, one at a time. */
import { sign } from 'node:crypto';
import { type ValidatePathInput, validatePath } from '@jpki-rp/verifier/path';
import { createVerifier, loadEnvironment, type RevocationConfiguration, type Verdict, type VerifyInput } from '../../src/index.ts';
import {
  AT,
  akiOf,
  bits,
  CA,
  CA_KEY_USAGE,
  type CertificateParts,
  ctx,
  DAY,
  extension,
  fullName,
  HOME,
  int,
  type Keyed,
  keyed,
  keyUsage,
  LEAF_KEY,
  mintAnchor,
  mintCertificate,
  mintCrl,
  mintOcsp,
  name,
  OTHER_CA,
  octets,
  oid,
  SERIAL,
  seq,
  utcTime,
  yes,
} from '../revocation/mint.ts';

export * from '../revocation/mint.ts';

const POLICY = '2.999.8.5.1.3.30';
export const ANCHOR = mintAnchor(CA);
/** Another generation of the CA: same name, another key. */
export const OTHER_ANCHOR = mintAnchor(OTHER_CA);

export const LEAF_EXTENSIONS = {
  authorityKeyIdentifier: akiOf(CA),
  keyUsage: keyUsage(0x80, 7),
  extendedKeyUsage: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.2'))),
  certificatePolicies: extension('2.5.29.32', seq(seq(oid(POLICY))), true),
  crlDistributionPoints: extension('2.5.29.31', seq(seq(fullName(HOME)))),
};

/** The person's certificate; a replaced extension of null is left out. */
export const mintPerson = (
  parts: Partial<CertificateParts> = {},
  extensions: Partial<Record<keyof typeof LEAF_EXTENSIONS | 'additional', Uint8Array | null>> = {},
): Uint8Array =>
  mintCertificate({
    serial: SERIAL,
    key: LEAF_KEY,
    signer: CA,
    extensions: Object.values({ ...LEAF_EXTENSIONS, ...extensions }).filter((e) => e !== null),
    ...parts,
  });

export const MESSAGE = new TextEncoder().encode('口座開設の申込み');
export const PERSON = mintPerson();
export const SIGNATURE = new Uint8Array(sign('sha256', MESSAGE, LEAF_KEY.privateKey));
export const CRL = mintCrl();
export const OCSP = mintOcsp();

export const environmentJson = (anchors: readonly Uint8Array[] = [ANCHOR, OTHER_ANCHOR]): Record<string, unknown> => ({
  id: 'minted',
  anchors: anchors.map((der, i) => ({ id: `g${i}`, purpose: 'user-authentication', certificate: Buffer.from(der).toString('base64') })),
  classes: {
    'card-user-authentication': {
      policyOids: [POLICY],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      personalAttributes: false,
      algorithms: ['ecdsa-p256-sha256', 'rsa-pkcs1-sha256'],
      minimumRsaBits: 2048,
      crl: { distributionPointBase: 'OU=CRL Distribution Points,OU=Minted,O=JPKI-VECTORS,C=JP' },
      ocsp: { url: 'http://ocsp.minted.example/', responders: 'issuer-delegated', maxAgeSeconds: 900, nonce: 'optional' },
    },
  },
});

export const ENVIRONMENT = loadEnvironment(environmentJson());

export interface Judged extends Partial<VerifyInput> {
  readonly revocation?: RevocationConfiguration;
  readonly environment?: typeof ENVIRONMENT;
}

/** The good case, with what is given in place of its parts. By default the status comes from a CRL. */
export const judge = ({ revocation = 'crl', environment = ENVIRONMENT, ...replaced }: Judged = {}): Promise<Verdict> =>
  createVerifier({ environment, role: 'verifier', revocation }).verify({
    certificate: PERSON,
    message: MESSAGE,
    signature: SIGNATURE,
    scheme: 'ecdsa-p256-sha256',
    purpose: 'user-authentication',
    acceptCarriers: ['card'],
    at: new Date(AT),
    crls: [CRL],
    ocspResponses: [OCSP],
    ...replaced,
  });

/** Result and code in one word. */
export const said = async (verdict: Promise<Verdict> | Verdict): Promise<string> => {
  const v = await verdict;
  return v.result === 'valid' ? 'valid' : `${v.result} ${v.code}`;
};

export const byOcsp = (response: Uint8Array): Promise<string> => said(judge({ revocation: 'ocsp', ocspResponses: [response] }));
export const byCrls = (...crls: readonly Uint8Array[]): Promise<string> => said(judge({ crls }));

/** A path of three: anchor, one intermediate CA, target. */
export const ROOT_NAME = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['CN', 'Root']);
export const SUB_NAME = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['CN', 'Sub']);
export const TARGET_NAME = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['CN', 'Target']);
export const ROOT: Keyed = keyed();
export const SUB: Keyed = keyed();

export const caExtensions = (issuer: Keyed, own: Keyed): readonly Uint8Array[] => [
  akiOf(issuer),
  CA_KEY_USAGE,
  extension('2.5.29.19', seq(yes()), true),
  extension('2.5.29.14', octets(own.ski)),
];

export const mintRoot = (key: Keyed = ROOT, subject: Uint8Array = ROOT_NAME): Uint8Array =>
  mintCertificate({ serial: int(1), issuer: subject, subject, signer: key, extensions: caExtensions(key, key) });
export const mintSub = (parts: Partial<CertificateParts> = {}): Uint8Array =>
  mintCertificate({
    serial: int(2),
    issuer: ROOT_NAME,
    subject: SUB_NAME,
    key: SUB,
    signer: ROOT,
    extensions: caExtensions(ROOT, SUB),
    ...parts,
  });
export const mintTarget = (parts: Partial<CertificateParts> = {}): Uint8Array =>
  mintCertificate({
    serial: int(3),
    issuer: SUB_NAME,
    subject: TARGET_NAME,
    key: LEAF_KEY,
    signer: SUB,
    extensions: [akiOf(SUB), keyUsage(0x80, 7)],
    ...parts,
  });

export const listBy = (
  issuer: Uint8Array,
  signer: Keyed,
  entries: readonly Uint8Array[] = [],
  parts: Parameters<typeof mintCrl>[0] = {},
): Uint8Array =>
  mintCrl({
    issuer,
    signer,
    entries: entries.length === 0 ? null : entries,
    extensions: [akiOf(signer), extension('2.5.29.20', int(1))],
    ...parts,
  });

/** The good path with both lists; what is given replaces its part. */
export const walk = (replaced: Partial<ValidatePathInput> = {}): string => {
  const verdict = validatePath({
    target: mintTarget(),
    intermediates: [mintSub()],
    anchors: [mintRoot()],
    crls: [listBy(ROOT_NAME, ROOT), listBy(SUB_NAME, SUB)],
    at: new Date(AT),
    revocation: 'crl',
    ...replaced,
  });
  return verdict.result === 'valid' ? 'valid' : `${verdict.result} ${verdict.code}`;
};

/** A certificate around any signature algorithm, key and signature. */
export const assemble = (parts: {
  readonly algorithm: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  readonly spki?: Uint8Array;
  readonly signature: (tbs: Uint8Array) => Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly issuer?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly serial?: Uint8Array;
}): Uint8Array => {
  const tbs = seq(
    ctx(0, int(2)),
    parts.serial ?? SERIAL,
    parts.algorithm,
    parts.issuer ?? ROOT_NAME,
    seq(utcTime(AT - 365 * DAY), utcTime(AT + 365 * DAY)),
    parts.subject ?? TARGET_NAME,
    parts.spki ?? LEAF_KEY.spki,
    ctx(3, seq(...(parts.extensions ?? [keyUsage(0x80, 7)]))),
  );
  return seq(tbs, parts.outerAlgorithm ?? parts.algorithm, bits(parts.signature(tbs)));
};
