/** A certification authority made of the OpenSSL CLI only: keys, certificates, CRLs and a live OCSP responder, none of it through our code. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const POLICY = '2.999.10.1';
export const PARTITION = 'CN=Mihon-shi CRLDP,OU=CRL Distribution Points,OU=OpenSSL for digital signature,O=JPKI-OPENSSL,C=JP';
export const BASE = PARTITION.slice(PARTITION.indexOf(',') + 1);

/** Names are given as lists of `key=value` lines; digits before a dot only tell repeated keys apart. */
const CONFIG = `
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_hours = 24
policy = any
string_mask = utf8only
unique_subject = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[req]
distinguished_name = none
string_mask = utf8only
prompt = no
[none]
[issuer]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[person]
keyUsage = critical,digitalSignature,nonRepudiation
certificatePolicies = critical,${POLICY}
subjectAltName = @attributes
crlDistributionPoints = point
authorityKeyIdentifier = keyid:always
subjectKeyIdentifier = hash
[attributes]
otherName.1 = 1.2.392.200149.8.5.5.1;FORMAT:UTF8,UTF8:例示　花子
otherName.2 = 1.2.392.200149.8.5.5.2;UTF8:00000
otherName.3 = 1.2.392.200149.8.5.5.3;UTF8:2
otherName.4 = 1.2.392.200149.8.5.5.4;UTF8:420010830
otherName.5 = 1.2.392.200149.8.5.5.5;FORMAT:UTF8,UTF8:架空県例町大字仮４５６番地
otherName.6 = 1.2.392.200149.8.5.5.6;UTF8:0000000000000
[point]
fullname = dirName:partition
[partition]
C = JP
O = JPKI-OPENSSL
1.OU = OpenSSL for digital signature
2.OU = CRL Distribution Points
CN = Mihon-shi CRLDP
[other_partition]
C = JP
O = JPKI-OPENSSL
1.OU = OpenSSL for digital signature
2.OU = CRL Distribution Points
CN = Rei-machi CRLDP
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid:always
[server]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid:always
[crl]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@scope
[scope]
fullname = dirName:partition
[other_crl]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@other_scope
[other_scope]
fullname = dirName:other_partition
[bare_crl]
authorityKeyIdentifier = keyid:always
`;

const CA_SUBJECT = '/C=JP/O=JPKI-OPENSSL/OU=OpenSSL for digital signature';

export class OpensslCa {
  readonly #folder = mkdtempSync(join(tmpdir(), 'openssl-ca-'));
  readonly #responders: ChildProcess[] = [];

  static async create(): Promise<OpensslCa> {
    const ca = new OpensslCa();
    ca.write('openssl.cnf', CONFIG);
    ca.write('index.txt', '');
    ca.write('serial', '07001195\n');
    ca.write('crlnumber', '0100\n');
    await ca.#key('ca');
    await ca.openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '60',
      '-subj',
      CA_SUBJECT,
      '-extensions',
      'issuer',
      '-config',
      'openssl.cnf',
    );
    return ca;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content);
  }

  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(this.path(name)));
  }

  async openssl(...args: string[]): Promise<void> {
    await run('openssl', args, { cwd: this.#folder, timeout: 60_000 });
  }

  async #key(name: string): Promise<void> {
    await this.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', `${name}.key`);
  }

  async der(kind: 'x509' | 'crl', name: string): Promise<Uint8Array> {
    await this.openssl(kind, '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
    return this.read(`${name}.der`);
  }

  /** Issues a certificate under `name`, with the extensions of the section. */
  async issue(name: string, section: 'person' | 'responder' | 'server'): Promise<Uint8Array> {
    await this.#key(name);
    await this.openssl('req', '-new', '-key', `${name}.key`, '-out', `${name}.csr`, '-subj', `/C=JP/CN=${name}`, '-config', 'openssl.cnf');
    await this.openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'openssl.cnf',
      '-extensions',
      section,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    );
    return this.der('x509', name);
  }

  async crl(section: 'crl' | 'other_crl' | 'bare_crl' = 'crl'): Promise<Uint8Array> {
    await this.openssl('ca', '-gencrl', '-config', 'openssl.cnf', '-crlexts', section, '-out', 'list.pem');
    return this.der('crl', 'list');
  }

  async revoke(name: string, reason: string): Promise<void> {
    await this.openssl('ca', '-config', 'openssl.cnf', '-revoke', `${name}.pem`, '-crl_reason', reason);
  }

  async sign(name: string, message: string): Promise<Uint8Array> {
    this.write('message', message);
    await this.openssl('dgst', '-sha256', '-sign', `${name}.key`, '-out', 'signature', 'message');
    return this.read('signature');
  }

  /** Starts `openssl ocsp` on loopback and returns its origin. */
  async respond(signer: string, ...options: string[]): Promise<string> {
    const port = await freePort();
    const key = signer === 'ca' ? 'ca.key' : `${signer}.key`;
    const args = [
      'ocsp',
      '-index',
      'index.txt',
      '-port',
      String(port),
      '-CA',
      'ca.pem',
      '-rsigner',
      `${signer}.pem`,
      '-rkey',
      key,
      '-nmin',
      '5',
      ...options,
    ];
    const child = spawn('openssl', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#responders.push(child);
    await new Promise<void>((resolve, reject) => {
      const heard = (chunk: Buffer): void => {
        if (/waiting|ACCEPT/.test(chunk.toString())) resolve();
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.on('exit', (code) => reject(new Error(`openssl ocsp ended with ${code}`)));
    });
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    for (const child of this.#responders) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill()) await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
