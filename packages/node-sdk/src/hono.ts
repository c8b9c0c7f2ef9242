/** Hono: translation only. `app.all('/jpki/*', jpki(rp))` */
import { mountedAt } from './http/mount.ts';
import type { RelyingParty } from './relying-party.ts';

/** The part of Hono's context that is used. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request;
    /** The pattern of the matched route, mount paths included. */
    readonly routePath?: string;
    arrayBuffer(): Promise<ArrayBuffer>;
  };
}

export type HonoHandler = (context: HonoContext) => Promise<Response>;

/** The pattern's part before `/*` becomes part of the URLs that the app is given. Middleware may have read the body before. */
export function jpki(rp: Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>): HonoHandler {
  return async (context) => {
    const { raw, routePath } = context.req;
    const { pathname, search } = new URL(raw.url);
    const { method, headers, signal } = raw;
    // What the Host header says is not where we are.
    const url = rp.origin + pathname + search;
    const bodiless = method === 'GET' || method === 'HEAD';
    const body = bodiless ? null : raw.bodyUsed ? await context.req.arrayBuffer() : raw.body;
    const request = new Request(url, { method, headers, signal, ...(body === null ? {} : { body, duplex: 'half' }) });
    return await rp.handler(request, { basePath: mountedAt(routePath, pathname) ?? rp.basePath, raw: context });
  };
}
