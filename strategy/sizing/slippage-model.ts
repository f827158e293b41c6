import type { BarClosed, BookSampled } from '../../src/engine/event.ts';
import type { CostModel } from '../../src/engine/sizer.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';

/** Half a spread where no book is known: half a basis point. */
export const HALF_SPREAD_DEFAULT = 0.00005;
const MEMORY_BARS = 60;

/**
 * Expected slippage of a taker order as a fraction of price (decision 29):
 * half spread + k x sigma(1m) x sqrt(notional / notional traded in 1m), k = 1. From coarser bars of
 * n minutes sigma is divided by sqrt(n) and volume by n. Square-root impact: Almgren et al. 2005.
 * Sigma and volume are exponential means over 60 of the finest bars.
 */
export class SlippageModel implements CostModel {
  declare private readonly k: number;
  private readonly bySymbol = new Map<string, SymbolFlow>();

  constructor(options: { k: number }) {
    this.k = options.k;
  }

  onBar(bar: BarClosed): void {
    let flow = this.bySymbol.get(bar.symbol);
    if (flow === undefined) {
      flow = { timeframeMs: bar.timeframeMs, close: 0, variance: 0, turnover: 0, halfSpread: -1 };
      this.bySymbol.set(bar.symbol, flow);
    }
    if (bar.timeframeMs > flow.timeframeMs) return;
    if (bar.timeframeMs < flow.timeframeMs) {
      flow.timeframeMs = bar.timeframeMs;
      flow.close = 0;
    }
    if (flow.close > 0) {
      const move = bar.close / flow.close - 1;
      const isFirst = flow.turnover === 0;
      const weight = isFirst ? 1 : 2 / (MEMORY_BARS + 1);
      flow.variance += weight * (move * move - flow.variance);
      flow.turnover += weight * (bar.volume * bar.close - flow.turnover);
    }
    flow.close = bar.close;
  }

  onBook(book: BookSampled): void {
    const flow = this.bySymbol.get(book.symbol);
    if (flow === undefined || !(book.ask > book.bid)) return;
    flow.halfSpread = (book.ask - book.bid) / (book.ask + book.bid);
  }

  slippageFraction(symbol: string, notional: number): number {
    const flow = this.bySymbol.get(symbol);
    if (flow === undefined) return HALF_SPREAD_DEFAULT;
    const halfSpread = flow.halfSpread >= 0 ? flow.halfSpread : HALF_SPREAD_DEFAULT;
    if (!(flow.turnover > 0) || !(notional > 0)) return halfSpread;
    const minutes = flow.timeframeMs / MINUTE_MS;
    const sigma = Math.sqrt(flow.variance / minutes);
    return halfSpread + this.k * sigma * Math.sqrt((notional * minutes) / flow.turnover);
  }

  save(): unknown {
    return [...this.bySymbol].map(([symbol, flow]) => ({ symbol, ...flow }));
  }

  load(state: unknown): void {
    this.bySymbol.clear();
    for (const { symbol, ...flow } of state as (SymbolFlow & { symbol: string })[]) {
      this.bySymbol.set(symbol, flow);
    }
  }
}

interface SymbolFlow {
  timeframeMs: number;
  close: number;
  variance: number;
  /** Quote notional traded a bar. */
  turnover: number;
  /** Fraction of price; -1 while no book has been seen. */
  halfSpread: number;
}
