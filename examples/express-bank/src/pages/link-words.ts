/** What a link is, said for people: since when, on what grounds, why it no longer is. */
import type { Link, LinkEvent } from '@jpki-rp/verifier/links';
import type { Words } from '../notices/texts.ts';
import { type Page, timeOf } from './page.ts';
import { LINK_STATE_WORDS } from './words.ts';

const END_WORDS: Readonly<Record<NonNullable<Link['endReason']>, Words>> = {
  'card-revoked': { ja: 'カードの電子証明書が失効', en: 'the card’s certificate was revoked' },
  'smartphone-revoked': { ja: 'スマートフォンの電子証明書が失効', en: 'the smartphone’s certificate was revoked' },
  expired: { ja: '有効期限', en: 'expired' },
  withdrawn: { ja: 'ご本人による終了', en: 'ended by you' },
  undone: { ja: '心当たりがないとのお申出', en: 'you said it was not you' },
  'account-closed': { ja: '口座の解約', en: 'the account was closed' },
  conflict: { ja: '食い違い', en: 'a conflict' },
  deceased: { ja: '窓口での届出', en: 'reported at the counter' },
  moved: { ja: '窓口での届出', en: 'reported at the counter' },
  superseded: { ja: '新しいスマートフォンに引き継ぎ', en: 'a newer smartphone took over' },
};

const SUSPENSION_WORDS: Readonly<Record<Link['suspensions'][number]['reason'], Words>> = {
  'certificate-hold': { ja: '電子証明書の一時停止', en: 'a certificate is on hold' },
  operator: { ja: '当行による停止', en: 'suspended by the bank' },
  person: { ja: 'ご本人による停止', en: 'suspended by you' },
};

const holdWords = ({ suspensions }: Link): readonly Words[] =>
  suspensions.map(({ reason, side }) =>
    reason !== 'certificate-hold'
      ? SUSPENSION_WORDS[reason]
      : side === 'from'
        ? { ja: 'カードの電子証明書が一時停止中', en: 'the card’s certificate is on hold' }
        : { ja: 'スマートフォンの電子証明書が一時停止中', en: 'the smartphone’s certificate is on hold' },
  );

/** Null where there is nothing to explain. */
export function whyOf({ lang }: Page, link: Link): string | null {
  if (link.endReason !== null) return END_WORDS[link.endReason][lang];
  const held = holdWords(link).map((words) => words[lang]);
  return held.length === 0 ? null : held.join(lang === 'ja' ? '、' : ', ');
}

export function spanOfTime({ t, lang }: Page, { activeSince, proposedAt, endedAt }: Link): string {
  const since = timeOf(lang, new Date(activeSince ?? proposedAt));
  return endedAt === null ? t(`${since} から`, `Since ${since}`) : `${since} – ${timeOf(lang, new Date(endedAt))}`;
}

export function linkSentence(page: Page, link: Link, { card, phone }: { readonly card: number; readonly phone: number }): string {
  const { t, lang } = page;
  const why = whyOf(page, link);
  const state = LINK_STATE_WORDS[link.state][lang];
  return t(
    `カード ${card} とスマートフォン ${phone} のつながりは、${state}${why === null ? '' : `(${why})`}。${spanOfTime(page, link)}。`,
    `The link between card ${card} and smartphone ${phone}: ${state.toLowerCase()}${why === null ? '' : ` (${why})`}. ${spanOfTime(page, link)}.`,
  );
}

/** One line of the history; null for what is of no concern to the person. */
export function eventWords(
  { lang }: Page,
  event: LinkEvent,
): { readonly text: string; readonly tone: 'good' | 'warn' | 'end' | 'plain' } | null {
  const say = (tone: 'good' | 'warn' | 'end' | 'plain', ja: string, en: string) => ({ tone, text: lang === 'ja' ? ja : en });
  switch (event.type) {
    case 'link-proposed':
      return event.relation === 'authentication-renewal'
        ? say('good', '新しいカードを、前のカードに続くものとして引き継ぎました', 'The new card took the place of the one before')
        : say('plain', 'カードとスマートフォンの両方の署名を確かめました', 'The signatures of card and smartphone were verified');
    case 'link-activated':
      return say('good', 'つながりが有効になりました', 'The link became active');
    case 'link-suspended':
      return say(
        'warn',
        `一時停止しました: ${SUSPENSION_WORDS[event.suspension.reason].ja}`,
        `Suspended: ${SUSPENSION_WORDS[event.suspension.reason].en}`,
      );
    case 'link-resumed':
      return say('good', '一時停止を解除し、再開しました', 'The suspension was lifted');
    case 'link-superseded':
      return say('end', `終了しました: ${END_WORDS.superseded.ja}`, `Ended: ${END_WORDS.superseded.en}`);
    case 'link-ended':
      return say('end', `終了しました: ${END_WORDS[event.reason].ja}`, `Ended: ${END_WORDS[event.reason].en}`);
    case 'status-seen':
      return say('plain', '電子証明書が有効であることを、あらためて確かめました', 'A certificate was seen to be good again');
    default:
      return null;
  }
}
