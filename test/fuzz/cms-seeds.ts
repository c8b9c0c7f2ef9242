/** Genuine CMS messages, made with a published test key: PKCS#1 signatures are deterministic, and so are these. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bits, ctx, extension, int, name, nul, octets, oid, prim, seq, set, utcTime } from '../../packages/verifier/test/revocation/der.ts';

const RSA_SHA256 = seq(oid('1.2.840.113549.1.1.11'), nul());
const SHA256 = seq(oid('2.16.840.1.101.3.4.2.1'));
const ISSUER = name(['C', 'JP'], ['CN', 'Issuer']);
const DATA = oid('1.2.840.113549.1.7.1');
export const CONTENT = new TextEncoder().encode('content');

/** @param keys Folder of the simulator's test keys. */
export const cmsMessages = (keys: string): readonly Uint8Array[] => {
  const pool = JSON.parse(readFileSync(join(keys, 'rsa-2048.json'), 'utf8')) as { keys: string[] };
  const privateKey = createPrivateKey(pool.keys[0] as string);
  const spki = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  const signature = (data: Uint8Array): Uint8Array => new Uint8Array(sign('sha256', data, privateKey));
  const keyId = createHash('sha1').update(spki).digest();
  const tbs = seq(
    ctx(0, int(2)),
    int(0x21),
    RSA_SHA256,
    ISSUER,
    seq(utcTime(Date.UTC(2024, 0, 1)), utcTime(Date.UTC(2034, 0, 1))),
    name(['CN', 'Signer']),
    spki,
    ctx(3, seq(extension('2.5.29.14', octets(keyId)))),
  );
  const certificate = seq(tbs, RSA_SHA256, bits(signature(tbs)));
  const digest = createHash('sha256').update(CONTENT).digest();
  const attributes = [
    seq(oid('1.2.840.113549.1.9.3'), set(DATA)),
    seq(oid('1.2.840.113549.1.9.5'), set(utcTime(Date.UTC(2024, 5, 3)))),
    seq(oid('1.2.840.113549.1.9.4'), set(octets(digest))),
  ].sort((a, b) => Buffer.compare(a, b));

  const message = (encapsulated: boolean, withAttributes: boolean, byKeyId: boolean): Uint8Array =>
    seq(
      oid('1.2.840.113549.1.7.2'),
      ctx(
        0,
        seq(
          int(byKeyId ? 3 : 1),
          set(SHA256),
          seq(DATA, ...(encapsulated ? [ctx(0, octets(CONTENT))] : [])),
          ctx(0, certificate),
          set(
            seq(
              int(byKeyId ? 3 : 1),
              byKeyId ? prim(0, keyId) : seq(ISSUER, int(0x21)),
              SHA256,
              ...(withAttributes ? [ctx(0, ...attributes)] : []),
              RSA_SHA256,
              octets(signature(withAttributes ? set(...attributes) : CONTENT)),
            ),
          ),
        ),
      ),
    );
  const either = [true, false];
  return either.flatMap((a) => either.flatMap((b) => either.map((c) => message(a, b, c))));
};
