import { CODES, type CodeEntry, type CodeKind } from '../../packages/verifier/src/codes.ts';

const KINDS: Record<CodeKind, { title: string; ja: string; en: string }> = {
  invalid: { title: 'invalid', ja: '検証結果: 何かが不正であると証明された。', en: 'Verdict: something is proven bad.' },
  indeterminate: {
    title: 'indeterminate',
    ja: '検証結果: 不正とは証明されていないが、有効性を確認できなかった。',
    en: 'Verdict: nothing is proven bad, but the status could not be established.',
  },
  outcome: { title: 'outcome', ja: '手続きの失敗(検証に至らなかったものを含む)。', en: 'Failure of the flow around a verification.' },
  operation: {
    title: 'operation',
    ja: '連携・証跡・失効データの操作が返すデータ。',
    en: 'Returned as data by links, evidence and status data.',
  },
  misuse: { title: 'misuse', ja: '設定や呼び出しの誤り(例外)。', en: 'Thrown: configuration or call is wrong.' },
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const row = (code: string, entry: CodeEntry): string =>
  `| \`${code}\` | ${entry.actor} | ${entry.place} | ${entry.retryable ? 'yes' : 'no'} | ${cell(entry.cause)} | ${cell(entry.ja)} | ${cell(entry.en)} |`;

/** The whole of docs/codes.md. */
export function codesTable(): string {
  const entries = Object.entries<CodeEntry>(CODES);
  const sections = (Object.keys(KINDS) as CodeKind[]).map((kind) => {
    const rows = entries.filter(([, entry]) => entry.kind === kind).map(([code, entry]) => row(code, entry));
    const { title, ja, en } = KINDS[kind];
    return [
      `## ${title}`,
      `${ja}  \n${en}`,
      ['| code | actor | place | retryable | cause | 日本語 | English |', '|---|---|---|---|---|---|---|', ...rows].join('\n'),
    ].join('\n\n');
  });
  return `${[
    '# コード一覧 / Codes',
    'この表は `packages/verifier/src/codes.ts` から作られます。手で書き換えず、`npm run docs` を実行してください。  \nThis table is generated from `packages/verifier/src/codes.ts`. Do not edit it; run `npm run docs`.',
    '`actor` は対処すべき人、`place` は対処できる場所です。  \n`actor` is who has to act, `place` is where they can.',
    ...sections,
  ].join('\n\n')}\n`;
}
