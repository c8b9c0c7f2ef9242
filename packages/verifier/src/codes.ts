/**
 * The one registry of codes. Each code has one cause, one result or kind, an actor (who has to act), a place (where they can) and texts
 * in Japanese and English. `docs/codes.md` and the page's texts are generated from it.
 */

export type Actor = 'user' | 'developer' | 'operator' | 'app' | 'network' | 'ca' | 'attacker';
export type Place = 'app' | 'municipality' | 'relying-party' | 'browser' | 'issuer';
/** Verdict results `invalid` and `indeterminate`; `outcome`: a flow failure; `operation`: returned by ingest, links, evidence; `misuse`: thrown. */
export type CodeKind = 'invalid' | 'indeterminate' | 'outcome' | 'operation' | 'misuse';

export interface CodeEntry {
  readonly kind: CodeKind;
  readonly actor: Actor;
  readonly place: Place;
  readonly retryable: boolean;
  readonly cause: string;
  readonly ja: string;
  readonly en: string;
}

type Row = readonly [actor: Actor, place: Place, cause: string, ja: string, en: string];

const table = <C extends string>(kind: CodeKind, retryable: boolean, rows: Record<C, Row>): Record<C, CodeEntry> =>
  Object.fromEntries(
    Object.entries<Row>(rows).map(([code, [actor, place, cause, ja, en]]) => [
      code,
      Object.freeze({ kind, actor, place, retryable, cause, ja, en }),
    ]),
  ) as Record<C, CodeEntry>;

const UNUSABLE = [
  'この電子証明書は利用できません。お持ちのカードまたはスマートフォンの証明書を確認してください。',
  'This certificate cannot be used. Please check the certificate on your card or smartphone.',
] as const;
const UNTRUSTED = ['この電子証明書の発行元を確認できませんでした。', 'The issuer of this certificate could not be confirmed.'] as const;
const STATUS = [
  '電子証明書の有効性を確認できませんでした。時間をおいてもう一度お試しください。',
  'The status of the certificate could not be established. Please try again later.',
] as const;
const TOO_LARGE = ['受け取ったデータが大きすぎるため、処理できませんでした。', 'The data received is too large to be processed.'] as const;
const PATH = ['電子証明書の認証パスを確認できませんでした。', 'The certification path could not be validated.'] as const;

export type InvalidCode =
  | 'environment-invalid'
  | 'malformed'
  | 'unknown-critical-extension'
  | 'algorithm-not-allowed'
  | 'issuer-unidentified'
  | 'issuer-untrusted'
  | 'issuer-key-mismatch'
  | 'issuer-expired'
  | 'certificate-signature'
  | 'not-end-entity'
  | 'class-unknown'
  | 'class-conflict'
  | 'key-usage'
  | 'extended-key-usage'
  | 'attributes-invalid'
  | 'purpose-mismatch'
  | 'carrier-not-accepted'
  | 'carrier-mismatch'
  | 'certificate-not-yet-valid'
  | 'certificate-expired'
  | 'scheme-mismatch'
  | 'signature-mismatch'
  | 'revoked'
  | 'budget-certificate'
  | 'budget-path'
  | 'budget-policy'
  | 'budget-names'
  | 'budget-signatures'
  | 'path-not-found'
  | 'path-length'
  | 'path-not-ca'
  | 'path-key-usage'
  | 'path-name-chaining'
  | 'path-signature'
  | 'path-expired'
  | 'path-not-yet-valid'
  | 'path-name-constraint'
  | 'path-policy'
  | 'path-extended-key-usage';

export const INVALID_CODES: Readonly<Record<InvalidCode, CodeEntry>> = table('invalid', false, {
  'environment-invalid': [
    'operator',
    'relying-party',
    'the environment itself cannot be used, for example it has no trust anchor',
    '検証環境の設定に誤りがあります。',
    'The verification environment is misconfigured.',
  ],
  malformed: [
    'app',
    'relying-party',
    'the certificate is not one strict DER Certificate, or breaks a MUST of RFC 5280 syntax',
    ...UNUSABLE,
  ],
  'unknown-critical-extension': [
    'ca',
    'relying-party',
    'the certificate has a critical extension the verifier does not process',
    ...UNUSABLE,
  ],
  'algorithm-not-allowed': [
    'ca',
    'relying-party',
    'the key (type, size, exponent) or the signature algorithm of the certificate is not on the class’s list',
    ...UNUSABLE,
  ],
  'issuer-unidentified': ['ca', 'relying-party', 'the certificate does not say which key of the issuer signed it', ...UNTRUSTED],
  'issuer-untrusted': ['attacker', 'relying-party', 'no trust anchor has the key that the certificate names as its issuer’s', ...UNTRUSTED],
  'issuer-key-mismatch': [
    'attacker',
    'relying-party',
    'the certificate names an anchor’s key, but issuer name or serial number do not belong to that anchor',
    ...UNTRUSTED,
  ],
  'issuer-expired': ['ca', 'relying-party', 'the anchor is outside its validity period at the verification time', ...UNTRUSTED],
  'certificate-signature': [
    'attacker',
    'relying-party',
    'the certificate’s signature does not verify under the key it names',
    ...UNTRUSTED,
  ],
  'not-end-entity': ['attacker', 'relying-party', 'the certificate is a CA certificate', ...UNUSABLE],
  'class-unknown': ['operator', 'relying-party', 'no class of the environment has the certificate’s policy', ...UNUSABLE],
  'class-conflict': [
    'attacker',
    'relying-party',
    'policy, key usage, attributes, issuer or distribution point contradict each other',
    ...UNUSABLE,
  ],
  'key-usage': ['ca', 'relying-party', 'key usage is not exactly that of the class', ...UNUSABLE],
  'extended-key-usage': ['ca', 'relying-party', 'extended key usage is not exactly that of the class', ...UNUSABLE],
  'attributes-invalid': [
    'ca',
    'municipality',
    'a personal attribute is encoded wrongly or appears twice',
    '電子証明書の記載事項を読み取れませんでした。住民票のある市区町村の窓口にご相談ください。',
    'The attributes in the certificate could not be read. Please ask your municipality.',
  ],
  'purpose-mismatch': [
    'user',
    'app',
    'the certificate’s class does not serve the purpose asked for',
    '求められた用途の電子証明書ではありません。マイナアプリで正しい証明書を選んでください。',
    'This is not the kind of certificate that was asked for. Choose the right one in the Myna app.',
  ],
  'carrier-not-accepted': [
    'user',
    'app',
    'the certificate’s carrier is not among those the relying party accepts',
    'この手続きでは、選ばれた方法（カードまたはスマートフォン）は利用できません。マイナアプリでもう一方をお選びください。',
    'This procedure does not accept the carrier you chose (card or smartphone). Choose the other one in the Myna app.',
  ],
  'carrier-mismatch': [
    'attacker',
    'app',
    'the app reported another carrier than the certificate shows',
    'アプリの応答と電子証明書の種類が一致しませんでした。',
    'The app’s answer and the certificate disagree about card or smartphone.',
  ],
  'certificate-not-yet-valid': [
    'user',
    'issuer',
    'the verification time is before notBefore',
    '電子証明書の有効期間がまだ始まっていません。',
    'The certificate is not valid yet.',
  ],
  'certificate-expired': [
    'user',
    'municipality',
    'the verification time is after notAfter',
    '電子証明書の有効期限が切れています。カードは市区町村の窓口で更新し、スマートフォンはマイナアプリで再度申請してください。',
    'The certificate has expired. Renew the card at your municipality, then apply again for the smartphone in the Myna app.',
  ],
  'scheme-mismatch': [
    'developer',
    'relying-party',
    'the declared scheme does not fit the certificate’s key',
    '署名方式の設定が電子証明書と合っていません。',
    'The configured signature scheme does not fit the certificate.',
  ],
  'signature-mismatch': [
    'attacker',
    'app',
    'the signature over the message does not verify under the declared scheme',
    '署名を確認できませんでした。マイナアプリで最初からやり直してください。',
    'The signature could not be verified. Start again in the Myna app.',
  ],
  revoked: [
    'user',
    'municipality',
    'usable revocation information says revoked (certificateHold included)',
    'この電子証明書は失効または一時停止されています。カードは市区町村の窓口、スマートフォンはマイナアプリで確認してください。',
    'This certificate has been revoked or suspended. Ask your municipality about the card; see the Myna app about the smartphone.',
  ],
  'budget-certificate': ['attacker', 'relying-party', 'the certificate is larger than the budget', ...TOO_LARGE],
  'budget-path': ['attacker', 'relying-party', 'building the path took more candidates than the budget', ...TOO_LARGE],
  'budget-policy': ['attacker', 'relying-party', 'policy processing needed more nodes than the budget', ...TOO_LARGE],
  'budget-names': ['attacker', 'relying-party', 'name constraints needed more comparisons than the budget', ...TOO_LARGE],
  'budget-signatures': ['attacker', 'relying-party', 'more signatures would have to be verified than the budget', ...TOO_LARGE],
  'path-not-found': ['attacker', 'relying-party', 'no path leads from the target to a trust anchor', ...PATH],
  'path-length': ['ca', 'relying-party', 'the path is longer than a pathLenConstraint or the environment allows', ...PATH],
  'path-not-ca': ['ca', 'relying-party', 'an issuer in the path is not a CA (basicConstraints)', ...PATH],
  'path-key-usage': ['ca', 'relying-party', 'an issuer in the path lacks keyCertSign', ...PATH],
  'path-name-chaining': ['ca', 'relying-party', 'issuer and subject names do not chain (RFC 5280 §7.1)', ...PATH],
  'path-signature': ['attacker', 'relying-party', 'a signature in the path does not verify', ...PATH],
  'path-expired': ['ca', 'relying-party', 'a certificate of the path is past its notAfter', ...PATH],
  'path-not-yet-valid': ['ca', 'relying-party', 'a certificate of the path is before its notBefore', ...PATH],
  'path-name-constraint': ['ca', 'relying-party', 'a name violates the name constraints of the path', ...PATH],
  'path-policy': ['ca', 'relying-party', 'an explicit policy is required and no acceptable policy remains', ...PATH],
  'path-extended-key-usage': ['ca', 'relying-party', 'a certificate of the path does not allow the purpose asked for', ...PATH],
});

export type IndeterminateCode =
  | 'revocation-not-checked'
  | 'crl-missing'
  | 'crl-malformed'
  | 'crl-signature'
  | 'crl-scope-mismatch'
  | 'crl-stale'
  | 'crl-not-yet-valid'
  | 'crl-unsupported'
  | 'ocsp-missing'
  | 'ocsp-malformed'
  | 'ocsp-error-status'
  | 'ocsp-unsupported'
  | 'ocsp-responder-unauthorized'
  | 'ocsp-signature'
  | 'ocsp-certid-mismatch'
  | 'ocsp-stale'
  | 'ocsp-not-yet-valid'
  | 'ocsp-nonce-mismatch'
  | 'ocsp-unknown'
  | 'ocsp-conflicting'
  | 'budget-crl'
  | 'budget-ocsp';

export const INDETERMINATE_CODES: Readonly<Record<IndeterminateCode, CodeEntry>> = table('indeterminate', true, {
  'revocation-not-checked': ['operator', 'relying-party', 'no source of status data is configured', ...STATUS],
  'crl-missing': ['network', 'issuer', 'no CRL was supplied', ...STATUS],
  'crl-malformed': ['ca', 'issuer', 'the CRL is not one strict DER CertificateList, or breaks a MUST of RFC 5280', ...STATUS],
  'crl-signature': ['attacker', 'issuer', 'the CRL is not signed by the certificate issuer’s own key with an allowed algorithm', ...STATUS],
  'crl-scope-mismatch': [
    'operator',
    'issuer',
    'the CRL does not cover this certificate’s partition and kind, or its coverage cannot be shown',
    ...STATUS,
  ],
  'crl-stale': ['network', 'issuer', 'nextUpdate has passed, or is absent so that freshness cannot be shown', ...STATUS],
  'crl-not-yet-valid': ['operator', 'issuer', 'thisUpdate is after the verification time', ...STATUS],
  'crl-unsupported': [
    'ca',
    'issuer',
    'the CRL needs processing outside the profile: delta, indirect, partial reasons, unknown critical extension',
    ...STATUS,
  ],
  'ocsp-missing': ['network', 'issuer', 'no OCSP response was supplied', ...STATUS],
  'ocsp-malformed': ['ca', 'issuer', 'the response is not one strict DER OCSPResponse with a basic response inside', ...STATUS],
  'ocsp-error-status': ['network', 'issuer', 'responseStatus is not successful', ...STATUS],
  'ocsp-unsupported': ['ca', 'issuer', 'the response has a critical extension the verifier does not process', ...STATUS],
  'ocsp-responder-unauthorized': [
    'attacker',
    'issuer',
    'the signer is neither the issuer’s key, nor delegated by that key, nor pinned for the class',
    ...STATUS,
  ],
  'ocsp-signature': ['attacker', 'issuer', 'the response’s signature does not verify, or its algorithm is not allowed', ...STATUS],
  'ocsp-certid-mismatch': ['ca', 'issuer', 'no SingleResponse is about this certificate', ...STATUS],
  'ocsp-stale': ['network', 'issuer', 'thisUpdate is older than maxAgeSeconds, or nextUpdate has passed', ...STATUS],
  'ocsp-not-yet-valid': ['operator', 'issuer', 'thisUpdate is after the verification time', ...STATUS],
  'ocsp-nonce-mismatch': ['attacker', 'issuer', 'the nonce is another one, or is absent where it is required', ...STATUS],
  'ocsp-unknown': ['ca', 'issuer', 'the responder does not know the certificate', ...STATUS],
  'ocsp-conflicting': ['ca', 'issuer', 'the responses contradict each other', ...STATUS],
  'budget-crl': ['operator', 'issuer', 'the CRL is larger than the budget', ...STATUS],
  'budget-ocsp': ['operator', 'issuer', 'the OCSP response is larger than the budget', ...STATUS],
});

const AGAIN = 'outcome' as const;

export type OutcomeCode =
  | 'cancelled'
  | 'timed-out'
  | 'pin-wrong'
  | 'no-certificate'
  | 'app-missing'
  | 'app-outdated'
  | 'device-unsupported'
  | 'app-unavailable'
  | 'wrong-browser'
  | 'match-wrong'
  | 'store-full'
  | 'not-ready'
  | 'network-failed'
  | 'answer-unknown'
  | 'pin-locked'
  | 'rp-not-allowed'
  | 'carrier-unreported'
  | 'app-message-invalid'
  | 'app-result-unknown'
  | 'match-exhausted'
  | 'transaction-unknown'
  | 'already-completed'
  | 'operation-closed'
  | 'request-invalid'
  | 'request-too-large'
  | 'request-timeout'
  | 'ticket-spent'
  | 'handler-failed';

export const OUTCOME_CODES: Readonly<Record<OutcomeCode, CodeEntry>> = {
  ...table(AGAIN, true, {
    cancelled: [
      'user',
      'browser',
      'the person cancelled in the app',
      'マイナアプリで操作が中止されました。続けるには、もう一度はじめてください。',
      'The operation was cancelled in the Myna app. Start again to continue.',
    ],
    'timed-out': [
      'user',
      'browser',
      'the transaction expired before it was completed',
      '時間切れになりました。もう一度はじめてください。',
      'Time has run out. Please start again.',
    ],
    'pin-wrong': [
      'user',
      'app',
      'a PIN or password was wrong; the remaining count is given where the app reports it',
      '暗証番号が違います。残り回数を確認のうえ、マイナアプリでもう一度入力してください。',
      'The PIN was wrong. Check the remaining tries, then enter it again in the Myna app.',
    ],
    'no-certificate': [
      'user',
      'app',
      'the chosen carrier holds no certificate for this purpose',
      '選ばれた方法には、必要な電子証明書がありません。もう一方（カードまたはスマートフォン）をお使いください。',
      'The chosen carrier holds no certificate for this purpose. Use the other one (card or smartphone).',
    ],
    'app-missing': [
      'user',
      'app',
      'the app is not installed or not registered',
      'マイナアプリが見つかりません。インストールと利用登録を済ませてから、もう一度はじめてください。',
      'The Myna app was not found. Install and register it, then start again.',
    ],
    'app-outdated': [
      'user',
      'app',
      'the app is older than the door requires',
      'マイナアプリが古いため利用できません。アプリを更新してから、もう一度はじめてください。',
      'The Myna app is out of date. Update it, then start again.',
    ],
    'device-unsupported': [
      'user',
      'app',
      'the device cannot hold or read the certificate',
      'この端末は対応していません。マイナンバーカードをお使いください。',
      'This device is not supported. Please use the My Number card.',
    ],
    'app-unavailable': [
      'app',
      'app',
      'the app’s service is down or in maintenance',
      'マイナアプリのサービスが一時的に利用できません。時間をおいてお試しください。',
      'The Myna app’s service is temporarily unavailable. Please try again later.',
    ],
    'wrong-browser': [
      'user',
      'browser',
      'the return arrived in another browser than the one that began',
      '別のブラウザーで戻られました。最初に操作をはじめたブラウザーに戻ってください。',
      'You came back in another browser. Please return to the browser where you began.',
    ],
    'match-wrong': [
      'user',
      'browser',
      'the number typed is not the one shown on the phone',
      '番号が一致しません。スマートフォンに表示された2桁の番号を入力してください。',
      'The number does not match. Type the two-digit number shown on the phone.',
    ],
    'store-full': [
      'operator',
      'relying-party',
      'the transaction store is at its bound',
      'ただいま混み合っています。しばらくしてからお試しください。',
      'We are busy at the moment. Please try again shortly.',
    ],
    'not-ready': [
      'user',
      'app',
      'the app has not answered yet',
      'マイナアプリの操作がまだ終わっていません。',
      'The Myna app has not answered yet.',
    ],
    'network-failed': [
      'network',
      'browser',
      'the page could not reach the relying party',
      '通信できませんでした。電波や接続を確認して、もう一度お試しください。',
      'The service could not be reached. Check your connection and try again.',
    ],
    'answer-unknown': [
      'developer',
      'relying-party',
      'the relying party’s answer is not what the wire contract describes',
      'サービスからの応答を読み取れなかったため、安全のために中止しました。',
      'The service’s answer could not be read, so this was stopped for your safety.',
    ],
  }),
  ...table(AGAIN, false, {
    'pin-locked': [
      'user',
      'municipality',
      'the PIN or password is locked',
      '暗証番号がロックされています。カードは市区町村の窓口等、スマートフォンはマイナアプリで初期化してください。',
      'The PIN is locked. Reset it at your municipality (card) or in the Myna app (smartphone).',
    ],
    'rp-not-allowed': [
      'operator',
      'relying-party',
      'the app or its operating system refuses this relying party (not on the whitelist)',
      'このサービスはマイナアプリからの利用が許可されていません。サービスの運営者にご連絡ください。',
      'The Myna app does not allow this service. Please contact the service’s operator.',
    ],
    'carrier-unreported': [
      'app',
      'app',
      'the door says the app reports the carrier, but it did not, or with an unmapped value',
      'アプリの応答から、カードかスマートフォンかを確認できませんでした。',
      'The app’s answer does not say whether card or smartphone was used.',
    ],
    'app-message-invalid': [
      'app',
      'app',
      'the app’s message is not what the DoorProfile describes',
      'マイナアプリからの応答を読み取れませんでした。',
      'The Myna app’s answer could not be read.',
    ],
    'app-result-unknown': [
      'app',
      'app',
      'the app answered with a result code the DoorProfile does not map',
      'マイナアプリから不明な応答がありました。',
      'The Myna app gave an unknown answer.',
    ],
    'match-exhausted': [
      'attacker',
      'browser',
      'the number was typed wrongly three times',
      '番号の入力に3回失敗したため、この手続きを中止しました。最初からやり直してください。',
      'The number was wrong three times; this attempt has been stopped. Please start over.',
    ],
    'transaction-unknown': [
      'user',
      'browser',
      'no such transaction for this browser',
      'この手続きは見つからないか、すでに終わっています。',
      'This procedure does not exist or has already ended.',
    ],
    'already-completed': [
      'attacker',
      'browser',
      'the transaction has been redeemed before',
      'この手続きはすでに完了しています。',
      'This procedure has already been completed.',
    ],
    'operation-closed': [
      'operator',
      'relying-party',
      'no such operation is open',
      'この手続きは現在受け付けていません。',
      'This procedure is not available at present.',
    ],
    'request-invalid': [
      'developer',
      'relying-party',
      'the request is not what the wire contract describes',
      'リクエストを読み取れませんでした。',
      'The request could not be read.',
    ],
    'request-too-large': [
      'attacker',
      'relying-party',
      'the request body exceeds its bound',
      'リクエストが大きすぎます。',
      'The request is too large.',
    ],
    'request-timeout': [
      'network',
      'relying-party',
      'the request body did not arrive in time',
      'リクエストの受信が時間切れになりました。',
      'The request did not arrive in time.',
    ],
    'ticket-spent': [
      'attacker',
      'app',
      'the app’s one-time ticket is unknown, expired or already used',
      'この二次元コードまたはリンクは使用済みか期限切れです。元の画面で新しく表示してください。',
      'This QR code or link has been used or has expired. Show a new one on the original screen.',
    ],
    'handler-failed': [
      'developer',
      'relying-party',
      'the relying party’s own handler failed',
      'サービス側で問題が発生しました。',
      'Something went wrong at the service.',
    ],
  }),
};

export type OperationCode =
  | 'evidence-seal'
  | 'evidence-malformed'
  | 'evidence-environment'
  | 'evidence-differs'
  | 'link-carriers'
  | 'link-expiry-order'
  | 'link-expiry-differs'
  | 'link-other-account'
  | 'link-verdict-age'
  | 'link-ceremony'
  | 'link-transition'
  | 'link-not-found'
  | 'link-suspended'
  | 'link-status-age'
  | 'link-assurance'
  | 'link-cooling-off'
  | 'link-step-up'
  | 'link-disagreement'
  | 'link-integrity'
  | 'link-busy'
  | 'crl-rollback'
  | 'index-missing'
  | 'index-truncated'
  | 'index-corrupt'
  | 'index-version'
  | 'index-key'
  | 'index-scope'
  | 'index-differs'
  | 'crl-expiring'
  | 'crl-unavailable'
  | 'keeper-lost'
  | 'keeper-storage'
  | 'keeper-directory'
  | 'keeper-fault';

type RetryableOperation = 'link-busy' | 'crl-expiring' | 'crl-unavailable' | 'keeper-lost' | 'keeper-storage';

const FINAL_OPERATIONS = table<Exclude<OperationCode, RetryableOperation>>('operation', false, {
  'evidence-seal': [
    'attacker',
    'relying-party',
    'the seal of the evidence does not verify under any given key',
    '証跡の封印を確認できませんでした。',
    'The seal of the evidence does not verify.',
  ],
  'evidence-malformed': [
    'attacker',
    'relying-party',
    'the sealed payload is not an evidence record of a known version',
    '証跡の形式が正しくありません。',
    'The evidence is not a record of a known version.',
  ],
  'evidence-environment': [
    'operator',
    'relying-party',
    'the evidence was made in another environment',
    '証跡は別の検証環境で作成されたものです。',
    'The evidence was made in another environment.',
  ],
  'evidence-differs': [
    'attacker',
    'relying-party',
    'repeating the verification gives another verdict',
    '再検証の結果が記録と一致しませんでした。',
    'Repeating the verification gives another verdict.',
  ],
  'link-carriers': [
    'developer',
    'relying-party',
    'a link needs one card and one smartphone user-authentication certificate',
    'カードとスマートフォンの利用者証明用電子証明書が一つずつ必要です。',
    'A link needs one card and one smartphone user-authentication certificate.',
  ],
  'link-expiry-order': [
    'attacker',
    'relying-party',
    'the smartphone certificate expires later than the card’s',
    'スマートフォンの証明書の有効期限がカードの証明書より後になっています。',
    'The smartphone certificate expires later than the card’s.',
  ],
  'link-expiry-differs': [
    'attacker',
    'relying-party',
    'the two certificates expire at different times and the ledger does not allow it',
    'カードとスマートフォンの証明書の有効期限が一致しません。',
    'Card and smartphone certificates do not expire at the same time.',
  ],
  'link-other-account': [
    'user',
    'relying-party',
    'a certificate already belongs to another account',
    'この電子証明書は別の口座で登録されています。',
    'This certificate is already registered with another account.',
  ],
  'link-verdict-age': [
    'user',
    'relying-party',
    'a verdict is older than the policy allows',
    '確認から時間が経ちすぎています。最初からやり直してください。',
    'The verification is too old. Please start over.',
  ],
  'link-ceremony': [
    'attacker',
    'relying-party',
    'the two verdicts are not the steps of one ceremony',
    '一連の手続きとして確認できませんでした。最初からやり直してください。',
    'The two steps do not belong to one procedure. Please start over.',
  ],
  'link-transition': [
    'developer',
    'relying-party',
    'the link’s state does not allow this transition',
    'この連携の状態では実行できません。',
    'The state of the link does not allow this.',
  ],
  'link-not-found': [
    'user',
    'relying-party',
    'no link or account is known for this certificate',
    'この電子証明書は登録されていません。',
    'This certificate is not registered.',
  ],
  'link-suspended': [
    'user',
    'relying-party',
    'the link is suspended, or a suspended link stands in the way',
    'この連携は一時停止されています。窓口にお問い合わせください。',
    'This link is suspended. Please contact the service.',
  ],
  'link-status-age': [
    'user',
    'relying-party',
    'the card’s certificate was last known to be good longer ago than the operation allows',
    'マイナンバーカードでもう一度ご確認ください。',
    'Please identify with your My Number card again.',
  ],
  'link-assurance': [
    'user',
    'relying-party',
    'the operation needs a link of higher assurance',
    'この手続きにはマイナンバーカードでの確認が必要です。',
    'This operation needs your My Number card.',
  ],
  'link-cooling-off': [
    'user',
    'relying-party',
    'the link is younger than the operation’s cooling-off period',
    '連携してから間もないため、この手続きはまだご利用いただけません。',
    'The link is too new for this operation. Please try again later.',
  ],
  'link-step-up': [
    'user',
    'relying-party',
    'the operation needs the link’s own card presented just now, beside the smartphone',
    'この手続きには、連携したマイナンバーカードでの確認も必要です。',
    'This operation also needs the linked My Number card.',
  ],
  'link-disagreement': [
    'attacker',
    'relying-party',
    'the issuer or platform says that the two certificates do not belong together',
    'カードとスマートフォンの証明書が同じ方のものと確認できませんでした。',
    'Card and smartphone certificates could not be confirmed to belong together.',
  ],
  'link-integrity': [
    'operator',
    'relying-party',
    'the stored events of a person are not the ones the ledger wrote',
    '連携の記録を確認できません。窓口にお問い合わせください。',
    'The record of this link cannot be confirmed. Please contact the service.',
  ],
  'crl-rollback': [
    'attacker',
    'relying-party',
    'the CRL is older, by number or thisUpdate, than the one that is published',
    '公開済みの失効リストより古い失効リストです。',
    'This CRL is older than the one in use.',
  ],
  'index-missing': [
    'operator',
    'relying-party',
    'there is no index file that can be opened and read',
    '失効リストの索引が見つからないか、読み取れません。',
    'The CRL index is missing or cannot be read.',
  ],
  'index-truncated': [
    'operator',
    'relying-party',
    'the index file ends before its content does',
    '失効リストの索引が途中で切れています。',
    'The CRL index is truncated.',
  ],
  'index-corrupt': [
    'operator',
    'relying-party',
    'a part of the index file is not what was written',
    '失効リストの索引が壊れています。',
    'The CRL index is damaged.',
  ],
  'index-version': [
    'operator',
    'relying-party',
    'the index file has a version or byte order that this software does not read',
    '失効リストの索引の版に対応していません。',
    'The version of the CRL index is not supported.',
  ],
  'index-key': [
    'attacker',
    'relying-party',
    'the index’s MAC is missing, unexpected or not by the given key',
    '失効リストの索引の認証に失敗しました。',
    'The CRL index is not authenticated by the given key.',
  ],
  'index-scope': [
    'operator',
    'relying-party',
    'the index in this place is of another issuer key, class or distribution point',
    'この場所の索引は別の失効リストのものです。',
    'The index in this place belongs to another CRL.',
  ],
  'index-differs': [
    'attacker',
    'relying-party',
    'the index does not list exactly what the CRL lists',
    '索引の内容が失効リストと一致しません。',
    'The index does not match the CRL.',
  ],
  'keeper-directory': [
    'operator',
    'relying-party',
    'the folder of the CRL indexes, or a folder in it, belongs to somebody else, can be written by others, or is a link',
    '失効リストの保存先を他の利用者が書き換えられるため、使用できません。',
    'Others can write to the folder of the CRL indexes; it is not used.',
  ],
  'keeper-fault': [
    'developer',
    'relying-party',
    'the keeper of CRLs met an error that it has no name for',
    '失効リストの更新処理で想定外のエラーが発生しました。',
    'The keeper of CRLs met an unexpected error.',
  ],
});

export const OPERATION_CODES: Readonly<Record<OperationCode, CodeEntry>> = {
  ...FINAL_OPERATIONS,
  ...table('operation', true, {
    'link-busy': [
      'network',
      'relying-party',
      'the same person’s links kept changing under the operation; nothing was done and it may be tried again',
      '処理が混み合っています。もう一度お試しください。',
      'The service is busy. Please try again.',
    ],
    'crl-expiring': [
      'operator',
      'issuer',
      'nextUpdate of the published CRL is near and no newer one has been published',
      '失効リストの次回更新時刻が近づいていますが、新しいリストを取得できていません。',
      'The CRL in use is about to expire and no newer one has been obtained.',
    ],
    'crl-unavailable': [
      'network',
      'issuer',
      'no CRL arrived from where it is published',
      '失効リストを取得できませんでした。',
      'The CRL could not be obtained.',
    ],
    'keeper-lost': [
      'operator',
      'relying-party',
      'the right to publish CRL indexes passed to another process before this one published',
      '失効リストの公開権限を失ったため、公開しませんでした。',
      'The right to publish was lost; nothing was published.',
    ],
    'keeper-storage': [
      'operator',
      'relying-party',
      'the folder of the CRL indexes cannot be written or read',
      '失効リストの保存先に読み書きできません。',
      'The folder of the CRL indexes cannot be used.',
    ],
  }),
};

export type MisuseCode =
  | 'digest-needs-message'
  | 'role-forbids-revocation-data'
  | 'argument-invalid'
  | 'anchor-unlisted'
  | 'verdict-not-proven'
  | 'verdict-seal'
  | 'door-profile-invalid'
  | 'relying-party-invalid'
  | 'host-not-allowed';

export const MISUSE_CODES: Readonly<Record<MisuseCode, CodeEntry>> = table('misuse', false, {
  'digest-needs-message': [
    'developer',
    'relying-party',
    'a digest was given for a scheme that can only verify the message',
    'この署名方式ではメッセージそのものが必要です。',
    'This scheme needs the message itself.',
  ],
  'role-forbids-revocation-data': [
    'developer',
    'relying-party',
    'role `delegating` takes platform sources or `none` only',
    'この役割では失効情報を扱えません。',
    'This role may not handle revocation data.',
  ],
  'argument-invalid': [
    'developer',
    'relying-party',
    'an argument is missing or of the wrong type',
    '引数が正しくありません。',
    'An argument is missing or of the wrong type.',
  ],
  'anchor-unlisted': [
    'operator',
    'relying-party',
    'a CA certificate is not among the published fingerprints, or its confidence needs the operator’s confirmation',
    'CA証明書のフィンガープリントを確認できません。',
    'The CA certificate’s fingerprint is not confirmed.',
  ],
  'verdict-not-proven': [
    'developer',
    'relying-party',
    'a plain object was given where a verdict minted by the verifier is needed',
    '検証結果の受け渡しが正しくありません。',
    'A verdict minted by the verifier is needed.',
  ],
  'verdict-seal': [
    'attacker',
    'relying-party',
    'the sealed verdict does not open under the key',
    '封印された検証結果を開けません。',
    'The sealed verdict does not open.',
  ],
  'door-profile-invalid': [
    'operator',
    'relying-party',
    'the DoorProfile cannot be used',
    '接続プロファイルの設定に誤りがあります。',
    'The door profile is misconfigured.',
  ],
  'relying-party-invalid': [
    'developer',
    'relying-party',
    'the relying party’s configuration cannot be used',
    'サービスの設定に誤りがあります。',
    'The relying party’s configuration cannot be used.',
  ],
  'host-not-allowed': [
    'developer',
    'relying-party',
    'a network target is not on the allow-list',
    '許可されていない接続先です。',
    'The network target is not on the allow-list.',
  ],
});

export const CODES: Readonly<Record<Code, CodeEntry>> = {
  ...INVALID_CODES,
  ...INDETERMINATE_CODES,
  ...OUTCOME_CODES,
  ...OPERATION_CODES,
  ...MISUSE_CODES,
};

export type VerdictCode = InvalidCode | IndeterminateCode;
export type Code = VerdictCode | OutcomeCode | OperationCode | MisuseCode;

/** The result that a verdict code belongs to. */
export const resultOf = (code: VerdictCode): 'invalid' | 'indeterminate' => (code in INVALID_CODES ? 'invalid' : 'indeterminate');
