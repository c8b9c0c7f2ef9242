/** `/control/*`: the operations as JSON, for runs in another process. Every request carries the token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Carrier, Purpose, RevocationReason } from '@jpki-rp/verifier';
import { AppFailure } from '../app/failure.ts';
import { REASON_VALUES } from '../authority/ledger.ts';
import { CARRIERS, PURPOSES } from '../authority/profiles.ts';
import type { AppOutcome, Person, PersonOptions, Simulator } from '../surface.ts';
import { type HttpAnswer, type HttpHandler, json, readJson } from './server.ts';
import { FAULT_TARGETS, FAULTS } from './status-data.ts';
import { OUTCOMES, personView } from './views.ts';

type Body = Readonly<Record<string, unknown>>;

class Refused extends Error {}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time. */
export function holdsToken(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(digest(authorization ?? ''), expected);
}

export function controlRoutes(simulator: Simulator): HttpHandler {
  const isAuthorized = holdsToken(simulator.controlToken);
  const person = (body: Body): Person => {
    const found = simulator.people().find(({ id }) => id === body['person']);
    if (found === undefined) throw new Refused('person');
    return found;
  };
  const reads: Readonly<Record<string, () => unknown>> = {
    '/control/environment': () => simulator.environment,
    '/control/door-profile': () => simulator.doorProfile,
    '/control/people': () => simulator.people().map(personView),
    '/control/now': () => ({ now: simulator.now().toISOString() }),
  };
  const writes: Readonly<Record<string, (body: Body) => Promise<unknown> | unknown>> = {
    '/control/person': async (body) => personView(await simulator.person(personOptions(body))),
    '/control/revoke': (body) => {
      const reason =
        body['reason'] === undefined ? undefined : oneOf(body['reason'], Object.keys(REASON_VALUES) as RevocationReason[], 'reason');
      simulator.revoke(person(body), carrierOf(body), purposeOf(body), reason);
    },
    '/control/hold': (body) => simulator.hold(person(body), carrierOf(body), purposeOf(body)),
    '/control/release': (body) => simulator.release(person(body), carrierOf(body), purposeOf(body)),
    '/control/change-device': (body) => simulator.changeDevice(person(body)),
    '/control/renew': (body) => simulator.renew(person(body)),
    '/control/publish-crls': () => simulator.publishCrls(),
    '/control/move-house': (body) => simulator.moveHouse(person(body), text(body['municipality'], 'municipality')),
    '/control/advance': (body) => {
      const to = new Date(text(body['to'], 'to'));
      if (Number.isNaN(to.getTime())) throw new Refused('to');
      simulator.advanceTo(to);
      return { now: simulator.now().toISOString() };
    },
    '/control/faults': (body) =>
      simulator.faults.set(
        oneOf(body['target'], FAULT_TARGETS, 'target'),
        body['fault'] === null ? null : oneOf(body['fault'], FAULTS, 'fault'),
      ),
    '/control/answer': async (body) => {
      const by = person(body);
      const carrier = carrierOf(body);
      const outcome = body['outcome'] === undefined ? {} : { outcome: oneOf<AppOutcome>(body['outcome'], OUTCOMES, 'outcome') };
      const unlock = body['unlock'] === undefined ? {} : { unlock: text(body['unlock'], 'unlock') };
      const session = await simulator.app.open(text(body['link'], 'link'));
      const { status, message, returnUrl } = await session.answer({ person: by, carrier, ...outcome, ...unlock });
      return { request: session.request, status, result: message['result'] ?? null, returnUrl };
    },
  };
  return async (request) => {
    if (!isAuthorized(request.headers['authorization'])) return json(401, { code: 'token' });
    const read = Object.hasOwn(reads, request.path) ? reads[request.path] : undefined;
    if (read !== undefined) return request.method === 'GET' ? json(200, read()) : { status: 405 };
    const write = Object.hasOwn(writes, request.path) ? writes[request.path] : undefined;
    if (write === undefined) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    const body = readJson(request);
    return body === undefined ? json(400, { code: 'json' }) : attempt(() => write(body));
  };
}

async function attempt(write: () => Promise<unknown> | unknown): Promise<HttpAnswer> {
  try {
    return json(200, (await write()) ?? {});
  } catch (error) {
    if (error instanceof Refused) return json(400, { code: 'member', member: error.message });
    if (error instanceof AppFailure) return json(422, { code: error.code, message: error.message });
    if (error instanceof RangeError) return json(422, { code: 'not-possible', message: error.message });
    throw error;
  }
}

function personOptions(body: Body): PersonOptions {
  const { name, municipality, carriers, generation, smartphonePurposes, ...unknown } = body;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw new Refused(stranger);
  if (generation !== undefined && typeof generation !== 'number') throw new Refused('generation');
  return {
    ...(name === undefined ? {} : { name: text(name, 'name') }),
    ...(municipality === undefined ? {} : { municipality: text(municipality, 'municipality') }),
    ...(carriers === undefined ? {} : { carriers: listOf(carriers, CARRIERS, 'carriers') }),
    ...(generation === undefined ? {} : { generation }),
    ...(smartphonePurposes === undefined ? {} : { smartphonePurposes: listOf(smartphonePurposes, PURPOSES, 'smartphonePurposes') }),
  };
}

const carrierOf = (body: Body): Carrier => oneOf(body['carrier'], CARRIERS, 'carrier');
const purposeOf = (body: Body): Purpose => oneOf(body['purpose'], PURPOSES, 'purpose');

function oneOf<T extends string>(value: unknown, list: readonly T[], member: string): T {
  const found = list.find((candidate) => candidate === value);
  if (found === undefined) throw new Refused(member);
  return found;
}

function listOf<T extends string>(value: unknown, list: readonly T[], member: string): readonly T[] {
  if (!Array.isArray(value)) throw new Refused(member);
  return value.map((item) => oneOf(item, list, member));
}

function text(value: unknown, member: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 4_096) throw new Refused(member);
  return value;
}
