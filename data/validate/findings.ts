import { AppError } from '../../src/engine/error.ts';

/** Everything that can be wrong with a series of bars. */
export type FindingKind =
  | 'timeUnit'
  | 'disorder'
  | 'duplicate'
  | 'conflict'
  | 'offGrid'
  | 'ohlc'
  | 'unitJump'
  | 'gap'
  | 'zeroVolume'
  | 'noVolume'
  | 'partialBucket';

export type Policy = 'refuse' | 'repair' | 'keep';

export interface Finding {
  kind: FindingKind;
  symbol: string;
  count: number;
  /** What was done about it. */
  policy: Policy;
  text: string;
}

/**
 * Defaults: what can be mended without inventing anything is mended and counted; what would invent
 * a price is refused; what is a fact of the market is kept and told.
 */
export const DEFAULT_POLICY: Readonly<Record<FindingKind, Policy>> = {
  timeUnit: 'repair',
  disorder: 'repair',
  duplicate: 'repair',
  conflict: 'refuse',
  offGrid: 'refuse',
  ohlc: 'refuse',
  unitJump: 'refuse',
  gap: 'keep',
  zeroVolume: 'keep',
  noVolume: 'keep',
  partialBucket: 'keep',
};

/** Collects findings under one policy; a refused one throws at once. */
export class Findings {
  readonly list: Finding[] = [];
  private readonly policy: Readonly<Record<FindingKind, Policy>>;
  private readonly isStrict: boolean;

  constructor(options: { policy?: Partial<Record<FindingKind, Policy>>; strict?: boolean } = {}) {
    this.policy = { ...DEFAULT_POLICY, ...options.policy };
    this.isStrict = options.strict ?? false;
  }

  /**
   * Notes a finding and says what to do. With `strict` nothing is repaired.
   * @throws AppError DATA_<KIND> when the policy is to refuse
   */
  note(kind: FindingKind, symbol: string, count: number, text: string): Policy {
    const wanted = this.policy[kind];
    if (wanted === 'refuse' || (wanted === 'repair' && this.isStrict)) {
      const hint = this.isStrict ? 'run without --strict to repair it' : 'mend the file';
      throw new AppError(`DATA_${kind.toUpperCase()}`, text, hint);
    }
    this.list.push({ kind, symbol, count, policy: wanted, text });
    return wanted;
  }
}
