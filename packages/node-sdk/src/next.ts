/** Next.js, app router: translation only. `app/jpki/[...path]/route.ts`: `export const { GET, POST, DELETE } = jpki(rp)` */
import type { RelyingParty } from './relying-party.ts';

export type NextHandler = (request: Request) => Promise<Response>;

export interface NextHandlers {
  readonly GET: NextHandler;
  readonly POST: NextHandler;
  readonly DELETE: NextHandler;
}

/**
 * Needs the Node.js runtime (`export const runtime = 'nodejs'`). `basePath` is the path of the route's folder, without `[...path]`.
 * Default: the relying party's base path.
 */
export function jpki(
  rp: Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>,
  { basePath = rp.basePath }: { readonly basePath?: string } = {},
): NextHandlers {
  const answer: NextHandler = async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers, signal, body } = request;
    // Behind a proxy Next.js names itself by the address it listens on.
    const url = rp.origin + pathname + search;
    const sent = new Request(url, { method, headers, signal, ...(body === null ? {} : { body, duplex: 'half' }) });
    return await rp.handler(sent, { basePath, raw: request });
  };
  return Object.freeze({ GET: answer, POST: answer, DELETE: answer });
}
