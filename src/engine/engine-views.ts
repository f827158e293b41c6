import type { Kernel } from './kernel.ts';
import type { RiskView } from './risk-gate.ts';
import type { OpenTradeView, StrategyView } from './strategy.ts';
import { averageEntryTicks, type Leg, mainLeg, type Trade } from './trade.ts';
import type { Direction } from './units.ts';

/** What rules and strategies may read. Getters over the kernel: nothing is copied per bar. */
export class EngineView implements RiskView, StrategyView {
  /** Milliseconds; set by the engine from order acknowledgements. NaN under 30 samples. */
  latencyP95Ms = Number.NaN;
  declare private readonly kernel: Kernel;
  declare private readonly trades: ReadonlyMap<string, Trade>;

  constructor(kernel: Kernel, trades: ReadonlyMap<string, Trade>) {
    this.kernel = kernel;
    this.trades = trades;
  }

  get nowMs(): number {
    return this.kernel.nowMs;
  }

  get mode(): RiskView['mode'] {
    return this.kernel.mode;
  }

  get equity(): number {
    return this.kernel.portfolio.equity();
  }

  get equityAtMidnight(): number {
    return this.kernel.watch.equityAtMidnight;
  }

  get equityPeak(): number {
    return this.kernel.watch.equityPeak;
  }

  get equityPeak20d(): number {
    return this.kernel.watch.equityPeak20d;
  }

  get closedTrades(): number {
    return this.kernel.watch.closedTrades;
  }

  get freeMargin(): number {
    return this.kernel.portfolio.freeMargin(this.kernel.leverage);
  }

  get leverage(): number {
    return this.kernel.leverage;
  }

  get openPackages(): number {
    return this.trades.size;
  }

  /** Marked loss if every stop is hit now, taker costs included; unfilled entries at their budget. */
  get openRisk(): number {
    let risk = 0;
    for (const trade of this.trades.values()) {
      for (const leg of trade.legs) risk += this.legRisk(leg);
      if (trade.entry.stage !== 'done' && mainLeg(trade).filledLots === 0) risk += trade.riskBudget;
    }
    return risk;
  }

  get openSymbols(): readonly string[] {
    const symbols: string[] = [];
    for (const trade of this.trades.values()) {
      for (const leg of trade.legs) if (leg.lots > 0) symbols.push(leg.symbol);
    }
    return symbols;
  }

  dayTradeR(direction: Direction): number {
    return this.kernel.watch.dayTradeR(direction);
  }

  positionDirection(symbol: string): Direction | 0 {
    for (const trade of this.trades.values()) {
      for (const leg of trade.legs) if (leg.symbol === symbol && leg.lots > 0) return leg.direction;
    }
    return 0;
  }

  lastPrice(symbol: string): number {
    return this.kernel.market.of(symbol).last;
  }

  bid(symbol: string): number {
    return this.kernel.market.of(symbol).bid;
  }

  ask(symbol: string): number {
    return this.kernel.market.of(symbol).ask;
  }

  fundingRate(symbol: string): number {
    return this.kernel.market.of(symbol).fundingRate;
  }

  fundingIntervalHours(symbol: string): number {
    return this.kernel.market.of(symbol).fundingIntervalHours;
  }

  tradeOn(symbol: string): OpenTradeView | undefined {
    for (const trade of this.trades.values()) {
      if (trade.plan.symbol === symbol) return this.openTrade(trade);
    }
    return undefined;
  }

  private openTrade(trade: Trade): OpenTradeView {
    const leg = mainLeg(trade);
    const instrument = this.kernel.instrument(leg.symbol);
    return {
      tradeId: trade.tradeId,
      direction: trade.plan.direction,
      phase: trade.phase === 'closed' ? 'closing' : trade.phase,
      entryPrice: averageEntryTicks(leg) * instrument.tick,
      firstFillMs: trade.firstFillMs,
      stopPrice: instrument.price(leg.stopTicks),
      targetsFilled: trade.targetsFilled,
      isTrailing: trade.isTrailing,
      isRebalanced: trade.isRebalanced,
      legs: this.openLegs(trade),
    };
  }

  private openLegs(trade: Trade): OpenTradeView['legs'] {
    const main = this.legNotional(mainLeg(trade));
    return trade.legs
      .filter((leg) => leg.hedge !== undefined && leg.lots > 0)
      .map((leg) => ({ symbol: leg.symbol, notionalRatio: this.legNotional(leg) / main }));
  }

  private legNotional(leg: Leg): number {
    return this.kernel.instrument(leg.symbol).quantity(leg.lots) * this.lastPrice(leg.symbol);
  }

  private legRisk(leg: Leg): number {
    if (leg.lots === 0) return 0;
    const instrument = this.kernel.instrument(leg.symbol);
    const mark = this.kernel.market.valuation(leg.symbol);
    const stop = instrument.price(leg.stopTicks);
    const quantity = instrument.quantity(leg.lots);
    const loss = Math.max(0, (mark - stop) * leg.direction);
    return quantity * (loss + stop * this.kernel.takerFee(leg.symbol));
  }
}
