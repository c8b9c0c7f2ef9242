/** One constructable style sheet: a strict CSP without 'unsafe-inline' has nothing to forbid. Themed by custom properties and `::part()`. */
const CSS = `
:host {
  --_accent: var(--jpki-accent, #0b57a4);
  --_on-accent: var(--jpki-on-accent, #ffffff);
  --_surface: var(--jpki-surface, #ffffff);
  --_subtle: var(--jpki-subtle, #f3f6fa);
  --_text: var(--jpki-text, #17202b);
  --_muted: var(--jpki-muted, #566170);
  --_border: var(--jpki-border, #d5dde6);
  --_success: var(--jpki-success, #0d7a4e);
  --_danger: var(--jpki-danger, #b3261e);
  --_warning: var(--jpki-warning, #7a5200);
  --_warning-surface: var(--jpki-warning-surface, #fff6e0);
  --_radius: var(--jpki-radius, 14px);
  display: block;
  container-type: inline-size;
  color: var(--_text);
  font-family: var(--jpki-font, system-ui, -apple-system, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', 'Yu Gothic UI', sans-serif);
  font-size: 1rem;
  line-height: 1.65;
  text-align: start;
  -webkit-text-size-adjust: 100%;
}
@supports (color: light-dark(#000, #fff)) {
  :host {
    --_accent: var(--jpki-accent, light-dark(#0b57a4, #8dbbff));
    --_on-accent: var(--jpki-on-accent, light-dark(#ffffff, #05203f));
    --_surface: var(--jpki-surface, light-dark(#ffffff, #151b23));
    --_subtle: var(--jpki-subtle, light-dark(#f3f6fa, #1e2731));
    --_text: var(--jpki-text, light-dark(#17202b, #e9eef4));
    --_muted: var(--jpki-muted, light-dark(#566170, #aab5c3));
    --_border: var(--jpki-border, light-dark(#d5dde6, #364352));
    --_success: var(--jpki-success, light-dark(#0d7a4e, #6fd3a5));
    --_danger: var(--jpki-danger, light-dark(#b3261e, #ff9d94));
    --_warning: var(--jpki-warning, light-dark(#7a5200, #f3c668));
    --_warning-surface: var(--jpki-warning-surface, light-dark(#fff6e0, #2f2614));
  }
}
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
.card {
  background: var(--_surface);
  border: 1px solid var(--_border);
  border-radius: calc(var(--_radius) + 4px);
  padding: 1.5rem 1.25rem;
  max-width: 44rem;
  margin-inline: auto;
}
.view { display: grid; gap: 1.125rem; justify-items: stretch; }
h2, h3, p, ol, ul, dl, dd { margin: 0; padding: 0; }
h2 { font-size: 1.3125rem; line-height: 1.4; font-weight: 700; text-wrap: balance; word-break: auto-phrase; outline: none; }
h3 { font-size: 1rem; font-weight: 700; }
p, li, dd { overflow-wrap: anywhere; text-wrap: pretty; }
.lead, .note, .hint, button { word-break: auto-phrase; }
.centre p, .centred { text-align: center; text-wrap: balance; word-break: auto-phrase; }
.centred .lead { text-wrap: balance; }
b { font-weight: 700; }
.lead, .note { color: var(--_muted); }
.note { font-size: 0.875rem; }
.icon { width: 1.5rem; height: 1.5rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
button, .button { font: inherit; color: inherit; cursor: pointer; -webkit-tap-highlight-color: transparent; }
:is(button, a, input, summary):focus-visible, h2:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; border-radius: 8px; }
h2:focus-visible { outline: none; }
.choices { display: grid; gap: 0.875rem; margin-top: 0.375rem; }
.choice {
  position: relative; display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 0.25rem 0.875rem;
  width: 100%; padding: 1.125rem 1rem; text-align: start;
  background: var(--_surface); border: 1.5px solid var(--_border); border-radius: var(--_radius);
  transition: border-color 120ms, background-color 120ms;
}
.choice:hover { border-color: var(--_accent); background: var(--_subtle); }
.choice .badge { display: grid; place-items: center; width: 3rem; height: 3rem; border-radius: 12px; background: var(--_subtle); color: var(--_accent); }
.choice:hover .badge { background: var(--_surface); }
.choice .badge .icon { width: 1.75rem; height: 1.75rem; }
.choice .name { display: block; font-weight: 700; font-size: 1.0625rem; }
.choice .hint { display: block; color: var(--_muted); font-size: 0.875rem; line-height: 1.5; text-wrap: pretty; }
.choice .go { width: 1.125rem; height: 1.125rem; color: var(--_muted); }
.choice.first { border-color: var(--_accent); }
.tag { position: absolute; top: -0.75rem; right: 1rem; font-size: 0.75rem; font-weight: 700; line-height: 1.5; color: var(--_on-accent); background: var(--_accent); border-radius: 99px; padding: 0.0625rem 0.625rem; }
.primary, .secondary {
  display: inline-flex; align-items: center; justify-content: center; gap: 0.5rem;
  min-height: 3.25rem; padding: 0.75rem 1.5rem; border-radius: var(--_radius); font-weight: 700; text-align: center; text-decoration: none; line-height: 1.4;
}
.primary { background: var(--_accent); color: var(--_on-accent); border: 1.5px solid var(--_accent); }
.primary:hover { filter: brightness(1.08); }
.secondary { background: transparent; color: var(--_accent); border: 1.5px solid var(--_border); }
.secondary:hover { border-color: var(--_accent); }
.quiet {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: 0.25rem 0.75rem; margin: -0.25rem 0;
  background: none; border: 0; color: var(--_muted); font-size: 0.9375rem; text-decoration: underline; text-underline-offset: 0.2em; text-decoration-color: var(--_border); border-radius: 8px;
}
.quiet:hover { color: var(--_text); text-decoration-color: currentColor; }
.actions { display: grid; gap: 0.5rem; justify-items: stretch; }
.actions .quiet { justify-self: center; }
.request { display: grid; grid-template-columns: max-content 1fr; gap: 0.375rem 1.25rem; align-items: baseline; padding: 0.75rem 1rem; background: var(--_subtle); border-radius: var(--_radius); }
.request div { display: contents; }
.request dt { color: var(--_muted); font-size: 0.875rem; }
.request dd { font-weight: 700; }
.facts { display: grid; gap: 0.75rem; list-style: none; }
.facts li { display: grid; grid-template-columns: auto 1fr; gap: 0.75rem; align-items: start; font-size: 0.9375rem; line-height: 1.6; }
.facts .icon { color: var(--_accent); width: 1.375rem; height: 1.375rem; margin-top: 0.0625rem; }
.notice { display: grid; grid-template-columns: auto 1fr; gap: 0.625rem; padding: 0.75rem 1rem; border-radius: var(--_radius); background: var(--_warning-surface); color: var(--_warning); font-size: 0.9375rem; line-height: 1.6; }
.fallback { display: grid; gap: 0.625rem; padding: 1rem; border: 1px solid var(--_border); border-radius: var(--_radius); font-size: 0.9375rem; animation: appear 200ms ease-out; }
.fallback ul { padding-inline-start: 1.25em; display: grid; gap: 0.375rem; color: var(--_muted); font-size: 0.875rem; }
.spinner { width: 2.5rem; height: 2.5rem; border-radius: 50%; border: 3px solid var(--_border); border-top-color: var(--_accent); animation: turn 900ms linear infinite; }
.centre { display: grid; justify-items: center; gap: 0.875rem; text-align: center; padding: 1.5rem 0; }
.row { display: flex; align-items: center; gap: 0.875rem; }
.row .spinner { width: 1.5rem; height: 1.5rem; flex: none; }
.scan { display: grid; gap: 1.25rem; }
.code .note { text-align: center; }
.over .primary { padding-inline: 1rem; }
.code { position: relative; justify-self: center; width: min(100%, 15.5rem); display: grid; gap: 0.625rem; }
.code .frame { position: relative; background: #ffffff; border: 1px solid var(--_border); border-radius: var(--_radius); overflow: hidden; aspect-ratio: 1; }
.code svg.qr { display: block; width: 100%; height: 100%; color: #10161d; }
.code .over { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 0.75rem; padding: 1rem; text-align: center; background: var(--_subtle); font-weight: 700; font-size: 0.9375rem; line-height: 1.5; }
.time { display: grid; gap: 0.375rem; text-align: center; font-size: 0.875rem; color: var(--_muted); font-variant-numeric: tabular-nums; }
.bar { height: 4px; border-radius: 2px; background: var(--_border); overflow: hidden; }
.bar span { display: block; height: 100%; width: 100%; background: var(--_accent); transform-origin: left; transition: transform 1s linear; }
.steps { display: grid; gap: 0.75rem; list-style: none; counter-reset: step; align-content: start; }
.steps li { counter-increment: step; display: grid; grid-template-columns: auto 1fr; gap: 0.75rem; font-size: 0.9375rem; line-height: 1.6; }
.steps li::before { content: counter(step); display: grid; place-items: center; width: 1.625rem; height: 1.625rem; border-radius: 50%; background: var(--_subtle); color: var(--_accent); font-weight: 700; font-size: 0.8125rem; }
.text-code { display: grid; gap: 0.25rem; font-size: 0.8125rem; color: var(--_muted); }
.text-code input { font: 0.75rem ui-monospace, monospace; width: 100%; padding: 0.5rem; border: 1px solid var(--_border); border-radius: 8px; background: var(--_subtle); color: var(--_text); }
form { display: grid; gap: 1rem; justify-items: center; text-align: center; }
label { font-weight: 700; font-size: 0.9375rem; }
.digits { font: inherit; font-size: 2.25rem; font-weight: 700; letter-spacing: 0.35em; text-indent: 0.35em; text-align: center; width: 7.5rem; padding: 0.375rem 0; border: 2px solid var(--_border); border-radius: var(--_radius); background: var(--_surface); color: var(--_text); font-variant-numeric: tabular-nums; }
.digits[aria-invalid='true'] { border-color: var(--_danger); }
.error span { display: inline-block; }
.error { text-wrap: balance; word-break: auto-phrase; color: var(--_danger); font-weight: 700; font-size: 0.9375rem; }
form .primary { min-width: 12rem; }
.mark { display: grid; place-items: center; width: 4rem; height: 4rem; border-radius: 50%; background: color-mix(in srgb, currentColor 12%, transparent); }
.mark .icon { width: 2.125rem; height: 2.125rem; stroke-width: 2.25; }
.mark.identified { color: var(--_success); }
.mark.refused { color: var(--_danger); }
.mark.try-again { color: var(--_warning); }
.where { display: grid; gap: 0.125rem; justify-self: stretch; padding: 0.75rem 1rem; border-radius: var(--_radius); background: var(--_subtle); }
.where span { font-size: 0.8125rem; color: var(--_muted); }
.where strong { font-weight: 700; }
.small { font-size: 0.75rem; color: var(--_muted); }
.lost { display: flex; align-items: center; justify-content: center; gap: 0.5rem; margin-top: 1rem; font-size: 0.875rem; color: var(--_warning); }
.lost .icon { width: 1.125rem; height: 1.125rem; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (min-width: 36rem) {
  .card { padding: 2rem; }
  h2 { font-size: 1.5rem; }
  .scan { grid-template-columns: 15.5rem 1fr; gap: 2rem; align-items: start; }
  .narrow { max-width: 27rem; width: 100%; justify-self: center; margin-inline: auto; }
  .narrow.centred { max-width: 36rem; }
}
@keyframes turn { to { transform: rotate(1turn); } }
@keyframes appear { from { opacity: 0; transform: translateY(4px); } }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation-duration: 2.4s !important; transition: none !important; }
  .fallback { animation: none; }
}
@media (forced-colors: active) {
  .code svg.qr { forced-color-adjust: none; }
  .spinner { border-top-color: Highlight; }
}
`;

const DIALOG_CSS = `
dialog { border: 0; padding: 0; margin: auto; width: min(46rem, calc(100vw - 1.5rem)); max-height: calc(100dvh - 1.5rem); overflow: auto; background: transparent; color: inherit; }
dialog::backdrop { background: rgb(10 20 32 / 0.55); }
`;

/** Gives a shadow root its style: an adopted sheet, or a style element in browsers that cannot adopt. */
export function adopt(root: ShadowRoot, which: 'element' | 'dialog'): void {
  const css = which === 'element' ? CSS : DIALOG_CSS;
  if ('adoptedStyleSheets' in root && typeof CSSStyleSheet === 'function') {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = document.createElement('style');
  style.textContent = css;
  (root as ShadowRoot).append(style);
}
