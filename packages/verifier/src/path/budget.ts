/** Work is bounded before it is done: each kind of it has its own limit and its own code. */
import type { VerdictCode } from '../codes.ts';

export interface PathBudget {
  /** Octets of one certificate. */
  readonly certificateBytes: number;
  /** Certificates handed in as intermediates. */
  readonly intermediates: number;
  /** Certificates in one path, anchor not counted. */
  readonly depth: number;
  /** Candidate issuers looked at while building. */
  readonly candidates: number;
  /** Signatures verified, of certificates and of status data. */
  readonly signatures: number;
  /** Nodes and edges of policy graphs. */
  readonly policyNodes: number;
  /** Comparisons of a name with the base of a subtree. */
  readonly nameComparisons: number;
  /** CRLs and OCSP responses handed in. */
  readonly statusObjects: number;
}

export const DEFAULT_PATH_BUDGET: PathBudget = Object.freeze({
  certificateBytes: 65_536,
  intermediates: 1_000,
  depth: 16,
  candidates: 10_000,
  signatures: 1_000,
  policyNodes: 10_000,
  nameComparisons: 250_000,
  statusObjects: 1_000,
});

type Spendable = 'candidates' | 'signatures' | 'policyNodes' | 'nameComparisons';

const CODE: Readonly<Record<Spendable, VerdictCode>> = {
  candidates: 'budget-path',
  signatures: 'budget-signatures',
  policyNodes: 'budget-policy',
  nameComparisons: 'budget-names',
};

/** Ends one validation: never leaves `validatePath`. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
  readonly code: VerdictCode;

  constructor(code: VerdictCode) {
    super(code);
    this.code = code;
  }
}

/** What one call of `validatePath` has left to spend. */
export class Account {
  readonly limits: PathBudget;
  readonly #left: Record<Spendable, number>;

  constructor(limits: PathBudget) {
    this.limits = limits;
    const { candidates, signatures, policyNodes, nameComparisons } = limits;
    this.#left = { candidates, signatures, policyNodes, nameComparisons };
  }

  /** Takes `amount` units; throws `BudgetSpent` when there are not that many left. */
  spend(what: Spendable, amount = 1): void {
    this.#left[what] -= amount;
    if (this.#left[what] < 0) throw new BudgetSpent(CODE[what]);
  }
}
