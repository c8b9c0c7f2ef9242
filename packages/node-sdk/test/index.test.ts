import { expect, it } from 'vitest';
import * as door from '../src/door/index.ts';
import * as express from '../src/express.ts';
import * as fastify from '../src/fastify.ts';
import * as hono from '../src/hono.ts';
import * as index from '../src/index.ts';
import * as next from '../src/next.ts';
import * as outbox from '../src/outbox/index.ts';
import * as postgres from '../src/store/postgres/index.ts';
import * as redis from '../src/store/redis/index.ts';

it('the exported names are these', () => {
  expect(Object.keys(index).sort()).toEqual([
    'BINDING_COOKIE',
    'createRelyingParty',
    'identityOf',
    'memoryTransactionStore',
    'messageFor',
    'parseDoorProfile',
    'toPublicOutcome',
    'transactionStoreConformance',
  ]);
  expect(Object.keys(door)).toEqual(['parseDoorProfile']);
  for (const adapter of [express, fastify, hono, next]) expect(Object.keys(adapter)).toEqual(['jpki']);
  expect(Object.keys(postgres).sort()).toEqual([
    'migrate',
    'pgliteClient',
    'postgresLinkStore',
    'postgresOutbox',
    'postgresTransactionStore',
  ]);
  expect(Object.keys(redis)).toEqual(['redisTransactionStore']);
  expect(Object.keys(outbox).sort()).toEqual([
    'WEBHOOK_HEADERS',
    'deliverOutbox',
    'es256WebhookSigner',
    'hmacWebhookSigner',
    'signedWebhookBytes',
    'verifyWebhook',
  ]);
});

it('a message key has a text in both languages, and nothing else has one', () => {
  expect(index.messageFor('pin-locked', 'ja')).toContain('市区町村');
  expect(index.messageFor('pin-locked', 'en')).toContain('municipality');
  expect(index.messageFor('constructor', 'en')).toBeNull();
});
