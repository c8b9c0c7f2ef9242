import type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
import { codeEntry } from './codes.ts';
import { LABELS, type LabelName } from './labels.ts';

export type Lang = 'ja' | 'en';

/** Replacements for labels, and for codes' texts under `code.<code>`. */
export type LabelOverrides = Partial<Record<LabelName | `code.${string}`, string>>;

export interface Texts {
  readonly lang: Lang;
  /** `{name}` in the label is replaced by `values[name]`. */
  label(name: LabelName, values?: Readonly<Record<string, string | number>>): string;
  /** What happened, for a person; always something, also for a code this version does not know. */
  message(outcome: PublicOutcome): string;
  /** Where the person can do something about it, or `null` for a success. */
  place(outcome: PublicOutcome): string | null;
}

const PLACE_LABEL = {
  app: 'whereApp',
  municipality: 'whereMunicipality',
  'relying-party': 'whereService',
  browser: 'whereBrowser',
  issuer: 'whereIssuer',
} as const satisfies Record<NonNullable<PublicOutcome['place']>, LabelName>;

/** `lang` as written in HTML (`ja`, `en-GB`, …); anything else is Japanese. */
export const langOf = (lang: string | null | undefined): Lang => (/^en\b/i.test(lang ?? '') ? 'en' : 'ja');

export function createTexts(lang: Lang, overrides: LabelOverrides = {}): Texts {
  const label: Texts['label'] = (name, values = {}) =>
    (overrides[name] ?? LABELS[lang][name]).replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
  return {
    lang,
    label,
    message(outcome) {
      if (outcome.result === 'identified') return label('identifiedLead');
      for (const key of [outcome.messageKey, outcome.code]) {
        if (key === undefined) continue;
        const text = overrides[`code.${key}`] ?? codeEntry(key)?.[lang];
        if (text !== undefined) return text;
      }
      return label('unknownCode');
    },
    place(outcome) {
      if (outcome.result === 'identified') return null;
      const place = outcome.place ?? codeEntry(outcome.code ?? '')?.place ?? 'relying-party';
      return label(PLACE_LABEL[place]);
    },
  };
}
