/** The headers of every page. Strict: no inline script or style, no foreign origin, no HTML sinks without Trusted Types. */
import type { RequestHandler } from 'express';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export const securityHeaders =
  (isHttps: boolean): RequestHandler =>
  (_request, response, next) => {
    response.set({
      'Content-Security-Policy': CSP,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      ...(isHttps ? { 'Strict-Transport-Security': 'max-age=86400' } : {}),
    });
    next();
  };

/** Forms of other sites are refused: SameSite=Lax keeps the cookie away, and this says so even where it does not. */
export const ownFormsOnly =
  (origin: string): RequestHandler =>
  (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const site = request.get('sec-fetch-site');
    const claimed = request.get('origin');
    if ((site === undefined || site === 'same-origin') && (claimed === origin || (claimed === undefined && site === 'same-origin')))
      return next();
    response.status(403).type('text/plain').send('このサイトのページから操作してください。 / Please use the pages of this site.');
  };
