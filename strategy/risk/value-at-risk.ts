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
import { selectKth } from './select.ts';
import { SpanReturns } from './span-returns.ts';

/**
 * Historical value at risk of the whole package (decision 44): the 99 % loss over overlapping
 * 30-minute returns of the last 30 days, weighted by the package's notionals, may not exceed
 * `limitR` account-R; the risk shrinks to fit. Silent until half the window is there.
 */
export class ValueAtRiskCap implements RiskRule {
  readonly id = 'valueAtRisk';
  declare private readonly limitR: number;
  declare private readonly basePercent: number;
  declare private readonly history: SpanReturns;
  declare private readonly losses: Float64Array;

  constructor(options: {
    symbols: readonly string[];
    timeframeMs: number;
    limitR: number;
    baseRiskPercent: number;
  }) {
    this.limitR = options.limitR;
    this.basePercent = options.baseRiskPercent;
    const span = Math.max(1, Math.round((30 * MINUTE_MS) / options.timeframeMs));
    // Windows begin every 15 minutes: they overlap by half, closer ones would repeat each other.
    const stride = Math.max(1, span >> 1);
    const count = Math.round((30 * DAY_MS) / (options.timeframeMs * stride));
    this.history = new SpanReturns({
      symbols: options.symbols,
      timeframeMs: options.timeframeMs,
      span,
      stride,
      count,
    });
    this.losses = new Float64Array(count);
  }

  onBar(bar: BarClosed): void {
    this.history.onBar(bar);
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const losses = this.packageLosses(proposal);
    if (losses.length < this.history.count / 2) return ALLOW;
    const unit = accountR(this.basePercent, view.equity);
    const limit = this.limitR * unit;
    const place = Math.min(losses.length - 1, Math.floor(0.99 * losses.length));
    // Counting what lies beyond the limit answers most plans without ordering anything.
    if (countAbove(losses, limit / proposal.notional) < losses.length - place) return ALLOW;
    const loss = selectKth(losses, place) * proposal.notional;
    if (!(loss > limit)) return ALLOW;
    const text = (loss / unit).toFixed(2);
    return { outcome: 'shrink', factor: limit / loss, reason: `99 % loss in 30 min is ${text} R` };
  }

  save(): unknown {
    return this.history.save();
  }

  load(state: unknown): void {
    this.history.load(state);
  }

  /** Loss of the package per unit of main notional, for every past half hour that is known. */
  private packageLosses(proposal: Proposal): Float64Array {
    const { plan } = proposal;
    const main = this.history.ring(plan.symbol);
    if (main === undefined) return this.losses.subarray(0, 0);
    const legs = plan.hedge?.legs ?? [];
    const rings = legs.map((leg) => this.history.ring(leg.symbol));
    let filled = 0;
    for (let place = 0; place < main.length; place++) {
      if (Number.isNaN(main[place])) continue;
      let loss = -plan.direction * main[place];
      for (let i = 0; i < legs.length; i++) {
        // A leg without a value there covers nothing.
        const move = rings[i]?.[place] ?? Number.NaN;
        if (!Number.isNaN(move)) loss -= legs[i].direction * legs[i].notionalRatio * move;
      }
      this.losses[filled++] = loss;
    }
    return this.losses.subarray(0, filled);
  }
}

function countAbove(values: Float64Array, limit: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > limit) count++;
  return count;
}
