/**
 * Server answers are read member by member into fresh objects: what the wire contract does not describe never reaches the page,
 * and an answer that does not fit it stops the flow (`answer-unknown`).
 */
import type { Json, PublicOutcome, Start, StartDescriptor, TransactionStatus, WireError } from '@jpki-rp/node-sdk/wire';
import { safeHref } from '../open/href.ts';

/** The answer is not what the wire contract describes. Carries the member's name, never its value. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly member: string;
  constructor(member: string) {
    super(`unreadable answer: ${member}`);
    this.member = member;
  }
}

type Members = Readonly<Record<string, unknown>>;

const RESULTS = ['identified', 'refused', 'try-again'] as const;
const STATES = ['pending', 'opened', 'arrived', 'done', 'expired'] as const;
const PURPOSES = ['digital-signature', 'user-authentication'] as const;
const CARRIERS = ['card', 'smartphone'] as const;
const PLACE_NAMES = ['app', 'municipality', 'relying-party', 'browser', 'issuer'] as const;

const TRANSACTION_ID = /^[A-Za-z0-9_-]{8,128}$/;
const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const MAX_JSON_DEPTH = 16;

function members(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AnswerError(name);
  return value as Members;
}

function version1(value: unknown, name: string): Members {
  const object = members(value, name);
  if (object['v'] !== 1) throw new AnswerError('v');
  return object;
}

function text(object: Members, name: string, max: number, pattern?: RegExp): string {
  const value = object[name];
  if (typeof value !== 'string' || value === '' || value.length > max || (pattern && !pattern.test(value))) throw new AnswerError(name);
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new AnswerError(name);
  return found;
}

function instant(object: Members, name: string): string {
  const value = text(object, name, 40, INSTANT);
  if (Number.isNaN(Date.parse(value))) throw new AnswerError(name);
  return value;
}

function boolean(object: Members, name: string): boolean {
  const value = object[name];
  if (typeof value !== 'boolean') throw new AnswerError(name);
  return value;
}

function count(object: Members, name: string): number {
  const value = object[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 99) throw new AnswerError(name);
  return value;
}

function json(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object' || depth >= MAX_JSON_DEPTH) throw new AnswerError('next');
  if (Array.isArray(value)) return value.map((item) => json(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, json(item, depth + 1)]));
}

function readStart(value: unknown): Start {
  const object = members(value, 'start');
  const kind = oneOf(object['kind'], ['redirect', 'app-link', 'qr'] as const, 'start.kind');
  if (kind === 'qr') {
    const content = text(object, 'content', 1024);
    if (object['refreshSeconds'] === undefined) return { kind, content };
    const refreshSeconds = object['refreshSeconds'];
    if (typeof refreshSeconds !== 'number' || !(refreshSeconds >= 1 && refreshSeconds <= 120)) throw new AnswerError('refreshSeconds');
    return { kind, content, refreshSeconds };
  }
  const href = safeHref(text(object, 'href', 4096), kind);
  if (href === null) throw new AnswerError('href');
  return { kind, href };
}

export function readShow(value: unknown): StartDescriptor['show'] {
  const object = members(value, 'show');
  const offered = object['carriers'];
  if (!Array.isArray(offered) || offered.length < 1 || offered.length > CARRIERS.length) throw new AnswerError('carriers');
  return {
    relyingParty: text(object, 'relyingParty', 200),
    operation: text(object, 'operation', 200),
    purpose: oneOf(object['purpose'], PURPOSES, 'purpose'),
    carriers: [...new Set(offered.map((carrier) => oneOf(carrier, CARRIERS, 'carriers')))],
  };
}

export function readTransactionId(value: unknown): string {
  return text({ transactionId: value }, 'transactionId', 128, TRANSACTION_ID);
}

export function readStartDescriptor(value: unknown): StartDescriptor {
  const object = version1(value, 'descriptor');
  const match = object['match'];
  if (match !== undefined && members(match, 'match')['digits'] !== 2) throw new AnswerError('match');
  return {
    v: 1,
    transactionId: readTransactionId(object['transactionId']),
    expiresAt: instant(object, 'expiresAt'),
    start: readStart(object['start']),
    ...(match === undefined ? {} : { match: { digits: 2 as const } }),
    show: readShow(object['show']),
  };
}

export function readOutcome(value: unknown): PublicOutcome {
  const object = version1(value, 'outcome');
  return {
    v: 1,
    result: oneOf(object['result'], RESULTS, 'result'),
    ...(object['code'] === undefined ? {} : { code: text(object, 'code', 64, CODE) }),
    ...(object['messageKey'] === undefined ? {} : { messageKey: text(object, 'messageKey', 64, CODE) }),
    ...(object['actor'] === undefined ? {} : { actor: text(object, 'actor', 32, CODE) }),
    ...(object['place'] === undefined ? {} : { place: oneOf(object['place'], PLACE_NAMES, 'place') }),
    ...(object['retryable'] === undefined ? {} : { retryable: boolean(object, 'retryable') }),
    ...(object['remainingTries'] === undefined ? {} : { remainingTries: count(object, 'remainingTries') }),
    ...(object['remainingMatches'] === undefined ? {} : { remainingMatches: count(object, 'remainingMatches') }),
    ...(object['next'] === undefined ? {} : { next: json(object['next']) }),
  };
}

/** `expected` is the transaction asked about: an answer about another one is refused. */
export function readStatus(value: unknown, expected: string): TransactionStatus {
  const object = version1(value, 'status');
  if (object['transactionId'] !== expected) throw new AnswerError('transactionId');
  return {
    v: 1,
    transactionId: expected,
    state: oneOf(object['state'], STATES, 'state'),
    expiresAt: instant(object, 'expiresAt'),
    ...(object['outcome'] === undefined ? {} : { outcome: readOutcome(object['outcome']) }),
  };
}

export function readError(value: unknown): WireError {
  const object = version1(value, 'error');
  return {
    v: 1,
    code: text(object, 'code', 64, CODE),
    messageKey: text(object, 'messageKey', 64, CODE),
    retryable: boolean(object, 'retryable'),
  };
}
