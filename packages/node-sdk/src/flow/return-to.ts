/**
 * The path and query that `returnTo` names on the own origin, or null. Refused: other origins in any spelling (`//evil`, `/\evil`, `https:`),
 * fragments, control characters, anything that is no longer a plain path after normalisation.
 */
export function safeReturnTo(returnTo: string, origin: string): string | null {
  if (returnTo.length > 2_048 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(returnTo) || /[\\#]/.test(returnTo)) return null;
  if (!URL.canParse(returnTo, origin)) return null;
  const url = new URL(returnTo, origin);
  if (url.origin !== origin || url.username !== '' || url.password !== '' || url.pathname.startsWith('//')) return null;
  return `${url.pathname}${url.search}`;
}
