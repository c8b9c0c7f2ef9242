export type { AlgorithmName, AlgorithmPolicy } from '../signature/algorithm.ts';
export { DEFAULT_PATH_BUDGET, type PathBudget } from './budget.ts';
export type { PathCheck, PathCheckName } from './fault.ts';
export type { PathResult, ValidatePathInput } from './types.ts';
export { validatePath } from './validate-path.ts';
