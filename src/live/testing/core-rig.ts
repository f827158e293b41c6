import { Engine } from '../../engine/engine.ts';
import type { BarClosed, EngineEvent, OrderFilled } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { ExchangePort } from '../../engine/ports.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { ScriptedStrategy, testSession } from '../../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../../store/buffered-store.ts';
import { SqliteStore } from '../../store/sqlite-store.ts';
import { HeldCommitter } from '../../store/testing/store-fixture.ts';
import { LiveCore } from '../live-core.ts';
import { ObserverList, type SessionObserver } from '../session-observer.ts';
import { VirtualTime } from '../virtual-time.ts';
import { RIG_START_MS } from './crash-rig.ts';

/** A core with a disk that answers when told, and an exchange that only listens. */
export class CoreRig {
  readonly time = new VirtualTime(RIG_START_MS);
  readonly held = new HeldCommitter();
  readonly disk = new SqliteStore(':memory:');
  readonly strategy: ScriptedStrategy & { fail?: boolean };
  readonly submitted: OrderRequest[] = [];
  readonly sent: string[] = [];
  readonly notices: string[] = [];
  readonly deadMan: string[] = [];
  /** Requests and dead-man calls in one order. */
  readonly contacts: string[] = [];
  disarmed = 0;
  readonly core: LiveCore;
  /** Thrown by the exchange port when set. */
  failure: Error | undefined;

  readonly observers: ObserverList;
  /** What observers threw. */
  readonly failures: string[] = [];

  constructor(
    options: {
      isSlow?: boolean;
      wrap?: (strategy: Strategy) => Strategy;
      observers?: readonly SessionObserver[];
    } = {},
  ) {
    const own: SessionObserver = { onNotify: ({ code }) => this.notices.push(code) };
    const onFailure = (text: string) => this.failures.push(text);
    this.observers = new ObserverList([own, ...(options.observers ?? [])], onFailure);
    this.strategy = new ScriptedStrategy();
    const wrapped = options.wrap?.(this.strategy) ?? this.strategy;
    const store = new BufferedStore(options.isSlow === true ? this.held : this.disk);
    this.core = new LiveCore({
      createEngine: () => new Engine({ strategies: [wrapped], rules: [], isStrict: false }),
      time: this.time,
      store,
      exchange: this.port(),
      observer: this.observers,
      deadMan: {
        arm: (symbol, countdownMs) => this.noteDeadMan(`arm ${symbol} ${countdownMs}`),
        disarm: (symbol) => this.noteDeadMan(`disarm ${symbol}`),
      },
      onDisarmed: () => this.disarmed++,
    });
    const session = testSession({ mode: 'paper' });
    this.core.deliver(session, 'session');
    // The first snapshot is on the disk; tests begin here.
    this.held.answer();
    this.held.batches.length = 0;
  }

  bar(price: number): void {
    const bar: BarClosed = {
      kind: 'bar.closed',
      symbol: 'BTCUSDT',
      timeframeMs: 60_000,
      openTime: this.time.nowMs() - 60_000,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: 1,
      takerBuyVolume: 1,
      isWarmUp: false,
    };
    this.core.deliver(bar, 'feed');
  }

  venue(event: EngineEvent): void {
    this.core.deliver(event, 'venue');
  }

  fillOf(request: OrderRequest, fillId: string, price: number): OrderFilled {
    const { orderId, symbol, side, lots } = request;
    return {
      kind: 'order.filled',
      orderId,
      fillId,
      symbol,
      side,
      priceTicks: price * 10,
      lots,
      feeUnits: 1,
      feeAsset: 'USDT',
      isMaker: false,
      origin: 'own',
    };
  }

  private noteDeadMan(text: string): void {
    this.deadMan.push(text);
    this.contacts.push(text);
  }

  private port(): ExchangePort {
    const note = (action: string, orderId: string) => {
      if (this.failure !== undefined) throw this.failure;
      this.sent.push(`${action} ${orderId}`);
      this.contacts.push(`${action} ${orderId}`);
    };
    return {
      submit: (request) => {
        note('submit', request.orderId);
        this.submitted.push(request);
      },
      amend: ({ orderId }) => note('amend', orderId),
      cancel: ({ orderId }) => note('cancel', orderId),
      query: ({ orderId }) => note('query', orderId),
    };
  }
}
