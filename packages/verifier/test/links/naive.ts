import { expect } from 'vitest';
import type { ProvenVerdict } from '../../src/index.ts';
import {
  createLinkLedger,
  fold,
  type HmacIdentifierKey,
  hmacIdentifier,
  type Identifier,
  type LinkLedger,
  type LinkStore,
  memoryLinkStore,
} from '../../src/links/index.ts';
import { KEY, NEW_KEY } from './ledgers.ts';
import { accounts, CARDS, type Command, PHONES } from './stories.ts';
import { claims, has, live, type Model, type ModelLink, settled } from './telling.ts';
import { card, later, revoked, smartphone } from './verdicts.ts';

const KEYS: readonly HmacIdentifierKey[] = [
  { keyId: 'k1', key: KEY },
  { keyId: 'k2', key: NEW_KEY },
  { keyId: 'k3', key: new Uint8Array(32).fill(9) },
];
const keyAt = (rotations: number): HmacIdentifierKey => KEYS[rotations] ?? { keyId: 'k1', key: KEY };

class Crash extends Error {}

export class World {
  readonly store: LinkStore = memoryLinkStore();
  readonly status = new Map<number, 'revoked' | 'held'>();
  model: Model = [];
  seconds = 0;
  ceremonies = 0;
  rotations = 0;
  crash: 'none' | 'before' | 'after' = 'none';
  fired: 'none' | 'before' | 'after' = 'none';
  identifier: Identifier = hmacIdentifier({ keyId: 'k1', key: KEY });
  sessionsEnded: string[] = [];
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
      endSessions: ({ link }) => void this.sessionsEnded.push(link),
    });
  }

  good(serial: number, ceremony = 'none', step?: string): ProvenVerdict {
    const facts = { at: later(this.seconds), ceremony, ...(step === undefined ? {} : { step }) };
    return serial < 10 ? card(serial, facts) : smartphone(serial, facts);
  }

  of(owner: number): readonly ModelLink[] {
    return this.model.filter((link) => link.account === owner);
  }

  chosen({ account: owner, link: wish }: { readonly account: number; readonly link: number }): number {
    return wish === 99 ? wish : wish % Math.max(1, this.of(owner).length);
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
    const { expected, model, run } = this.plan('link' in command ? { ...command, link: this.chosen(command) } : command);
    let answer: { readonly ok: boolean; readonly code?: string } | null = null;
    try {
      answer = await run();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    this.crash = 'none';
    // A sweep that was cut short, between two of its writes perhaps, is run again.
    if (command.do === 'sweep' && this.fired !== 'none') {
      answer = await run();
      this.model = model;
    }
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
        this.rotations = Math.min(this.rotations + 1, KEYS.length - 1);
        this.identifier = hmacIdentifier({ ...keyAt(this.rotations), previous: KEYS.slice(0, this.rotations) });
        this.ledger = this.open();
        return { expected: 'ok', model: this.model, run: nothing };
      case 'sweep':
        return this.planSweep(c.batch);
      case 'renew':
        return this.planRenew(c);
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

  planChange(c: Exclude<Extract<Command, { link: number }>, { do: 'renew' }>): ReturnType<World['plan']> {
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
      const model = possible ? this.change(c.account, c.link, (link) => ({ ...link, state: 'ended', takenBack: 'withdrawn' })) : this.model;
      return {
        expected: possible ? 'ok' : refused('link-transition'),
        model,
        run: act((at) => this.ledger.end(at, { by: 'person', reason: 'withdrawn' })),
      };
    }
    if (c.do === 'undo') {
      // Ends its sessions in any case; what has ended already stays as it is.
      const model =
        target !== undefined && live(target)
          ? this.change(c.account, c.link, (link) => ({ ...link, state: 'ended', takenBack: 'undone' }))
          : this.model;
      return {
        expected: refused('ok'),
        model,
        run: act(async (at) => {
          const result = await this.ledger.undo(at);
          expect(this.sessionsEnded.includes(at.link)).toBe(result.ok);
          this.sessionsEnded = [];
          return result;
        }),
      };
    }
    const serial = target?.[c.side] || 1;
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
      const model = this.struck(serial, status);
      const facts = { class: `${side === 'card' ? 'card' : 'smartphone'}-user-authentication`, serial, at: later(this.seconds) } as const;
      const verdict = revoked(facts, status === 'revoked' ? 'cessationOfOperation' : 'certificateHold');
      return { expected: 'ok', model, run: () => this.ledger.observe(verdict) };
    }
    const relation = serial < 10 && this.seconds % 2 === 0 ? 'authentication-renewal' : 'authentication';
    const found = this.model.find((link) => live(link) && link.relation === relation && has(link, serial));
    const expected = found === undefined ? 'link-not-found' : found.state === 'suspended' ? 'link-suspended' : 'ok';
    return { expected, model: this.model, run: () => this.ledger.find({ verdict: this.good(serial), relation }) };
  }

  struck(serial: number, status: 'revoked' | 'held', among: Model = this.model): Model {
    const side = serial < 10 ? ('card' as const) : ('phone' as const);
    return among.map((link) => {
      if (!live(link) || !has(link, serial)) return link;
      return settled(status === 'revoked' ? { ...link, state: 'ended' } : { ...link, holds: [...new Set([...link.holds, side])] });
    });
  }

  /** Everything the issuer has revoked or holds, in one list. */
  planSweep(batch: number): ReturnType<World['plan']> {
    const listed = [...this.status];
    const model = listed.reduce<Model>((links, [serial, status]) => this.struck(serial, status, links), this.model);
    const revocations = listed.map(([serial, status]) => ({
      issuerKeyId: '0a0b',
      serialNumber: serial.toString(16).padStart(2, '0'),
      reason: status === 'revoked' ? ('cessationOfOperation' as const) : ('certificateHold' as const),
    }));
    return {
      expected: 'ok',
      model,
      run: async () => {
        const { failures } = await this.ledger.reconcile({ revocations, asOf: later(this.seconds), batch });
        return { ok: failures['link-busy'] + failures['link-integrity'] === 0, code: 'failures' };
      },
    };
  }

  planRenew(c: Extract<Command, { do: 'renew' }>): ReturnType<World['plan']> {
    if (this.status.has(c.card)) return { expected: 'ok', model: this.model, run: async () => ({ ok: true }) };
    const ceremony = `ceremony-${this.ceremonies++}`;
    const run = async () => {
      const { account: owner, link } = await this.at(c.account, c.link);
      const context = { account: owner, ceremony: { id: ceremony }, predecessor: { link }, basis: { kind: 'operator' as const } };
      return await this.ledger.renew(this.good(c.card, ceremony, 'renewal'), context);
    };
    const before = this.of(c.account)[c.link];
    if (before === undefined || before.takenBack !== null) return { expected: 'link-not-found', model: this.model, run };
    if (before.card === c.card) return { expected: 'link-disagreement', model: this.model, run };
    const of = (mine: boolean): readonly number[] =>
      this.model.filter((link) => (link.account === c.account) === mine && live(link)).flatMap(claims);
    const isTaken = (serial: number): boolean => !of(true).includes(serial) && of(false).includes(serial);
    // Named by its link, it is known under the key of that time only.
    if (this.rotations > 0 && isTaken(before.card)) return { expected: 'ok', model: this.model, run: async () => ({ ok: true }) };
    const taken = [c.card, before.card].some(isTaken);
    if (taken) return { expected: 'link-other-account', model: this.model, run };
    const relation = 'authentication-renewal' as const;
    const rest = this.model.map((link) =>
      link.account === c.account && live(link) && link.relation === relation ? settled({ ...link, state: 'superseded' as const }) : link,
    );
    const made: ModelLink = {
      account: c.account,
      relation,
      card: c.card,
      phone: 0,
      old: before.card,
      takenBack: null,
      state: 'active',
      holds: [],
    };
    return { expected: 'ok', model: [...rest, made], run };
  }

  planEstablish(c: Extract<Command, { do: 'establish' }>): ReturnType<World['plan']> {
    if (this.status.has(c.card) || this.status.has(c.phone)) return { expected: 'ok', model: this.model, run: async () => ({ ok: true }) };
    const ceremony = `ceremony-${this.ceremonies++}`;
    const run = () =>
      this.ledger.establish(this.good(c.card, ceremony), this.good(c.phone, ceremony), {
        account: `a${c.account}`,
        ceremony: { id: ceremony },
      });
    const touches = (link: ModelLink): boolean => claims(link).includes(c.card) || claims(link).includes(c.phone);
    const barred = this.of(c.account).some(
      (link) =>
        (link.takenBack === 'undone' && link.phone === c.phone) ||
        (touches(link) && link.holds.some((hold) => hold === 'operator' || hold === 'person')),
    );
    if (barred) return { expected: 'link-suspended', model: this.model, run };
    const taken = this.model.some((link) => link.account !== c.account && live(link) && touches(link));
    if (taken) return { expected: 'link-other-account', model: this.model, run };
    const relation = 'authentication' as const;
    const before = this.model.map((link) =>
      link.account === c.account && live(link) && link.relation === relation ? settled({ ...link, state: 'superseded' as const }) : link,
    );
    const made: ModelLink = {
      account: c.account,
      relation,
      card: c.card,
      phone: c.phone,
      old: 0,
      takenBack: null,
      state: 'active',
      holds: [],
    };
    return { expected: 'ok', model: [...before, made], run };
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
        link.suspensions
          .map(({ reason, side }) => (side === null ? reason : side === 'to' && link.relation === 'authentication' ? 'phone' : 'card'))
          .sort(),
      );
      expect(holds).toEqual(expected.map((link) => [...link.holds].sort()));
      expect(fold(history.events.map(({ event }) => event))?.links).toEqual(history.links);
      for (const kind of ['authentication', 'authentication-renewal']) {
        const alive = history.links.filter(({ state, relation }) => relation === kind && (state === 'active' || state === 'suspended'));
        expect(alive.length).toBeLessThanOrEqual(1);
      }
      const stored = await this.store.load({ account: `a${owner}` });
      expect(stored?.claims.length).toBe(new Set(expected.filter(live).flatMap(claims)).size);
    }
    for (const serial of [...CARDS, ...PHONES]) {
      const owners = new Set(this.model.filter((link) => live(link) && claims(link).includes(serial)).map((link) => link.account));
      expect(owners.size).toBeLessThanOrEqual(1);
    }
  }
}
