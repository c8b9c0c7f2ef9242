/** What a revocation policy means, in words an auditor can read. */
import type { Environment } from '../environment.types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../verdict.ts';
import { assertFreshness, type Freshness, strictest } from './freshness.ts';
import { PUBLISHED_EVERY_SECONDS, parseRevocationPolicy } from './policy-data.ts';
import type { RevocationMode, RevocationPolicy } from './types.ts';

export interface ExplainOptions {
  /** Adds what the environment demands, and limits the classes to those it has. */
  readonly environment?: Pick<Environment, 'classes'>;
  /** What the operation demands. */
  readonly freshness?: Freshness;
}

export interface Explanation {
  /** One sentence each. */
  readonly ja: readonly string[];
  readonly en: readonly string[];
}

type Texts = readonly [ja: string, en: string];
type Kind = 'crl' | 'ocsp' | 'platform';

const CLASS: Readonly<Record<CertificateClass, Texts>> = {
  'card-digital-signature': ['カードの署名用電子証明書', 'card digital-signature certificates'],
  'card-user-authentication': ['カードの利用者証明用電子証明書', 'card user-authentication certificates'],
  'smartphone-digital-signature': ['スマートフォンの署名用電子証明書', 'smartphone digital-signature certificates'],
  'smartphone-user-authentication': ['スマートフォンの利用者証明用電子証明書', 'smartphone user-authentication certificates'],
};

const MODE: Readonly<Record<RevocationMode, Texts>> = {
  crlcheck: [
    'その区分のCRL（またはプラットフォーム事業者の回答）が有効を示すことを求めます',
    'a CRL of that very class, or a platform operator’s answer, has to show good',
  ],
  ocspcheck: [
    'その区分のOCSPレスポンダ（またはプラットフォーム事業者の回答）が有効を示すことを求めます',
    'an OCSP responder of that very class, or a platform operator’s answer, has to show good',
  ],
  bothcheck: [
    'その区分のCRLとOCSPの両方が有効を示すことを求めます',
    'both a CRL and an OCSP responder of that very class have to show good',
  ],
  eithercheck: [
    'その区分のCRL、OCSP、プラットフォーム事業者の回答のいずれか一つが有効を示すことを求めます',
    'one of CRL, OCSP and a platform operator’s answer for that very class has to show good',
  ],
};

const KIND: Readonly<Record<Kind, Texts>> = {
  crl: ['CRL', 'CRLs'],
  ocsp: ['OCSP応答', 'OCSP answers'],
  platform: ['プラットフォーム事業者の回答', 'answers of a platform operator'],
};
const KINDS: readonly Kind[] = ['crl', 'ocsp', 'platform'];

/**
 * Sentences in Japanese and English: what each class needs, how fresh it must be, what *unknown* means, who is asked first, and what no policy changes.
 *
 * @throws JpkiError `argument-invalid` for what is no policy.
 */
export const explainRevocationPolicy = (given: RevocationPolicy, { environment, freshness }: ExplainOptions = {}): Explanation => {
  const policy = parseRevocationPolicy(given);
  assertFreshness(freshness, 'freshness');
  const texts: readonly Texts[] = [
    ...CERTIFICATE_CLASSES.filter((name) => environment === undefined || environment.classes[name] !== undefined).map((name) =>
      needsOf(name, policy.byClass?.[name] ?? policy.mode),
    ),
    ...agesOf(strictest(policy.freshness, freshness), environment),
    unknownOf(policy.onUnknown ?? 'other-source'),
    orderOf(policy.choice),
    ...ALWAYS,
  ];
  return { ja: texts.map(([ja]) => `${ja}。`), en: texts.map(([, en]) => `${en.charAt(0).toUpperCase()}${en.slice(1)}.`) };
};

const needsOf = (name: CertificateClass, mode: RevocationMode): Texts => [
  `${CLASS[name][0]}：${MODE[mode][0]}`,
  `${CLASS[name][1]}: ${MODE[mode][1]}`,
];

const agesOf = (freshness: Freshness, environment: ExplainOptions['environment']): readonly Texts[] => {
  const own = Object.values(environment?.classes ?? {}).map(({ ocsp }) => ocsp.maxAgeSeconds);
  const limits = strictest(freshness, ...own.map((ocspSeconds) => ({ ocspSeconds })));
  return KINDS.flatMap((kind): readonly Texts[] => {
    const seconds = limits[`${kind}Seconds`];
    if (seconds === undefined) return [];
    const [ja, en] = durationOf(seconds);
    return [[`${KIND[kind][0]}は発行から${ja}以内のものだけを有効の根拠とします`, `${KIND[kind][1]} show good for ${en} at most`]];
  });
};

const durationOf = (seconds: number): Texts => {
  if (seconds % 86_400 === 0) return [`${seconds / 86_400}日`, plural(seconds / 86_400, 'day')];
  if (seconds % 3_600 === 0) return [`${seconds / 3_600}時間`, plural(seconds / 3_600, 'hour')];
  if (seconds % 60 === 0) return [`${seconds / 60}分`, plural(seconds / 60, 'minute')];
  return [`${seconds}秒`, plural(seconds, 'second')];
};
const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

const unknownOf = (onUnknown: 'other-source' | 'refuse'): Texts =>
  onUnknown === 'refuse'
    ? [
        'レスポンダが「不明」と答えた証明書は、ほかの情報が有効を示しても有効としません',
        'a certificate that a responder does not know is not good, whatever other data show',
      ]
    : [
        'レスポンダの「不明」は有効の根拠にならず、方式が許す場合だけほかの情報で判断します',
        'a responder’s “unknown” shows nothing; other data decide only where the mode lets them',
      ];

const orderOf = (choice: RevocationPolicy['choice']): Texts => {
  if (choice === undefined || choice.order === 'configured')
    return ['情報源には設定された順に問い合わせます', 'sources are asked in the order configured'];
  const priceOf = (kind: Kind): string => String(choice.price?.[kind] ?? 0);
  const every = (kind: Kind): Texts => durationOf(choice.publishedEverySeconds?.[kind] ?? PUBLISHED_EVERY_SECONDS[kind]);
  const ja = KINDS.map((kind) => `${KIND[kind][0]}＝1件${priceOf(kind)}・更新${every(kind)[0]}ごと`).join('、');
  const en = KINDS.map((kind) => `${KIND[kind][1]} ${priceOf(kind)} per question, renewed every ${every(kind)[1]}`).join('; ');
  return choice.order === 'cheapest'
    ? [
        `求める新しさを満たし得る情報源を先に、その中では安いものから問い合わせます（${ja}）`,
        `sources that can be fresh enough are asked first, among them the cheapest (${en})`,
      ]
    : [
        `求める新しさを満たし得る情報源を先に、その中では頻繁に更新されるものから問い合わせます（${ja}）`,
        `sources that can be fresh enough are asked first, among them the one renewed most often (${en})`,
      ];
};

/** True of every policy. */
const ALWAYS: readonly Texts[] = [
  ['信頼できる情報源が一つでも失効を示せば失効とし、ほかの「有効」では覆りません', 'one trusted “revoked” outweighs any “good”'],
  [
    '情報源が答えない、または設定されていない場合に、有効とすることはありません',
    'a source that does not answer, or is not configured, never counts as good',
  ],
  [
    '確認するかどうか、どこに問い合わせるかを、証明書の記載では決めません',
    'whether to check and whom to ask is never decided by the certificate',
  ],
];
