import { type Bars, createBars } from '../../../data/bars/bars.ts';
import type { EngineEvent } from '../../../src/engine/event.ts';
import type { OrderRequest } from '../../../src/engine/order.ts';
import { testSpec } from '../../../src/engine/testing/engine-fixture.ts';
import { SimulatedExchange, type SimulatedExchangeOptions } from '../simulated-exchange.ts';

export const START_MS = Date.UTC(2025, 0, 6, 12);
export const MINUTE = 60_000;
export const BTC = 'BTCUSDT';

export type Row = readonly [open: number, high: number, low: number, close: number];

export function barsOf(rows: readonly Row[], symbol = BTC): Bars {
  const source = { kind: 'simulated' as const, names: ['typed by hand'] };
  const bars = createBars({ symbol, timeframeMs: MINUTE, length: rows.length, source });
  rows.forEach(([open, high, low, close], i) => {
    bars.openTime[i] = START_MS + i * MINUTE;
    bars.open[i] = open;
    bars.high[i] = high;
    bars.low[i] = low;
    bars.close[i] = close;
    bars.volume[i] = 100;
  });
  return bars;
}

/** An order of trade t1 on BTCUSDT: 1 BTC, 0.1 ticks, 0.001 lots. Prices in USDT. */
export function order(
  ask: Partial<OrderRequest> & { price?: number; trigger?: number; quantity?: number },
): OrderRequest {
  const { price = 0, trigger = 0, quantity = 1, ...rest } = ask;
  return {
    orderId: 'o1',
    tradeId: 't1',
    strategyId: 'test',
    role: 'entry',
    symbol: BTC,
    instrumentVersion: 1,
    side: 'buy',
    type: trigger > 0 ? 'stopMarket' : price > 0 ? 'limit' : 'market',
    timeInForce: 'GTC',
    priceTicks: Math.round(price * 10),
    lots: Math.round(quantity * 1000),
    reduceOnly: false,
    closePosition: false,
    triggerTicks: Math.round(trigger * 10),
    triggerSource: 'contract',
    ...rest,
  };
}

/** What came out, readable: `+150 order.filled o1 buy 1 @ 60000 taker`. */
export class VenueDriver {
  readonly exchange: SimulatedExchange;
  readonly lines: string[] = [];
  readonly facts: EngineEvent[] = [];
  /** Called with each fact, so that a script can react. */
  onFact: (fact: EngineEvent, atMs: number) => void = () => {};

  constructor(options: Partial<SimulatedExchangeOptions> = {}) {
    const fee = { makerE8: 20_000, takerE8: 50_000 };
    this.exchange = new SimulatedExchange({
      instruments: [testSpec(BTC), testSpec('ETHUSDT')],
      brackets: {},
      feeRates: { [BTC]: fee, ETHUSDT: fee },
      quoteAsset: 'USDT',
      cashUnits: 100_000e8,
      leverage: 10,
      orderLatencyMs: 50,
      responseLatencyMs: 50,
      pathOrder: 'worst',
      makerFromBars: false,
      costs: { slippageFraction: () => 0 },
      ...options,
    });
    this.exchange.setTime(START_MS);
  }

  send(...requests: OrderRequest[]): this {
    for (const request of requests) this.exchange.submit(request);
    return this;
  }

  /** Sends requests at this many ms after the start of the first bar, once time is there. */
  at(afterMs: number, act: () => void): this {
    this.pending.push({ atMs: START_MS + afterMs, act });
    return this;
  }

  private readonly pending: { atMs: number; act: () => void }[] = [];

  run(bars: Bars): this {
    const { exchange } = this;
    for (let i = 0; i < bars.length; i++) {
      exchange.setBar(bars.symbol, bars, i);
      const endMs = bars.openTime[i] + bars.timeframeMs;
      for (;;) {
        const nextMs = exchange.nextMs();
        const due = this.pending[0];
        if (due !== undefined && due.atMs <= Math.min(nextMs, endMs)) {
          this.pending.shift();
          exchange.setTime(due.atMs);
          due.act();
        } else if (nextMs <= endMs) this.take(nextMs);
        else break;
      }
    }
    return this;
  }

  private take(atMs: number): void {
    const fact = this.exchange.step();
    if (fact === undefined) return;
    this.exchange.setTime(atMs);
    this.facts.push(fact);
    this.lines.push(`+${atMs - START_MS} ${describeFact(fact)}`);
    this.onFact(fact, atMs);
  }
}

function describeFact(fact: EngineEvent): string {
  switch (fact.kind) {
    case 'order.filled': {
      const how = fact.origin === 'own' ? (fact.isMaker ? 'maker' : 'taker') : fact.origin;
      const id = fact.origin === 'own' ? `${fact.orderId} ` : '';
      return `filled ${id}${fact.side} ${fact.lots / 1000} @ ${fact.priceTicks / 10} ${how}`;
    }
    case 'order.rejected':
      return `rejected ${fact.orderId} ${fact.code}`;
    case 'order.cancelRejected':
      return `cancelRejected ${fact.orderId} ${fact.code}`;
    case 'stop.finished':
      return `stop.finished ${fact.orderId} ${fact.lots / 1000}`;
    case 'order.accepted':
    case 'order.cancelled':
    case 'order.expired':
    case 'stop.triggered':
    case 'stop.rejected':
      return `${fact.kind.replace('order.', '')} ${fact.orderId}`;
    default:
      return fact.kind;
  }
}
