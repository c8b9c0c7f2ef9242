import { CERTIFICATE_CLASSES } from '@jpki-rp/verifier';
import { expect, test } from 'vitest';
import { read } from '../architecture/source.ts';

const CARRIERS = { card: '個人番号カード用', smartphone: '移動端末設備用' };
const PURPOSES = { 'digital-signature': '署名用電子証明書', 'user-authentication': '利用者証明用電子証明書' };

test.each(CERTIFICATE_CLASSES)('the glossary gives the legal name of %s', (name) => {
  const legal = Object.entries(CARRIERS).flatMap(([carrier, of]) =>
    Object.entries(PURPOSES).flatMap(([purpose, kind]) => (name === `${carrier}-${purpose}` ? [of + kind] : [])),
  );
  expect(legal).toHaveLength(1);
  const row = read('docs/glossary.md')
    .split('\n')
    .find((line) => line.includes(`\`${name}\``));
  expect(row).toMatch(new RegExp(`^\\| ${legal[0]} \\| .+ — .+ \\| \`${name}\` \\|$`));
});
