/** Where a router really mounted the routes, read from its own pattern. */

/**
 * `/api/:tenant/jpki/*` and `/api/bank-1/jpki/transactions` → `/api/bank-1/jpki`. Undefined for a pattern that does not end in `/*`, or a path
 * that is shorter than the pattern.
 */
export function mountedAt(pattern: string | undefined, pathname: string): string | undefined {
  if (pattern === undefined || !pattern.endsWith('/*')) return undefined;
  const depth = pattern.split('/').length - 1;
  const segments = pathname.split('/');
  return depth > 1 && segments.length > depth ? segments.slice(0, depth).join('/') : undefined;
}
