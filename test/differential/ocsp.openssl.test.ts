/** OCSP answers with one or two things wrong, judged by us and by `openssl ocsp`; `docs/conformance/ocsp-openssl.md` says who is right where the two disagree. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANCHOR, answerByUs, answers, PERSON } from './answers.ts';
import { disagreements, type Judged } from './chains.ts';

let folder = '';
const at = (file: string): string => join(folder, file);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocsp-openssl-'));
  for (const [file, der] of [
    ['anchor.pem', ANCHOR],
    ['person.pem', PERSON],
  ] as const) {
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    writeFileSync(at(file), `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

const byOpenssl = (response: Uint8Array): Judged => {
  writeFileSync(at('answer.der'), response);
  const files = ['-respin', at('answer.der'), '-issuer', at('anchor.pem'), '-cert', at('person.pem'), '-CAfile', at('anchor.pem')];
  const { stdout, stderr } = spawnSync('openssl', ['ocsp', '-no_nonce', ...files], { encoding: 'utf8' });
  const said = `${stdout}${stderr}`;
  const good = /Response verify OK/.test(said) && /person\.pem: good/.test(said) && !/Status times invalid/.test(said);
  return good ? { verdict: 'valid', why: '' } : { verdict: 'invalid', why: said.replaceAll(/\s+/g, ' ').slice(0, 200) };
};

test('every answer is believed by both or by neither, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const judged = answers().map(({ changes, response }) => ({ changes, ours: answerByUs(response), theirs: byOpenssl(response) }));
  const { unexplained, unused, good } = disagreements('openssl-ocsp', 'ocsp-openssl.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(5);
});
