import { idOf, isWireObject, numberOf, shownOf } from '../../../data/binance/wire-fields.ts';
import type { OrderAmend, OrderCancel, OrderQuery } from '../../engine/effect.ts';
import type { EngineEvent, EventSource, OrderFact } from '../../engine/event.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { isConditional, type OrderRequest } from '../../engine/order.ts';
import type { ExchangePort } from '../../engine/ports.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import type { DeadManPort } from '../../live/ports.ts';
import type { VenueFailure } from './error-table.ts';
import { isOwnId, isTwin, twinId } from './order-id.ts';
import { OrderInquiry } from './order-inquiry.ts';
import {
  cancelRequest,
  inBandRequest,
  isEntry,
  PROTECTION_WINDOW_MS,
  recvWindowOf,
  submitRequest,
} from './order-params.ts';
import { StreamWitness } from './stream-witness.ts';
import { type TrackedOrder, TrackedOrders } from './tracked-order.ts';
import { UserFrameReader } from './user-frame.ts';
import { type LineAnswer, type Notice, VenueLine } from './venue-line.ts';
import type { EdgeTime, RestPort, RestRequest } from './venue-rest.ts';

/** A protective request that is not answered by then gets a second stop, or a query. */
export const PROTECTION_TIMEOUT_MS = 800;
const ENTRY_TIMEOUT_MS = 2_500;
/** A cancel or amend that was answered is looked up when the stream has not told its end by then. */
const CONFIRM_MS = 1_000;
const RETRY_MS: readonly number[] = [200, 400, 800];
/** The books ask for another exit by themselves; a hedge has to be closed two seconds after BTC. */
const EXIT_RETRY_MS: readonly number[] = [200, 200, 200];
/** A refused entry is worth sending again only as long as it is news. */
const ENTRY_RETRY_AGE_MS = 500;

interface Sending {
  clientId: string;
  request: OrderRequest;
  attempt: number;
  /** When it was sent for the first time. */
  firstMs: number;
}

export interface BinanceExchangeOptions {
  rest: RestPort;
  time: EdgeTime;
  /** Kept up to date by whoever reads the filters. */
  instruments: ReadonlyMap<string, Instrument>;
  sink: (event: EngineEvent, source: EventSource) => void;
  notice: Notice;
  /** The account must be compared with the books soon. */
  onReconcile: () => void;
  onFiltersDoubted: () => void;
  /** The user stream did not tell what it should have. */
  onMute: (what: string) => void;
}

/**
 * Orders at Binance USD-M futures. Nothing is returned and nothing is guessed: an answer, a frame
 * of the user stream or a query becomes a fact in the sink. An order is never sent a second time;
 * the one exception is a reduce-only stop whose answer is late (`twinId`).
 */
export class BinanceExchange implements ExchangePort, DeadManPort {
  readonly orders = new TrackedOrders();
  declare readonly frames: UserFrameReader;
  declare readonly line: VenueLine;
  declare readonly witness: StreamWitness;
  declare private readonly inquiry: OrderInquiry;
  declare private readonly options: BinanceExchangeOptions;
  private unsupported = 0;

  constructor(options: BinanceExchangeOptions) {
    this.options = options;
    const { rest, time, notice, instruments, onFiltersDoubted, sink } = options;
    const onHalt = (reason: string) =>
      sink({ kind: 'entries.blocked', reason: `venue: ${reason}` }, 'venue');
    this.frames = new UserFrameReader(instruments);
    this.witness = new StreamWitness({ time, onMute: options.onMute });
    this.line = new VenueLine({ rest, time, notice, onHalt, onFiltersDoubted });
    this.inquiry = new OrderInquiry({
      line: this.line,
      time,
      notice,
      instruments,
      tell: (fact, atMs) => {
        this.tell(fact);
        this.witness.expectFact(fact, atMs);
      },
      idsOf: (order) => this.orders.idsOf(order),
      onChild: (venueId, clientId) => this.frames.noteChild(venueId, clientId),
      onStillRests: (order) => this.sendCancel(order),
    });
  }

  submit(request: RiskApproved<OrderRequest>): void {
    const { orderId, symbol } = request;
    const nowMs = this.options.time.nowMs();
    const recvWindowMs = recvWindowOf(request);
    const isAlgo = isConditional(request);
    const head = { orderId, symbol, isConditional: isAlgo, nowMs, recvWindowMs };
    const order = this.orders.track({ ...head, request });
    this.place(order, { clientId: orderId, request, attempt: 0, firstMs: nowMs });
  }

  cancel({ orderId, symbol, isConditional }: OrderCancel): void {
    const order = this.known({ orderId, symbol, isConditional });
    order.wantsCancel = true;
    this.sendCancel(order);
  }

  query({ orderId, symbol, isConditional }: OrderQuery): void {
    const order = this.known({ orderId, symbol, isConditional });
    order.isDoubted = true;
    this.inquiry.ask(order);
  }

  /** Plain limit orders only: a resting stop cannot be amended, it is replaced new before old. */
  amend({ orderId, symbol, priceTicks, lots }: OrderAmend): void {
    const order = this.known({ orderId, symbol, isConditional: false });
    const instrument = this.options.instruments.get(symbol);
    const side = order.request?.side;
    if (instrument === undefined || side === undefined || order.isConditional) {
      this.options.notice('alarm', 'VENUE_AMEND', `${orderId} cannot be amended; it is looked up`);
      this.inquiry.ask(order);
      return;
    }
    const params = {
      symbol,
      side: side === 'buy' ? 'BUY' : 'SELL',
      origClientOrderId: orderId,
      quantity: instrument.formatLots(lots),
      price: instrument.formatTicks(priceTicks),
    };
    const recvWindowMs = order.recvWindowMs;
    const base = { method: 'PUT', api: 'fapiPrivate', path: 'order' } as const;
    const limits = { urgency: 'entry', timeoutMs: ENTRY_TIMEOUT_MS } as const;
    this.line.send({ ...base, params, recvWindowMs }, limits, (answer) => {
      const { status } = answer.kind === 'ok' && isWireObject(answer.body) ? answer.body : {};
      const rests = status === 'NEW' || status === 'PARTIALLY_FILLED';
      if (rests || (answer.kind === 'failed' && answer.rule.reaction === 'done')) {
        return this.tell({ kind: 'order.amended', orderId, priceTicks, lots });
      }
      // Refused, crossed (a post-only order is then cancelled) or unknown: the order itself tells.
      this.confirm(order);
    });
  }

  arm(symbol: string, countdownMs: number): void {
    const params = { symbol, countdownTime: countdownMs };
    const base = { method: 'POST', api: 'fapiPrivate', path: 'countdownCancelAll' } as const;
    const request: RestRequest = { ...base, params, recvWindowMs: PROTECTION_WINDOW_MS };
    this.line.send(request, { urgency: 'protection', timeoutMs: 2_000 }, (answer) => {
      if (answer.kind === 'ok') return;
      const text = `${symbol}: the dead-man timer was not set: ${answer.failure.message}`;
      this.options.notice('warning', 'DEAD_MAN', text);
      // A countdown that runs on would cancel the ladder: stopping it is tried until it is done.
      if (countdownMs === 0) this.later(500, () => this.arm(symbol, 0));
    });
  }

  disarm(symbol: string): void {
    this.arm(symbol, 0);
  }

  /** A frame of the private stream, as text. */
  onFrame(text: string): void {
    const reading = this.frames.read(text);
    this.witness.hear(reading);
    const { sink, notice, onReconcile } = this.options;
    if (reading.unsupported !== undefined) {
      this.unsupported++;
      notice('alarm', 'VENUE_UNSUPPORTED', `${reading.kind} frame: ${reading.unsupported}`);
    }
    if (reading.alarm !== undefined) notice('alarm', 'VENUE_ALARM', reading.alarm);
    for (const event of reading.events) {
      if ('orderId' in event) this.tell(event);
      else sink(event, 'venue');
    }
    if (reading.isFilled) this.endShort(reading.clientId);
    if (reading.needsReconcile) onReconcile();
  }

  /**
   * A reduce-only order that asks for more than the position is cut by the venue, and filled in
   * full as it is then: what was cut off never comes.
   */
  private endShort(clientId: string): void {
    const order = this.orders.get(this.orders.bookId(clientId));
    if (order === undefined || order.isConditional || order.isSettled) return;
    this.tell({ kind: 'order.expired', orderId: clientId });
  }

  unsupportedCount(): number {
    return this.unsupported;
  }

  /** After the stream was away: everything without an end is asked about. */
  askAboutOpen(): void {
    for (const order of this.orders.open()) this.inquiry.ask(order);
  }

  private place(order: TrackedOrder, sending: Sending): void {
    const { request, clientId } = sending;
    const instrument = this.options.instruments.get(request.symbol);
    const isOutdated = instrument?.version !== request.instrumentVersion;
    // Protection leaves whatever the filters are: the venue is the one to refuse it.
    if (instrument === undefined || (isOutdated && isEntry(request))) {
      const reason = `${request.symbol}: its filters have changed since it was planned`;
      this.later(0, () => this.reject(clientId, { code: 0, message: reason }));
      return;
    }
    const isProtective = !isEntry(request);
    const timeoutMs = isProtective ? PROTECTION_TIMEOUT_MS : ENTRY_TIMEOUT_MS;
    const urgency = isProtective ? 'protection' : 'entry';
    const onAnswer = (answer: LineAnswer) => this.onPlaced(order, sending, answer);
    order.sentMs = this.options.time.nowMs();
    const wire = submitRequest(request, { instrument, clientId });
    this.line.send(wire, { urgency, timeoutMs }, onAnswer, onAnswer);
  }

  private onPlaced(order: TrackedOrder, sending: Sending, answer: LineAnswer): void {
    const { clientId, request, attempt, firstMs } = sending;
    if (answer.kind === 'ok') {
      const { body } = answer;
      const venueId = isWireObject(body) ? idOf(body.orderId ?? body.algoId) : undefined;
      if (venueId === undefined) return this.doubt(order, 'acknowledged without an id');
      this.witness.expectOrder(clientId, order.sentMs);
      return this.tell({ kind: 'order.accepted', orderId: clientId, venueId });
    }
    const { failure, rule } = answer;
    if (rule.reaction === 'terminal' || rule.reaction === 'resync' || rule.reaction === 'halt') {
      if (rule.reaction === 'resync') this.options.onReconcile();
      return this.reject(clientId, failure);
    }
    if (rule.reaction === 'retry') {
      const isWorth = attempt < (failure.code === -1021 || failure.code === -5028 ? 1 : 3);
      const nowMs = this.options.time.nowMs();
      const ageMs = nowMs - firstMs;
      if (this.line.governor.isBanned(nowMs)) return this.reject(clientId, failure);
      if (!isWorth || (isEntry(request) && ageMs > ENTRY_RETRY_AGE_MS)) {
        return this.reject(clientId, failure);
      }
      const again = { ...sending, attempt: attempt + 1 };
      const pauses = request.role === 'exit' ? EXIT_RETRY_MS : RETRY_MS;
      this.later(pauses[attempt], () => {
        // Its end has been told since: sent again it could reduce what comes after it.
        if (order.isSettled) return;
        if (order.wantsCancel) this.reject(clientId, failure);
        else this.place(order, again);
      });
      return;
    }
    if (rule.reaction === 'inBand') return this.exitInBand(order, sending, failure);
    if (rule.reaction === 'adopt') return this.adopt(order, sending);
    const leg = isTwin(clientId) ? order.twin : order.first;
    if (failure.code === -4116) order.isDoubted = true;
    // The stream has told already what the answer would have.
    else if (leg !== 'sent' || order.filledLots > 0) return;
    if (leg === 'rests') return this.inquiry.ask(order);
    this.doubt(order, failure.message);
    // One more stop costs nothing: both reduce only, and the one too many is cancelled.
    const isLateStop = failure.status === 0 && request.role === 'stop' && request.reduceOnly;
    if (!isLateStop || order.twin !== 'none' || order.isSettled || order.wantsCancel) return;
    if (order.first === 'rests' || request.closePosition) return;
    order.twin = 'sent';
    const twin = { clientId: twinId(order.orderId), request, attempt: 0, firstMs };
    this.place(order, twin);
  }

  /** -4131: nothing was made, so the same id may carry the limit that is sent instead. */
  private exitInBand(order: TrackedOrder, sending: Sending, failure: VenueFailure): void {
    const { request, clientId } = sending;
    const instrument = this.options.instruments.get(request.symbol);
    // What would open a position waits for a better market.
    if (!request.reduceOnly || request.type !== 'market' || instrument === undefined) {
      return this.reject(clientId, failure);
    }
    const { symbol } = request;
    const ask = { method: 'GET', api: 'fapiPublic', path: 'premiumIndex' } as const;
    const wire: RestRequest = { ...ask, params: { symbol }, recvWindowMs: PROTECTION_WINDOW_MS };
    const limits = { urgency: 'protection', timeoutMs: PROTECTION_TIMEOUT_MS } as const;
    this.line.send(wire, limits, (answer) => {
      const body = answer.kind === 'ok' && isWireObject(answer.body) ? answer.body : {};
      const mark = body.symbol === symbol ? numberOf(body.markPrice) : undefined;
      if (mark === undefined || mark <= 0) return this.reject(clientId, failure);
      if (order.isSettled) return;
      order.sentMs = this.options.time.nowMs();
      const limited = inBandRequest(request, { instrument, clientId, mark });
      const onAnswer = (next: LineAnswer) => {
        const isRefused = next.kind === 'failed' && next.rule.reaction === 'inBand';
        if (isRefused) this.reject(clientId, next.failure);
        else this.onPlaced(order, sending, next);
      };
      this.line.send(limited, limits, onAnswer, onAnswer);
    });
  }

  /** -4130: a closePosition stop rests already. Ours is taken over, anybody else's is left alone. */
  private adopt(order: TrackedOrder, sending: Sending): void {
    const { request, clientId } = sending;
    const params = { symbol: request.symbol };
    const base = { method: 'GET', api: 'fapiPrivate', path: 'openAlgoOrders' } as const;
    const wire: RestRequest = { ...base, params, recvWindowMs: PROTECTION_WINDOW_MS };
    this.line.send(wire, { urgency: 'protection', timeoutMs: 2_000 }, (answer) => {
      const rows = answer.kind === 'ok' && Array.isArray(answer.body) ? answer.body : [];
      const side = request.side === 'buy' ? 'BUY' : 'SELL';
      const rest = rows
        .filter(isWireObject)
        .find(
          (row) => row.closePosition === true && row.side === side && row.symbol === request.symbol,
        );
      const restId = typeof rest?.clientAlgoId === 'string' ? rest.clientAlgoId : undefined;
      const venueId = idOf(rest?.algoId);
      // One that is in our books stands for itself; only a stop of an earlier process is taken over.
      const isInBooks =
        restId !== undefined && this.orders.get(this.orders.bookId(restId))?.isSettled === false;
      if (restId !== undefined && venueId !== undefined && isOwnId(restId) && !isInBooks) {
        this.orders.adopt(order, restId);
        const text = `${restId} with trigger ${shownOf(rest?.triggerPrice)} stands for ${clientId}`;
        this.options.notice('warning', 'STOP_ADOPTED', text);
        return this.tell({ kind: 'order.accepted', orderId: restId, venueId });
      }
      const message = restId === undefined ? 'a stop rests that is not listed' : `${restId} rests`;
      this.reject(clientId, { code: -4130, message });
    });
  }

  private sendCancel(order: TrackedOrder): void {
    const { symbol, isConditional } = order;
    const ids = this.orders.idsOf(order);
    for (const clientId of ids) {
      const wire = cancelRequest({ symbol, clientId, isConditional });
      const limits = { urgency: 'protection', timeoutMs: ENTRY_TIMEOUT_MS } as const;
      this.line.send(wire, limits, (answer) => {
        if (answer.kind === 'ok') return this.confirm(order);
        const { failure, rule } = answer;
        if (rule.reaction === 'gone' || rule.reaction === 'terminal') {
          const { code, message: reason } = failure;
          // Of a pair the one that is gone says nothing about the other.
          if (clientId === ids[0])
            this.tell({ kind: 'order.cancelRejected', orderId: clientId, code, reason });
        }
        // A cancel may be sent again: the look decides whether that is needed.
        this.confirm(order);
      });
    }
  }

  /** Every fact about an order goes through here, with the id as sent. */
  private tell(fact: OrderFact): void {
    const told = this.orders.translate(fact);
    const order = this.orders.get(this.orders.bookId(fact.orderId));
    if (order !== undefined) this.dropDouble(order, fact);
    // The frame that finishes it can be lost like any other.
    if (order !== undefined && fact.kind === 'stop.triggered') this.confirm(order);
    if (told !== undefined) this.options.sink(told, 'venue');
  }

  /** Of two stops for one order the second goes once the first is known to rest or to work. */
  private dropDouble(order: TrackedOrder, fact: OrderFact): void {
    const isPair = order.first === 'rests' && order.twin === 'rests';
    if (!isPair || order.wantsCancel) return;
    const hasFired = fact.kind === 'stop.triggered' || fact.kind === 'order.filled';
    const { symbol, isConditional, orderId } = order;
    const clientId = hasFired && isTwin(fact.orderId) ? orderId : twinId(orderId);
    const wire = cancelRequest({ symbol, clientId, isConditional });
    this.line.send(wire, { urgency: 'protection', timeoutMs: ENTRY_TIMEOUT_MS }, (answer) => {
      if (answer.kind === 'failed') this.confirm(order);
    });
  }

  private reject(clientId: string, { code, message }: { code: number; message: string }): void {
    this.tell({ kind: 'order.rejected', orderId: clientId, code, reason: message });
  }

  private doubt(order: TrackedOrder, reason: string): void {
    if (order.isSettled) return;
    this.tell({ kind: 'order.unknown', orderId: order.orderId, reason });
    this.inquiry.ask(order);
  }

  private confirm(order: TrackedOrder): void {
    this.later(CONFIRM_MS, () => {
      if (!order.isSettled) this.inquiry.ask(order);
    });
  }

  private known(order: { orderId: string; symbol: string; isConditional: boolean }): TrackedOrder {
    const nowMs = this.options.time.nowMs();
    return this.orders.track({ ...order, nowMs, recvWindowMs: PROTECTION_WINDOW_MS });
  }

  private later(afterMs: number, run: () => void): void {
    const { time } = this.options;
    time.wake(time.nowMs() + afterMs, run);
  }
}
