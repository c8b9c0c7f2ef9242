/** What the OpenSSL CLI issues, signs, publishes and answers is accepted through the public API, and refused once OpenSSL has revoked it. */
import { createPrivateKey, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createVerifier,
  crlSource,
  loadEnvironment,
  type OcspRequestSigner,
  ocspSource,
  type RevocationConfiguration,
  type VerifyInput,
} from '@jpki-rp/verifier';
import { type ClosableFetcher, createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE, OpensslCa, PARTITION, POLICY } from './openssl-ca.ts';

const MESSAGE = 'open an account';

let ca: OpensslCa;
let anchor: Uint8Array;
let publisher: Server;
let published: Uint8Array;
let signed: Pick<VerifyInput, 'certificate' | 'signature'>;
const fetchers: ClosableFetcher[] = [];

const personOf = async (name: string) => ({ certificate: await ca.issue(name, 'person'), signature: await ca.sign(name, MESSAGE) });

beforeAll(async () => {
  ca = await OpensslCa.create();
  anchor = await ca.der('x509', 'ca');
  signed = await personOf('person');
  await ca.issue('responder', 'responder');
  published = await ca.crl();
  publisher = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(published));
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await Promise.all(fetchers.map((fetcher) => fetcher.close()));
  await new Promise((resolve) => publisher.close(resolve));
  await ca.close();
});

const environmentOf = (responder = 'http://127.0.0.1:9', nonce = 'required') =>
  loadEnvironment({
    id: 'openssl',
    kind: 'test',
    anchors: [{ id: 'openssl-ca', purpose: 'digital-signature', certificate: Buffer.from(anchor).toString('base64') }],
    classes: {
      'card-digital-signature': {
        policyOids: [POLICY],
        keyUsage: ['digitalSignature', 'nonRepudiation'],
        extendedKeyUsage: [],
        personalAttributes: true,
        algorithms: ['rsa-pkcs1-sha256'],
        minimumRsaBits: 2048,
        crl: {
          distributionPointBase: BASE,
          sources: [
            {
              anchor: 'openssl-ca',
              distributionPoint: PARTITION,
              url: `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/list.crl`,
            },
          ],
        },
        ocsp: { url: responder, responders: 'issuer-delegated', maxAgeSeconds: 900, nonce },
      },
    },
  });

interface Use {
  readonly responder?: string;
  readonly nonce?: 'optional' | 'required';
  readonly mode?: 'crlcheck' | 'ocspcheck' | 'bothcheck';
  readonly revocation?: RevocationConfiguration;
  readonly certIdHash?: 'sha1' | 'sha256';
  readonly signer?: OcspRequestSigner;
}

const verify = (
  changes: Partial<VerifyInput>,
  { responder, nonce, mode = 'crlcheck', revocation, certIdHash = 'sha1', signer }: Use = {},
) => {
  const environment = environmentOf(responder, nonce);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  fetchers.push(fetcher);
  const sources = [crlSource({ fetcher }), ocspSource({ fetcher, certIdHash, ...(signer === undefined ? {} : { signer }) })];
  return createVerifier({ environment, role: 'verifier', revocation: revocation ?? { sources, policy: { mode } } }).verify({
    ...signed,
    message: Buffer.from(MESSAGE),
    scheme: 'rsa-pkcs1-sha256',
    purpose: 'digital-signature',
    acceptCarriers: ['card'],
    ...changes,
  });
};

describe('OpenSSL’s certificate, signature and CRL', () => {
  test('are accepted, with the CRL fetched from its publisher', async () => {
    expect(await verify({})).toMatchObject({
      result: 'valid',
      class: 'card-digital-signature',
      attributes: { name: '例示　花子', derived: { dateOfBirth: '2001-08-30', gender: 'female' } },
      revocation: { status: 'good', sources: [{ kind: 'crl', status: 'good', origin: 'fetched' }] },
    });
  });
  test('are accepted with the CRL handed in', async () => {
    expect(await verify({ crls: [published] }, { revocation: 'crl' })).toMatchObject({ result: 'valid' });
  });
  test('another message is refused', async () => {
    expect(await verify({ message: Buffer.from('close an account') })).toMatchObject({ result: 'invalid', code: 'signature-mismatch' });
  });
  test('the CRL of another partition says nothing', async () => {
    expect(await verify({ crls: [await ca.crl('other_crl')] }, { revocation: 'crl' })).toMatchObject({
      result: 'indeterminate',
      code: 'crl-scope-mismatch',
    });
  });
  test('a CRL without issuingDistributionPoint says nothing', async () => {
    expect(await verify({ crls: [await ca.crl('bare_crl')] }, { revocation: 'crl' })).toMatchObject({
      result: 'indeterminate',
      code: 'crl-scope-mismatch',
    });
  });
});

describe('OpenSSL’s responder', () => {
  test.each([['sha1'], ['sha256']] as const)('is asked live, with a nonce and a %s certID, and believed', async (certIdHash) => {
    const responder = await ca.respond('responder');
    expect(await verify({}, { responder, mode: 'ocspcheck', certIdHash })).toMatchObject({
      result: 'valid',
      revocation: { status: 'good', sources: [{ kind: 'ocsp', status: 'good', origin: 'fetched' }] },
    });
  });
  test('may be the issuer itself, named by its key', async () => {
    expect(await verify({}, { responder: await ca.respond('ca', '-resp_key_id'), mode: 'ocspcheck' })).toMatchObject({ result: 'valid' });
  });
  test('takes a signed request', async () => {
    const certificate = await ca.issue('asker', 'server');
    const key = createPrivateKey(Buffer.from(ca.read('asker.key')));
    const signer: OcspRequestSigner = {
      algorithm: 'rsa-pkcs1-sha256',
      certificates: [certificate],
      sign: (tbs) => new Uint8Array(sign('sha256', tbs, key)),
    };
    expect(await verify({}, { responder: await ca.respond('responder'), mode: 'ocspcheck', signer })).toMatchObject({ result: 'valid' });
  });
  test('and its CRL count together', async () => {
    const verdict = await verify({}, { responder: await ca.respond('responder'), mode: 'bothcheck' });
    expect(verdict).toMatchObject({ result: 'valid', revocation: { sources: [{ kind: 'crl' }, { kind: 'ocsp' }] } });
  });
  test('is not believed with a certificate for servers', async () => {
    await ca.issue('server', 'server');
    expect(await verify({}, { responder: await ca.respond('server'), mode: 'ocspcheck' })).toMatchObject({
      result: 'indeterminate',
      code: 'ocsp-responder-unauthorized',
      detail: 'extended-key-usage',
    });
  });
  test('is not believed without its certificate', async () => {
    expect(await verify({}, { responder: await ca.respond('responder', '-resp_no_certs'), mode: 'ocspcheck' })).toMatchObject({
      code: 'ocsp-responder-unauthorized',
    });
  });
  test('nobody listening is ocsp-missing', async () => {
    expect(await verify({}, { mode: 'ocspcheck' })).toMatchObject({ result: 'indeterminate', code: 'ocsp-missing', detail: 'connection' });
  });
});

describe('once OpenSSL has revoked the certificate', () => {
  let gone: typeof signed;
  let before: Uint8Array;
  beforeAll(async () => {
    gone = await personOf('gone');
    before = await ca.crl();
    await ca.revoke('gone', 'cessationOfOperation');
    published = await ca.crl();
  });

  test('its CRL refuses it, and still accepts the other one', async () => {
    expect(await verify(gone)).toMatchObject({
      result: 'invalid',
      code: 'revoked',
      revocation: { status: 'revoked', reason: 'cessationOfOperation' },
    });
    expect(await verify({})).toMatchObject({ result: 'valid' });
  });
  test('the CRL from before does not outweigh the one from after', async () => {
    for (const crls of [
      [before, published],
      [published, before],
    ]) {
      expect(await verify({ ...gone, crls }, { revocation: 'crl' })).toMatchObject({ result: 'invalid', code: 'revoked' });
    }
  });
  test('its responder refuses it, and still accepts the other one', async () => {
    const responder = await ca.respond('responder');
    expect(await verify(gone, { responder, mode: 'ocspcheck' })).toMatchObject({
      result: 'invalid',
      code: 'revoked',
      revocation: { reason: 'cessationOfOperation', sources: [{ kind: 'ocsp', status: 'revoked' }] },
    });
    expect(await verify({}, { responder, mode: 'ocspcheck' })).toMatchObject({ result: 'valid' });
  });
  test('a CRL of another partition that lists it refuses it all the same', async () => {
    expect(await verify({ ...gone, crls: [await ca.crl('other_crl')] }, { revocation: 'crl' })).toMatchObject({
      result: 'invalid',
      code: 'revoked',
    });
  });
});
