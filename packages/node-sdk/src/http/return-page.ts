/** The page for a return that arrives in another browser than the one that began. It says where to go, and nothing about the outcome. */
import { createHash } from 'node:crypto';
import { CODES } from '@jpki-rp/verifier';
import { html } from './answers.ts';

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:1rem/1.7 system-ui,"Hiragino Sans","Noto Sans JP",sans-serif}' +
  'main{max-width:26rem;margin:1.5rem;padding:2rem;border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:1rem}' +
  'h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:0}section+section{margin-top:1.5rem;padding-top:1.5rem;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}';
const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
const { ja, en } = CODES['wrong-browser'];

const PAGE = `<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>元のブラウザーに戻ってください</title>
<style>${STYLE}</style>
</head>
<body>
<main data-code="wrong-browser">
<section><h1>元のブラウザーに戻ってください</h1><p>${ja}</p></section>
<section lang="en"><h1>Please return to the original browser</h1><p>${en}</p></section>
</main>
</body>
</html>
`;

export const returnPage = (): Response => html(200, PAGE, STYLE_HASH);
