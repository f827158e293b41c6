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
  /** The largest losses of one check, ascending: as many as the 99 % loss can lie from the top. */
  declare private readonly largest: Float64Array;

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
    this.largest = new Float64Array(count - kthOf(count));
  }

  onBar(bar: BarClosed): void {
    this.history.onBar(bar);
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const perNotional = this.tailLoss(proposal);
    if (Number.isNaN(perNotional)) return ALLOW;
    const unit = accountR(this.basePercent, view.equity);
    const limit = this.limitR * unit;
    const loss = perNotional * proposal.notional;
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

  /**
   * The 99 % loss of the package per unit of main notional over the past half hours that are known;
   * NaN while they are less than half of the window. One pass: only the largest losses are kept in
   * order, and few values ever belong to them.
   */
  private tailLoss(proposal: Proposal): number {
    const { plan } = proposal;
    const main = this.history.ring(plan.symbol);
    if (main === undefined) return Number.NaN;
    const legs = plan.hedge?.legs ?? [];
    const rings = legs.map((leg) => this.history.ring(leg.symbol));
    const { largest } = this;
    largest.fill(Number.NEGATIVE_INFINITY);
    let known = 0;
    for (let place = 0; place < main.length; place++) {
      let loss = -plan.direction * main[place];
      if (Number.isNaN(loss)) continue;
      known++;
      for (let i = 0; i < legs.length; i++) {
        // A leg without a value there covers nothing.
        const move = rings[i]?.[place] ?? Number.NaN;
        if (!Number.isNaN(move)) loss -= legs[i].direction * legs[i].notionalRatio * move;
      }
      if (loss > largest[0]) this.keep(loss);
    }
    if (known < this.history.count / 2) return Number.NaN;
    return largest[largest.length - (known - kthOf(known))];
  }

  /** Puts a loss in its place among the largest, ascending; the smallest of them leaves. */
  private keep(loss: number): void {
    const { largest } = this;
    let at = 1;
    for (; at < largest.length && largest[at] < loss; at++) largest[at - 1] = largest[at];
    largest[at - 1] = loss;
  }
}

/** Place of the 99 % loss among `count` losses in ascending order. */
function kthOf(count: number): number {
  return Math.min(count - 1, Math.floor(0.99 * count));
}
