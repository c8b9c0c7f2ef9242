/** `/app` and `/app/api/*`: the phone in a browser. The page never talks to a relying party; this process does, as a native app would. */
import { randomBytes } from 'node:crypto';
import { AppFailure } from '../app/failure.ts';
import type { Locks } from '../app/locks.ts';
import { loadAssets } from '../assets.ts';
import { CARRIERS } from '../authority/profiles.ts';
import type { AppSession, Simulator } from '../surface.ts';
import { type HttpAnswer, type HttpHandler, type HttpRequest, json, readJson } from './server.ts';
import { OUTCOMES, personView } from './views.ts';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const MAX_SESSIONS = 200;
/** What the page may add; the in-process and control interfaces are not limited. */
const MAX_PEOPLE = 100;

export function appRoutes(simulator: Simulator, locks: Locks): HttpHandler {
  const assets = loadAssets();
  const sessions = new Map<string, AppSession>();

  const open = async (link: unknown): Promise<HttpAnswer> => {
    if (typeof link !== 'string' || link.length > 8_192) return json(400, { code: 'link-invalid' });
    const session = await simulator.app.open(link);
    const id = randomBytes(16).toString('base64url');
    sessions.set(id, session);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= MAX_SESSIONS) break;
      sessions.delete(oldest);
    }
    return json(200, { session: id, request: session.request });
  };

  const answer = async (body: Readonly<Record<string, unknown>>): Promise<HttpAnswer> => {
    const id = String(body['session']);
    const session = sessions.get(id);
    if (session === undefined) throw new AppFailure('session-unknown', 'this request was answered already');
    const person = simulator.people().find((candidate) => candidate.id === body['person']);
    const carrier = CARRIERS.find((candidate) => candidate === body['carrier']);
    const outcome = OUTCOMES.find((candidate) => candidate === (body['outcome'] ?? 'success'));
    const { unlock } = body;
    if (person === undefined || carrier === undefined || outcome === undefined) return json(400, { code: 'request-invalid' });
    // The page's person has to know the PIN; only the headless driver may leave it out.
    if (outcome === 'success' && (typeof unlock !== 'string' || unlock.length > 64)) return json(400, { code: 'request-invalid' });
    if (unlock === 'biometrics' && (carrier !== 'smartphone' || session.request.purpose !== 'user-authentication')) {
      throw new AppFailure('biometrics-not-allowed', 'biometrics stand in for the PIN of a smartphone’s user authentication only');
    }
    // One answer per request: a second tap finds nothing.
    sessions.delete(id);
    const { status, message, returnUrl } = await session.answer({
      person,
      carrier,
      outcome,
      ...(typeof unlock === 'string' ? { unlock } : {}),
    });
    return json(200, {
      status,
      result: message['result'] ?? null,
      tries: message['tries'] ?? null,
      remaining: locks.remaining(person.id, carrier, session.request.purpose),
      returnUrl,
    });
  };

  const write = (request: HttpRequest): Promise<HttpAnswer> | undefined => {
    const body = readJson(request);
    if (body === undefined) return Promise.resolve(json(415, { code: 'request-invalid' }));
    switch (request.path) {
      case '/app/api/open':
        return open(body['link']);
      case '/app/api/answer':
        return answer(body);
      case '/app/api/people':
        if (simulator.people().length >= MAX_PEOPLE) return Promise.resolve(json(422, { code: 'people' }));
        return simulator.person().then((person) => json(201, personView(person)));
      default:
        return undefined;
    }
  };

  return async (request) => {
    const { method, path } = request;
    const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
    if (asset !== undefined) {
      if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
      return { status: 200, headers: { 'content-type': asset.contentType, 'content-security-policy': CSP }, body: asset.body };
    }
    if (path === '/favicon.ico') return { status: 204 };
    if (path === '/') return { status: 303, headers: { location: '/app' } };
    if (!path.startsWith('/app/api/')) return { status: 404 };
    if (method === 'GET' && path === '/app/api/people') return json(200, { people: simulator.people().map(personView) });
    if (method !== 'POST') return { status: 405 };
    try {
      return (await write(request)) ?? { status: 404 };
    } catch (error) {
      if (error instanceof AppFailure) return json(422, { code: error.code, message: error.message, status: error.status ?? null });
      throw error;
    }
  };
}
