import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES, type Capability, names, needs, SUFFIX } from '../../scripts/capabilities.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('a file says by its name what it needs', () => {
  test.each(CAPABILITIES)('%s', (name: Capability) => {
    expect(needs(`packages/x/test/room.${SUFFIX[name]}.test.ts`, name)).toBe(true);
    expect(needs(`packages/x/test/room.${SUFFIX[name]}.races.test.ts`, name)).toBe(true);
    expect(needs(`packages/x/test/${SUFFIX[name]}.test.ts`, name)).toBe(false);
    expect(needs(`packages/x/test/${SUFFIX[name]}/room.test.ts`, name)).toBe(false);
  });
});

describe('REQUIRE and WITHOUT', () => {
  test('all means every capability', () => expect([...names('all', 'REQUIRE')]).toEqual(CAPABILITIES));
  test('a list means its members', () => expect([...names('redis, java', 'REQUIRE')]).toEqual(['redis', 'java']));
  test('nothing means nothing', () => expect(names(undefined, 'REQUIRE').size).toBe(0));
  test('a misspelt capability is an error, as ignoring it would pass for required', () =>
    expect(() => names('reddis', 'REQUIRE')).toThrow(/REQUIRE: unknown capability reddis/));
});

describe('the probe', () => {
  const probed = (environment: Record<string, string>): string[] => {
    const script = "import('./scripts/capabilities.mjs').then(async (m) => console.log([...(await m.probe())].join()))";
    const { JPKI_CAPABILITIES: _, ...inherited } = process.env;
    return execFileSync(process.execPath, ['-e', script], { cwd: root, env: { ...inherited, ...environment }, encoding: 'utf8' })
      .trim()
      .split(',');
  };

  test('believes what the runner has found before', () => {
    expect(probed({ JPKI_CAPABILITIES: 'java' })).toEqual(['java']);
  });

  test('a port that accepts but does not speak PostgreSQL or Redis is neither', async () => {
    const server = await new Promise<Server>((resolve) => {
      const made: Server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      made.listen(0, '127.0.0.1', () => resolve(made));
    });
    try {
      const address = server.address();
      const port = String(typeof address === 'object' ? address?.port : 0);
      // The server lives in this process, so the probe must run beside it.
      const { probe } = await import('../../scripts/capabilities.mjs');
      const before = { ...process.env };
      Object.assign(process.env, { PGHOST: '127.0.0.1', PGPORT: port, REDIS_HOST: '127.0.0.1', REDIS_PORT: port, WITHOUT: 'openssl,java' });
      delete process.env['JPKI_CAPABILITIES'];
      try {
        const found = await probe();
        expect([found.has('postgres'), found.has('redis'), found.has('openssl')]).toEqual([false, false, false]);
      } finally {
        for (const name of ['PGHOST', 'PGPORT', 'REDIS_HOST', 'REDIS_PORT', 'WITHOUT']) delete process.env[name];
        Object.assign(process.env, before);
      }
    } finally {
      server.close();
    }
  });
});

test('an unknown word in REQUIRE ends the run before anything is installed or run', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/test.mjs'], {
    cwd: root,
    env: { ...process.env, REQUIRE: 'chrome' },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([2, expect.stringContaining('unknown capability chrome')]);
});
