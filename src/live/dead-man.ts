import type { OrderRequest } from '../engine/order.ts';
import type { OrderStore } from '../engine/order-book-keeping.ts';
import type { DeadManPort, TimePort, WakeUp } from './ports.ts';

/** The venue cancels resting entries this long after the last sign of life. */
export const COUNTDOWN_MS = 5_000;
const REARM_MS = 2_000;

interface Armed {
  orderIds: Set<string>;
  again: WakeUp;
}

/**
 * A resting entry must not outlive the process: while one is open on a symbol the venue's own timer
 * runs there. It would cancel targets as well, so it is stopped before a ladder goes out and when
 * the entry is over; whether it has touched the stop is looked up then.
 */
export class DeadMan {
  declare private readonly options: {
    time: TimePort;
    port: DeadManPort;
    onDisarmed: () => void;
  };
  private readonly armed = new Map<string, Armed>();

  constructor(options: { time: TimePort; port: DeadManPort; onDisarmed: () => void }) {
    this.options = options;
  }

  /** Right before an order leaves. */
  readonly onSubmit = ({ role, symbol, orderId }: OrderRequest): void => {
    if (role === 'target') this.disarm(symbol);
    if (role !== 'entry' && role !== 'legEntry') return;
    const known = this.armed.get(symbol);
    known?.again.cancel();
    const orderIds = (known?.orderIds ?? new Set<string>()).add(orderId);
    this.armed.set(symbol, { orderIds, again: this.arm(symbol) });
  };

  /**
   * At a start: the process before may have left its timers running, and they would cancel the
   * ladder that is placed next. Where an entry of ours still rests the timer is ours now.
   */
  takeOver(symbols: readonly string[], store: OrderStore): void {
    const open = store.openOrders().map(({ request }) => request);
    for (const symbol of symbols) {
      const entries = open.filter(
        ({ role, symbol: its }) => its === symbol && (role === 'entry' || role === 'legEntry'),
      );
      if (entries.length === 0) this.options.port.disarm(symbol);
      else {
        const orderIds = new Set(entries.map(({ orderId }) => orderId));
        this.armed.set(symbol, { orderIds, again: this.arm(symbol) });
      }
    }
  }

  /** After every event: entries that are over need no timer. */
  onHandled(store: OrderStore): void {
    for (const [symbol, { orderIds }] of this.armed) {
      for (const orderId of orderIds) if (!store.isOpen(orderId)) orderIds.delete(orderId);
      if (orderIds.size === 0) this.disarm(symbol);
    }
  }

  /** The process ends on purpose; entries that still rest are cancelled by the venue. */
  stop(): void {
    for (const { again } of this.armed.values()) again.cancel();
    this.armed.clear();
  }

  private arm(symbol: string): WakeUp {
    const { time, port } = this.options;
    port.arm(symbol, COUNTDOWN_MS);
    return time.wake(time.nowMs() + REARM_MS, () => {
      const entry = this.armed.get(symbol);
      if (entry !== undefined) entry.again = this.arm(symbol);
    });
  }

  private disarm(symbol: string): void {
    const entry = this.armed.get(symbol);
    if (entry === undefined) return;
    entry.again.cancel();
    this.armed.delete(symbol);
    this.options.port.disarm(symbol);
    this.options.onDisarmed();
  }
}
