/** What the ledger has to tell the person: a line in the inbox, a letter by mail. */
import type { LinkNotice } from '@jpki-rp/verifier/links';

export interface Words {
  readonly ja: string;
  readonly en: string;
}

const TEXTS: Readonly<Record<LinkNotice['type'], Words>> = {
  'link.established': {
    ja: 'スマートフォンで口座をお使いいただけるようになりました。心当たりがないときは、すぐに取り消してください。',
    en: 'A smartphone can now use your account. If it was not you, undo it at once.',
  },
  'link.suspended': { ja: 'スマートフォンのつながりを一時停止しました。', en: 'The link to your smartphone is suspended.' },
  'link.resumed': { ja: 'スマートフォンのつながりを再開しました。', en: 'The link to your smartphone is active again.' },
  'link.superseded': {
    ja: 'スマートフォンのつながりを新しい端末に引き継ぎました。',
    en: 'A new smartphone has taken over from the old one.',
  },
  'link.ended': { ja: 'スマートフォンのつながりが終了しました。', en: 'The link to your smartphone has ended.' },
};

const BY_REASON: Partial<Record<NonNullable<LinkNotice['reason']>, Words>> = {
  'card-revoked': {
    ja: 'カードの電子証明書が失効したため、スマートフォンのつながりを終了しました。',
    en: 'The card’s certificate was revoked, so the link to your smartphone has ended.',
  },
  'smartphone-revoked': {
    ja: 'スマートフォンの電子証明書が失効したため、つながりを終了しました。',
    en: 'The smartphone’s certificate was revoked, so its link has ended.',
  },
  'certificate-hold': {
    ja: '電子証明書が一時停止されているため、スマートフォンのつながりも一時停止しました。',
    en: 'A certificate is on hold, so the link to your smartphone is suspended too.',
  },
  withdrawn: {
    ja: 'お手続きにより、スマートフォンのつながりを終了しました。',
    en: 'As you asked, the link to your smartphone has ended.',
  },
};

export const noticeText = ({ type, reason }: LinkNotice): Words => (reason === null ? undefined : BY_REASON[reason]) ?? TEXTS[type];

/** A renewal is a link too, of an old card and a new one: no smartphone has come to the account. */
export const RENEWED: Words = {
  ja: '更新された新しいカードで、口座をお使いいただけるようになりました。スマートフォンは、新しいカードでもう一度ご登録ください。',
  en: 'Your renewed card can now use your account. Please add your smartphone again, with the new card.',
};

/** The subject of every mail that says what became of a link: its text is the notice itself. */
export const CHANGED: Words = { ja: 'スマートフォンのつながりが変わりました', en: 'The link to your smartphone has changed' };

export const MAILS = {
  linked: {
    subject: { ja: 'スマートフォンが登録されました', en: 'A smartphone was added to your account' },
    text: {
      ja: 'お客さまのカードと一台のスマートフォンを使って、口座にスマートフォンが登録されました。これからは、そのスマートフォンだけでログインできます。\nお客さまご自身のお手続きであれば、何もなさる必要はありません。',
      en: 'Your card and a smartphone were used to add that smartphone to your account. From now on it can log in by itself.\nIf it was you, there is nothing to do.',
    },
  },
  registered: {
    subject: { ja: 'ログイン方法が登録されました', en: 'A way to log in was added to your account' },
    text: {
      ja: 'ログインに使う電子証明書が、口座に登録されました。\nお客さまご自身のお手続きであれば、何もなさる必要はありません。',
      en: 'A certificate for logging in was added to your account.\nIf it was you, there is nothing to do.',
    },
  },
  renewed: { subject: { ja: 'カードの更新を確認しました', en: 'Your card was renewed' }, text: RENEWED },
} as const satisfies Readonly<Record<string, { readonly subject: Words; readonly text: Words }>>;
