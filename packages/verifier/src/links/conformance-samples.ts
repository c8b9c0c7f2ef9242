/** What the suite of `LinkStore` hands to a store: as little as the contract asks for. */
import type { LinkEvent } from './events.ts';
import { fingerprintSet } from './fingerprints.ts';
import type { LinkCommit, LinkNotice, LinkStore, Settlement, StoredEvent, Tombstone } from './store.ts';

export const events = (first: number, last: number): StoredEvent[] =>
  Array.from({ length: last - first + 1 }, (_, i) => ({ sequence: first + i, event: event(first + i), mac: `mac-${first + i}` }));

const event = (sequence: number): LinkEvent => ({
  type: 'link-activated',
  at: '2026-01-01T00:00:00.000Z',
  link: `link-${sequence}`,
});

export const claim = (ref: string, ...aliases: string[]): LinkCommit['claims'][number] => ({ ref, aliases, name: null });

export const notice = (id: string, n: (text: string) => string): LinkNotice => ({
  id,
  type: 'link.established',
  account: n('account'),
  link: n('link'),
  at: '2026-01-01T00:00:00.000Z',
  reason: null,
});

export const tombstone = (person: string, count: number): Tombstone => ({
  person,
  erasedAt: '2026-01-02T00:00:00.000Z',
  events: count,
  head: `mac-${count}`,
  keyId: 'k1',
  mac: 'mac',
});

export const commit = (n: (text: string) => string, person: string, change: Partial<LinkCommit> = {}): LinkCommit => ({
  person: n(person),
  account: n(`account-${person}`),
  salt: 'salt',
  keyId: 'k1',
  headMac: 'head',
  expectedSequence: 0,
  events: events(1, 1),
  rechained: null,
  claims: [],
  accountsPerCertificate: 1,
  ceremonies: [],
  notices: [],
  ...change,
});

export const settlement = (n: (text: string) => string, person: string, change: Partial<Settlement> = {}): Settlement => ({
  person: n(person),
  headMac: 'settled',
  expectedSequence: 1,
  events: events(2, 2),
  released: [],
  notices: [notice(n(`settled-${person}`), n)],
  ...change,
});

export const genuineRef = (keyId: string): string =>
  `${keyId}.${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;

export const noticeIds = async (store: LinkStore): Promise<readonly string[]> =>
  (await store.pendingNotices(1_000_000)).map(({ id }) => id);

/** Whether a ref is among those whose fingerprints the store gives. */
export const claimedIn = async (store: LinkStore): Promise<(ref: string) => boolean> => {
  const all = fingerprintSet();
  for (const piece of (await store.fingerprints(Number.MAX_SAFE_INTEGER)) ?? []) all.add(piece);
  const has = all.test();
  return (ref) => has(new Uint8Array(Buffer.from(ref.split('.')[1] ?? '', 'base64url')));
};
