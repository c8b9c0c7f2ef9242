/** What `openssl verify` makes of a path. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AT } from '../../packages/verifier/test/revocation/mint.ts';
import type { Judged, Minted } from './chains.ts';

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

/** Every certificate below the anchor needs a list, as with us. `-trusted` would not reach the path of a CRL signer: it is forgotten there. */
export const opensslVerify = (folder: string, { root, intermediates, person, crls }: Minted, ...more: readonly string[]): Judged => {
  const file = (path: string, label: string, ders: readonly Uint8Array[]): string => {
    writeFileSync(join(folder, path), pem(label, ders));
    return join(folder, path);
  };
  const lists = crls.length === 0 ? [] : ['-CRLfile', file('crls.pem', 'X509 CRL', crls)];
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['verify', '-attime', String(AT / 1000), '-policy_check', '-crl_check_all', '-extended_crl', ...more, ...lists],
      ...['-no-CApath', '-no-CAstore', '-CAfile', file('root.pem', 'CERTIFICATE', [root])],
      ...['-untrusted', file('untrusted.pem', 'CERTIFICATE', intermediates)],
      file('person.pem', 'CERTIFICATE', [person]),
    ],
    { encoding: 'utf8' },
  );
  // The tool goes on after some errors, and forgets those in the path of a CRL signer; it prints all of them.
  const why = /error \d+ at.*: (.*)/.exec(stderr)?.[1];
  return { verdict: status === 0 && why === undefined ? 'valid' : 'invalid', why: why ?? '' };
};
