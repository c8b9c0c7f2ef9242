import { loadEnvironment } from '@jpki-rp/verifier';
import { crlScopeId, crlScopeIdsOf } from '@jpki-rp/verifier/crl';
import { expect, test } from 'vitest';
import { BASE, CA, contextOf, fullName, mintLeaf, partition, seq } from '../../../verifier/test/revocation/mint.ts';
import { crlTargets } from '../../src/keeper/index.ts';
import { environmentJson, environmentOf } from './stage.ts';

const HOST = 'files.example:80';

test('each class, anchor and distribution point is a target, with all its URLs', () => {
  const json = structuredClone(environmentJson(HOST, { towns: ['Mihon-shi', 'Tonari-shi'] })) as {
    classes: Record<string, { policyOids: string[]; crl: { sources: { anchor: string; distributionPoint: string; url: string }[] } }>;
  };
  const card = json.classes['card-digital-signature'];
  if (card === undefined) throw new Error('no class');
  json.classes['smartphone-digital-signature'] = { ...structuredClone(card), policyOids: ['2.999.2'] };
  // The same name by other letters: RFC 5280 §7.1 takes it for the same.
  card.crl.sources.push({ anchor: 'minted', distributionPoint: `CN=MIHON-SHI  crldp,${BASE}`, url: `http://${HOST}/mirror.crl` });
  const targets = crlTargets(loadEnvironment(json), {
    deltas: [{ url: `http://${HOST}/Tonari-shi.crl`, deltaUrl: `http://${HOST}/delta` }],
  });
  expect(targets.map(({ class: of, urls, deltaUrl }) => [of, urls.map((url) => new URL(url).pathname), deltaUrl !== undefined])).toEqual([
    ['card-digital-signature', ['/Mihon-shi.crl', '/mirror.crl'], false],
    ['card-digital-signature', ['/Tonari-shi.crl'], true],
    ['smartphone-digital-signature', ['/Mihon-shi.crl'], false],
    ['smartphone-digital-signature', ['/Tonari-shi.crl'], true],
  ]);
  expect(new Set(targets.map(({ id }) => id)).size).toBe(4);
  expect(crlTargets(loadEnvironment(json), { classes: ['smartphone-digital-signature'] }).length).toBe(2);
});

test('a delta to a list that nobody publishes is misuse', () => {
  expect(() => crlTargets(environmentOf(HOST), { deltas: [{ url: `http://${HOST}/other`, deltaUrl: `http://${HOST}/delta` }] })).toThrow(
    expect.objectContaining({ code: 'argument-invalid' }),
  );
});

test('the id that a certificate asks for is that of its target, and of no other class, town or key', () => {
  const [target] = crlTargets(environmentOf(HOST));
  const context = contextOf();
  const query = { ...context, class: 'card-digital-signature' as const };
  expect(crlScopeIdsOf(query)).toEqual([target?.id]);
  expect(target?.id).toMatch(/^card-digital-signature-[0-9a-f]{32}$/);
  const scope = { class: 'card-digital-signature' as const, distributionPoint: `CN=Mihon-shi CRLDP,${BASE}` };
  expect(crlScopeId(context.anchor, scope)).toBe(target?.id);
  const others = [
    crlScopeId(context.anchor, { ...scope, class: 'smartphone-digital-signature' }),
    crlScopeId(context.anchor, { ...scope, distributionPoint: `CN=Tonari-shi CRLDP,${BASE}` }),
    crlScopeId({ certificate: context.certificate }, scope),
  ];
  expect(new Set([target?.id, ...others]).size).toBe(4);
});

test('a certificate with two points below the base asks for two indexes, one outside it for none', () => {
  const leaf = (...towns: readonly Uint8Array[]): Uint8Array => mintLeaf(CA, { distributionPoint: seq(fullName(...towns)) });
  const idsOf = (der: Uint8Array) => crlScopeIdsOf({ ...contextOf({ leaf: der }), class: 'card-digital-signature' });
  expect(idsOf(leaf(partition('Mihon-shi CRLDP'), partition('Tonari-shi CRLDP'))).length).toBe(2);
  expect(idsOf(leaf(partition('Mihon-shi CRLDP', 'Elsewhere')))).toEqual([]);
});
