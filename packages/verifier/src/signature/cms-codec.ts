/** The port to pkijs: the structure of CMS SignedData (RFC 5652 §5). Nothing is judged here, and no type of pkijs leaves. */
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../certificate/public-key.ts';
import { OID } from '../der/oids.ts';
import { DerError, DerReader } from '../der/reader.ts';

export type SignerId =
  /** `issuer` is the DER of the name, `serialNumber` the content octets of the INTEGER. */
  | { readonly kind: 'issuer-and-serial-number'; readonly issuer: Uint8Array; readonly serialNumber: Uint8Array }
  | { readonly kind: 'subject-key-identifier'; readonly keyIdentifier: Uint8Array };

export interface SignerInfoView {
  readonly version: number;
  readonly id: SignerId;
  readonly digestAlgorithm: AlgorithmIdentifier;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** As they were hashed: `SET OF Attribute`, with the tag of a SET (§5.4). */
  readonly signedAttributes: Uint8Array | null;
  readonly unsignedAttributes: Uint8Array | null;
}

export interface SignedDataView {
  readonly version: number;
  readonly digestAlgorithms: readonly AlgorithmIdentifier[];
  readonly contentType: string;
  /** Null where the content is detached. */
  readonly content: Uint8Array | null;
  /** DER; other forms of certificates are left out. */
  readonly certificates: readonly Uint8Array[];
  readonly signers: readonly SignerInfoView[];
}

/** Throws `DerError` for everything that is no SignedData. `der` has passed the gate. */
export const decodeSignedData = (der: Uint8Array): SignedDataView => {
  try {
    // A copy: the library writes into what it is given.
    const info = ContentInfo.fromBER(Uint8Array.from(der));
    if (info.contentType !== OID.cmsSignedData) throw new DerError('SignedData expected', 0);
    return viewOf(new SignedData({ schema: info.content }));
  } catch (error) {
    if (error instanceof DerError) throw error;
    throw new DerError('not CMS SignedData', 0);
  }
};

const viewOf = (data: SignedData): SignedDataView => {
  const content = data.encapContentInfo.eContent;
  return {
    version: data.version,
    digestAlgorithms: data.digestAlgorithms.map(algorithmOf),
    contentType: data.encapContentInfo.eContentType,
    content: content === undefined ? null : new Uint8Array(content.getValue()),
    certificates: (data.certificates ?? []).flatMap((item) => (item instanceof Certificate ? [encoded(item.toSchema())] : [])),
    signers: data.signerInfos.map(signerOf),
  };
};

const signerOf = (signer: SignerInfo): SignerInfoView => ({
  version: signer.version,
  id: idOf(signer.sid),
  digestAlgorithm: algorithmOf(signer.digestAlgorithm),
  signatureAlgorithm: algorithmOf(signer.signatureAlgorithm),
  signature: Uint8Array.from(signer.signature.valueBlock.valueHexView),
  signedAttributes: signer.signedAttrs === undefined ? null : new Uint8Array(signer.signedAttrs.encodedValue),
  unsignedAttributes: signer.unsignedAttrs === undefined ? null : new Uint8Array(signer.unsignedAttrs.encodedValue),
});

const idOf = (sid: unknown): SignerId => {
  if (sid instanceof IssuerAndSerialNumber) {
    return {
      kind: 'issuer-and-serial-number',
      issuer: encoded(sid.issuer.toSchema()),
      serialNumber: Uint8Array.from(sid.serialNumber.valueBlock.valueHexView),
    };
  }
  const raw = (sid as { readonly valueBlock?: { readonly valueHexView?: Uint8Array } } | null)?.valueBlock?.valueHexView;
  if (!(raw instanceof Uint8Array)) throw new DerError('SignerIdentifier expected', 0);
  return { kind: 'subject-key-identifier', keyIdentifier: Uint8Array.from(raw) };
};

const algorithmOf = (algorithm: { toSchema(): Encodable }): AlgorithmIdentifier =>
  readAlgorithmIdentifier(new DerReader(encoded(algorithm.toSchema())));

interface Encodable {
  toBER(sizeOnly?: boolean): ArrayBuffer;
}

const encoded = (item: Encodable): Uint8Array => new Uint8Array(item.toBER(false));
