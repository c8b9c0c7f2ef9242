/** Schemes that run or show something inside this page instead of opening an app or a site. */
const REFUSED = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'filesystem:', 'about:', 'view-source:', 'ws:', 'wss:']);
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The link as it may stand in an `<a href>`, or `null`. An app link may have the app's own scheme; a redirect must be https.
 * Plain http is accepted for loopback hosts, and where the page itself came over plain http (then there is nothing left to protect).
 */
export function safeHref(
  href: string,
  kind: 'app-link' | 'redirect',
  pageProtocol: string = globalThis.location?.protocol ?? 'https:',
): string | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  if (REFUSED.has(url.protocol) || url.username !== '' || url.password !== '') return null;
  if (url.protocol === 'https:') return url.href;
  if (url.protocol === 'http:') return LOOPBACK.test(url.hostname) || pageProtocol === 'http:' ? url.href : null;
  return kind === 'app-link' ? url.href : null;
}
