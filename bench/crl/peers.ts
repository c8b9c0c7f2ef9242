/** Other implementations doing the same: read the CRL, verify its signature, be ready to answer. Each says what it cannot do. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, run } from './measure.ts';

export interface Peer {
  readonly name: string;
  readonly does: string;
  /** Milliseconds and peak octets; a text where it cannot. */
  run(crl: string): Promise<{ readonly ms: number; readonly peak: number | null } | string>;
}

const JAVA = `
import java.io.*; import java.math.BigInteger; import java.nio.file.*; import java.security.cert.*;
public class CrlBench { public static void main(String[] a) throws Exception {
  CertificateFactory f = CertificateFactory.getInstance("X.509");
  X509Certificate ca = (X509Certificate) f.generateCertificate(new FileInputStream(a[0]));
  long t = System.nanoTime();
  X509CRL crl = (X509CRL) f.generateCRL(new BufferedInputStream(new FileInputStream(a[1]), 1 << 20));
  crl.verify(ca.getPublicKey());
  crl.getRevokedCertificate(BigInteger.valueOf(5));
  System.out.println((System.nanoTime() - t) / 1e6);
} }`;

const PYTHON = `
import sys, time
from cryptography import x509
ca = x509.load_der_x509_certificate(open(sys.argv[1], 'rb').read())
t = time.perf_counter()
crl = x509.load_der_x509_crl(open(sys.argv[2], 'rb').read())
assert crl.is_signature_valid(ca.public_key())
crl.get_revoked_certificate_by_serial_number(5)
print((time.perf_counter() - t) * 1000)
`;

const GO = `
package main
import ("crypto/x509"; "fmt"; "os"; "time")
func main() {
  der, _ := os.ReadFile(os.Args[1]); ca, err := x509.ParseCertificate(der); if err != nil { panic(err) }
  t := time.Now()
  der, _ = os.ReadFile(os.Args[2]); crl, err := x509.ParseRevocationList(der); if err != nil { panic(err) }
  if err := crl.CheckSignatureFrom(ca); err != nil { panic(err) }
  set := make(map[string]int, len(crl.RevokedCertificates))
  for i, e := range crl.RevokedCertificates { set[string(e.SerialNumber.Bytes())] = i }
  fmt.Println(float64(time.Since(t).Microseconds()) / 1000)
}`;

const inside = ({ ok, stdout, stderr, peak }: Measured): { ms: number; peak: number | null } | string =>
  ok ? { ms: Number(stdout.trim().split('\n').at(-1)), peak } : `cannot: ${reasonIn(stderr)}`;

const reasonIn = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error|exception/i.test(line)) ?? lines[0] ?? 'no message').trim().slice(0, 160);
};

/** Those that are on this machine. */
export const peers = async (
  folder: string,
  issuer: string,
  self: readonly string[],
  root: string,
): Promise<{ readonly present: readonly Peer[]; readonly absent: readonly string[] }> => {
  const present: Peer[] = [];
  const absent: string[] = [];
  const has = async (command: string, ...args: readonly string[]): Promise<string | null> => {
    const { ok, stdout, stderr } = await run(command, args);
    return ok ? ((stdout || stderr).trim().split('\n')[0] ?? '') : null;
  };
  const add = (version: string | null, name: string, does: string, runs: Peer['run']): void => {
    if (version === null) absent.push(name);
    else present.push({ name: `${name} (${version})`, does, run: runs });
  };

  const pem = join(folder, 'issuer.pem');
  await run('openssl', ['x509', '-inform', 'DER', '-in', issuer, '-out', pem]);
  add(await has('openssl', 'version'), 'OpenSSL CLI', '`openssl crl -CAfile`: parse and verify, whole process', async (crl) => {
    const done = await run('openssl', ['crl', '-inform', 'DER', '-in', crl, '-CAfile', pem, '-noout']);
    return done.ok && /verify OK/.test(done.stderr) ? { ms: done.ms, peak: done.peak } : `cannot: ${reasonIn(done.stderr)}`;
  });

  writeFileSync(join(folder, 'main.go'), GO);
  const go = await has('go', 'version');
  const binary = join(folder, 'crl-bench-go');
  const built = go !== null && (await run('go', ['build', '-o', binary, join(folder, 'main.go')])).ok;
  add(built ? go : null, 'Go', 'x509.ParseRevocationList, CheckSignatureFrom, a map of serials', async (crl) =>
    inside(await run(binary, [issuer, crl])),
  );

  writeFileSync(join(folder, 'CrlBench.java'), JAVA);
  add(await has('java', '-version'), 'Java', 'CertificateFactory.generateCRL, verify, one lookup; without JVM start', async (crl) =>
    inside(await run('java', ['-Xmx12g', join(folder, 'CrlBench.java'), issuer, crl])),
  );

  writeFileSync(join(folder, 'bench.py'), PYTHON);
  const python = await has('python3', '-c', 'import cryptography; print(cryptography.__version__)');
  add(python, 'python-cryptography', 'load_der_x509_crl, is_signature_valid, one lookup', async (crl) =>
    inside(await run('python3', [join(folder, 'bench.py'), issuer, crl])),
  );

  for (const [name, child, module, of] of [
    ['pkijs', 'pkijs', 'pkijs', 'packages/verifier'],
    ['@peculiar/x509', 'x509', '@peculiar/x509', 'test/simulator'],
  ] as const) {
    add(versionOf(root, of, module), name, 'parse only', async (crl) => {
      // They refuse a hundred thousand entries: a hundred times that would only take longer to be refused.
      if (statSync(crl).size > MAX_FOR_REFUSERS) return 'cannot: refuses 100 000 entries already';
      const done = await run(process.execPath, [...self, child, crl, root], 120_000);
      if (!done.ok) return `cannot: ${reasonIn(done.stderr)}`;
      return { ms: (JSON.parse(done.stdout) as { ms: number }).ms, peak: done.peak };
    });
  }
  if (versionOf(root, '.', 'node-forge') === null) absent.push('node-forge (it has no CRL parser of its own)');
  return { present, absent };
};

const MAX_FOR_REFUSERS = 60_000_000;

const versionOf = (root: string, of: string, module: string): string | null => {
  try {
    const path = join(root, of, 'node_modules', module, 'package.json');
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
};
