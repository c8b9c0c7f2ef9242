import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProvenVerdict } from '../../src/index.ts';
import {
  createLinkLedger,
  fold,
  hmacIdentifier,
  type Identifier,
  type LinkLedger,
  type LinkStore,
  memoryLinkStore,
} from '../../src/links/index.ts';
import { KEY, NEW_KEY } from './ledgers.ts';
import { card, later, revoked, smartphone } from './verdicts.ts';

/** A second, naive telling of what a ledger does: one list of links, everything looked up by walking it. */
interface ModelLink {
  readonly account: number;
  readonly card: number;
  readonly phone: number;
  readonly state: 'active' | 'suspended' | 'superseded' | 'ended';
  /** `card`, `phone`: certificate on hold. */
  readonly holds: readonly ('card' | 'phone' | 'operator' | 'person')[];
}
type Model = readonly ModelLink[];

const live = ({ state }: ModelLink): boolean => state === 'active' || state === 'suspended';
const settled = (link: ModelLink): ModelLink =>
  live(link) ? { ...link, state: link.holds.length === 0 ? 'active' : 'suspended' } : { ...link, holds: [] };
const has = (link: ModelLink, certificate: number): boolean => link.card === certificate || link.phone === certificate;

/** Cards are 1–3, smartphones 11–13, accounts 1–3. */
const accounts = [1, 2, 3];
const certificate = fc.constantFrom(1, 2, 3, 11, 12, 13);
const account = fc.constantFrom(...accounts);
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('establish' as const),
      account,
      card: fc.constantFrom(1, 2, 3),
      phone: fc.constantFrom(11, 12, 13),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('present' as const), certificate }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), certificate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), certificate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), certificate }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('suspend' as const, 'resume' as const),
      account,
      link: fc.nat(3),
      by: fc.constantFrom('operator' as const, 'person' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('prove' as const),
      account,
      link: fc.nat(3),
      side: fc.constantFrom('card' as const, 'phone' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), account, link: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), account }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rotate' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
const step = fc.record({ command, crash: fc.constantFrom('none', 'none', 'none', 'before', 'after') });

class Crash extends Error {}

class World {
  readonly store: LinkStore = memoryLinkStore();
  readonly status = new Map<number, 'revoked' | 'held'>();
  model: Model = [];
  seconds = 0;
  ceremonies = 0;
  crash: 'none' | 'before' | 'after' = 'none';
  fired: 'none' | 'before' | 'after' = 'none';
  identifier: Identifier = hmacIdentifier({ keyId: 'k1', key: KEY });
  ledger: LinkLedger = this.open();

  open(): LinkLedger {
    const fragile =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const crash = this.crash;
        this.crash = 'none';
        if (crash === 'before') this.fired = 'before';
        if (crash === 'before') throw new Crash();
        const result = await write(...args);
        if (crash === 'after') this.fired = 'after';
        if (crash === 'after') throw new Crash();
        return result;
      };
    return createLinkLedger({
      store: { ...this.store, commit: fragile(this.store.commit), settle: fragile(this.store.settle), erase: fragile(this.store.erase) },
      identifier: this.identifier,
      clock: () => later(this.seconds),
      notify: () => {},
    });
  }

  good(serial: number, ceremony = 'none'): ProvenVerdict {
    const facts = { at: later(this.seconds), ceremony };
    return serial < 10 ? card(serial, facts) : smartphone(serial, facts);
  }

  of(owner: number): readonly ModelLink[] {
    return this.model.filter((link) => link.account === owner);
  }

  change(owner: number, index: number, next: (link: ModelLink) => ModelLink): Model {
    const target = this.of(owner)[index];
    return this.model.map((link) => (link === target ? settled(next(link)) : link));
  }

  at(owner: number, index: number): Promise<{ account: string; link: string }> {
    return this.store
      .load({ account: `a${owner}` })
      .then((stored) => ({ account: `a${owner}`, link: `${stored?.person ?? 'nobody'}.${index + 1}` }));
  }

  /** Runs one command on ledger and model. */
  async run({ command, crash }: { command: Command; crash: string }): Promise<void> {
    this.seconds += 1;
    this.crash = crash as World['crash'];
    this.fired = 'none';
    const { expected, model, run } = this.plan(command);
    let answer: { readonly ok: boolean; readonly code?: string } | null = null;
    try {
      answer = await run();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    this.crash = 'none';
    if (this.fired !== 'before') this.model = model;
    if (answer !== null) expect(answer.ok ? 'ok' : answer.code).toBe(expected);
    await this.check();
  }

  plan(c: Command): { expected: string; model: Model; run: () => Promise<{ readonly ok: boolean; readonly code?: string }> } {
    const nothing = async () => ({ ok: true });
    switch (c.do) {
      case 'establish':
        return this.planEstablish(c);
      case 'present':
        return this.planPresent(c.certificate);
      case 'revoke':
        this.status.set(c.certificate, 'revoked');
        return { expected: 'ok', model: this.model, run: nothing };
      case 'hold':
        if (this.status.get(c.certificate) === undefined) this.status.set(c.certificate, 'held');
        return { expected: 'ok', model: this.model, run: nothing };
      case 'release':
        if (this.status.get(c.certificate) === 'held') this.status.delete(c.certificate);
        return { expected: 'ok', model: this.model, run: nothing };
      case 'rotate':
        if (this.identifier.keyId === 'k1') {
          this.identifier = hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] });
          this.ledger = this.open();
        }
        return { expected: 'ok', model: this.model, run: nothing };
      case 'erase': {
        const known = this.of(c.account).length > 0;
        return {
          expected: known ? 'ok' : 'link-not-found',
          model: this.model.filter((link) => link.account !== c.account),
          run: () => this.ledger.erase(`a${c.account}`),
        };
      }
      default:
        return this.planChange(c);
    }
  }

  planChange(c: Extract<Command, { link: number }>): ReturnType<World['plan']> {
    const target = this.of(c.account)[c.link];
    const refused = (code: string): string => (target === undefined ? 'link-not-found' : code);
    const act = (run: (at: { account: string; link: string }) => Promise<{ ok: boolean; code?: string }>) => async () =>
      run(await this.at(c.account, c.link));
    const lifted = (holds: ModelLink['holds']) =>
      this.change(c.account, c.link, (link) => ({ ...link, holds: link.holds.filter((hold) => !holds.includes(hold)) }));
    if (c.do === 'suspend') {
      const possible = target !== undefined && live(target);
      const model = possible
        ? this.change(c.account, c.link, (link) => ({ ...link, holds: [...new Set([...link.holds, c.by])] }))
        : this.model;
      return { expected: possible ? 'ok' : refused('link-transition'), model, run: act((at) => this.ledger.suspend(at, { by: c.by })) };
    }
    if (c.do === 'resume') {
      const liftable: ModelLink['holds'] = c.by === 'operator' ? ['operator', 'person'] : ['person'];
      const possible = target?.holds.some((hold) => liftable.includes(hold)) === true;
      return {
        expected: possible ? 'ok' : refused('link-transition'),
        model: possible ? lifted(liftable) : this.model,
        run: act((at) => this.ledger.resume(at, { by: c.by })),
      };
    }
    if (c.do === 'end') {
      const possible = target !== undefined && live(target);
      const model = possible ? this.change(c.account, c.link, (link) => ({ ...link, state: 'ended' })) : this.model;
      return {
        expected: possible ? 'ok' : refused('link-transition'),
        model,
        run: act((at) => this.ledger.end(at, { by: 'person', reason: 'withdrawn' })),
      };
    }
    const serial = target?.[c.side] ?? 1;
    // The verifier gives no proof of a certificate that is not good.
    if (this.status.has(serial)) return { expected: 'ok', model: this.model, run: async () => ({ ok: true }) };
    const possible = target?.holds.includes(c.side) === true;
    return {
      expected: possible ? 'ok' : refused('link-transition'),
      model: possible ? lifted([c.side]) : this.model,
      run: act((at) => this.ledger.resume(at, { verdict: this.good(serial) })),
    };
  }

  planPresent(serial: number): ReturnType<World['plan']> {
    const status = this.status.get(serial);
    const side = serial < 10 ? 'card' : 'phone';
    if (status !== undefined) {
      const model = this.model.map((link) => {
        if (!live(link) || !has(link, serial)) return link;
        return settled(
          status === 'revoked' ? { ...link, state: 'ended' } : { ...link, holds: [...new Set([...link.holds, side] as const)] },
        );
      });
      const facts = { class: `${side === 'card' ? 'card' : 'smartphone'}-user-authentication`, serial, at: later(this.seconds) } as const;
      const verdict = revoked(facts, status === 'revoked' ? 'cessationOfOperation' : 'certificateHold');
      return { expected: 'ok', model, run: () => this.ledger.observe(verdict) };
    }
    const found = this.model.find((link) => live(link) && has(link, serial));
    const expected = found === undefined ? 'link-not-found' : found.state === 'suspended' ? 'link-suspended' : 'ok';
    return { expected, model: this.model, run: () => this.ledger.find({ verdict: this.good(serial) }) };
  }

  planEstablish(c: Extract<Command, { do: 'establish' }>): ReturnType<World['plan']> {
    if (this.status.has(c.card) || this.status.has(c.phone)) return { expected: 'ok', model: this.model, run: async () => ({ ok: true }) };
    const ceremony = `ceremony-${this.ceremonies++}`;
    const run = () =>
      this.ledger.establish(this.good(c.card, ceremony), this.good(c.phone, ceremony), {
        account: `a${c.account}`,
        ceremony: { id: ceremony },
      });
    const shares = (link: ModelLink): boolean => has(link, c.card) || has(link, c.phone);
    const barred = this.of(c.account).some((link) => shares(link) && link.holds.some((hold) => hold === 'operator' || hold === 'person'));
    if (barred) return { expected: 'link-suspended', model: this.model, run };
    const taken = this.model.some((link) => link.account !== c.account && live(link) && shares(link));
    if (taken) return { expected: 'link-other-account', model: this.model, run };
    const before = this.model.map((link) => (link.account === c.account && live(link) ? settled({ ...link, state: 'superseded' }) : link));
    return { expected: 'ok', model: [...before, { account: c.account, card: c.card, phone: c.phone, state: 'active', holds: [] }], run };
  }

  /** Ledger = model; the history rebuilds; at most one live link per account, one account per certificate. */
  async check(): Promise<void> {
    for (const owner of accounts) {
      const history = await this.ledger.history(`a${owner}`);
      const expected = this.of(owner);
      if (expected.length === 0) {
        expect(history).toEqual({ ok: false, code: 'link-not-found' });
        continue;
      }
      if (!history.ok) throw new Error(history.code);
      expect(history.links.map(({ state }) => state)).toEqual(expected.map(({ state }) => state));
      const holds = history.links.map((link) =>
        link.suspensions.map(({ reason, side }) => (side === null ? reason : side === 'from' ? 'card' : 'phone')).sort(),
      );
      expect(holds).toEqual(expected.map((link) => [...link.holds].sort()));
      expect(fold(history.events.map(({ event }) => event))?.links).toEqual(history.links);
      expect(history.links.filter(({ state }) => state === 'active' || state === 'suspended').length).toBeLessThanOrEqual(1);
    }
    for (const serial of [1, 2, 3, 11, 12, 13]) {
      const owners = new Set(this.model.filter((link) => live(link) && has(link, serial)).map((link) => link.account));
      expect(owners.size).toBeLessThanOrEqual(1);
    }
  }
}

test('whatever happens, and wherever it crashes, the ledger is what a naive telling of the same story says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const world = new World();
      for (const next of steps) await world.run(next);
    }),
    { numRuns: 150 },
  );
});
