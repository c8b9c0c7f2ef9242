/** The OCSP responders: one per class and generation, delegated by that generation's CA key (RFC 6960 §4.2.2.2). */
import { createHash, sign } from 'node:crypto';
import type { CertificateClass } from '@jpki-rp/verifier';
import { OID } from '@jpki-rp/verifier/oids';
import { type CertID, OCSPRequest } from 'pkijs';
import {
  type Block,
  bits,
  copy,
  encode,
  enumerated,
  generalizedTime,
  nothing,
  octets,
  oid,
  raw,
  sequence,
  tagged,
  taggedOctets,
} from '../asn1/der.ts';
import { extensionBlock } from './extensions.ts';
import type { Authorities, Responder } from './issuer.ts';
import { type Ledger, REASON_VALUES } from './ledger.ts';
import { issuerDn, nameDer } from './names.ts';
import { plusSeconds, wholeSeconds } from './time.ts';

/** Data refreshed every 15 minutes. */
export const OCSP_LIFE_SECONDS = 900;

const STATUS = { malformedRequest: 1, tryLater: 3, unauthorized: 6 } as const;
const HASHES: Readonly<Record<string, 'sha1' | 'sha256'>> = { [OID.sha1]: 'sha1', [OID.sha256]: 'sha256' };
const MAX_NONCE = 128;
const MAX_REQUESTS = 50;

/** An error response carries no signature: it proves nothing. */
export const ocspError = (status: keyof typeof STATUS): Uint8Array => encode(sequence(enumerated(STATUS[status])));

export function answerOcsp(
  authorities: Authorities,
  ledger: Ledger,
  { certificateClass, request, now }: { readonly certificateClass: CertificateClass; readonly request: Uint8Array; readonly now: Date },
): Uint8Array {
  let parsed: OCSPRequest;
  try {
    parsed = OCSPRequest.fromBER(copy(request));
  } catch {
    return ocspError('malformedRequest');
  }
  const { requestList, requestExtensions } = parsed.tbsRequest;
  if (requestList.length === 0 || requestList.length > MAX_REQUESTS) return ocspError('malformedRequest');
  const candidates = authorities.responders.filter((responder) => responder.class === certificateClass);
  const responder = requestList.map(({ reqCert }) => candidates.find((candidate) => isIssuer(reqCert, candidate))).find(Boolean);
  // Nobody here may speak for another issuer.
  if (responder === undefined) return ocspError('unauthorized');
  const at = wholeSeconds(now);
  const responses = requestList.map(({ reqCert }) =>
    sequence(
      raw(new Uint8Array(reqCert.toSchema().toBER(false))),
      statusOf(ledger, reqCert, responder),
      generalizedTime(at),
      tagged(0, generalizedTime(plusSeconds(at, OCSP_LIFE_SECONDS))),
    ),
  );
  const nonce = requestExtensions?.find(({ extnID }) => extnID === OID.ocspNonce)?.extnValue.valueBlock.valueHexView;
  if (nonce !== undefined && nonce.length > MAX_NONCE) return ocspError('malformedRequest');
  const data = encode(
    sequence(
      tagged(2, octets(responder.key.keyId)),
      generalizedTime(at),
      sequence(...responses),
      ...(nonce === undefined ? [] : [tagged(1, sequence(extensionBlock(OID.ocspNonce, false, nonce)))]),
    ),
  );
  const basic = encode(
    sequence(
      raw(data),
      sequence(oid(OID.sha256WithRSAEncryption), nothing()),
      bits(sign('sha256', data, responder.key.privateKey)),
      tagged(0, sequence(raw(responder.certificate))),
    ),
  );
  return encode(sequence(enumerated(0), tagged(0, sequence(oid(OID.ocspBasic), octets(basic)))));
}

function isIssuer(id: CertID, { issuer }: Responder): boolean {
  const hash = HASHES[id.hashAlgorithm.algorithmId];
  if (hash === undefined) return false;
  const nameHash = createHash(hash)
    .update(nameDer(issuerDn(issuer.purpose)))
    .digest();
  return (
    nameHash.equals(id.issuerNameHash.valueBlock.valueHexView) &&
    Buffer.from(issuer.key.keyHash(hash)).equals(id.issuerKeyHash.valueBlock.valueHexView)
  );
}

/** *good* for what was issued under this class and generation and is not revoked; a serial of any other class is unknown here. */
function statusOf(ledger: Ledger, id: CertID, responder: Responder): Block {
  const unknown = taggedOctets(2, new Uint8Array());
  if (!isIssuer(id, responder)) return unknown;
  const serial = BigInt(`0x${Buffer.from(id.serialNumber.valueBlock.valueHexView).toString('hex') || '0'}`);
  const record = ledger.find(responder.class, responder.issuer.generation, serial);
  if (record === undefined) return unknown;
  const revocation = ledger.revocation(record);
  if (revocation === undefined) return taggedOctets(0, new Uint8Array());
  const { at, reason } = revocation;
  return tagged(1, generalizedTime(at), ...(reason === 'unspecified' ? [] : [tagged(0, enumerated(REASON_VALUES[reason]))]));
}
