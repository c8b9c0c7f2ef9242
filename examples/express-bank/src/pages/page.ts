/** What every page is made with: language, words, and the person's session. */
import type { Account } from '../accounts/account.ts';
import type { Assets } from '../http/assets.ts';
import type { Session } from '../session/session.ts';

export type Lang = 'ja' | 'en';

export interface Page {
  readonly lang: Lang;
  readonly t: (ja: string, en: string) => string;
  /** Path and query, for the language switch. */
  readonly path: string;
  readonly session: Session | null;
  readonly account: Account | null;
  /** The JPKI's clock. */
  readonly now: Date;
  readonly assets: Assets;
  readonly simulatorApp: string;
}

export const yen = (amount: number): string => `¥${amount.toLocaleString('en-US')}`;

export const dateOf = (lang: Lang, at: Date): string =>
  new Intl.DateTimeFormat(lang === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  }).format(at);

export const timeOf = (lang: Lang, at: Date): string =>
  new Intl.DateTimeFormat(lang === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: lang === 'ja' ? 'numeric' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);

export const shortDateOf = (lang: Lang, at: Date): string =>
  new Intl.DateTimeFormat(lang === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'Asia/Tokyo',
    dateStyle: lang === 'ja' ? 'short' : 'medium',
  }).format(at);
