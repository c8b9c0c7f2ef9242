/**
 * Chains with one or two things wrong, judged by `validatePath` and by `openssl verify`. Where the two disagree, `docs/conformance/openssl.md` says who is
 * right and by which clause; nothing else may differ.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AT } from '../../packages/verifier/test/revocation/mint.ts';
import { byUs, cases, disagreements, type Judged, type Minted } from './chains.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-openssl-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

const pem = (label: string, ders: readonly Uint8Array[]): string =>
  ders
    .map(
      (der) =>
        `-----BEGIN ${label}-----\n${Buffer.from(der)
          .toString('base64')
          .match(/.{1,64}/g)
          ?.join('\n')}\n-----END ${label}-----\n`,
    )
    .join('');

const byOpenssl = ({ root, intermediates, person, crls }: Minted): Judged => {
  const file = (path: string, label: string, ders: readonly Uint8Array[]): string => {
    writeFileSync(join(folder, path), pem(label, ders));
    return join(folder, path);
  };
  const lists = crls.length === 0 ? [] : ['-CRLfile', file('crls.pem', 'X509 CRL', crls)];
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['verify', '-attime', String(AT / 1000), '-policy_check', '-crl_check_all', '-extended_crl', ...lists],
      ...['-trusted', file('root.pem', 'CERTIFICATE', [root]), '-untrusted', file('untrusted.pem', 'CERTIFICATE', intermediates)],
      file('person.pem', 'CERTIFICATE', [person]),
    ],
    { encoding: 'utf8' },
  );
  return { verdict: status === 0 ? 'valid' : 'invalid', why: /error \d+ at.*: (.*)/.exec(stderr)?.[1] ?? '' };
};

test('every verdict is OpenSSL’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const judged = cases().map(({ changes, minted }) => ({ changes, ours: byUs(minted), theirs: byOpenssl(minted) }));
  const { unexplained, unused, good } = disagreements('openssl', 'openssl.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
