/** What the ledger has to tell the person. The channel is the inbox; a real bank would also send a letter or a push message. */
import type { LinkNotice } from '@jpki-rp/verifier/links';

interface Words {
  readonly ja: string;
  readonly en: string;
}

const TEXTS: Readonly<Record<LinkNotice['type'], Words>> = {
  'link.established': {
    ja: 'スマートフォンで口座をお使いいただけるようになりました。心当たりがないときは、すぐにつながりを取り消してください。',
    en: 'A smartphone can now use your account. If it was not you, undo the link at once.',
  },
  'link.suspended': { ja: 'スマートフォンのつながりを一時停止しました。', en: 'The link to your smartphone is suspended.' },
  'link.resumed': { ja: 'スマートフォンのつながりを再開しました。', en: 'The link to your smartphone is active again.' },
  'link.superseded': {
    ja: 'スマートフォンのつながりを新しい端末に引き継ぎました。',
    en: 'A new smartphone has taken over from the old one.',
  },
  'link.ended': { ja: 'スマートフォンのつながりが終了しました。', en: 'The link to your smartphone has ended.' },
};

const REVOKED: Words = {
  ja: '電子証明書が失効したため、スマートフォンのつながりを終了しました。',
  en: 'A certificate was revoked, so the link to your smartphone has ended.',
};

export const noticeText = ({ type, reason }: LinkNotice): Words =>
  reason === 'card-revoked' || reason === 'smartphone-revoked' ? REVOKED : TEXTS[type];
