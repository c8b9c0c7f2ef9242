/** A TLS certificate for one host of the local network, for demonstrations only. Made with the simulator's own library: no openssl needed. */
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './process.mjs';

const DAY = 86_400_000;
const VALID_DAYS = 30;
const folder = join(root, 'node_modules', '.jpki-rp');

/** Files of key and certificate (PEM), made anew when they are older than a week. */
export async function selfSigned(host) {
  const keyFile = join(folder, `tls-${host}.key`);
  const certificateFile = join(folder, `tls-${host}.crt`);
  if (existsSync(keyFile) && existsSync(certificateFile) && Date.now() - statSync(certificateFile).mtimeMs < 7 * DAY) {
    return { keyFile, certificateFile };
  }
  const require = createRequire(join(root, 'test/simulator/package.json'));
  require('reflect-metadata');
  const x509 = require('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);

  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const isAddress = /^[\d.]+$/.test(host);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: isAddress ? 'ip' : 'dns', value: host },
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  mkdirSync(folder, { recursive: true });
  writeFileSync(keyFile, `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`, { mode: 0o600 });
  writeFileSync(certificateFile, certificate.toString('pem'));
  return { keyFile, certificateFile };
}
