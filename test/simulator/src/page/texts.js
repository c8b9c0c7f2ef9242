/** What the phone says, Japanese first. Keys are the door's result codes and the phone's own failures. */
export const RESULTS = {
  '0000': { good: true, ja: '認証が完了しました', en: 'Done', more: 'サービスの画面に戻って、続きを進めてください。' },
  C001: { ja: '中止しました', en: 'Cancelled', more: 'サービスに中止を知らせました。' },
  P010: {
    ja: '暗証番号（パスワード）が違います',
    en: 'Wrong PIN or password',
    more: 'サービスに戻って、もう一度はじめからお試しください。',
  },
  P020: {
    ja: '暗証番号（パスワード）がロックされています',
    en: 'Locked',
    more: 'カードは市区町村の窓口で、スマートフォンはアプリで初期化してください。',
  },
  N001: { ja: '電子証明書がありません', en: 'No certificate', more: '選んだ媒体には、求められた電子証明書が入っていません。' },
  V001: { ja: 'アプリの更新が必要です', en: 'The app is too old', more: 'アプリを更新してから、もう一度お試しください。' },
  W001: { ja: 'このサービスには対応していません', en: 'This service is not allowed', more: 'サービスに知らせました。' },
  none: { ja: '応答しませんでした', en: 'No answer was sent', more: 'サービス側で時間切れになります。' },
};

export const FAILURES = {
  'link-invalid': ['このアプリ用のQRコード・リンクではありません。', 'Not a QR code or link for this app.'],
  'rp-not-allowed': [
    '許可されていないサービスです（W001）。接続しませんでした。',
    'This service is not on the whitelist (W001); it was not contacted.',
  ],
  'rp-unreachable': ['サービスに接続できませんでした。', 'The service could not be reached.'],
  'ticket-refused': [
    'このQRコード・リンクは使用済みか、期限切れです。サービスの画面で新しく作り直してください。',
    'This QR code or link was used or has expired. Get a new one from the service.',
  ],
  'request-invalid': ['サービスからの依頼を読み取れませんでした。', 'The request of the service could not be read.'],
  'origin-mismatch': [
    '依頼元と応答先が一致しないため、中止しました。',
    'The request names another origin than the one it came from; stopped.',
  ],
  'scheme-unsupported': ['この署名方式には対応していません。', 'This signature scheme is not supported.'],
  'biometrics-not-allowed': [
    '生体認証はスマートフォンの利用者証明でのみ使えます。',
    'Biometrics work for the smartphone’s user authentication only.',
  ],
  'session-unknown': ['この依頼には応答済みです。', 'This request was answered already.'],
  offline: ['シミュレーターに接続できません。', 'The simulator cannot be reached.'],
  people: ['人物を追加できませんでした。', 'The person could not be added.'],
};

export const OUTCOMES = [
  ['success', '通常どおり', 'as entered'],
  ['cancel', '中止', 'cancel'],
  ['pin-wrong', '暗証番号まちがい', 'wrong PIN'],
  ['pin-locked', 'ロック中', 'locked'],
  ['no-certificate', '証明書なし', 'no certificate'],
  ['app-outdated', 'アプリが古い', 'app too old'],
  ['rp-not-allowed', '許可されていないサービス', 'service not allowed'],
  ['timeout', '応答しない', 'no answer'],
];

export const PURPOSES = {
  'digital-signature': ['署名用電子証明書で署名します', 'Digital signature'],
  'user-authentication': ['利用者証明用電子証明書で本人確認します', 'User authentication'],
};

export const CARRIERS = {
  smartphone: ['スマートフォン', 'Smartphone'],
  card: ['マイナンバーカード', 'My Number card'],
};
