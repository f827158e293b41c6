import type { BarClosed } from '../../src/engine/event.ts';
import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { DAY_MS, MINUTE_MS } from '../../src/engine/units.ts';
import { accountR } from './account-r.ts';
import { ReturnHistory } from './return-history.ts';

/**
 * Historical value at risk of the whole package (decision 44): the 99 % loss over overlapping
 * 30-minute returns of the last 30 days, weighted by the package's notionals, may not exceed
 * `limitR` account-R; the risk shrinks to fit. Silent until half the window is there.
 */
export class ValueAtRiskCap implements RiskRule {
  readonly id = 'valueAtRisk';
  private readonly limitR: number;
  private readonly basePercent: number;
  private readonly span: number;
  private readonly count: number;
  private readonly history: ReturnHistory;

  constructor(options: {
    symbols: readonly string[];
    timeframeMs: number;
    limitR: number;
    baseRiskPercent: number;
  }) {
    this.limitR = options.limitR;
    this.basePercent = options.baseRiskPercent;
    this.span = Math.max(1, Math.round((30 * MINUTE_MS) / options.timeframeMs));
    this.count = Math.round((30 * DAY_MS) / options.timeframeMs);
    this.history = new ReturnHistory({
      symbols: options.symbols,
      timeframeMs: options.timeframeMs,
      bars: this.count + this.span + 1,
    });
  }

  onBar(bar: BarClosed): void {
    this.history.onBar(bar);
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const { plan } = proposal;
    const window = { span: this.span, count: this.count };
    const losses = this.history.returns(plan.symbol, window).slice();
    if (losses.length < this.count / 2) return ALLOW;
    for (let i = 0; i < losses.length; i++) losses[i] *= -plan.direction;
    for (const leg of plan.hedge?.legs ?? []) {
      const returns = this.history.returns(leg.symbol, window);
      const n = Math.min(returns.length, losses.length);
      // Aligned at the newest end; a leg with a shorter history covers only its part.
      for (let back = 1; back <= n; back++) {
        const loss = leg.direction * leg.notionalRatio * returns[returns.length - back];
        losses[losses.length - back] -= loss;
      }
    }
    losses.sort();
    const var99 = losses[Math.min(losses.length - 1, Math.floor(0.99 * losses.length))];
    const loss = var99 * proposal.notional;
    const limit = this.limitR * accountR(this.basePercent, view.equity);
    if (!(loss > limit)) return ALLOW;
    const text = (loss / accountR(this.basePercent, view.equity)).toFixed(2);
    return { outcome: 'shrink', factor: limit / loss, reason: `99 % loss in 30 min is ${text} R` };
  }

  save(): unknown {
    return this.history.save();
  }

  load(state: unknown): void {
    this.history.load(state);
  }
}
