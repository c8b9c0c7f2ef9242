/** Project Wycheproof: RSASSA-PKCS1-v1_5 and ECDSA in DER. Every way in which the signature room can be asked about a vector must agree. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readAlgorithmIdentifier, readPublicKeyInfo } from '../../packages/verifier/src/certificate/public-key.ts';
import { DerReader } from '../../packages/verifier/src/der/reader.ts';
import { verifyMessage } from '../../packages/verifier/src/signature/message.ts';
import { type AlgorithmName, keyAllowed, verifyPrimitive, verifySignedData } from '../../packages/verifier/src/signature/signed-data.ts';
import type { SignatureScheme } from '../../packages/verifier/src/verdict.ts';
import { readJson, runSuite, suiteFile } from './runner.ts';

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKeyDer: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid' | 'acceptable';
    }[];
  }[];
}

interface Algorithm {
  readonly name: AlgorithmName;
  /** The AlgorithmIdentifier as it stands in certificates. */
  readonly identifier: string;
  readonly scheme?: SignatureScheme;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  rsa_sha256: { name: 'rsa-pkcs1-sha256', identifier: '300d06092a864886f70d01010b0500', scheme: 'rsa-pkcs1-sha256' },
  rsa_sha384: { name: 'rsa-pkcs1-sha384', identifier: '300d06092a864886f70d01010c0500' },
  rsa_sha512: { name: 'rsa-pkcs1-sha512', identifier: '300d06092a864886f70d01010d0500' },
  ecdsa_sha256: { name: 'ecdsa-p256-sha256', identifier: '300a06082a8648ce3d040302', scheme: 'ecdsa-p256-sha256' },
  ecdsa_sha384: { name: 'ecdsa-p384-sha384', identifier: '300a06082a8648ce3d040303', scheme: 'ecdsa-p384-sha384' },
};

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

for (const file of readdirSync(suiteFile('wycheproof'))
  .filter((name) => name.endsWith('_test.json'))
  .sort()) {
  const { name, identifier, scheme } = ALGORITHMS[`${file.split('_')[0]}_${/sha\d+/.exec(file)?.[0]}`] as Algorithm;
  const algorithm = readAlgorithmIdentifier(new DerReader(bytes(identifier)));
  runSuite(
    `wycheproof ${file.replace('_test.json', '')}`,
    readJson<Wycheproof>('wycheproof', file).testGroups.flatMap((group) => {
      const key = readPublicKeyInfo(new DerReader(bytes(group.publicKeyDer)));
      return group.tests.map(({ tcId, comment, msg, sig, result }) => ({
        id: `${tcId} ${comment}`,
        expected: result === 'acceptable' ? 'either' : result,
        accepts: () => {
          const message = bytes(msg);
          const signature = bytes(sig);
          const answers = [key.keyObject !== null && verifyPrimitive(name, key.keyObject, message, signature)];
          // A few groups have keys of exponent 3, which no policy of ours allows: their vectors are about the primitive.
          const policy = { algorithms: [name], minimumRsaBits: 2048 };
          if (keyAllowed(key, policy)) answers.push(verifySignedData({ tbs: message, algorithm, signature }, key, policy) === 'ok');
          if (scheme !== undefined) answers.push(verifyMessage(scheme, key, { message }, signature));
          if (scheme === 'rsa-pkcs1-sha256') {
            answers.push(verifyMessage(scheme, key, { digest: createHash('sha256').update(message).digest() }, signature));
          }
          if (new Set(answers).size > 1) throw new Error(`the ways disagree: ${answers.join()}`);
          return answers[0] === true ? true : 'signature';
        },
      }));
    }),
  );
}
