/** NIST PKITS, 2011 certificates. Sections 4.1–4.13 and 4.16 by the transcription, 4.14 and 4.15 by the names of their certificates. */
import { readdirSync } from 'node:fs';
import { validatePath } from '@jpki-rp/verifier/path';
import { readBytes, readJson, runSuite, suiteFile } from './runner.ts';

interface Pkits {
  readonly validationTime: string;
  readonly tests: readonly {
    readonly id: string;
    readonly name: string;
    readonly trustAnchor: string;
    readonly crls: readonly string[];
    readonly initial: {
      readonly userInitialPolicySet: readonly string[];
      readonly explicitPolicy: boolean;
      readonly policyMappingInhibit: boolean;
      readonly anyPolicyInhibit: boolean;
    };
    readonly expected: 'valid' | 'invalid';
    readonly target: string;
    readonly path: readonly string[];
    readonly auxiliaryCerts: readonly string[];
    readonly features: readonly string[];
  }[];
}

const { validationTime, tests } = readJson<Pkits>('pkits', 'tests.json');
const at = new Date(validationTime);
const files = new Map<string, Uint8Array>();
const read = (folder: 'certs' | 'crls', name: string): Uint8Array => {
  const bytes = files.get(name) ?? readBytes('pkits', folder, name);
  files.set(name, bytes);
  return bytes;
};
const certificate = (name: string): Uint8Array => read('certs', name);
const crl = (name: string): Uint8Array => read('crls', name);
const answer = (result: ReturnType<typeof validatePath>): true | string => (result.result === 'valid' ? true : result.code);

runSuite(
  'pkits',
  tests.map((item) => ({
    id: `${item.id} ${item.name}`,
    // DSA is out of scope: no DSA key or signature is on any list.
    expected: item.features.includes('dsa') ? 'invalid' : item.expected,
    accepts: () =>
      answer(
        validatePath({
          target: certificate(item.target),
          intermediates: [...item.path, ...item.auxiliaryCerts].filter((name) => name !== item.target).map(certificate),
          anchors: [certificate(item.trustAnchor)],
          crls: item.crls.map(crl),
          at,
          revocation: 'crl',
          policy: {
            initial: item.initial.userInitialPolicySet,
            requireExplicit: item.initial.explicitPolicy,
            inhibitMapping: item.initial.policyMappingInhibit,
            inhibitAnyPolicy: item.initial.anyPolicyInhibit,
          },
        }),
      ),
  })),
);

// Nobody says which intermediates and CRLs belong to a case: all of them are handed in, and the path has to be found among them.
const transcribed = new Set(tests.map(({ target }) => target));
const names = readdirSync(suiteFile('pkits', 'certs')).sort();
const authorities = names.filter((name) => !/EE\.crt$|^TrustAnchor/.test(name));
const allCrls = readdirSync(suiteFile('pkits', 'crls')).sort();

runSuite(
  'pkits 4.14, 4.15 (all certificates and CRLs at once)',
  names
    .filter((name) => /EE\.crt$/.test(name) && !transcribed.has(name))
    .map((name) => ({
      id: name.replace(/EE\.crt$/, ''),
      expected: name.startsWith('Valid') ? 'valid' : 'invalid',
      accepts: () =>
        answer(
          validatePath({
            target: certificate(name),
            intermediates: authorities.map(certificate),
            anchors: [certificate('TrustAnchorRootCertificate.crt')],
            crls: allCrls.map(crl),
            at,
            revocation: 'crl',
          }),
        ),
    })),
);
