/** The page's files. This module lies beside `page/` both in the source tree and in the built package. */
import { readFileSync } from 'node:fs';

const CONTENT_TYPES = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const;

export interface Asset {
  readonly contentType: string;
  readonly body: string;
}

const asset = (name: string, kind: keyof typeof CONTENT_TYPES): Asset => ({
  contentType: CONTENT_TYPES[kind],
  body: readFileSync(new URL(`./page/${name}.${kind}`, import.meta.url), 'utf8'),
});

export const loadAssets = (): Readonly<Record<string, Asset>> => ({
  '/app': asset('app', 'html'),
  '/app/app.css': asset('app', 'css'),
  ...Object.fromEntries(['app', 'dom', 'request', 'texts'].map((name) => [`/app/${name}.js`, asset(name, 'js')])),
});
