import {
  idOf,
  isWireObject,
  numberOf,
  shownOf,
  timeOf,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import type { OrderFact } from '../../engine/event.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { queryRequest, SETTLE_MS, tradesRequest } from './order-params.ts';
import type { TrackedOrder } from './tracked-order.ts';
import { lotsOf } from './user-frame.ts';
import { readUserTrade } from './venue-fill.ts';
import type { LineAnswer, Notice, VenueLine } from './venue-line.ts';
import type { EdgeTime } from './venue-rest.ts';

const AGAIN_MS = 300;
const AGAIN_MS_MAX = 5_000;
const TIMEOUT_MS = 2_000;
/** While nothing answers at all a request costs nothing: asked often, the end of it is seen soon. */
const DEAF_TIMEOUT_MS = 800;

export interface OrderInquiryOptions {
  line: VenueLine;
  time: EdgeTime;
  notice: Notice;
  instruments: ReadonlyMap<string, Instrument>;
  /**
   * Facts with ids as sent; they pass the same door as the stream's. With the venue's time of what
   * happened, where that is told.
   */
  tell: (fact: OrderFact, atMs?: number) => void;
  /** Client ids to ask about. */
  idsOf: (order: TrackedOrder) => string[];
  onChild: (venueId: string, clientId: string) => void;
  /** The order rests although it was to be cancelled. */
  onStillRests: (order: TrackedOrder) => void;
}

/**
 * Asks the venue what became of an order, by client id, until it is known. "Does not exist" counts
 * only when the request cannot be under way any more: sent + window + 2 s. Fills are read from the
 * trade list, each with its own price and fee.
 */
export class OrderInquiry {
  declare private readonly options: OrderInquiryOptions;
  private isDeaf = false;

  constructor(options: OrderInquiryOptions) {
    this.options = options;
  }

  ask(order: TrackedOrder): void {
    if (order.isAsking) return;
    order.isAsking = true;
    this.round(order, AGAIN_MS);
  }

  private round(order: TrackedOrder, againMs: number): void {
    const ids = this.options.idsOf(order);
    let isClear = true;
    const next = (): void => {
      const clientId = ids.shift();
      if (clientId === undefined) {
        if (isClear) order.isAsking = false;
        else this.again(order, againMs);
        return;
      }
      this.look(order, clientId, (known) => {
        isClear &&= known;
        next();
      });
    };
    next();
  }

  private again(order: TrackedOrder, againMs: number): void {
    const nextMs = this.isDeaf ? AGAIN_MS : Math.min(AGAIN_MS_MAX, againMs * 2);
    // The moment from which "does not exist" is the last word is not slept through.
    const untilFinalMs = finalMs(order) - this.options.time.nowMs();
    const waitMs = this.isDeaf ? AGAIN_MS : againMs;
    const isFinalNear = untilFinalMs > 0 && untilFinalMs < waitMs;
    this.later(() => this.round(order, nextMs), isFinalNear ? untilFinalMs : waitMs);
  }

  private look(order: TrackedOrder, clientId: string, done: (known: boolean) => void): void {
    const { line, time } = this.options;
    const { symbol, isConditional } = order;
    const request = queryRequest({ symbol, clientId, isConditional });
    const timeoutMs = this.isDeaf ? DEAF_TIMEOUT_MS : TIMEOUT_MS;
    line.send(request, { urgency: 'protection', timeoutMs }, (answer) => {
      this.isDeaf = answer.kind === 'failed' && answer.failure.status === 0;
      if (answer.kind === 'ok') return this.onStatus(order, { clientId, answer }, done);
      if (answer.rule.reaction !== 'gone') return done(false);
      if (time.nowMs() < finalMs(order)) return done(false);
      const reason = 'the venue does not know it';
      this.options.tell({ kind: 'order.rejected', orderId: clientId, code: -2013, reason });
      done(true);
    });
  }

  private onStatus(
    order: TrackedOrder,
    { clientId, answer }: { clientId: string; answer: Extract<LineAnswer, { kind: 'ok' }> },
    done: (known: boolean) => void,
  ): void {
    const { body } = answer;
    const instrument = this.options.instruments.get(order.symbol);
    if (!isWireObject(body) || instrument === undefined) return this.unclear(order, body, done);
    if (order.isConditional) this.onAlgo(order, { clientId, body, instrument }, done);
    else this.onPlain(order, { clientId, body, instrument }, done);
  }

  private onPlain(
    order: TrackedOrder,
    { clientId, body, instrument }: { clientId: string; body: WireObject; instrument: Instrument },
    done: (known: boolean) => void,
  ): void {
    const { tell } = this.options;
    const orderId = clientId;
    const venueId = idOf(body.orderId);
    const executed = lotsOf(body.executedQty, instrument);
    if (venueId === undefined || executed === undefined) return this.unclear(order, body, done);
    const end = (): void => {
      switch (body.status) {
        case 'NEW':
        case 'PARTIALLY_FILLED':
          tell({ kind: 'order.accepted', orderId, venueId });
          if (order.wantsCancel) this.options.onStillRests(order);
          return done(true);
        case 'FILLED':
          // Filled, but for less than was asked: a reduce-only order was cut to the position. One
          // of an earlier process may have been; the end changes nothing for a filled one.
          if (executed < (order.request?.lots ?? Number.POSITIVE_INFINITY)) {
            tell({ kind: 'order.expired', orderId });
          }
          order.isSettled = true;
          return done(true);
        case 'CANCELED':
          tell({ kind: 'order.cancelled', orderId }, timeOf(body.updateTime));
          return done(true);
        case 'EXPIRED':
        case 'EXPIRED_IN_MATCH':
          tell({ kind: 'order.expired', orderId });
          return done(true);
        case 'REJECTED':
          tell({ kind: 'order.rejected', orderId, code: -2010, reason: 'rejected at the venue' });
          return done(true);
        default:
          return this.unclear(order, body, done);
      }
    };
    if (executed === 0) end();
    else this.fills({ orderId, venueId, instrument, lots: executed }, end, done);
  }

  private onAlgo(
    order: TrackedOrder,
    { clientId, body, instrument }: { clientId: string; body: WireObject; instrument: Instrument },
    done: (known: boolean) => void,
  ): void {
    const { tell, onChild } = this.options;
    const orderId = clientId;
    const venueId = idOf(body.algoId);
    if (venueId === undefined) return this.unclear(order, body, done);
    const child = idOf(body.actualOrderId);
    if (child !== undefined) onChild(child, clientId);
    const lots = body.actualQty === undefined ? 0 : lotsOf(body.actualQty, instrument);
    if (lots === undefined) return this.unclear(order, body, done);
    const end = (): void => {
      switch (body.algoStatus) {
        case 'NEW':
        case 'TRIGGERING':
          tell({ kind: 'order.accepted', orderId, venueId });
          if (order.wantsCancel) this.options.onStillRests(order);
          return done(true);
        case 'TRIGGERED':
          tell({ kind: 'stop.triggered', orderId });
          // The end is still to come.
          return done(false);
        case 'FINISHED':
          tell({ kind: 'stop.finished', orderId, lots }, timeOf(body.updateTime));
          return done(true);
        case 'CANCELED':
          tell({ kind: 'order.cancelled', orderId }, timeOf(body.updateTime));
          return done(true);
        case 'EXPIRED':
          tell({ kind: 'order.expired', orderId });
          return done(true);
        case 'REJECTED':
          tell({ kind: 'stop.rejected', orderId, reason: 'rejected at its trigger' });
          return done(true);
        default:
          return this.unclear(order, body, done);
      }
    };
    if (child === undefined || numberOf(body.actualQty) === 0 || lots === 0) end();
    else this.fills({ orderId, venueId: child, instrument, lots }, end, done);
  }

  /** Tells all fills of an order, and goes on only when they add up. */
  private fills(
    order: { orderId: string; venueId: string; instrument: Instrument; lots: number },
    end: () => void,
    done: (known: boolean) => void,
  ): void {
    const { line, tell, notice } = this.options;
    const { orderId, venueId, instrument } = order;
    const request = tradesRequest({ symbol: instrument.symbol, venueId });
    line.send(request, { urgency: 'protection', timeoutMs: TIMEOUT_MS }, (answer) => {
      if (answer.kind === 'failed' || !Array.isArray(answer.body)) return done(false);
      let lots = 0;
      for (const row of answer.body) {
        const fill = isWireObject(row) ? readUserTrade(row, { orderId, instrument }) : 'no object';
        if (!isWireObject(row) || typeof fill === 'string') {
          notice('alarm', 'VENUE_UNSUPPORTED', `trade of ${orderId}: ${fill}`);
          return done(false);
        }
        lots += fill.lots;
        // It is ours by the query, whatever id the venue gave the triggered order.
        tell({ ...fill, origin: 'own' }, timeOf(row.time));
      }
      if (lots < order.lots) return done(false);
      end();
    });
  }

  private unclear(order: TrackedOrder, body: unknown, done: (known: boolean) => void): void {
    const { status, algoStatus } = isWireObject(body) ? body : {};
    const said = isWireObject(body) ? shownOf(status ?? algoStatus) : shownOf(body);
    const text = `answer about ${order.orderId} cannot be read: ${said}`;
    this.options.notice('alarm', 'VENUE_UNSUPPORTED', text);
    done(false);
  }

  private later(run: () => void, afterMs: number): void {
    const { time } = this.options;
    time.wake(time.nowMs() + afterMs, run);
  }
}

/** Until then the request may still be on its way, or on its way into the lists. */
function finalMs({ sentMs, recvWindowMs }: TrackedOrder): number {
  return sentMs + recvWindowMs + SETTLE_MS;
}
