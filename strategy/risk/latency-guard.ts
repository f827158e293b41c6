import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/**
 * Order latency p95 over ten minutes (decision 42): above `halfAboveMs` risk is halved, above
 * `blockAboveMs` entries are refused; both hold until it is under `releaseBelowMs`. Silent while
 * fewer than 30 samples exist.
 */
export class LatencyGuard implements RiskRule {
  readonly id = 'latencyGuard';
  declare private readonly halfAbove: number;
  declare private readonly blockAbove: number;
  declare private readonly releaseBelow: number;
  private level: 0 | 1 | 2 = 0;

  constructor(options: { halfAboveMs: number; blockAboveMs: number; releaseBelowMs: number }) {
    this.halfAbove = options.halfAboveMs;
    this.blockAbove = options.blockAboveMs;
    this.releaseBelow = options.releaseBelowMs;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const p95 = view.latencyP95Ms;
    if (Number.isNaN(p95) || p95 < this.releaseBelow) this.level = 0;
    else if (p95 > this.blockAbove) this.level = 2;
    else if (p95 > this.halfAbove && this.level === 0) this.level = 1;
    if (this.level === 0) return ALLOW;
    const reason = `order latency p95 ${p95.toFixed(0)} ms`;
    return this.level === 2
      ? { outcome: 'refuse', reason }
      : { outcome: 'shrink', factor: 0.5, reason };
  }

  degraded(view: RiskView): string | undefined {
    return view.mode === 'backtest' ? 'no measured latency in a backtest: silent' : undefined;
  }

  save(): unknown {
    return this.level;
  }

  load(state: unknown): void {
    this.level = state as 0 | 1 | 2;
  }
}
