import { describe, expect, test } from 'vitest';
import { EnvironmentError, loadEnvironment } from '../src/index.ts';
import { general, nameConstraints } from './path/mint.ts';
import { CA_KEY_USAGE, extension, keyed, keyUsage, mintCertificate, name, octets, seq, yes } from './revocation/mint.ts';
import { bytes, environmentJson, vector } from './vectors.ts';

type Json = Record<string, unknown>;

/** The good environment with one member replaced. */
const changed = (path: readonly (string | number)[], value: unknown): Json => {
  const json = structuredClone(environmentJson());
  let at = json as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return json;
};

const refusal = (json: unknown): EnvironmentError => {
  try {
    loadEnvironment(json);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
};

const CARD = ['classes', 'card-digital-signature'] as const;

describe('an environment', () => {
  test('is read with its anchors and its four classes, and is of kind test unless it says otherwise', () => {
    const environment = loadEnvironment(environmentJson());
    expect(environment.kind).toBe('test');
    expect(environment.anchors).toHaveLength(6);
    expect(Object.keys(environment.classes)).toHaveLength(4);
    expect(environment.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('has the same digest whatever the order of its members', () => {
    const json = environmentJson();
    const reversed = Object.fromEntries(Object.entries(json).reverse());
    expect(loadEnvironment(reversed).digest).toBe(loadEnvironment(json).digest);
    expect(loadEnvironment(changed(['id'], 'other')).digest).not.toBe(loadEnvironment(json).digest);
  });

  const leaf = vector('happy/card-digital-signature-g1-crl').input.certificate;
  test.each<[string, (string | number)[], unknown, string]>([
    ['no anchors', ['anchors'], [], '/anchors'],
    ['an unknown member', ['trustEverything'], true, '/trustEverything'],
    ['an unknown member of a class', [...CARD, 'color'], 'red', '/classes/card-digital-signature/color'],
    ['an unknown class', ['classes', 'tablet-digital-signature'], {}, '/classes/tablet-digital-signature'],
    ['a missing member', [...CARD, 'keyUsage'], undefined, '/classes/card-digital-signature/keyUsage'],
    ['an anchor that is no base64', ['anchors', 0, 'certificate'], '!!!!', '/anchors/0/certificate'],
    ['an anchor that is no certificate', ['anchors', 0, 'certificate'], 'AAAA', '/anchors/0/certificate'],
    ['an end-entity certificate as anchor', ['anchors', 0, 'certificate'], leaf, '/anchors/0/certificate'],
    ['an anchor twice', ['anchors', 1], (environmentJson()['anchors'] as unknown[])[0], '/anchors/1'],
    [
      'a base that is no RFC 4514 name',
      [...CARD, 'crl', 'distributionPointBase'],
      'no name',
      '/classes/card-digital-signature/crl/distributionPointBase',
    ],
    [
      'an algorithm that is not on the list of names',
      [...CARD, 'algorithms'],
      ['rsa-pkcs1-sha1'],
      '/classes/card-digital-signature/algorithms/0',
    ],
    ['keys below 2048 bits', [...CARD, 'minimumRsaBits'], 1024, '/classes/card-digital-signature/minimumRsaBits'],
    ['an OCSP URL that is not http', [...CARD, 'ocsp', 'url'], 'file:///etc/passwd', '/classes/card-digital-signature/ocsp/url'],
    ['a policy OID of two classes', [...CARD, 'policyOids'], ['2.999.8.5.1.3.30'], '/classes/card-user-authentication/policyOids/0'],
    [
      'a CRL source of an unknown anchor',
      [...CARD, 'crl', 'sources'],
      [{ anchor: 'nobody', distributionPoint: 'CN=x', url: 'http://crl.example/' }],
      '/classes/card-digital-signature/crl/sources/0/anchor',
    ],
    ['another path length', ['pathLength'], 3, '/pathLength'],
    [
      'a responder that is no RFC 4514 name',
      [...CARD, 'ocsp', 'responders'],
      { delegated: ['CN=Responder,C=JP', 'no name'] },
      '/classes/card-digital-signature/ocsp/responders/delegated/1',
    ],
    [
      'delegated responders of whom none is named',
      [...CARD, 'ocsp', 'responders'],
      { delegated: [] },
      '/classes/card-digital-signature/ocsp/responders/delegated',
    ],
  ])('is refused with %s, and the error points at it', (_, path, value, pointer) => {
    const error = refusal(changed(path, value));
    expect(error.code).toBe('environment-invalid');
    expect(error.pointer).toBe(pointer);
  });

  describe('takes an anchor with the constraints of its certificate, or not at all:', () => {
    const key = keyed();
    const anchor = (usage: Uint8Array | null, ...more: readonly Uint8Array[]): Json => {
      const basic = extension('2.5.29.19', seq(yes()), true);
      const own = extension('2.5.29.14', octets(key.ski));
      const der = mintCertificate({ signer: key, extensions: [...(usage === null ? [] : [usage]), basic, own, ...more] });
      return changed(['anchors', 0, 'certificate'], Buffer.from(der).toString('base64'));
    };

    test.each<[string, Json]>([
      ['keyCertSign and cRLSign', anchor(CA_KEY_USAGE)],
      ['keyCertSign', anchor(keyUsage(0x04, 2))],
      ['no key usage', anchor(null)],
      ['an extension nobody knows, not critical', anchor(CA_KEY_USAGE, extension('2.999.7', seq()))],
    ])('with %s it is', (_, json) => {
      expect(loadEnvironment(json).anchors).toHaveLength(6);
    });

    test.each<[string, Json]>([
      ['cRLSign only', anchor(keyUsage(0x02, 1))],
      ['digitalSignature only', anchor(keyUsage(0x80, 7))],
      ['a critical extension nobody knows', anchor(CA_KEY_USAGE, extension('2.999.7', seq(), true))],
      ['name constraints', anchor(CA_KEY_USAGE, nameConstraints([], [general.directory(name(['C', 'JP']))]))],
    ])('with %s it is not', (_, json) => {
      expect(refusal(json)).toMatchObject({ code: 'environment-invalid', pointer: '/anchors/0/certificate' });
    });
  });

  test('is refused where it is no object at all', () => {
    expect(refusal(null).code).toBe('environment-invalid');
    expect(refusal('{}').code).toBe('environment-invalid');
  });

  test('of kind production refuses anchors of another organization, and the arc for examples', () => {
    expect(refusal(changed(['kind'], 'production')).pointer).toBe('/anchors/0/certificate');
  });

  test('keeps certificates it was given out of its error messages', () => {
    const error = refusal(changed(['anchors', 0, 'certificate'], leaf));
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(leaf.slice(40, 80));
  });

  describe('in which classes assert that a CRL without issuingDistributionPoint is complete', () => {
    const asserting = (urls: Partial<Record<'card' | 'smartphone', readonly string[]>>): Json => {
      const json = structuredClone(environmentJson()) as { anchors: { id: string; purpose: string }[]; classes: Record<string, Json> };
      const anchor = json.anchors.find(({ purpose }) => purpose === 'digital-signature')?.id;
      for (const [carrier, list] of Object.entries(urls)) {
        Object.assign(json.classes[`${carrier}-digital-signature`]?.['crl'] as Json, {
          coverage: 'asserted',
          sources: list.map((url, i) => ({ anchor, distributionPoint: `CN=${i}`, url })),
        });
      }
      return json;
    };
    const ONE = 'http://crl.example/all.crl';
    const OTHER = 'http://crl.example/other.crl';

    test.each<[string, Json]>([
      ['one carrier', asserting({ smartphone: [ONE] })],
      ['both carriers, of one and the same CRL', asserting({ card: [ONE], smartphone: [ONE] })],
      ['both carriers, of what is handed in', asserting({ card: [], smartphone: [] })],
    ])('%s may', (_, json) => {
      expect(loadEnvironment(json).classes['smartphone-digital-signature']?.crl.coverage).toBe('asserted');
    });

    test.each<[string, Json]>([
      ['of different CRLs', asserting({ card: [ONE], smartphone: [OTHER] })],
      ['of different numbers of CRLs', asserting({ card: [ONE], smartphone: [ONE, OTHER] })],
      ['one of a CRL, one of what is handed in', asserting({ card: [ONE], smartphone: [] })],
    ])('both carriers may not, %s: the card’s would show good for the smartphone', (_, json) => {
      expect(refusal(json).pointer).toBe('/classes/smartphone-digital-signature/crl/coverage');
    });
  });

  test('may name the responders of a class by their subjects', () => {
    const { classes } = loadEnvironment(changed([...CARD, 'ocsp', 'responders'], { delegated: ['CN=Responder,O=Cards,C=JP'] }));
    const responders = classes['card-digital-signature']?.ocsp.responders;
    expect(responders).toMatchObject({ delegated: [{}] });
    if (typeof responders !== 'object' || !('delegated' in responders)) throw new Error('delegated responders expected');
    expect(responders.delegated.map(String)).toEqual(['CN=Responder,O=Cards,C=JP']);
  });

  test('may leave a class out', () => {
    const environment = loadEnvironment(changed([...CARD], undefined));
    expect(environment.classes['card-digital-signature']).toBeUndefined();
    expect(bytes(leaf).length).toBeGreaterThan(1000);
  });
});
