/** Style, script and the identification element, each served under its content's hash and pinned by it (SRI). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Express } from 'express';
import { publicFile } from '../files.ts';

export interface Asset {
  readonly href: string;
  readonly integrity: string;
}

export interface Assets {
  readonly style: Asset;
  readonly script: Asset;
  readonly element: Asset;
  readonly icon: Asset;
}

/** One request, in this order: what comes later may narrow what came before. */
const STYLES = ['base', 'frame', 'pieces', 'home', 'application', 'result', 'account', 'links', 'letters', 'backstage', 'narrow'] as const;

const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const;

export function serveAssets(app: Express): Assets {
  const serve = (name: string, kind: keyof typeof TYPES, body: Buffer): Asset => {
    const digest = createHash('sha384').update(body).digest();
    const href = `/assets/${name}-${digest.subarray(0, 9).toString('base64url')}.${kind}`;
    app.get(href, (_request, response) => {
      response.set({ 'Content-Type': TYPES[kind], 'Cache-Control': 'public, max-age=31536000, immutable' }).end(body);
    });
    return { href, integrity: `sha384-${digest.toString('base64')}` };
  };
  const element = createRequire(import.meta.url).resolve('@jpki-rp/web-sdk/script');
  return {
    style: serve('bank', 'css', Buffer.concat(STYLES.map((name) => publicFile(`style/${name}.css`)))),
    script: serve('bank', 'js', publicFile('bank.js')),
    element: serve('jpki-rp', 'js', readFileSync(element)),
    icon: serve('icon', 'svg', publicFile('icon.svg')),
  };
}
