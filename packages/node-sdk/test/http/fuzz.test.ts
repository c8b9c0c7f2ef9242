import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linkOf, ORIGIN, stage, ticketOf } from '../stage.ts';

it('no request makes the handler throw, fail by itself, or give anyone else’s transaction away', async () => {
  const on = stage();
  const victim = on.browser();
  const descriptor = await victim.begin({ start: 'qr' });
  const id = descriptor.transactionId;
  const { ticket } = ticketOf(linkOf(descriptor));

  const segment = fc.constantFrom(
    'transactions',
    id,
    'events',
    'complete',
    'request',
    'callback',
    'test-door',
    '..',
    '%2e%2e',
    '',
    '__proto__',
  );
  const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
  const query = fc.constantFrom('', '?wait=0', '?wait=x', '?seen=done', `?r=${ticket}`, '?r=a&r=b');
  const json = fc
    .oneof(
      fc.jsonValue(),
      fc.record(
        {
          v: fc.constantFrom(1, 2),
          operation: fc.constantFrom('login', 'open-account', 'x'),
          match: fc.constantFrom('00', '1', 2),
          tx: fc.constantFrom(id, ticket),
        },
        { requiredKeys: [] },
      ),
    )
    .map((value) => JSON.stringify(value));
  const body = fc.oneof(
    json,
    fc.string(),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes)),
  );
  const headers = fc.record(
    {
      origin: fc.constantFrom(ORIGIN, 'null', 'https://evil.example'),
      'sec-fetch-site': fc.constantFrom('same-origin', 'cross-site', 'none'),
      'content-type': fc.constantFrom('application/json', 'text/plain', ''),
      'content-length': fc.constantFrom('0', '-1', 'x', '99999999'),
      cookie: fc.constantFrom('__Host-jpki=', `__Host-jpki=${ticket}`, `__Host-jpki=${id}`, '=;=;', 'a'.repeat(5_000)),
      authorization: fc.constantFrom('JPKI-Binding', `JPKI-Binding ${ticket}`, `jpki-binding  ${ticket}`, 'Bearer x', 'JPKI-Binding\tx'),
    },
    { requiredKeys: [] },
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD');

  await fc.assert(
    fc.asyncProperty(method, path, query, headers, body, async (verb, where, search, fields, content) => {
      const init = verb === 'GET' || verb === 'HEAD' ? {} : { body: typeof content === 'string' ? content : new Uint8Array(content) };
      const response = await on.rp.handler(new Request(`${ORIGIN}/jpki${where}${search}`, { method: verb, headers: fields, ...init }));
      expect(response.status).toBeLessThan(500);
      const text = await response.text();
      expect(text).not.toContain(id);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }),
    { numRuns: 1_500, seed: 1 },
  );
  expect(on.errors).toEqual([]);
  expect(await (await victim.status(id)).json()).toMatchObject({ state: 'pending' });
});
