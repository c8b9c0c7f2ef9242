/** `jpki-rp/v1`: the bytes a person's key signs. They say by whom, to whom, for what and when, so that a signature fits one transaction only. */
import { createHash } from 'node:crypto';
import type { Purpose } from '@jpki-rp/verifier';
import type { Json } from '../http/wire.ts';
import { canonicalBytes } from './jcs.ts';
import type { Ceremony } from './record.ts';

/** What a person declares or signs. */
export interface SignedDocument {
  /** The declaration, shown on the phone and part of the signed bytes. */
  readonly text: string;
  /** The document itself when it is more than the declaration. Only its SHA-256 is signed. */
  readonly bytes?: Uint8Array;
}

export interface SignedContent {
  readonly purpose: Purpose;
  readonly operation: string;
  readonly origin: string;
  readonly transactionId: string;
  readonly ceremony?: Ceremony;
  readonly time: Date;
  /** base64url, at least 128 bits. */
  readonly nonce: string;
  readonly document?: SignedDocument;
}

/**
 * UTF-8 of the canonical JSON (RFC 8785). `type` separates the domains: a login can never be read as a signature under a document, nor the
 * other way round. The document's SHA-256 is computed here, on the server.
 */
export function signedBytes(content: SignedContent): Uint8Array {
  const { ceremony, document } = content;
  const value: { [key: string]: Json } = {
    v: 'jpki-rp/v1',
    type: `jpki-rp/v1/${content.purpose}`,
    purpose: content.purpose,
    operation: content.operation,
    origin: content.origin,
    transactionId: content.transactionId,
    time: content.time.toISOString(),
    nonce: content.nonce,
  };
  if (ceremony !== undefined) value['ceremony'] = { id: ceremony.id, step: ceremony.step };
  if (document !== undefined) {
    const bytes = document.bytes ?? new TextEncoder().encode(document.text);
    value['document'] = { sha256: createHash('sha256').update(bytes).digest('hex'), text: document.text };
  }
  return canonicalBytes(value);
}
