import type { Binding } from './binding.ts';

/**
 * Whether a request that changes something comes from the relying party's own page. A browser says so in Origin, or at least in Sec-Fetch-Site;
 * silence is refused. Under `Referrer-Policy: no-referrer` a browser writes `Origin: null`, which Sec-Fetch-Site must then make good. A native app proves itself by its secret, which no foreign page can send; it must only not claim another origin.
 */
export function comesFromOwnPage(request: Request, origin: string, binding: Binding | null): boolean {
  const claimed = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (claimed === 'null' && site === 'same-origin') return true;
  if (claimed !== null && claimed !== origin) return false;
  if (binding?.kind === 'secret') return true;
  if (site !== null && site !== 'same-origin') return false;
  return claimed === origin || site === 'same-origin';
}
