import { expect, it } from 'vitest';
import * as door from '../src/door/index.ts';
import * as express from '../src/express.ts';
import * as index from '../src/index.ts';

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
  expect(Object.keys(express)).toEqual(['jpki']);
});

it('a message key has a text in both languages, and nothing else has one', () => {
  expect(index.messageFor('pin-locked', 'ja')).toContain('市区町村');
  expect(index.messageFor('pin-locked', 'en')).toContain('municipality');
  expect(index.messageFor('constructor', 'en')).toBeNull();
});
