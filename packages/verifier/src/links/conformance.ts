/** The test suite every `LinkStore` runs. It belongs to the contract: a store that fails one case loses links or gives them to the wrong person. */
import assert from 'node:assert/strict';
import { claim, claimedIn, commit, events, genuineRef, notice, noticeIds, settlement, tombstone } from './conformance-samples.ts';
import type { LinkStore, NamedClaims } from './store.ts';

export interface LinkStoreConformance {
  /** Registers one case: `test` of vitest, node:test, jest, … */
  readonly test: (name: string, run: () => Promise<void>) => void;
  /** An empty store, or one whose content cannot meet the suite's. Called once per case. */
  readonly makeStore: () => LinkStore | Promise<LinkStore>;
}

/** Registers the cases of the contract stated in `LinkStore`. Names are unique per case, so that a shared database needs no cleaning. */
export const linkStoreConformance = ({ test, makeStore }: LinkStoreConformance): void => {
  const on = (name: string, run: (store: LinkStore, name: (text: string) => string) => Promise<void>): void =>
    test(`a link store ${name}`, async () => {
      const unique = crypto.randomUUID();
      await run(await makeStore(), (text) => `${text}-${unique}`);
    });

  on('knows nobody it was not given', async (store, n) => {
    assert.equal(await store.load({ person: n('p') }), null);
    assert.equal(await store.load({ account: n('a') }), null);
    assert.equal(await store.tombstone(n('p')), null);
    assert.deepEqual(await store.holders([n('r')]), []);
    assert.deepEqual(await store.holders([]), []);
  });

  on('gives back what it was given, by person and by account', async (store, n) => {
    const first = commit(n, 'p', { events: events(1, 2) });
    assert.equal(await store.commit(first), 'committed');
    const { person, account, salt, keyId, headMac } = first;
    const expected = { person, account, salt, keyId, headMac, events: first.events, claims: [] };
    assert.deepEqual(await store.load({ person: n('p') }), expected);
    assert.deepEqual(await store.load({ account: n('account-p') }), expected);
  });

  on('is not changed by what the caller does to the objects afterwards', async (store, n) => {
    const given = events(1, 1).map((event) => ({ ...event }));
    await store.commit(commit(n, 'p', { events: given }));
    if (given[0] !== undefined) given[0].mac = 'changed';
    assert.equal((await store.load({ person: n('p') }))?.events[0]?.mac, 'mac-1');
  });

  on('appends in order', async (store, n) => {
    await store.commit(commit(n, 'p', { events: events(1, 2) }));
    assert.equal(await store.commit(commit(n, 'p', { expectedSequence: 2, events: events(3, 12) })), 'committed');
    const stored = await store.load({ person: n('p') });
    assert.deepEqual(
      stored?.events.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
  });

  on('refuses a commit on any other number of events and changes nothing', async (store, n) => {
    await store.commit(commit(n, 'p', { events: events(1, 2), claims: [claim(n('r'))] }));
    for (const expectedSequence of [0, 1, 3]) {
      const late = commit(n, 'p', {
        expectedSequence,
        events: events(3, 3),
        claims: [],
        ceremonies: [n('c')],
        notices: [notice(n('late'), n)],
      });
      assert.equal(await store.commit(late), 'conflict');
    }
    assert.equal(await store.commit(commit(n, 'unknown', { expectedSequence: 1, events: events(2, 2) })), 'conflict');
    assert.equal((await store.load({ person: n('p') }))?.events.length, 2);
    assert.equal((await store.holders([n('r')])).length, 1);
    assert.ok(!(await noticeIds(store)).includes(n('late')));
    assert.equal(await store.commit(commit(n, 'q', { ceremonies: [n('c')] })), 'committed');
  });

  on('has one person per account', async (store, n) => {
    await store.commit(commit(n, 'p'));
    assert.equal(await store.commit({ ...commit(n, 'q'), account: n('account-p') }), 'conflict');
    assert.equal(await store.load({ person: n('q') }), null);
  });

  on('finds whoever claims one of the certificates, each once', async (store, n) => {
    await store.commit(commit(n, 'p', { claims: [claim(n('r1')), claim(n('r2'))] }));
    await store.commit(commit(n, 'q', { claims: [claim(n('r3'))] }));
    const found = await store.holders([n('r1'), n('r2'), n('r3'), n('r4')]);
    assert.deepEqual(found.map(({ person }) => person).sort(), [n('p'), n('q')].sort());
  });

  on('scans everybody once, page by page', async (store, n) => {
    const mine = Array.from({ length: 7 }, (_, i) => n(`p${i}`));
    for (let i = 0; i < 7; i++) await store.commit(commit(n, `p${i}`));
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page: readonly { readonly person: string }[] = await store.scan(after, 3);
      assert.ok(page.length <= 3);
      seen.push(...page.map(({ person }) => person));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.person;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(seen.filter((person) => mine.includes(person)).sort(), mine.sort());
  });

  on('replaces the claims with every commit', async (store, n) => {
    await store.commit(commit(n, 'p', { claims: [claim(n('r1'))] }));
    await store.commit(commit(n, 'p', { expectedSequence: 1, events: events(2, 2), claims: [claim(n('r2'))] }));
    assert.deepEqual(await store.holders([n('r1')]), []);
    assert.equal((await store.holders([n('r2')])).length, 1);
    assert.deepEqual((await store.load({ person: n('p') }))?.claims, [n('r2')]);
    assert.equal(await store.commit(commit(n, 'q', { claims: [claim(n('r1'))] })), 'committed');
  });

  on('refuses a certificate that another person claims, and then writes nothing', async (store, n) => {
    await store.commit(commit(n, 'p', { claims: [claim(n('r'))] }));
    const second = commit(n, 'q', { claims: [claim(n('s')), claim(n('r'))], ceremonies: [n('c')], notices: [notice(n('n'), n)] });
    assert.equal(await store.commit(second), 'claimed');
    assert.equal(await store.load({ person: n('q') }), null);
    assert.equal(await store.load({ account: n('account-q') }), null);
    assert.deepEqual(await store.holders([n('s')]), []);
    assert.ok(!(await noticeIds(store)).includes(n('n')));
    assert.equal(await store.commit({ ...second, claims: [claim(n('s'))] }), 'committed');
  });

  on('refuses a certificate that another person claims under an alias', async (store, n) => {
    await store.commit(commit(n, 'p', { claims: [claim(n('old'))] }));
    assert.equal(await store.commit(commit(n, 'q', { claims: [claim(n('new'), n('old'))] })), 'claimed');
    assert.equal(
      await store.commit(commit(n, 'p', { expectedSequence: 1, events: events(2, 2), claims: [claim(n('new'), n('old'))] })),
      'committed',
    );
    assert.deepEqual(await store.holders([n('old')]), []);
    assert.equal((await store.holders([n('new')])).length, 1);
  });

  on('lets as many persons claim a certificate as it is told, and never asks again for what is held', async (store, n) => {
    const two = { claims: [claim(n('r'))], accountsPerCertificate: 2 };
    assert.equal(await store.commit(commit(n, 'p', two)), 'committed');
    assert.equal(await store.commit(commit(n, 'q', two)), 'committed');
    assert.equal(await store.commit(commit(n, 's', two)), 'claimed');
    const stricter = { expectedSequence: 1, events: events(2, 2), claims: [claim(n('r'))], accountsPerCertificate: 1 };
    assert.equal(await store.commit(commit(n, 'p', stricter)), 'committed');
    assert.equal((await store.holders([n('r')])).length, 2);
  });

  on('redeems a ceremony once, under each of its names, whoever comes', async (store, n) => {
    assert.equal(await store.commit(commit(n, 'p', { ceremonies: [n('c1'), n('c2')] })), 'committed');
    assert.equal(await store.commit(commit(n, 'q', { ceremonies: [n('c1')] })), 'ceremony-used');
    assert.equal(await store.commit(commit(n, 'q', { ceremonies: [n('c3'), n('c2')] })), 'ceremony-used');
    assert.equal(await store.load({ person: n('q') }), null);
    assert.equal(await store.commit(commit(n, 'p', { expectedSequence: 1, events: events(2, 2), ceremonies: [n('c2')] })), 'ceremony-used');
    assert.equal(await store.commit(commit(n, 'q', { ceremonies: [n('c3')] })), 'committed');
  });

  on('chains a person anew, all at once', async (store, n) => {
    await store.commit(commit(n, 'p', { events: events(1, 2) }));
    const rechained = events(1, 2).map((event) => ({ ...event, mac: `new-${event.mac}` }));
    const rotated = {
      ...commit(n, 'p', { expectedSequence: 2, events: events(3, 3), rechained }),
      keyId: 'k2',
      salt: 'salt2',
      headMac: 'head2',
    };
    assert.equal(await store.commit(rotated), 'committed');
    const stored = await store.load({ account: n('account-p') });
    assert.deepEqual(
      stored?.events.map(({ mac }) => mac),
      ['new-mac-1', 'new-mac-2', 'mac-3'],
    );
    assert.deepEqual([stored?.keyId, stored?.salt, stored?.headMac], ['k2', 'salt2', 'head2']);
  });

  on('settles many persons at once: those who are as expected, and nobody else', async (store, n) => {
    const two = { claims: [claim(n('r')), claim(n('s'))], accountsPerCertificate: 3 };
    for (const person of ['p', 'q', 'changed']) await store.commit(commit(n, person, { ...two, notices: [notice(n(`1-${person}`), n)] }));
    await store.commit(commit(n, 'changed', { ...two, expectedSequence: 1, events: events(2, 2), headMac: 'other' }));
    const kept = await store.settle(['p', 'changed', 'q', 'unknown'].map((person) => settlement(n, person, { released: [n('r')] })));
    assert.deepEqual([...kept].sort(), [n('p'), n('q')].sort());
    for (const person of ['p', 'q']) {
      const { events: all, headMac, claims } = (await store.load({ person: n(person) })) ?? {};
      assert.deepEqual({ all, headMac, claims }, { all: events(1, 2), headMac: 'settled', claims: [n('s')] });
    }
    const { headMac, claims } = (await store.load({ person: n('changed') })) ?? {};
    assert.deepEqual([headMac, [...(claims ?? [])].sort()], ['other', [n('r'), n('s')].sort()]);
    assert.deepEqual(
      (await store.holders([n('r')])).map(({ person }) => person),
      [n('changed')],
    );
    const told = await noticeIds(store);
    assert.deepEqual(
      ['p', 'q', 'changed', 'unknown'].map((person) => told.includes(n(`settled-${person}`))),
      [true, true, false, false],
    );
    assert.equal(await store.load({ person: n('unknown') }), null);
    assert.equal((await store.settle([])).size, 0);
  });

  on('lets exactly one of many settlements of the same person through', async (store, n) => {
    for (const person of ['p', 'q', 's']) await store.commit(commit(n, person));
    const orders = [
      ['p', 'q', 's'],
      ['s', 'q', 'p'],
    ];
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, i) => store.settle((orders[i % 2] ?? []).map((person) => settlement(n, person)))),
    );
    for (const person of ['p', 'q', 's']) {
      assert.equal(results.filter((kept) => kept.has(n(person))).length, 1);
      assert.equal((await store.load({ person: n(person) }))?.events.length, 2);
    }
  });

  on('gives the first octets of everything that is claimed', async (store, n) => {
    const [one, other, gone] = [genuineRef('k1'), genuineRef('key_2-b'), genuineRef('k1')];
    await store.commit(commit(n, 'p', { claims: [claim(one), claim(n('no-ref'))] }));
    await store.commit(commit(n, 'q', { claims: [claim(other), claim(gone)] }));
    await store.settle([settlement(n, 'q', { released: [gone] })]);
    const known = await claimedIn(store);
    assert.deepEqual([one, other, gone].map(known), [true, true, false]);
    assert.equal(await store.fingerprints(0), null);
  });

  on('gives these first octets as of one moment, whatever changes hands meanwhile', async (store, n) => {
    const refs = Array.from({ length: 64 }, () => [genuineRef('k1'), genuineRef('k2')] as const);
    const claims = (round: number) => refs.map((pair) => claim(pair[round % 2 === 0 ? 0 : 1]));
    await store.commit(commit(n, 'p', { claims: claims(0) }));
    let round = 0;
    const moving = async (): Promise<void> => {
      for (round = 1; round <= 24; round++)
        await store.commit(commit(n, 'p', { expectedSequence: round, events: events(round + 1, round + 1), claims: claims(round) }));
    };
    const reading = async (): Promise<void> => {
      while (round <= 24) {
        const known = await claimedIn(store);
        assert.ok([0, 1].some((side) => refs.every((pair) => known(pair[side] ?? ''))));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([moving(), reading()]);
  });

  on('gives every claim with its sealed name, person by person, all of a person in one page', async (store, n) => {
    const named = (ref: string, name: string | null) => ({ ...claim(n(ref)), name });
    const mine = Array.from({ length: 5 }, (_, i) => n(`p${i}`));
    for (let i = 0; i < 5; i++)
      await store.commit(commit(n, `p${i}`, { claims: [named(`${i}a`, `name-${i}`), named(`${i}b`, null), named(`${i}c`, 'third')] }));
    // Claimed without a name first, named later; released; and somebody who claims nothing.
    await store.commit(
      commit(n, 'p1', {
        expectedSequence: 1,
        events: events(2, 2),
        claims: [named('1a', 'name-1'), named('1b', 'later'), named('1d', 'new')],
      }),
    );
    await store.settle([settlement(n, 'p2', { released: [n('2a'), n('2b')] })]);
    await store.commit(commit(n, 'p3', { expectedSequence: 1, events: events(2, 2), claims: [] }));
    const seen: string[] = [];
    const pagesOf = new Map<string, Set<number>>();
    let after: string | null = null;
    for (let page = 0; ; page++) {
      const { last, claims }: NamedClaims = await store.names(after, 2);
      for (const { person, ref, name } of claims) {
        if (!mine.includes(person)) continue;
        seen.push(`${person} ${ref} ${name}`);
        pagesOf.set(person, (pagesOf.get(person) ?? new Set()).add(page));
      }
      if (last === null) break;
      assert.ok(after === null || last > after);
      after = last;
    }
    const expected = (i: number, letters: readonly (readonly [string, string | null])[]): readonly string[] =>
      letters.map(([letter, name]) => `${n(`p${i}`)} ${n(`${i}${letter}`)} ${name}`);
    const unchanged = (i: number) =>
      [
        ['a', `name-${i}`],
        ['b', null],
        ['c', 'third'],
      ] as const;
    assert.deepEqual(
      seen.sort(),
      [
        ...[0, 4].flatMap((i) => expected(i, unchanged(i))),
        ...expected(1, [
          ['a', 'name-1'],
          ['b', 'later'],
          ['d', 'new'],
        ]),
        ...expected(2, [['c', 'third']]),
      ].sort(),
    );
    assert.ok([...pagesOf.values()].every(({ size }) => size === 1));
  });

  on('keeps notices until they are delivered', async (store, n) => {
    await store.commit(commit(n, 'p', { notices: [notice(n('n1'), n), notice(n('n2'), n)] }));
    const mine = async (): Promise<readonly string[]> => (await noticeIds(store)).filter((id) => id === n('n1') || id === n('n2'));
    assert.deepEqual(await mine(), [n('n1'), n('n2')]);
    assert.equal((await store.pendingNotices(1)).length, 1);
    await store.delivered([n('n1'), n('unknown')]);
    assert.deepEqual(await mine(), [n('n2')]);
    await store.delivered([n('n2')]);
    await store.delivered([]);
    assert.deepEqual(await mine(), []);
  });

  on('erases all of a person and keeps the tombstone', async (store, n) => {
    await store.commit(commit(n, 'p', { claims: [claim(n('r'))], ceremonies: [n('c')], notices: [notice(n('n'), n)] }));
    assert.equal(await store.erase(tombstone(n('p'), 2)), 'conflict');
    assert.equal(await store.erase(tombstone(n('unknown'), 1)), 'conflict');
    assert.equal(await store.tombstone(n('p')), null);
    assert.equal(await store.erase(tombstone(n('p'), 1)), 'erased');
    assert.equal(await store.load({ person: n('p') }), null);
    assert.equal(await store.load({ account: n('account-p') }), null);
    assert.deepEqual(await store.holders([n('r')]), []);
    assert.ok(!(await noticeIds(store)).includes(n('n')));
    assert.deepEqual(await store.tombstone(n('p')), tombstone(n('p'), 1));
    assert.equal(await store.erase(tombstone(n('p'), 1)), 'conflict');
    assert.equal(await store.commit(commit(n, 'q', { ceremonies: [n('c')] })), 'ceremony-used');
    assert.equal(await store.commit(commit(n, 'p')), 'conflict');
    assert.equal(await store.commit({ ...commit(n, 'q', { claims: [claim(n('r'))] }), account: n('account-p') }), 'committed');
  });

  on('lets exactly one of many commits on the same person through', async (store, n) => {
    await store.commit(commit(n, 'p'));
    const results = await Promise.all(
      Array.from({ length: 16 }, () => store.commit(commit(n, 'p', { expectedSequence: 1, events: events(2, 2) }))),
    );
    assert.equal(results.filter((result) => result === 'committed').length, 1);
    assert.equal(results.filter((result) => result === 'conflict').length, 15);
    assert.equal((await store.load({ person: n('p') }))?.events.length, 2);
  });

  on('gives a certificate to exactly one of many persons', async (store, n) => {
    const results = await Promise.all(Array.from({ length: 16 }, (_, i) => store.commit(commit(n, `p${i}`, { claims: [claim(n('r'))] }))));
    assert.equal(results.filter((result) => result === 'committed').length, 1);
    assert.equal((await store.holders([n('r')])).length, 1);
  });

  on('redeems a ceremony for exactly one of many', async (store, n) => {
    const results = await Promise.all(Array.from({ length: 16 }, (_, i) => store.commit(commit(n, `p${i}`, { ceremonies: [n('c')] }))));
    assert.equal(results.filter((result) => result === 'committed').length, 1);
  });
};
