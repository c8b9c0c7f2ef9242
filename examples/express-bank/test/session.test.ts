import { expect, test } from 'vitest';
import { createSessions, SESSION_COOKIE, type Session, type Sessions } from '../src/session/session.ts';

const CARD = { carriers: ['card'], link: null, cardStatusAsOf: null } as const;
const headerOf = (sessions: Sessions, session: Session): string => sessions.cookie(session).split(';')[0] ?? '';

test('the cookie belongs to this host alone, and no script reads it', () => {
  const sessions = createSessions();
  const cookie = sessions.cookie(sessions.start());
  expect(cookie).toMatch(new RegExp(`^${SESSION_COOKIE}=[\\w-]{43}\\.[\\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`));
  expect(SESSION_COOKIE.startsWith('__Host-')).toBe(true);
});

test('a session is found by its cookie, among others', () => {
  const sessions = createSessions();
  const session = sessions.start();
  expect(sessions.read(`lang=en; ${headerOf(sessions, session)}; other=1`)).toBe(session);
});

test.each([
  ['a changed identifier', (header: string) => header.replace(/=(.)/, (_all, first: string) => `=${first === 'A' ? 'B' : 'A'}`)],
  ['no seal', (header: string) => header.split('.')[0] ?? ''],
  [
    'a seal of another store',
    (header: string) => `${header.split('.')[0]}.${headerOf(createSessions(), createSessions().start()).split('.')[1]}`,
  ],
  ['the same cookie twice', (header: string) => `${header}; ${header}`],
  ['nothing', () => ''],
])('%s opens no session', (_what, change) => {
  const sessions = createSessions();
  expect(sessions.read(change(headerOf(sessions, sessions.start())))).toBeNull();
});

test('after thirty idle minutes a session is over, and use keeps it alive', () => {
  let now = 0;
  const sessions = createSessions(() => now);
  const header = headerOf(sessions, sessions.start());
  now += 29 * 60_000;
  expect(sessions.read(header)).not.toBeNull();
  now += 29 * 60_000;
  expect(sessions.read(header)).not.toBeNull();
  now += 30 * 60_000;
  expect(sessions.read(header)).toBeNull();
});

test('whoever signs in gets a new identifier, and the old one opens nothing', () => {
  const sessions = createSessions();
  const session = sessions.start();
  const before = headerOf(sessions, session);
  sessions.signIn(session, 'account', CARD);
  const after = headerOf(sessions, session);
  expect(after).not.toBe(before);
  expect(sessions.read(before)).toBeNull();
  expect(sessions.read(after)).toBe(session);
  expect(headerOf(sessions, session)).toBe(after);
});

test('an ended session is gone, whatever the browser keeps', () => {
  const sessions = createSessions();
  const session = sessions.start();
  const header = headerOf(sessions, session);
  sessions.end(session);
  expect(sessions.read(header)).toBeNull();
  expect(sessions.byOwner(session.owner)).toBeNull();
});

test('browsers that are nobody’s push out each other, never a customer', () => {
  const sessions = createSessions();
  const customer = sessions.start();
  sessions.signIn(customer, 'account', CARD);
  const header = headerOf(sessions, customer);
  const visitor = headerOf(sessions, sessions.start());
  for (let i = 0; i < 5_100; i += 1) sessions.start();
  expect(sessions.read(header)).toBe(customer);
  expect(sessions.read(visitor)).toBeNull();
});
