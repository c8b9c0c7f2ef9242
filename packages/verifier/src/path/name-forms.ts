/** When a name of one form lies within a subtree of that form (RFC 5280 §4.2.1.10). Pure functions over text and octets. */

const lower = (text: string): string => text.toLowerCase();

/** The same host, or one with labels added on the left. */
const isAtOrBelow = (host: string, base: string): boolean => host === base || host.endsWith(`.${base}`);

/** One root dot at the end says nothing. */
const unrooted = (host: string): string => (host.endsWith('.') ? host.slice(0, -1) : host);

/** Letters, digits, hyphens and underscores in labels; one asterisk may stand for the first. What else an IA5String can hold, readers cut off or skip. */
const isHost = (host: string): boolean =>
  unrooted(host)
    .split('.')
    .every((label) => /^[A-Za-z0-9_-]+$/.test(label));
const isHostOrWildcard = (host: string): boolean => isHost(host.startsWith('*.') ? host.slice(2) : host);
/** A base: a host, or what lies below it. Empty: everything. */
const isHostBase = (base: string): boolean => base === '' || isHost(base.startsWith('.') ? base.slice(1) : base);

/**
 * A DNS name is within a base when labels may be added to the base on the left. A base with a leading dot, which RFC 5280 does not define for
 * DNS names but which occurs, means labels must be added. A wildcard stands for all its names: all must be permitted, none may be excluded.
 * Null: name or base is none.
 */
export const dnsWithin = (name: string, base: string, side: 'permitted' | 'excluded'): boolean | null => {
  if (!isHostOrWildcard(name) || !isHostBase(base)) return null;
  const host = unrooted(lower(name));
  const domain = unrooted(lower(base));
  if (domain === '') return true;
  const bare = domain.startsWith('.') ? domain.slice(1) : domain;
  if (host.startsWith('*.')) {
    const parent = host.slice(2);
    if (isAtOrBelow(parent, bare)) return true;
    // One of the names that the wildcard stands for may lie in the excluded subtree.
    return side === 'excluded' && bare.endsWith(`.${parent}`);
  }
  return domain.startsWith('.') ? host.endsWith(domain) : isAtOrBelow(host, domain);
};

/** A host is within `.base` when labels are added, within `base` when it is that very host. Null: the base is none. */
export const hostWithin = (host: string, base: string): boolean | null => {
  if (!isHostBase(base)) return null;
  const name = unrooted(lower(host));
  const domain = unrooted(lower(base));
  if (domain === '') return true;
  return domain.startsWith('.') ? name.endsWith(domain) && name.length > domain.length : name === domain;
};

/** A mailbox against a mailbox (local part as it stands), a host, or a domain with a leading dot. Null: the name is no mailbox, or the base none of them. */
export const mailboxWithin = (name: string, base: string): boolean | null => {
  const at = name.lastIndexOf('@');
  if (at <= 0 || at === name.length - 1) return null;
  const host = name.slice(at + 1);
  if (!isHost(host)) return null;
  const baseAt = base.lastIndexOf('@');
  if (baseAt < 0) return hostWithin(host, base);
  const baseHost = base.slice(baseAt + 1);
  if (baseAt === 0 || !isHost(baseHost)) return null;
  return name.slice(0, at) === base.slice(0, baseAt) && unrooted(lower(host)) === unrooted(lower(baseHost));
};

/** The host of a URI's authority (RFC 3986 §3.2), or null where there is none, or where readers disagree about where it ends. */
export const uriHost = (uri: string): string | null => {
  if (!/^[\x21-\x7e]*$/.test(uri) || uri.includes('\\')) return null;
  const match = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri);
  if (match === null) return null;
  const authority = match[1] as string;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  return host === '' ? null : host;
};

/** A host name of letters, digits, hyphens and underscores in at least one label, which is not an IP address. */
export const isFullyQualified = (host: string): boolean => {
  const last = unrooted(host).split('.').at(-1) as string;
  return isHost(host) && !/^\d+$/.test(last);
};

/** An address of 4 or 16 octets against address and mask of 8 or 32. Null: address, base or mask is none. */
export const ipWithin = (address: Uint8Array, base: Uint8Array): boolean | null => {
  if ((address.length !== 4 && address.length !== 16) || (base.length !== 8 && base.length !== 32)) return null;
  if (!isContiguous(base.subarray(base.length / 2))) return null;
  if (base.length !== address.length * 2) return false;
  return address.every((octet, i) => ((octet ^ (base[i] as number)) & (base[address.length + i] as number)) === 0);
};

/** RFC 4632 §3.1: ones, then zeros. */
const isContiguous = (mask: Uint8Array): boolean => {
  let ended = false;
  for (const octet of mask) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      if ((octet & bit) === 0) ended = true;
      else if (ended) return false;
    }
  }
  return true;
};
