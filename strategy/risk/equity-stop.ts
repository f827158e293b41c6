import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { accountR } from './account-r.ts';

export interface EquityStopOptions {
  reference: 'ath' | 'high20d';
  limit: { r: number } | { percent: number };
  /**
   * `latch` refuses until the operator resumes (the reference then starts anew); `rearm` allows
   * again above the limit; `observe` only notes when it would have stopped.
   */
  onBreach: 'latch' | 'rearm' | 'observe';
  baseRiskPercent: number;
}

/** Equity-curve stop (decision 39): no entries once equity is below its peak by the limit. */
export class EquityStop implements RiskRule {
  readonly id = 'equityStop';
  /** When it would first have stopped, ms; NaN if never. Reported in `observe` runs. */
  firstBreachMs = Number.NaN;
  breaches = 0;
  declare private readonly options: EquityStopOptions;
  private isLatched = false;
  private latchedPeak = Number.NaN;

  constructor(options: EquityStopOptions) {
    this.options = options;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const { reference, onBreach } = this.options;
    const peak = reference === 'ath' ? view.equityPeak : view.equityPeak20d;
    const floor = peak - this.limit(peak);
    const isBreached = view.equity <= floor;
    // The operator's resume starts the peak anew: a lower peak than the latched one lifts it.
    if (this.isLatched && peak < this.latchedPeak) this.isLatched = false;
    if (isBreached) {
      this.breaches++;
      if (Number.isNaN(this.firstBreachMs)) this.firstBreachMs = view.nowMs;
      if (onBreach === 'latch' && !this.isLatched) {
        this.isLatched = true;
        this.latchedPeak = peak;
      }
    }
    if (onBreach === 'observe' || !(isBreached || this.isLatched)) return ALLOW;
    return {
      outcome: 'refuse',
      reason: `equity ${view.equity.toFixed(2)} is under ${floor.toFixed(2)} (${reference})`,
    };
  }

  save(): unknown {
    return [this.firstBreachMs, this.breaches, this.isLatched, this.latchedPeak];
  }

  load(state: unknown): void {
    [this.firstBreachMs, this.breaches, this.isLatched, this.latchedPeak] = state as [
      number,
      number,
      boolean,
      number,
    ];
  }

  private limit(peak: number): number {
    const { limit, baseRiskPercent } = this.options;
    if ('percent' in limit) return (peak * limit.percent) / 100;
    return limit.r * accountR(baseRiskPercent, peak);
  }
}
