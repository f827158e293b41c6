import type { BarClosed } from '../../src/engine/event.ts';
import type { HedgeLegPlan } from '../../src/engine/plan.ts';
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

/** Share of the last tail loss above which the next one is looked for first. */
const GUESS_SHARE = 0.8;

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
  /** A limit that the next answer probably exceeds; only saves work. */
  private guess = Number.NEGATIVE_INFINITY;

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
   * NaN while they are less than half of the window. What lies far below the last answer cannot be
   * the answer, so a handful of values is left to be put in order; a wrong guess costs a second look.
   */
  private tailLoss(proposal: Proposal): number {
    const { plan } = proposal;
    const main = this.history.ring(plan.symbol);
    const known = this.history.knownCount(plan.symbol);
    if (main === undefined || known < this.history.count / 2) return Number.NaN;
    const { losses } = this;
    for (let place = 0; place < main.length; place++) losses[place] = -plan.direction * main[place];
    for (const leg of plan.hedge?.legs ?? []) this.addLeg(leg);
    // Counted from the top: the 99 % loss is the `rank`-th largest.
    const rank = known - Math.min(known - 1, Math.floor(0.99 * known));
    let kept = this.keepAbove(this.guess);
    if (kept < rank) kept = this.keepAbove(Number.NEGATIVE_INFINITY);
    const tail = selectKth(losses.subarray(0, kept), kept - rank);
    this.guess = GUESS_SHARE * tail;
    return tail;
  }

  private addLeg(leg: HedgeLegPlan): void {
    const ring = this.history.ring(leg.symbol);
    if (ring === undefined) return;
    const { losses } = this;
    const weight = leg.direction * leg.notionalRatio;
    for (let place = 0; place < losses.length; place++) {
      // A leg without a value there covers nothing.
      if (!Number.isNaN(ring[place])) losses[place] -= weight * ring[place];
    }
  }

  /** Moves the known losses above a limit to the front; returns how many. NaN is above nothing. */
  private keepAbove(limit: number): number {
    const { losses } = this;
    let kept = 0;
    for (let place = 0; place < losses.length; place++) {
      const loss = losses[place];
      if (!(loss > limit)) continue;
      losses[place] = losses[kept];
      losses[kept++] = loss;
    }
    return kept;
  }
}
