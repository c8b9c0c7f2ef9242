/** The same work by others: each reads the certificate from octets, verifies both signatures, and looks the serial number up in a set. */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../crl/measure.ts';
import type { Contender } from './rounds.ts';

export interface Job {
  readonly root: string;
  readonly issuer: Buffer;
  readonly leaf: (call: number) => Buffer;
  readonly message: Buffer;
  readonly signature: Buffer;
  readonly revoked: ReadonlySet<string>;
}

/** node:crypto's own class; the issuer's certificate is read and its key imported once. */
export const nodePeer = ({ issuer, leaf, message, signature, revoked }: Job): Contender => {
  const issuerKey: KeyObject = new X509Certificate(issuer).publicKey;
  return {
    name: 'node X509Certificate',
    calls: 30,
    run: (call) => {
      const certificate = new X509Certificate(leaf(call));
      const good = certificate.verify(issuerKey) && verify('sha256', message, certificate.publicKey, signature);
      if (!good || revoked.has(certificate.serialNumber)) throw new Error('node: not valid');
    },
  };
};

/** WebCrypto does the signatures of both; the issuer's key is imported once. */
export const pkijsPeer = ({ root, issuer, leaf, message, signature, revoked }: Job): Contender => {
  const require = createRequire(`${root}/packages/verifier/package.json`);
  const pkijs = require('pkijs');
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: globalThis.crypto });
  pkijs.setEngine('node', engine);
  const ca = pkijs.Certificate.fromBER(issuer);
  return {
    name: 'pkijs',
    calls: 4,
    run: async (call) => {
      const certificate = pkijs.Certificate.fromBER(leaf(call));
      const key = await certificate.getPublicKey();
      const own = await globalThis.crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, new Uint8Array(signature), new Uint8Array(message));
      if (!(await certificate.verify(ca)) || !own) throw new Error('pkijs: not valid');
      if (revoked.has(Buffer.from(certificate.serialNumber.valueBlock.valueHexView).toString('hex'))) throw new Error('revoked');
    },
  };
};

export const peculiarPeer = ({ root, issuer, leaf, message, signature, revoked }: Job): Contender => {
  const require = createRequire(`${root}/test/simulator/package.json`);
  require('reflect-metadata');
  const x509 = require('@peculiar/x509');
  x509.cryptoProvider.set(globalThis.crypto);
  const ca = new x509.X509Certificate(issuer);
  return {
    name: '@peculiar/x509',
    calls: 4,
    run: async (call) => {
      const certificate = new x509.X509Certificate(leaf(call));
      const issued = await certificate.verify({ publicKey: ca.publicKey, signatureOnly: true });
      const key = await certificate.publicKey.export();
      const own = await globalThis.crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, new Uint8Array(signature), new Uint8Array(message));
      if (!issued || !own || revoked.has(certificate.serialNumber)) throw new Error('@peculiar/x509: not valid');
    },
  };
};

const GO = `package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"syscall"
)

func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
func read(i int) []byte {
	b, err := os.ReadFile(os.Args[i])
	if err != nil {
		panic(err)
	}
	return b
}
func main() {
	ca, err := x509.ParseCertificate(read(1))
	if err != nil {
		panic(err)
	}
	leaf, message, signature, parsed := read(2), read(3), read(4), read(5)
	revoked := make(map[string]bool)
	for i := 0; i < 100000; i++ {
		revoked[fmt.Sprint(0x10000000+i*97)] = true
	}
	parse, both := []int64{}, []int64{}
	for round := 0; round < 25; round++ {
		t := cpu()
		for i := 0; i < 2000; i++ {
			if _, err := x509.ParseCertificate(parsed); err != nil {
				panic(err)
			}
		}
		parse = append(parse, (cpu()-t)/2000)
		t = cpu()
		for i := 0; i < 200; i++ {
			c, _ := x509.ParseCertificate(leaf)
			if err := ca.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
				panic(err)
			}
			h := sha256.Sum256(message)
			if err := rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), crypto.SHA256, h[:], signature); err != nil {
				panic(err)
			}
			if revoked[c.SerialNumber.String()] {
				panic("revoked")
			}
		}
		both = append(both, (cpu()-t)/200)
	}
	fmt.Println(parse[0])
	for i := range parse {
		fmt.Println(parse[i], both[i])
	}
}
`;

export interface GoTimes {
  readonly version: string;
  /** Microseconds of processor time per call, by round. */
  readonly parse: readonly number[];
  readonly verify: readonly number[];
}

/** One process of Go, GOMAXPROCS=1; null where there is none. Called between our rounds, as often as wanted. */
export const goPeer = async (
  folder: string,
  job: Pick<Job, 'issuer' | 'message' | 'signature'>,
  leaf: Buffer,
  parsed: Buffer = leaf,
): Promise<(() => Promise<GoTimes>) | null> => {
  const version = await run('go', ['version']);
  if (!version.ok) return null;
  writeFileSync(join(folder, 'hot.go'), GO);
  const binary = join(folder, 'hot-go');
  const built = await run('go', ['build', '-o', binary, join(folder, 'hot.go')]);
  if (!built.ok) return null;
  const files = Object.entries({ issuer: job.issuer, leaf, message: job.message, signature: job.signature, parsed }).map(
    ([name, bytes]) => {
      const path = join(folder, `go-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`);
      writeFileSync(path, bytes);
      return path;
    },
  );
  return async () => {
    const { ok, stdout, stderr } = await run('env', ['GOMAXPROCS=1', binary, ...files]);
    if (!ok) throw new Error(`go: ${stderr}`);
    const rounds = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ').map((ns) => Number(ns) / 1000));
    return {
      version: version.stdout.trim(),
      parse: rounds.map(([parse]) => parse as number),
      verify: rounds.map(([, both]) => both as number),
    };
  };
};
