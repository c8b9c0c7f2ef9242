/** What is fuzzed: each reader takes any octets and gives a value or an error of ours, nothing else. */
import { join } from 'node:path';

import { appLinkDoor } from '../../packages/node-sdk/src/door/app-link.ts';
import { parseDoorProfile } from '../../packages/node-sdk/src/door/schema.ts';
import { readPersonalAttributes } from '../../packages/verifier/src/certificate/attributes.ts';
import { readCertificate } from '../../packages/verifier/src/certificate/certificate.ts';
import { passGate } from '../../packages/verifier/src/der/gate.ts';
import { DerError, DerReader } from '../../packages/verifier/src/der/reader.ts';
import { loadEnvironment } from '../../packages/verifier/src/environment.ts';
import type { Environment } from '../../packages/verifier/src/environment.types.ts';
import { EnvironmentError } from '../../packages/verifier/src/errors.ts';
import { validatePath } from '../../packages/verifier/src/path/validate-path.ts';
import { distributionPointOf } from '../../packages/verifier/src/profile/classify.ts';
import { BudgetError, OCSP_LIMITS } from '../../packages/verifier/src/revocation/budget.ts';
import { readCertificateList } from '../../packages/verifier/src/revocation/crl/list.ts';
import { readOcspResponse } from '../../packages/verifier/src/revocation/ocsp/response.ts';
import { DEFAULT_CMS_LIMITS, verifyCms } from '../../packages/verifier/src/signature/cms.ts';
import { createVerifier } from '../../packages/verifier/src/verifier.ts';
import type { VerifyInput } from '../../packages/verifier/src/verifier.types.ts';
import { virtualAppDoorProfile } from '../simulator/src/door-profile.ts';
import { CONTENT, cmsMessages } from './cms-seeds.ts';
import { mutate, type Seed, seedOf } from './mutate.ts';
import type { Random } from './random.ts';
import { bytesOf, corpus, distinct, environmentIn, vectorsIn } from './seeds.ts';

export interface Target {
  /** A mutated input; it can be made again from the same random numbers. */
  make(random: Random): Uint8Array;
  /** Throws where the code under test does what it must not. Returns true where the input was taken. */
  run(input: Uint8Array): boolean | Promise<boolean>;
  /** Elements that reading an input of n octets may cost. */
  readonly elements: (bytes: number) => number;
  readonly signatures: number;
}

export const TARGET_NAMES = ['der', 'certificate', 'crl', 'ocsp', 'environment', 'app-message', 'cms', 'verify', 'path'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** An error of ours, or the fault. */
const typed = (error: unknown, ...classes: readonly (new (...args: never[]) => Error)[]): false => {
  if (classes.some((known) => error instanceof known)) return false;
  throw error;
};

/** An element has two octets at least; a reader, and the gate before it, see each a bounded number of times. */
const linear = (bytes: number): number => 2 * bytes + 64;

export const targetsFrom = (vectors: string, conformance: string | undefined): Readonly<Record<TargetName, Target>> => {
  const cases = vectorsIn(vectors);
  const seeds = (all: readonly Uint8Array[]): readonly Seed[] => distinct(all).map(seedOf);
  const certificates = seeds([...cases.map((c) => bytesOf(c.input.certificate)), ...corpus(conformance, 'x509')]);
  const crls = seeds([...cases.flatMap((c) => c.revocation.crls.map(bytesOf)), ...corpus(conformance, 'crl')]);
  const responses = seeds(cases.flatMap((c) => c.revocation.ocspResponses.map(bytesOf)));
  const genuine = cmsMessages(join(vectors, '../simulator/keys'));
  const messages = [...genuine, ...corpus(conformance, 'cms')];
  // Genuine ones as often as all others together: the corpus is mostly BER, which ends at the gate.
  const cms = seeds(messages);
  const genuineSeeds = cms.slice(0, genuine.length);
  const any = [...certificates, ...crls, ...responses, ...seeds(corpus(conformance, 'asn1'))];
  const made =
    (from: readonly Seed[]) =>
    (random: Random): Uint8Array =>
      mutate(random.pick(from), any, random);

  return {
    der: { make: made(any), run: readAnything, elements: linear, signatures: 0 },
    certificate: { make: made(certificates), run: readPerson, elements: linear, signatures: 0 },
    crl: {
      make: made(crls),
      run: (input) => {
        try {
          return readCertificateList(input, { serialNumber: Uint8Array.of(6, 0, 0x10, 8) }).entryCount >= 0;
        } catch (error) {
          return typed(error, DerError, BudgetError);
        }
      },
      elements: linear,
      signatures: 0,
    },
    ocsp: {
      make: made(responses),
      run: (input) => {
        try {
          return readOcspResponse(input, OCSP_LIMITS).status === 'successful';
        } catch (error) {
          return typed(error, DerError, BudgetError);
        }
      },
      elements: linear,
      signatures: 0,
    },
    environment: environmentTarget(vectors, any),
    'app-message': appMessageTarget(cases.map((c) => c.input)),
    cms: {
      make: (random) => mutate(random.pick(random.below(2) === 0 ? genuineSeeds : cms), random.below(2) === 0 ? cms : any, random),
      run: (input) => {
        const verdict = verifyCms({ cms: input, content: CONTENT });
        if (verdict.result === 'valid' && !Buffer.from(verdict.content).equals(CONTENT)) throw new Error('other content is valid');
        return verdict.result === 'valid';
      },
      elements: (bytes) => DEFAULT_CMS_LIMITS.maxElements + linear(bytes),
      signatures: DEFAULT_CMS_LIMITS.maxSigners * DEFAULT_CMS_LIMITS.maxCertificates,
    },
    verify: verifyTarget(cases, loadEnvironment(environmentIn(vectors, 'synthetic')), any),
    path: pathTarget(certificates, crls, any),
  };
};

/** The cursor’s methods in an order that the input itself chooses, and the gate over all of it. */
const readAnything = (input: Uint8Array): boolean => {
  try {
    passGate(input, { maxBytes: 65_536, maxDepth: 64, maxElements: 10_000 });
  } catch (error) {
    typed(error, DerError);
  }
  const reader = new DerReader(input);
  const outers: number[] = [];
  try {
    for (let steps = 0; steps < 2_000; steps++) {
      if (reader.done) {
        const outer = outers.pop();
        if (outer === undefined) return true;
        reader.leave(outer);
        continue;
      }
      const tag = reader.peek();
      if ((tag & 0x20) !== 0 && outers.length < 200) outers.push(reader.enter(tag));
      else readPrimitive(reader, tag);
    }
    return true;
  } catch (error) {
    return typed(error, DerError);
  }
};

const readPrimitive = (reader: DerReader, tag: number): void => {
  switch (tag) {
    case 0x01:
      reader.boolean();
      return;
    case 0x02:
      if (reader.pos % 3 === 0) reader.smallInteger();
      else reader.integer();
      return;
    case 0x03:
      if (reader.pos % 3 === 0) reader.namedBits();
      else if (reader.pos % 3 === 1) reader.octetAlignedBitString();
      else reader.checkBitString();
      return;
    case 0x05:
      reader.null();
      return;
    case 0x06:
      reader.oid();
      return;
    case 0x17:
    case 0x18:
      reader.time();
      return;
    default:
      if (reader.pos % 2 === 0) reader.element();
      else reader.skip();
  }
};

/** A certificate, and what is made of it before any signature is verified. */
const readPerson = (input: Uint8Array): boolean => {
  try {
    const certificate = readCertificate(input);
    certificate.issuer.equals(certificate.subject);
    distributionPointOf(certificate)?.isWithin(certificate.issuer);
    if (certificate.subjectAltName !== null) readPersonalAttributes(certificate.subjectAltName);
    return true;
  } catch (error) {
    return typed(error, DerError);
  }
};

const text = new TextEncoder();
const untext = new TextDecoder();

/** A JSON text with a member removed, doubled, renamed, or its value replaced. */
const bendJson = (json: unknown, random: Random): unknown => {
  const copy = structuredClone(json);
  const holders: (Record<string, unknown> | unknown[])[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    holders.push(value as Record<string, unknown>);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(copy);
  const holder = random.pick(holders) as Record<string, unknown>;
  const names = Object.keys(holder);
  const name = names.length === 0 ? 'id' : random.pick(names);
  const strange: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '\u0000',
    'x'.repeat(5000),
    [],
    {},
    [[[]]],
    { __proto__: null },
    '2.999.1',
    'MIIB',
    '../..',
  ];
  switch (random.below(5)) {
    case 0:
      delete holder[name];
      break;
    case 1:
      holder[random.pick(['id', 'kind', 'pathLength', 'constructor', 'toString', 'urls', 'sources'])] = random.pick(strange);
      break;
    case 2:
      holder[name] = random.pick(strange);
      break;
    case 3:
      if (typeof holder[name] === 'string') {
        const value = holder[name];
        const at = random.below(value.length + 1);
        holder[name] = value.slice(0, at) + String.fromCharCode(random.below(0x250)) + value.slice(at + random.below(3));
      }
      break;
    default:
      holder[name] = holder[random.pick(names.length === 0 ? ['id'] : names)];
  }
  return copy;
};

const environmentTarget = (vectors: string, others: readonly Seed[]): Target => {
  const environments = ['card-oids', 'nextgen', 'pinned', 'synthetic', 'no-anchors'].map((name) => environmentIn(vectors, name));
  return {
    make: (random) => {
      const json = bendJson(random.pick(environments), random) as { anchors?: { certificate?: unknown }[] };
      // Now and then an anchor that is nearly a certificate.
      const anchor = Array.isArray(json.anchors) ? json.anchors[0] : undefined;
      if (random.below(4) === 0 && typeof anchor?.certificate === 'string')
        anchor.certificate = Buffer.from(mutate(seedOf(bytesOf(anchor.certificate)), others, random)).toString('base64');
      return text.encode(JSON.stringify(json));
    },
    run: (input) => {
      try {
        return loadEnvironment(JSON.parse(untext.decode(input))).anchors.length > 0;
      } catch (error) {
        return typed(error, EnvironmentError);
      }
    },
    elements: (bytes) => linear(bytes) * 4,
    signatures: 64,
  };
};

const appMessageTarget = (inputs: readonly { readonly certificate: string; readonly signature: string }[]): Target => {
  const door = appLinkDoor(parseDoorProfile(virtualAppDoorProfile('http://127.0.0.1:4321')));
  const messages = inputs
    .slice(0, 40)
    .map(({ certificate, signature }) => ({ tx: 'token', result: '0000', cert: certificate, sig: signature, holder: 'IC', tries: 3 }));
  return {
    make: (random) => {
      let json = JSON.stringify(bendJson(random.pick(messages), random));
      for (let i = random.below(3); i > 0; i--) {
        const at = random.below(json.length);
        const change = random.pick([
          '"',
          '\\',
          '{',
          '[',
          ',',
          ':',
          '\u0000',
          '\ud800',
          '"tx":"a",',
          '[[[[[[[[[[[[[[[[[[',
          '1e999',
          '\\u0022',
        ]);
        json = json.slice(0, at) + change + json.slice(at + random.below(2));
      }
      const bytes = text.encode(json);
      return random.below(4) === 0 ? mutate({ bytes, tree: null }, [{ bytes, tree: null }], random) : bytes;
    },
    run: (input) => {
      const token = door.answerToken(input);
      if (token !== null && (typeof token !== 'string' || token.length > 128)) throw new Error('a token that is none');
      return door.decode(input).kind === 'signed';
    },
    elements: () => 0,
    signatures: 0,
  };
};

type Cases = ReturnType<typeof vectorsIn>;

/** A whole verification with one of its parts mutated: it is never valid, unless the mutation gave back the same octets. */
const verifyTarget = (cases: Cases, environment: Environment, others: readonly Seed[]): Target => {
  const good = cases.filter(
    ({ expected, environment: id, revocation }) =>
      expected.result === 'valid' && id === environment.id && revocation.crls.length + revocation.ocspResponses.length === 1,
  );
  const parts = ['certificate', 'signature', 'crl-or-ocsp'] as const;
  const seeds = new Set(others.map(({ bytes }) => Buffer.from(bytes).toString('latin1')));
  return {
    make: (random) => {
      const which = random.below(good.length);
      const part = random.below(parts.length);
      const { input, revocation } = good[which] as Cases[number];
      const original = bytesOf([input.certificate, input.signature, revocation.crls[0] ?? revocation.ocspResponses[0]][part] as string);
      const bent = mutate(seedOf(original), others, random);
      return Uint8Array.from([which >> 8, which & 255, part, ...bent]);
    },
    run: async (bytes) => {
      const { input, revocation, at } = good[(bytes[0] as number) * 256 + (bytes[1] as number)] as Cases[number];
      const part = parts[bytes[2] as number];
      const bent = bytes.slice(3);
      const status = bytesOf((revocation.crls[0] ?? revocation.ocspResponses[0]) as string);
      const data = part === 'crl-or-ocsp' ? bent : status;
      const verdict = await createVerifier({ environment, role: 'verifier', revocation: revocation.mode as 'crl' | 'ocsp' }).verify({
        certificate: part === 'certificate' ? bent : bytesOf(input.certificate),
        signature: part === 'signature' ? bent : bytesOf(input.signature),
        message: bytesOf(input.message),
        scheme: input.scheme as VerifyInput['scheme'],
        purpose: input.purpose as VerifyInput['purpose'],
        acceptCarriers: input.acceptCarriers as VerifyInput['acceptCarriers'],
        at: new Date(at),
        crls: revocation.crls.length === 0 ? [] : [data],
        ocspResponses: revocation.crls.length === 0 ? [data] : [],
        ocspNonce: revocation.ocspNonce === null ? null : bytesOf(revocation.ocspNonce),
      });
      if (verdict.result !== 'valid') return false;
      const original = part === 'certificate' ? bytesOf(input.certificate) : part === 'signature' ? bytesOf(input.signature) : status;
      // A part may be replaced by a genuine one of another case; and certificates sent along with an OCSP response stand outside what is signed.
      const genuine = Buffer.from(bent).equals(original) || seeds.has(Buffer.from(bent).toString('latin1'));
      if (!genuine && !(part === 'crl-or-ocsp' && revocation.ocspResponses.length > 0)) throw new Error('a mutated case is valid');
      return true;
    },
    elements: (bytes) => linear(bytes) * 4 + 4_096,
    signatures: 64,
  };
};

/** Three mutated certificates and a CRL thrown at path validation. */
const pathTarget = (certificates: readonly Seed[], crls: readonly Seed[], others: readonly Seed[]): Target => {
  const readable = certificates.filter(({ bytes }) => {
    try {
      readCertificate(bytes);
      return true;
    } catch {
      return false;
    }
  });
  const anchors = readable.filter(({ bytes }) => readCertificate(bytes).basicConstraints?.ca === true).map(({ bytes }) => bytes);
  const at = new Date('2024-06-03T04:01:01Z');
  const join = (parts: readonly Uint8Array[]): Uint8Array => {
    const out: number[] = [];
    for (const part of parts) out.push(part.length >> 16, (part.length >> 8) & 255, part.length & 255, ...part);
    return Uint8Array.from(out);
  };
  const split = (bytes: Uint8Array): Uint8Array[] => {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < bytes.length; ) {
      const length = (bytes[i] as number) * 65_536 + (bytes[i + 1] as number) * 256 + (bytes[i + 2] as number);
      parts.push(bytes.subarray(i + 3, i + 3 + length));
      i += 3 + length;
    }
    return parts;
  };
  return {
    make: (random) =>
      join([
        mutate(random.pick(readable), others, random),
        mutate(random.pick(readable), others, random),
        random.pick(readable).bytes,
        mutate(random.pick(crls), others, random),
      ]),
    run: (bytes) => {
      const [target, a, b, crl] = split(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const known = anchors.length > 0 ? anchors.slice(0, 8) : [b];
      const verdict = validatePath({ target, intermediates: [a, b], anchors: known, crls: [crl], at, revocation: 'crl' });
      if (verdict.result === 'valid') throw new Error('a mutated path is valid');
      return verdict.path.length > 0;
    },
    elements: (bytes) => linear(bytes) * 8 + 65_536,
    signatures: 256,
  };
};
