/** `/links/*`: the issuer's link information as JSON, for a relying party that is entitled to it. Every request carries the token. */

import { isClass } from '../authority/profiles.ts';
import type { CertificateReference, LinkInformation, LinkInformationSource } from '../surface.ts';
import { type HttpAnswer, type HttpHandler, json, readJson } from './server.ts';

const SOURCES: readonly LinkInformationSource[] = ['article-18-4', 'article-18-5', 'article-37'];

export function linkRoutes(links: LinkInformation, isAuthorized: (authorization: string | undefined) => boolean): HttpHandler {
  const routes: Readonly<Record<string, LinkInformation['counterpart']>> = {
    '/links/counterpart': links.counterpart,
    '/links/predecessor': links.predecessor,
  };
  return async (request): Promise<HttpAnswer> => {
    if (!isAuthorized(request.headers['authorization'])) return json(401, { code: 'token' });
    const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
    if (route === undefined) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    const body = readJson(request);
    const source = SOURCES.find((one) => one === body?.['source']);
    const certificate = referenceIn(body ?? {});
    if (source === undefined || certificate === null) return json(400, { code: 'member' });
    try {
      return json(200, { certificate: route(source, certificate) });
    } catch (error) {
      if (error instanceof RangeError) return json(403, { code: 'not-entitled' });
      throw error;
    }
  };
}

function referenceIn(body: Readonly<Record<string, unknown>>): CertificateReference | null {
  const { class: certificateClass, issuerKeyId, serialNumber } = body;
  if (typeof certificateClass !== 'string' || !isClass(certificateClass)) return null;
  if (typeof issuerKeyId !== 'string' || typeof serialNumber !== 'string') return null;
  return { class: certificateClass, issuerKeyId, serialNumber };
}
