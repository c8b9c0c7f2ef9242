import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../verifier/src/codes.ts';
// @ts-expect-error plain JavaScript
import { readRegistry, renderTexts } from '../scripts/generate-texts.mjs';
import { codeEntry } from '../src/i18n/codes.ts';
import { LABELS } from '../src/i18n/labels.ts';
import { createTexts, langOf } from '../src/i18n/texts.ts';

const shown = Object.entries(CODES).filter(([, entry]) => ['invalid', 'indeterminate', 'outcome'].includes(entry.kind));

describe('the texts of codes', () => {
  it('are those of the registry today', async () => {
    const file = readFileSync(new URL('../src/i18n/codes.generated.ts', import.meta.url), 'utf8');
    expect(file).toBe(renderTexts(await readRegistry()));
    expect(file).toBe(renderTexts(CODES));
  });
  it.each(shown)('%s has its actor, place and both texts', (code, { actor, place, retryable, ja, en }) => {
    expect(codeEntry(code)).toEqual({ actor, place, retryable, ja, en });
  });
  it.each(shown)('%s names a place to go in both languages', (code) => {
    for (const lang of ['ja', 'en'] as const) {
      const texts = createTexts(lang);
      expect(texts.message({ v: 1, result: 'refused', code })).not.toBe('');
      expect(texts.place({ v: 1, result: 'refused', code })).not.toBeNull();
    }
  });
  it('an unknown code still gets words and a place', () => {
    const texts = createTexts('ja');
    expect(texts.message({ v: 1, result: 'refused', code: 'brand-new' })).toBe(LABELS.ja.unknownCode);
    expect(texts.place({ v: 1, result: 'refused', code: 'brand-new' })).toBe(LABELS.ja.whereService);
  });
  it('smartphone trouble is sent to the app, card trouble to the municipality', () => {
    const texts = createTexts('ja');
    expect(texts.place({ v: 1, result: 'refused', code: 'pin-locked', place: 'app' })).toContain('マイナアプリ');
    expect(texts.place({ v: 1, result: 'refused', code: 'pin-locked', place: 'municipality' })).toContain('市区町村');
  });
});

describe('labels', () => {
  it.each(Object.keys(LABELS.ja) as (keyof typeof LABELS.ja)[])('%s exists in both languages with the same values and emphasis', (name) => {
    const values = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(LABELS.en[name]).not.toBe('');
    expect(values(LABELS.en[name])).toEqual(values(LABELS.ja[name]));
    expect(LABELS.en[name].split('<b>').length).toBe(LABELS.ja[name].split('<b>').length);
  });
  it('never ask for a PIN and never promise biometrics for signing', () => {
    for (const lang of ['ja', 'en'] as const) {
      for (const name of ['pinSmartphoneSigning', 'pinCardSigning', 'pinCardAuthentication'] as const) {
        expect(LABELS[lang][name]).not.toMatch(/生体|biometric/i);
      }
      expect(LABELS[lang].pinOnlyInApp).toMatch(/この画面でお聞きすることはありません|never asks/);
    }
  });
  it('can be replaced, and so can the text of a code', () => {
    const texts = createTexts('ja', { retry: 'やりなおす', 'code.revoked': '失効しています' });
    expect(texts.label('retry')).toBe('やりなおす');
    expect(texts.message({ v: 1, result: 'refused', code: 'revoked' })).toBe('失効しています');
  });
  it('English only where English is asked for', () => {
    expect(['en', 'en-GB', 'EN', 'ja', 'ja-JP', 'fr', '', null].map(langOf)).toEqual(['en', 'en', 'en', 'ja', 'ja', 'ja', 'ja', 'ja']);
  });
});
