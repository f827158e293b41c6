import type { BarClosed } from '../../src/engine/event.ts';
import type { HedgeLegPlan, HedgePlan } from '../../src/engine/plan.ts';
import type { StrategyView } from '../../src/engine/strategy.ts';
import type { Direction } from '../../src/engine/units.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/engine/units.ts';
import { ReturnHistory } from '../risk/return-history.ts';
import { betaOf, type LegRisk, minVarianceRatios } from './beta.ts';

export interface HedgeOptions {
  mode: 'proportional' | 'minVariance' | 'literal';
  /** Part of BTC's beta to remove, 0.5 to 0.7 in the documents. */
  factor: number;
  correlationMin: number;
  /** Legs that earn funding get up to this much more of the split. */
  fundingTiltMax: number;
  makerWaitMs: number;
  onFail: HedgePlan['onFail'];
  /** Leg stop: this many ATR14 beyond the block edge or the beta-scaled distance. */
  stopAtr: number;
  /** Blocks farther than this many ATR14 are not used for the leg's stop. */
  blockWithinAtr: number;
  /** A leg whose ratio is off by more than this part is rebalanced, once a trade; 0 never. */
  rebalanceDrift: number;
}

/** What a leg's own chart says; fed with the same bars as everything else. */
export interface LegChart {
  onBar(bar: BarClosed): void;
  readonly atr: number;
  /** Far edge of the nearest active block against a position of this direction; NaN without one. */
  opposingEdge(direction: Direction): number;
  save(): unknown;
  load(state: unknown): void;
}

const RETURNS = 60;
const RETURNS_MIN = 20;

/**
 * Plans the hedge legs (decisions 32 to 36). Betas and correlations come from 60 one-minute returns;
 * from coarser bars over 60 minutes, at least 20 returns, else 120 minutes.
 */
export class HedgePlanner {
  declare private readonly options: HedgeOptions;
  declare private readonly symbol: string;
  declare private readonly charts: ReadonlyMap<string, LegChart>;
  declare private readonly history: ReturnHistory;
  declare private readonly count: number;

  constructor(options: {
    hedge: HedgeOptions;
    symbol: string;
    charts: ReadonlyMap<string, LegChart>;
    /** Finest bars that arrive. */
    timeframeMs: number;
  }) {
    this.options = options.hedge;
    this.symbol = options.symbol;
    this.charts = options.charts;
    this.count = betaReturns(options.timeframeMs);
    this.history = new ReturnHistory({
      symbols: [options.symbol, ...options.charts.keys()],
      timeframeMs: options.timeframeMs,
      bars: this.count + 2,
    });
  }

  onBar(bar: BarClosed): void {
    this.history.onBar(bar);
    this.charts.get(bar.symbol)?.onBar(bar);
  }

  /** Undefined when no leg passes the correlation gate: the trade goes unhedged, and says so. */
  plan(request: {
    symbol: string;
    direction: Direction;
    /** BTC's stop distance as a fraction of its price. */
    stopFraction: number;
    view: StrategyView;
  }): HedgePlan | undefined {
    const direction: Direction = request.direction === 1 ? -1 : 1;
    const passed = this.passingLegs();
    if (passed.length === 0) return undefined;
    const ratios = this.ratios(passed, direction, request.view);
    const legs: HedgeLegPlan[] = passed.map((leg, i) => ({
      symbol: leg.symbol,
      direction,
      notionalRatio: ratios[i],
      beta: leg.beta,
      correlation: leg.correlation,
      stopPrice: this.stopPrice(leg, direction, request.stopFraction),
      price: leg.price,
    }));
    const usable = legs.filter((leg) => leg.notionalRatio > 0 && leg.stopPrice > 0);
    if (usable.length === 0) return undefined;
    const { makerWaitMs, onFail } = this.options;
    return { legs: usable, makerWaitMs, onFail };
  }

  /**
   * The open leg that has drifted farthest from what would be planned now, if by more than the limit
   * (decision 33); undefined while any leg fails the correlation gate: then nothing is known better.
   */
  rebalance(
    legs: readonly { symbol: string; notionalRatio: number }[],
    direction: Direction,
    view: StrategyView,
  ): { legSymbol: string; notionalRatio: number } | undefined {
    const limit = this.options.rebalanceDrift;
    if (limit === 0 || legs.length === 0) return undefined;
    const passed = this.passingLegs().filter((leg) => legs.some((l) => l.symbol === leg.symbol));
    if (passed.length < legs.length) return undefined;
    const ratios = this.ratios(passed, direction === 1 ? -1 : 1, view);
    let farthest = limit;
    let found: { legSymbol: string; notionalRatio: number } | undefined;
    for (const [i, { symbol }] of passed.entries()) {
      const held = legs.find((leg) => leg.symbol === symbol)?.notionalRatio ?? Number.NaN;
      const drift = Math.abs(ratios[i] / held - 1);
      if (!(drift > farthest) || !(ratios[i] > 0)) continue;
      farthest = drift;
      found = { legSymbol: symbol, notionalRatio: ratios[i] };
    }
    return found;
  }

  /** Beta and correlation of every leg with enough returns, also where the gate refuses it. */
  estimates(): { symbol: string; beta: number; correlation: number }[] {
    const window = { span: 1, count: this.count };
    const main = this.history.returns(this.symbol, window);
    return [...this.charts.keys()].flatMap((symbol) => {
      const returns = this.history.returns(symbol, window);
      const isEnough = returns.length >= RETURNS_MIN && returns.length === main.length;
      return isEnough ? [{ symbol, ...betaOf(main, returns) }] : [];
    });
  }

  save(): unknown {
    const charts = [...this.charts].map(([symbol, chart]) => [symbol, chart.save()]);
    return { history: this.history.save(), charts };
  }

  load(state: unknown): void {
    const saved = state as { history: unknown; charts: [string, unknown][] };
    this.history.load(saved.history);
    for (const [symbol, chart] of saved.charts) this.charts.get(symbol)?.load(chart);
  }

  private passingLegs(): LegRisk[] {
    const window = { span: 1, count: this.count };
    const main = this.history.returns(this.symbol, window);
    const out: LegRisk[] = [];
    for (const [symbol, chart] of this.charts) {
      const returns = this.history.returns(symbol, window);
      if (returns.length < RETURNS_MIN || returns.length !== main.length) continue;
      const { beta, correlation } = betaOf(main, returns);
      const price = this.history.lastClose(symbol);
      if (!(correlation >= this.options.correlationMin) || !(beta > 0) || !(price > 0)) continue;
      if (!(chart.atr > 0)) continue;
      out.push({ symbol, beta, correlation, returns, price });
    }
    return out;
  }

  private ratios(legs: readonly LegRisk[], direction: Direction, view: StrategyView): number[] {
    const { mode, factor } = this.options;
    if (mode === 'literal') return legs.map((leg) => leg.beta * factor);
    if (mode === 'minVariance') {
      const main = this.history.returns(this.symbol, { span: 1, count: this.count });
      return minVarianceRatios(main, legs).map((ratio) => ratio * factor);
    }
    const weights = this.tiltedWeights(legs, direction, view);
    return legs.map((leg, i) => (factor * weights[i]) / leg.beta);
  }

  /** Equal split, tilted towards legs that earn funding in our direction; sums to one. */
  private tiltedWeights(
    legs: readonly LegRisk[],
    direction: Direction,
    view: StrategyView,
  ): number[] {
    const equal = 1 / legs.length;
    if (legs.length < 2) return [equal];
    const earned = legs.map((leg) => {
      const rate = view.fundingRate(leg.symbol) * (8 / view.fundingIntervalHours(leg.symbol));
      return Number.isNaN(rate) ? 0 : -direction * rate;
    });
    const spread = Math.max(...earned) - Math.min(...earned);
    if (!(spread > 0)) return legs.map(() => equal);
    const mean = earned.reduce((sum, value) => sum + value, 0) / legs.length;
    const tilt = this.options.fundingTiltMax;
    return earned.map((value) => equal * (1 + (tilt * 2 * (value - mean)) / spread));
  }

  /** Nearest opposing block of the leg if near enough, else BTC's distance scaled by beta. */
  private stopPrice(leg: LegRisk, direction: Direction, stopFraction: number): number {
    const chart = this.charts.get(leg.symbol);
    if (chart === undefined) return Number.NaN;
    const buffer = this.options.stopAtr * chart.atr;
    const edge = chart.opposingEdge(direction);
    const distance = (leg.price - edge) * direction;
    if (distance > 0 && distance <= this.options.blockWithinAtr * chart.atr) {
      return edge - direction * buffer;
    }
    return leg.price - direction * (leg.beta * stopFraction * leg.price + buffer);
  }
}

/** How many returns of this timeframe the beta is estimated from. */
export function betaReturns(timeframeMs: number): number {
  const inHour = Math.floor(HOUR_MS / timeframeMs);
  if (timeframeMs <= MINUTE_MS) return RETURNS;
  return inHour >= RETURNS_MIN ? inHour : Math.floor((2 * HOUR_MS) / timeframeMs);
}
