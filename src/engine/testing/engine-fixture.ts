import type { Effect, OrderSubmit } from '../effect.ts';
import { Engine } from '../engine.ts';
import type { BarClosed, EngineEvent, Envelope, OrderFilled, SessionStarted } from '../event.ts';
import type { InstrumentSpec } from '../instrument-spec.ts';
import type { Intent, TradePlan } from '../plan.ts';
import type { RiskRule } from '../risk-gate.ts';
import type { Strategy, StrategyView } from '../strategy.ts';

/** Typed-in filters with today's grids of the three perpetuals. */
export function testSpec(symbol: string): InstrumentSpec {
  const grid: Record<string, [string, string, string]> = {
    BTCUSDT: ['0.10', '0.001', '50'],
    ETHUSDT: ['0.01', '0.001', '20'],
    SOLUSDT: ['0.01', '0.01', '5'],
  };
  const [tickSize, stepSize, minNotional] = grid[symbol];
  return {
    symbol,
    version: 1,
    baseAsset: symbol.replace('USDT', ''),
    quoteAsset: 'USDT',
    tickSize,
    stepSize,
    minNotional,
    maxQuantity: '1000',
    maxMarketQuantity: '120',
    percentUp: '1.05',
    percentDown: '0.95',
    liquidationFee: '0.0125',
    trading: true,
  };
}

export const TEST_SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

export function testSession(overrides: Partial<SessionStarted> = {}): SessionStarted {
  const feeRates = { makerE8: 20_000, takerE8: 50_000 };
  return {
    kind: 'session.started',
    mode: 'backtest',
    bootId: 'test0001',
    codeVersion: 'test',
    configHash: 'test',
    dataHash: 'test',
    calendarHash: 'test',
    seed: 1,
    cashUnits: 10_000e8,
    quoteAsset: 'USDT',
    leverage: 20,
    instruments: TEST_SYMBOLS.map(testSpec),
    brackets: {},
    feeRates: Object.fromEntries(TEST_SYMBOLS.map((symbol) => [symbol, feeRates])),
    ...overrides,
  };
}

/** Returns the intents it is given, once, at the next bar. */
export class ScriptedStrategy implements Strategy {
  readonly id: string;
  readonly symbols: readonly string[];
  private queue: Intent[] = [];

  constructor(id = 'script', symbols: readonly string[] = TEST_SYMBOLS) {
    this.id = id;
    this.symbols = symbols;
  }

  next(...intents: Intent[]): void {
    this.queue.push(...intents);
  }

  onBar(_bar: BarClosed, _view: StrategyView): readonly Intent[] {
    const out = this.queue;
    this.queue = [];
    return out;
  }

  save(): unknown {
    return structuredClone(this.queue);
  }

  load(state: unknown): void {
    this.queue = structuredClone(state) as Intent[];
  }
}

type FillOptions = Partial<Pick<OrderFilled, 'lots' | 'isMaker' | 'origin' | 'filledMs'>>;

/** Drives an engine by hand: sequence numbers, time, and readable access to effects. */
export class EngineDriver {
  readonly engine: Engine;
  readonly strategy: ScriptedStrategy;
  readonly log: Envelope[] = [];
  seq = 0;
  nowMs = Date.UTC(2025, 0, 6, 12);
  effects: Effect[] = [];
  private fillCount = 0;

  constructor(
    options: {
      rules?: readonly RiskRule[];
      session?: Partial<SessionStarted>;
      engine?: Engine;
      strategy?: ScriptedStrategy;
    } = {},
  ) {
    this.strategy = options.strategy ?? new ScriptedStrategy();
    const strategies = [this.strategy];
    this.engine = options.engine ?? new Engine({ strategies, rules: options.rules ?? [] });
    this.send(testSession(options.session));
  }

  send(event: EngineEvent, afterMs = 0): Effect[] {
    this.nowMs += afterMs;
    const envelope: Envelope = { seq: ++this.seq, atMs: this.nowMs, source: 'venue', event };
    this.log.push(structuredClone(envelope));
    this.effects = [...this.engine.handle(envelope)];
    return this.effects;
  }

  bar(symbol: string, close: number, range: { high?: number; low?: number } = {}): Effect[] {
    return this.send({
      kind: 'bar.closed',
      symbol,
      timeframeMs: 180_000,
      openTime: this.nowMs - 180_000,
      open: close,
      high: range.high ?? close,
      low: range.low ?? close,
      close,
      volume: 100,
      takerBuyVolume: 50,
      isWarmUp: false,
    });
  }

  /** Submits of the last event, optionally of one role. */
  submits(role?: string): OrderSubmit['request'][] {
    return this.effects
      .filter((effect) => effect.kind === 'order.submit')
      .map((effect) => effect.request)
      .filter((request) => role === undefined || request.role === role);
  }

  cancels(): string[] {
    return this.effects
      .filter((effect) => effect.kind === 'order.cancel')
      .map((effect) => effect.orderId);
  }

  accept(orderId: string): Effect[] {
    return this.send({ kind: 'order.accepted', orderId, venueId: `v${orderId}` }, 1);
  }

  cancelled(orderId: string): Effect[] {
    return this.send({ kind: 'order.cancelled', orderId }, 1);
  }

  reject(orderId: string, code: number): Effect[] {
    return this.send({ kind: 'order.rejected', orderId, code, reason: 'test' }, 1);
  }

  /** Fills an order of ours; the fee is what the rates say. */
  fill(
    request: { orderId: string; symbol: string; side: 'buy' | 'sell'; lots: number },
    price: number,
    options: FillOptions = {},
  ): Effect[] {
    const instrument = this.engine.inspect().kernel.instrument(request.symbol);
    const priceTicks = instrument.toTicks(price, 'nearest');
    const lots = options.lots ?? request.lots;
    const isMaker = options.isMaker ?? false;
    const notional = instrument.notional(priceTicks, lots);
    return this.send(
      {
        kind: 'order.filled',
        orderId: request.orderId,
        fillId: `f${++this.fillCount}`,
        symbol: request.symbol,
        side: request.side,
        priceTicks,
        lots,
        feeUnits: Math.ceil(notional * (isMaker ? 0.0002 : 0.0005)),
        feeAsset: 'USDT',
        isMaker,
        origin: options.origin ?? 'own',
        ...(options.filledMs === undefined ? {} : { filledMs: options.filledMs }),
      },
      1,
    );
  }

  timer(): Effect[] {
    const timerId = this.engine.nextTimerId();
    if (timerId === undefined) throw new Error('no timer is set');
    this.nowMs = Math.max(this.nowMs, this.engine.nextTimerMs());
    return this.send({ kind: 'timer.fired', timerId });
  }
}

/** A long on BTCUSDT at 100,000 with the stop 500 below: 1 R is 75 USDT at 0.75 % of 10,000. */
export function testPlan(overrides: Partial<TradePlan> = {}): TradePlan {
  return {
    strategyId: 'script',
    tag: 'test',
    reasons: ['because'],
    symbol: 'BTCUSDT',
    direction: 1,
    entry: {
      mode: 'taker',
      decisionPrice: 100_000,
      midPrice: 99_900,
      makerWaitMs: 700,
      iocWorstBps: 6,
      restMs: 540_000,
    },
    stopPrice: 99_500,
    atr: 200,
    disasterMultiple: 2,
    targets: [
      { atR: 1, fraction: 0.3 },
      { atR: 1.5, fraction: 0.3 },
    ],
    breakEven: { afterTarget: 0, capR: 0.5 },
    trailFrom: 'target2',
    timeoutMs: 1_800_000,
    riskPercent: 0.75,
    hedge: undefined,
    context: {},
    ...overrides,
  };
}
