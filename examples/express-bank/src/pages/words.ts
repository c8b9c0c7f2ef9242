/** What the checks, classes and sources are called, for people. */
import type { CertificateClass, CheckName } from '@jpki-rp/verifier';
import type { Assurance, Basis } from '@jpki-rp/verifier/links';
import type { Words } from '../notices/texts.ts';

export const CLASS_WORDS: Readonly<Record<CertificateClass, Words>> = {
  'card-digital-signature': { ja: 'マイナンバーカードの署名用電子証明書', en: 'Digital-signature certificate on the My Number card' },
  'card-user-authentication': {
    ja: 'マイナンバーカードの利用者証明用電子証明書',
    en: 'User-authentication certificate on the My Number card',
  },
  'smartphone-digital-signature': { ja: 'スマートフォンの署名用電子証明書', en: 'Digital-signature certificate in the smartphone' },
  'smartphone-user-authentication': {
    ja: 'スマートフォンの利用者証明用電子証明書',
    en: 'User-authentication certificate in the smartphone',
  },
};

export const CHECK_WORDS: Readonly<Record<CheckName, { readonly name: Words; readonly why: Words }>> = {
  parse: {
    name: { ja: '形式', en: 'Form' },
    why: {
      ja: '証明書が、規格どおりに一通りにだけ読める形で書かれている。',
      en: 'The certificate is written so that it can be read in one way only.',
    },
  },
  'critical-extensions': {
    name: { ja: '重要な拡張', en: 'Critical extensions' },
    why: { ja: '「必ず理解せよ」と記された項目を、すべて理解している。', en: 'Everything marked as “must be understood” is understood.' },
  },
  'end-entity': {
    name: { ja: '個人の証明書', en: 'A person’s certificate' },
    why: { ja: '認証局ではなく、利用者本人に発行された証明書である。', en: 'It was issued to a person, not to a certification authority.' },
  },
  issuer: {
    name: { ja: '発行者', en: 'Issuer' },
    why: {
      ja: '名前だけでなく、鍵まで一致する認証局が発行している。',
      en: 'It was issued by an authority we trust: the very key, not only the name.',
    },
  },
  'certificate-signature': {
    name: { ja: '発行者の署名', en: 'The issuer’s signature' },
    why: { ja: '発行後に一文字も書き換えられていない。', en: 'Not one bit was changed since it was issued.' },
  },
  class: {
    name: { ja: '証明書の種類', en: 'Class' },
    why: {
      ja: 'カードかスマートフォンか、署名用か利用者証明用かが、矛盾なく定まる。',
      en: 'Card or smartphone, signature or authentication: it is exactly one of the four.',
    },
  },
  purpose: {
    name: { ja: '用途', en: 'Purpose' },
    why: { ja: 'この手続きが求める用途の証明書である。', en: 'It serves the purpose that this operation demands.' },
  },
  carrier: {
    name: { ja: '媒体', en: 'Carrier' },
    why: {
      ja: '証明書とアプリの言うこと(カードかスマートフォンか)が一致する。',
      en: 'Certificate and app agree on whether it was a card or a smartphone.',
    },
  },
  'anchor-validity': {
    name: { ja: '認証局の有効期間', en: 'The authority’s validity' },
    why: { ja: '認証局の証明書が有効期間内にある。', en: 'The authority’s own certificate is within its validity.' },
  },
  validity: {
    name: { ja: '有効期間', en: 'Validity' },
    why: { ja: '証明書が有効期間内にある。', en: 'The certificate is within its validity.' },
  },
  scheme: {
    name: { ja: '署名方式', en: 'Scheme' },
    why: { ja: '当行が指定した方式で署名されている。', en: 'It was signed in the way the bank asked for.' },
  },
  'message-signature': {
    name: { ja: '本人の署名', en: 'The person’s signature' },
    why: {
      ja: '当行が用意し保管していた文面そのものに、本人の鍵で署名されている。',
      en: 'The person’s key signed exactly the text that the bank prepared and kept.',
    },
  },
  revocation: {
    name: { ja: '失効の確認', en: 'Revocation' },
    why: {
      ja: 'この種類の証明書のための、新しい失効情報で有効と確かめた。',
      en: 'Fresh status data made for exactly this class shows it good.',
    },
  },
};

export const REVOCATION_WORDS: Readonly<Record<'crl' | 'ocsp' | 'platform', Words>> = {
  crl: { ja: '失効リスト(CRL)', en: 'Revocation list (CRL)' },
  ocsp: { ja: 'オンライン照会(OCSP)', en: 'Online status (OCSP)' },
  platform: { ja: 'プラットフォーム事業者', en: 'Platform operator' },
};

export const LINK_STATE_WORDS: Readonly<Record<'proposed' | 'active' | 'suspended' | 'superseded' | 'ended', Words>> = {
  proposed: { ja: '準備中', en: 'Proposed' },
  active: { ja: '有効', en: 'Active' },
  suspended: { ja: '一時停止中', en: 'Suspended' },
  superseded: { ja: '引き継ぎ済み', en: 'Superseded' },
  ended: { ja: '終了', en: 'Ended' },
};

/** Where there is little room. */
export const SHORT_CLASS_WORDS: Readonly<Record<CertificateClass, Words>> = {
  'card-digital-signature': { ja: 'カード・署名用', en: 'Card · digital signature' },
  'card-user-authentication': { ja: 'カード・利用者証明用', en: 'Card · user authentication' },
  'smartphone-digital-signature': { ja: 'スマートフォン・署名用', en: 'Smartphone · digital signature' },
  'smartphone-user-authentication': { ja: 'スマートフォン・利用者証明用', en: 'Smartphone · user authentication' },
};

export const BASIS_WORDS: Readonly<Record<Basis, Words>> = {
  'same-session': { ja: '一続きの手続き', en: 'one procedure' },
  'platform-user-id': { ja: '事業者の利用者番号', en: 'platform’s user id' },
  'issuer-link-information': { ja: '発行者の対応情報', en: 'issuer’s word' },
  operator: { ja: '窓口の確認', en: 'checked at the counter' },
};

export const ASSURANCE_WORDS: Readonly<Record<Assurance, Words>> = {
  control: { ja: '両方の鍵を使えたこと', en: 'both keys were used' },
  issuer: { ja: '発行者による確認', en: 'confirmed by the issuer' },
};
