/**
 * Certificate policies as a graph (RFC 9618, which replaces the tree of RFC 5280 §6.1): at most one node per policy and depth, so that
 * mappings cost edges and never multiply nodes.
 */
import type { PolicyMapping } from '../certificate/extensions.ts';
import { OID } from '../der/oids.ts';
import type { Account } from './budget.ts';

interface PolicyNode {
  readonly policy: string;
  expected: ReadonlySet<string>;
  readonly parents: readonly PolicyNode[];
  children: number;
}

type Level = Map<string, PolicyNode>;

const ANY = OID.anyPolicy;

export class PolicyGraph {
  readonly #account: Account;
  /** Level i holds the nodes of depth i; null is the NULL graph of RFC 9618. */
  #levels: Level[] | null;

  constructor(account: Account) {
    this.#account = account;
    this.#levels = [new Map([[ANY, { policy: ANY, expected: new Set([ANY]), parents: [], children: 0 }]])];
  }

  get isNull(): boolean {
    return this.#levels === null;
  }

  /** RFC 9618 §5.3 (e): a certificate without policies ends every policy. */
  clear(): void {
    this.#levels = null;
  }

  /** RFC 9618 §5.3 (d). `anyPolicyCounts`: inhibit_anyPolicy is above 0, or the certificate is a self-issued intermediate. */
  addCertificate(policies: readonly string[], anyPolicyCounts: boolean): void {
    const levels = this.#levels;
    if (levels === null) return;
    const above = levels[levels.length - 1] as Level;
    const level: Level = new Map();
    const expecting = this.#nodesByExpectedPolicy(above);
    const anyAbove = above.get(ANY);

    // (1) each policy but anyPolicy, under those that expect it, else under anyPolicy
    for (const policy of policies) {
      if (policy === ANY) continue;
      const parents = expecting.get(policy) ?? (anyAbove === undefined ? null : [anyAbove]);
      if (parents !== null) this.#add(level, policy, parents);
    }
    // (2) anyPolicy stands for everything that is expected and not yet there
    if (anyPolicyCounts && policies.includes(ANY)) {
      for (const [policy, parents] of expecting) if (!level.has(policy)) this.#add(level, policy, parents);
    }
    levels.push(level);
    // (3) what has no child at this depth leads nowhere
    this.#prune();
  }

  /** RFC 9618 §5.4 (b), for a certificate whose mappings name anyPolicy on neither side. */
  applyMappings(mappings: readonly PolicyMapping[], mappingAllowed: boolean): void {
    const levels = this.#levels;
    if (levels === null) return;
    const level = levels[levels.length - 1] as Level;
    const targets = new Map<string, Set<string>>();
    for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
      const known = targets.get(issuerDomainPolicy);
      if (known === undefined) targets.set(issuerDomainPolicy, new Set([subjectDomainPolicy]));
      else known.add(subjectDomainPolicy);
      this.#account.spend('policyNodes');
    }
    for (const [policy, expected] of targets) {
      const node = level.get(policy);
      if (!mappingAllowed) {
        if (node !== undefined) this.#remove(level, node);
      } else if (node !== undefined) {
        node.expected = expected;
      } else {
        const any = level.get(ANY);
        if (any !== undefined) this.#add(level, policy, any.parents).expected = expected;
      }
    }
    if (!mappingAllowed) this.#prune();
  }

  /**
   * RFC 9618 §5.5 (g): the policies all authorities of the path agree on, in the words of the first of them, and the user's choice among them.
   * @param initial user-initial-policy-set.
   */
  userConstrainedPolicies(initial: ReadonlySet<string>): ReadonlySet<string> {
    const levels = this.#levels;
    if (levels === null) return new Set();
    const authorities = new Set<string>();
    for (const level of levels.slice(1)) {
      for (const node of level.values()) {
        if (node.policy !== ANY && node.parents.some((parent) => parent.policy === ANY)) authorities.add(node.policy);
      }
    }
    if (levels[levels.length - 1]?.has(ANY)) authorities.add(ANY);
    if (initial.has(ANY)) return authorities;
    const agreed = new Set<string>();
    for (const policy of initial) if (authorities.has(ANY) || authorities.has(policy)) agreed.add(policy);
    return agreed;
  }

  #nodesByExpectedPolicy(level: Level): Map<string, PolicyNode[]> {
    const byPolicy = new Map<string, PolicyNode[]>();
    for (const node of level.values()) {
      for (const policy of node.expected) {
        this.#account.spend('policyNodes');
        const known = byPolicy.get(policy);
        if (known === undefined) byPolicy.set(policy, [node]);
        else known.push(node);
      }
    }
    return byPolicy;
  }

  #add(level: Level, policy: string, parents: readonly PolicyNode[]): PolicyNode {
    this.#account.spend('policyNodes', 1 + parents.length);
    const node: PolicyNode = { policy, expected: new Set([policy]), parents, children: 0 };
    for (const parent of parents) parent.children += 1;
    level.set(policy, node);
    return node;
  }

  #remove(level: Level, node: PolicyNode): void {
    level.delete(node.policy);
    for (const parent of node.parents) parent.children -= 1;
  }

  /** Deletes nodes above the last level that have no children, upwards; a graph without a last level is NULL. */
  #prune(): void {
    const levels = this.#levels;
    if (levels === null) return;
    for (let depth = levels.length - 2; depth >= 0; depth--) {
      const level = levels[depth] as Level;
      for (const node of [...level.values()]) if (node.children === 0) this.#remove(level, node);
    }
    if ((levels[levels.length - 1] as Level).size === 0) this.#levels = null;
  }
}
