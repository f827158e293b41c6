import type { Effect } from '../../src/engine/effect.ts';
import type { Envelope } from '../../src/engine/event.ts';
import type { Side } from '../../src/engine/units.ts';

/** One fill as the report draws it. Prices in quote currency. */
export interface FillPoint {
  tradeId: string;
  atMs: number;
  symbol: string;
  /** Last letter of the order id: e entry, l leg, s stop, d disaster, t target, x exit. */
  role: string;
  side: Side;
  price: number;
  quantity: number;
  isMaker: boolean;
}

/** The working stop of the main position from here on. */
export interface StopPoint {
  tradeId: string;
  atMs: number;
  price: number;
}

/** A plan the gate did not let through, or the strategy took back. */
export interface DeclinePoint {
  atMs: number;
  decision: string;
  reasons: readonly string[];
}

interface Steps {
  tickSize: number;
  stepSize: number;
}

/**
 * Watches a run for its report: what fills, where stops stand, what is declined. Give `observe` to
 * the run as its observer. On bars it costs one comparison and a loop over no effects.
 */
export class RunRecorder {
  readonly fills: FillPoint[] = [];
  readonly stops: StopPoint[] = [];
  readonly declines: DeclinePoint[] = [];
  private readonly tradeOf = new Map<string, string>();
  private readonly steps = new Map<string, Steps>();
  private readonly mainSymbol: string;

  constructor(options: {
    mainSymbol: string;
    instruments: readonly { symbol: string; tickSize: string; stepSize: string }[];
  }) {
    this.mainSymbol = options.mainSymbol;
    for (const { symbol, tickSize, stepSize } of options.instruments) {
      this.steps.set(symbol, { tickSize: Number(tickSize), stepSize: Number(stepSize) });
    }
  }

  readonly observe = (envelope: Envelope, effects: readonly Effect[]): void => {
    if (envelope.event.kind === 'order.filled') this.fill(envelope);
    for (let i = 0; i < effects.length; i++) this.effect(effects[i], envelope.atMs);
  };

  private fill({ event, atMs }: Envelope): void {
    if (event.kind !== 'order.filled') return;
    const steps = this.steps.get(event.symbol);
    if (steps === undefined) return;
    this.fills.push({
      tradeId: this.tradeOf.get(event.orderId) ?? '',
      atMs,
      symbol: event.symbol,
      role: event.origin === 'own' ? event.orderId.slice(-1) : '?',
      side: event.side,
      price: event.priceTicks * steps.tickSize,
      quantity: event.lots * steps.stepSize,
      isMaker: event.isMaker,
    });
  }

  private effect(effect: Effect, atMs: number): void {
    if (effect.kind === 'order.submit') {
      const { orderId, tradeId, role, symbol, triggerTicks } = effect.request;
      this.tradeOf.set(orderId, tradeId);
      if (role !== 'stop' || symbol !== this.mainSymbol) return;
      const price = triggerTicks * (this.steps.get(symbol)?.tickSize ?? Number.NaN);
      this.stops.push({ tradeId, atMs, price });
    } else if (effect.kind === 'decision.record' && effect.tradeId === '') {
      const { decision, reasons } = effect;
      this.declines.push({ atMs, decision, reasons: [...reasons] });
    }
  }
}
