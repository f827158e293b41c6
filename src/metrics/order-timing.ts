import type { Effect } from '../engine/effect.ts';
import type { EngineEvent } from '../engine/event.ts';
import { type OrderRequest, type OrderRole, ROLE_LETTER } from '../engine/order.ts';

/** Orders remembered at once; finished ones are forgotten, so this is never reached in order. */
const ORDERS_MAX = 10_000;

/** What became of an order, as the metrics name it. */
export type OrderOutcome =
  | 'planned'
  | 'accepted'
  | 'withheld'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'filled'
  | 'unknown'
  | 'triggered';

export type OrderStage =
  | 'planned_to_sent'
  | 'sent_to_accepted'
  | 'planned_to_fill'
  | 'cancel_to_done';

export interface TimingSink {
  onOutcome(role: OrderRole | 'foreign', outcome: OrderOutcome): void;
  onFill(role: OrderRole | 'foreign', liquidity: 'maker' | 'taker'): void;
  /** Seconds of one stage of an order's life. */
  onStage(stage: OrderStage, seconds: number): void;
  /** From a fill that opened or grew a position to the acknowledged stop that covers it. */
  onProtected(seconds: number): void;
}

interface KnownOrder {
  role: OrderRole;
  /** Trade and symbol: what a stop protects. */
  position: string;
  plannedMs: number;
  /** NaN until it has left; entries wait for the disk. */
  sentMs: number;
  cancelMs: number;
  hasFilled: boolean;
}

interface KnownStop {
  plannedMs: number;
  /** First fill that it is the first to cover; NaN when there is none. */
  fillMs: number;
  isAccepted: boolean;
}

const ROLE_OF_LETTER = new Map(
  Object.entries(ROLE_LETTER).map(([role, letter]) => [letter, role as OrderRole]),
);

/** Follows orders from the effect to their end, in engine time. */
export class OrderTiming {
  declare private readonly sink: TimingSink;
  private readonly orders = new Map<string, KnownOrder>();
  private readonly stops = new Map<string, KnownStop>();
  /** The newest stop of each position. */
  private readonly newest = new Map<string, KnownStop>();
  /** Fills that no stop has been sent for yet, by position. */
  private readonly naked = new Map<string, number>();

  constructor(sink: TimingSink) {
    this.sink = sink;
  }

  /** What leaves at once is told before the effect it came from. */
  private readonly sentEarly = new Map<string, number>();

  /** Positions with a fill that no acknowledged stop covers. */
  get uncovered(): number {
    let count = this.naked.size;
    for (const stop of this.newest.values()) {
      if (!stop.isAccepted && !Number.isNaN(stop.fillMs)) count++;
    }
    return count;
  }

  onEffect(effect: Effect, atMs: number): void {
    if (effect.kind === 'order.submit') this.onSubmit(effect.request, atMs);
    else if (effect.kind === 'order.cancel') {
      const order = this.orders.get(effect.orderId);
      if (order !== undefined && Number.isNaN(order.cancelMs)) order.cancelMs = atMs;
    } else if (effect.kind === 'decision.record' && effect.decision === 'closed') {
      this.forget(effect.tradeId);
    }
  }

  onSent(orderId: string, atMs: number): void {
    const order = this.orders.get(orderId);
    if (order === undefined) {
      if (this.sentEarly.size < ORDERS_MAX) this.sentEarly.set(orderId, atMs);
    } else this.left(order, atMs);
  }

  onEvent(event: EngineEvent, atMs: number): void {
    switch (event.kind) {
      case 'order.filled': {
        const liquidity = event.isMaker ? 'maker' : 'taker';
        this.sink.onFill(
          event.origin === 'own' ? this.roleOf(event.orderId) : 'foreign',
          liquidity,
        );
        return this.onFill(event.orderId, atMs);
      }
      case 'order.accepted':
        return this.onAccepted(event.orderId, atMs);
      case 'order.rejected':
        return this.end(event.orderId, event.code === -1 ? 'withheld' : 'rejected', atMs);
      case 'stop.rejected':
        return this.end(event.orderId, 'rejected', atMs);
      case 'order.cancelled':
        return this.end(event.orderId, 'cancelled', atMs);
      case 'order.expired':
        return this.end(event.orderId, 'expired', atMs);
      case 'stop.triggered':
        return this.sink.onOutcome(this.roleOf(event.orderId), 'triggered');
      case 'order.unknown':
        return this.sink.onOutcome(this.roleOf(event.orderId), 'unknown');
      default:
    }
  }

  private onSubmit({ orderId, role, tradeId, symbol }: OrderRequest, atMs: number): void {
    const position = `${tradeId} ${symbol}`;
    const times = { plannedMs: atMs, sentMs: Number.NaN, cancelMs: Number.NaN };
    const order = { role, position, ...times, hasFilled: false };
    this.orders.set(orderId, order);
    const sentMs = this.sentEarly.get(orderId);
    if (sentMs !== undefined) {
      this.sentEarly.delete(orderId);
      this.left(order, sentMs);
    }
    for (const oldest of this.orders.keys()) {
      if (this.orders.size <= ORDERS_MAX) break;
      this.orders.delete(oldest);
    }
    this.sink.onOutcome(role, 'planned');
    if (role !== 'stop') return;
    const before = this.newest.get(position);
    // A stop that was replaced before its answer hands its fill on.
    const waiting = before !== undefined && !before.isAccepted ? before.fillMs : Number.NaN;
    const fillMs = Number.isNaN(waiting) ? (this.naked.get(position) ?? Number.NaN) : waiting;
    this.naked.delete(position);
    const stop = { plannedMs: atMs, fillMs, isAccepted: false };
    this.stops.set(orderId, stop);
    this.newest.set(position, stop);
  }

  private left(order: KnownOrder, atMs: number): void {
    order.sentMs = atMs;
    this.sink.onStage('planned_to_sent', (atMs - order.plannedMs) / 1_000);
  }

  private onFill(orderId: string, atMs: number): void {
    const order = this.orders.get(orderId);
    if (order === undefined) return;
    if (!order.hasFilled) {
      order.hasFilled = true;
      this.sink.onOutcome(order.role, 'filled');
      this.sink.onStage('planned_to_fill', (atMs - order.plannedMs) / 1_000);
    }
    if (order.role !== 'entry' && order.role !== 'legEntry') return;
    const stop = this.newest.get(order.position);
    // Effects are told before the event that caused them: the stop may be on its way already.
    if (stop !== undefined && !stop.isAccepted && stop.plannedMs >= atMs) {
      if (Number.isNaN(stop.fillMs)) stop.fillMs = atMs;
    } else if (!this.naked.has(order.position)) this.naked.set(order.position, atMs);
  }

  private onAccepted(orderId: string, atMs: number): void {
    const order = this.orders.get(orderId);
    this.sink.onOutcome(this.roleOf(orderId), 'accepted');
    if (order === undefined) return;
    if (!Number.isNaN(order.sentMs)) {
      this.sink.onStage('sent_to_accepted', (atMs - order.sentMs) / 1_000);
      // A venue may say it twice: over the socket, and as the answer.
      order.sentMs = Number.NaN;
    }
    const stop = this.stops.get(orderId);
    if (stop === undefined || stop.isAccepted) return;
    stop.isAccepted = true;
    if (!Number.isNaN(stop.fillMs)) this.sink.onProtected((atMs - stop.fillMs) / 1_000);
  }

  private end(orderId: string, outcome: OrderOutcome, atMs: number): void {
    this.sink.onOutcome(this.roleOf(orderId), outcome);
    const order = this.orders.get(orderId);
    if (order === undefined) return;
    this.orders.delete(orderId);
    if (outcome === 'cancelled' && !Number.isNaN(order.cancelMs)) {
      this.sink.onStage('cancel_to_done', (atMs - order.cancelMs) / 1_000);
    }
    const stop = this.stops.get(orderId);
    this.stops.delete(orderId);
    if (stop === undefined || stop.isAccepted || Number.isNaN(stop.fillMs)) return;
    // Nothing covers that fill: the next stop will, or the position is closed.
    if (this.newest.get(order.position) === stop) {
      this.newest.delete(order.position);
      this.naked.set(order.position, stop.fillMs);
    }
  }

  private forget(tradeId: string): void {
    const own = `${tradeId} `;
    for (const [orderId, { position }] of this.orders) {
      if (!position.startsWith(own)) continue;
      this.orders.delete(orderId);
      this.stops.delete(orderId);
    }
    for (const map of [this.newest, this.naked]) {
      for (const position of map.keys()) if (position.startsWith(own)) map.delete(position);
    }
  }

  /** Orders of an earlier process are known by the last letter of their id. */
  private roleOf(orderId: string): OrderRole | 'foreign' {
    const known = this.orders.get(orderId)?.role;
    if (known !== undefined) return known;
    if (!orderId.startsWith('qcm-')) return 'foreign';
    return ROLE_OF_LETTER.get(orderId.slice(-1)) ?? 'foreign';
  }
}
