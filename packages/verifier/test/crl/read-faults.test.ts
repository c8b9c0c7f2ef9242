/** A disk that fails, a share that has lost the file: an error of the index, never *not listed*, and never a reason to let an older list in. */
import { beforeEach, expect, test, vi } from 'vitest';

const disk = vi.hoisted(() => ({ fault: null as string | null, call: 'read' as 'read' | 'fstat' }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const failing = <T extends (...args: never[]) => unknown>(call: 'read' | 'fstat', work: T): T =>
    ((...args: never[]) => {
      if (disk.fault === null || disk.call !== call) return work(...args);
      throw Object.assign(new Error('fault'), { code: disk.fault, syscall: call });
    }) as T;
  return { ...fs, readSync: failing('read', fs.readSync as never), fstatSync: failing('fstat', fs.fstatSync as never) };
});
const { openCrlIndex } = await import('../../src/crl/index.ts');
const { crlNumber, mintCrl, HOME_IDP } = await import('../revocation/mint.ts');
const { bytesOf, entryOf, folder, indexed, ingest } = await import('./reference.ts');

beforeEach(() => {
  disk.fault = null;
});
const CRL = mintCrl({ entries: [entryOf({ serial: '2badcafe', date: Date.UTC(2026, 0, 1), reason: 1 })] });

test.each(['EIO', 'ESTALE'])('%s while a page is read is an error of the index', async (code) => {
  const index = await indexed(CRL, `${folder()}/index`);
  disk.fault = code;
  expect(() => index.lookup(bytesOf('2badcafe'))).toThrow(
    expect.objectContaining({ name: 'CrlIndexError', code: 'index-missing', detail: 'read', cause: expect.objectContaining({ code }) }),
  );
  disk.fault = null;
  expect(index.lookup(bytesOf('2badcafe'))).toMatchObject({ reason: 'keyCompromise' });
  index.close();
});

test.each(['read', 'fstat'] as const)('while it is opened too, where %s fails', async (call) => {
  const into = `${folder()}/index`;
  (await indexed(CRL, into)).close();
  Object.assign(disk, { fault: 'EIO', call });
  await expect(openCrlIndex(into)).rejects.toMatchObject({ name: 'CrlIndexError', code: 'index-missing', detail: 'read' });
});

test('an index that cannot be read is not replaced: whether the list is older cannot be told', async () => {
  const into = `${folder()}/index`;
  (await indexed(mintCrl({ extensions: [crlNumber(6), HOME_IDP] }), into)).close();
  Object.assign(disk, { fault: 'EIO', call: 'read' });
  expect(await ingest(mintCrl({ extensions: [crlNumber(5), HOME_IDP] }), into)).toMatchObject({
    ok: false,
    code: 'index-missing',
    detail: 'published',
  });
});
