import { request as rawRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type Simulator, startSimulator } from '../../src/index.ts';
import { environmentOf } from '../environment.ts';
import { type FakeRelyingParty, fakeRelyingParty } from '../relying-party.ts';

let simulator: Simulator;
let person: Person;
let rp: FakeRelyingParty;
const lines: { readonly method: string; readonly path: string; readonly status: number }[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ onRequest: (line) => lines.push(line) });
  person = await simulator.person({ municipality: 'minori-shi' });
  rp = await fakeRelyingParty(simulator);
});
afterAll(async () => {
  await Promise.all([simulator.close(), rp.close()]);
});
afterEach(() => {
  simulator.faults.set('crl', null);
  simulator.faults.set('ocsp', null);
});

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
const OCSP_REQUEST = { method: 'POST', headers: { 'content-type': 'application/ocsp-request' }, body: new Uint8Array([0x30, 0x00]) };

describe('the environment', () => {
  test('names a CRL source for every partition of every generation, and each answers', async () => {
    const { classes, anchors } = environmentOf(simulator);
    expect(anchors.map(({ id }) => id)).toEqual([
      'digital-signature-g1',
      'user-authentication-g1',
      'digital-signature-g2',
      'user-authentication-g2',
    ]);
    for (const [name, { crl }] of Object.entries(classes)) {
      expect(crl.sources).toHaveLength(12);
      expect(crl.sources.every(({ distributionPoint }) => distributionPoint.endsWith(crl.distributionPointBase))).toBe(true);
      expect(crl.distributionPointBase.includes('Mobile')).toBe(name.startsWith('smartphone'));
      const responses = await Promise.all(crl.sources.map(({ url }) => fetch(url)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
    }
  });

  test('gives every class a policy and an OCSP responder of its own', () => {
    const classes = Object.values(environmentOf(simulator).classes);
    expect(new Set(classes.map(({ policyOids }) => policyOids[0])).size).toBe(4);
    expect(new Set(classes.map(({ ocsp }) => ocsp.url)).size).toBe(4);
    expect(classes.every(({ policyOids }) => policyOids[0]?.startsWith('2.999.'))).toBe(true);
  });

  test('holds no private key', () => {
    expect(JSON.stringify(simulator.environment)).not.toContain('PRIVATE');
  });
});

describe('CRLs over HTTP', () => {
  test('are those that the simulator publishes', async () => {
    const response = await fetch(simulator.urls.crl('card-digital-signature', 2, 'minori-shi'));
    expect(response.headers.get('content-type')).toBe('application/pkix-crl');
    expect(await bytesOf(response)).toEqual(simulator.crl('card-digital-signature', 2, 'minori-shi'));
  });

  test.each(['card-digital-signature/3/minori-shi', 'card-digital-signature/2/tokyo', 'card/2/minori-shi', 'constructor/2/minori-shi'])(
    'do not exist at %s',
    async (path) => {
      expect((await fetch(`${simulator.urls.origin}/crl/${path}.crl`)).status).toBe(404);
    },
  );
});

describe('OCSP over HTTP', () => {
  test('answers what is no request with malformedRequest', async () => {
    const response = await fetch(simulator.urls.ocsp('card-digital-signature'), OCSP_REQUEST);
    expect(response.headers.get('content-type')).toBe('application/ocsp-response');
    expect(await bytesOf(response)).toEqual(Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x01));
  });

  test('takes GET with the request in the path too', async () => {
    const response = await fetch(`${simulator.urls.ocsp('card-digital-signature')}/${encodeURIComponent('MAA=')}`);
    expect(await bytesOf(response)).toEqual(Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x01));
  });

  test('refuses another content type', async () => {
    expect(
      (await fetch(simulator.urls.ocsp('card-digital-signature'), { ...OCSP_REQUEST, headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(415);
  });
});

describe('faults', () => {
  test('down cuts the connection', async () => {
    simulator.faults.set('crl', 'down');
    await expect(fetch(simulator.urls.crl('card-digital-signature', 2, 'minori-shi'))).rejects.toThrow();
  });

  test('garbage is no CRL', async () => {
    simulator.faults.set('crl', 'garbage');
    const got = await bytesOf(await fetch(simulator.urls.crl('card-digital-signature', 2, 'minori-shi')));
    expect(got).not.toEqual(simulator.crl('card-digital-signature', 2, 'minori-shi'));
  });

  test('try-later is said in each protocol’s words', async () => {
    simulator.faults.set('ocsp', 'try-later');
    simulator.faults.set('crl', 'try-later');
    expect(await bytesOf(await fetch(simulator.urls.ocsp('card-digital-signature'), OCSP_REQUEST))).toEqual(
      Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x03),
    );
    expect((await fetch(simulator.urls.crl('card-digital-signature', 2, 'minori-shi'))).status).toBe(503);
  });

  test('slow outlasts a client’s patience, and close() does not wait for it', async () => {
    const slow = await startSimulator();
    slow.faults.set('ocsp', 'slow');
    const pending = fetch(slow.urls.ocsp('card-digital-signature'), { ...OCSP_REQUEST, signal: AbortSignal.timeout(200) });
    await expect(pending).rejects.toThrow();
    await slow.close();
  });

  test('touch one target only', async () => {
    simulator.faults.set('ocsp', 'down');
    expect((await fetch(simulator.urls.crl('card-digital-signature', 2, 'minori-shi'))).status).toBe(200);
  });
});

describe('the control interface', () => {
  const control = (path: string, body?: unknown, token = simulator.controlToken) =>
    fetch(`${simulator.urls.control}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test.each(['', 'x', 'ä'])('refuses the token %j', async (token) => {
    expect((await control('people', undefined, encodeURIComponent(token))).status).toBe(401);
  });

  test('mirrors the operations', async () => {
    const created = (await (await control('person', { municipality: 'minori-shi', name: '見本　太郎' })).json()) as { id: string };
    expect(created).toMatchObject({ name: '見本　太郎', pins: { authentication: expect.stringMatching(/^\d{4}$/) } });
    const who = { person: created.id };
    for (const [path, body] of [
      ['hold', { ...who, carrier: 'card', purpose: 'user-authentication' }],
      ['revoke', { ...who, carrier: 'card', purpose: 'user-authentication', reason: 'keyCompromise' }],
      ['change-device', who],
      ['renew', who],
      ['move-house', { ...who, municipality: 'komorebi-mura' }],
      ['faults', { target: 'ocsp', fault: 'down' }],
      ['faults', { target: 'ocsp', fault: null }],
    ] as const) {
      expect((await control(path, body)).status, path).toBe(200);
    }
    expect(await (await control('environment')).json()).toEqual(simulator.environment);
    expect(await (await control('door-profile')).json()).toEqual(simulator.doorProfile);
  });

  test('answers a link as the phone would', async () => {
    const answered = await control('answer', { link: rp.link(), person: person.id, carrier: 'smartphone', unlock: 'biometrics' });
    expect(await answered.json()).toMatchObject({ status: 204, result: '0000' });
    expect(rp.answers.at(-1)).toMatchObject({ holder: 'SP' });
  });

  test.each([
    ['revoke', { person: 'p001', carrier: 'watch', purpose: 'user-authentication' }, 400],
    ['revoke', { person: 'nobody', carrier: 'card', purpose: 'user-authentication' }, 400],
    ['revoke', { person: 'p001', carrier: 'card', purpose: 'user-authentication', reason: 'toString' }, 400],
    ['person', { admin: true }, 400],
    ['person', { municipality: 'tokyo' }, 422],
    ['advance', { to: 'yesterday' }, 400],
    ['advance', { to: '2001-01-01T00:00:00Z' }, 422],
    ['answer', { link: 'x', person: 'p001', carrier: 'card' }, 422],
    ['constructor', {}, 404],
  ])('refuses %s with %j', async (path, body, status) => {
    expect((await control(path, body)).status).toBe(status);
  });

  test('gives no private key away', async () => {
    expect(await (await control('people')).text()).not.toContain('PRIVATE');
  });
});

describe('other web sites', () => {
  test('cannot operate the phone: a simple cross-site form has the wrong content type', async () => {
    const before = simulator.people().length;
    const response = await fetch(`${simulator.urls.app}/api/people`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{}',
    });
    expect(response.status).toBe(415);
    expect(simulator.people().length).toBe(before);
  });

  test('get no permission by preflight', async () => {
    const response = await fetch(`${simulator.urls.app}/api/people`, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('cannot reach it under a name of theirs (DNS rebinding)', async () => {
    const { port } = new URL(simulator.urls.origin);
    const status = await new Promise((resolve, reject) => {
      rawRequest({ host: '127.0.0.1', port, path: '/app/api/people', headers: { host: `evil.example:${port}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  test('cannot frame or script the page', async () => {
    const policy = (await fetch(simulator.urls.app)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
  });
});

describe('limits', () => {
  test('a body over 256 KiB is refused', async () => {
    const response = await fetch(`${simulator.urls.app}/api/open`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link: 'x'.repeat(256 * 1024) }),
    });
    expect(response.status).toBe(413);
  });

  test('every request is reported without query, so that no ticket lands in a log', async () => {
    await fetch(rp.link());
    expect(lines.some(({ path, status }) => path === '/app' && status === 200)).toBe(true);
    expect(lines.every(({ path }) => !path.includes('?'))).toBe(true);
  });

  test('answers to a page’s request are given once', async () => {
    const post = (path: string, body: unknown) =>
      fetch(`${simulator.urls.app}/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const { session } = (await (await post('open', { link: rp.link() })).json()) as { session: string };
    const answer = { session, person: person.id, carrier: 'card', unlock: person.pins.authentication };
    const statuses = (await Promise.all([post('answer', answer), post('answer', answer)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 422]);
  });
});
