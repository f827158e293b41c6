import { type AlgoTrigger, isAlgoOpen, nextAlgoState } from './algo-order-table.ts';
import { assertNever, fail } from './assert.ts';
import { clonePlain } from './clone-plain.ts';
import { AppError } from './error.ts';
import type { OrderFact, OrderFilled } from './event.ts';
import { LIMITS } from './limits.ts';
import { type AlgoOrderState, isConditional, type OrderRequest, type OrderState } from './order.ts';
import { isOrderOpen, nextOrderState, type OrderTrigger } from './order-table.ts';
import { RememberedIds } from './remembered-ids.ts';
import type { CashUnits, Lots } from './units.ts';

/** One order of ours and what became of it. */
export interface OrderRecord {
  request: OrderRequest;
  state: OrderState | AlgoOrderState;
  venueId: string;
  filledLots: Lots;
  /** Sum of ticks x lots, exact. */
  filledTicksLots: number;
  makerLots: Lots;
  feeUnits: CashUnits;
  submittedMs: number;
  acceptedMs: number;
  doneMs: number;
  /** Cancels asked for so far. */
  cancels: number;
}

export interface OrderChange {
  record: OrderRecord | undefined;
  /**
   * `applied`; `duplicate` fill; `foreign`: no order of ours; `illegal`: not in the table; `noop`:
   * listed, but nothing changed.
   */
  outcome: 'applied' | 'duplicate' | 'foreign' | 'illegal' | 'noop';
}

/**
 * Orders and conditional orders by client id, each walking its table. Fills are deduplicated by
 * (symbol, fill id) before any table. Finished orders of finished trades are forgotten, but their
 * ids are remembered for late facts.
 */
export class OrderStore {
  private readonly orders = new Map<string, OrderRecord>();
  private readonly openByTrade = new Map<string, Set<string>>();
  private readonly fillIds = new RememberedIds(LIMITS.fillIdsMax);
  private readonly finishedIds = new RememberedIds(LIMITS.finishedOrdersMax);
  declare private readonly isStrict: boolean;

  constructor(options: { strict: boolean }) {
    this.isStrict = options.strict;
  }

  /** An order that is about to leave; its state is `submitted`. */
  add(request: OrderRequest, atMs: number): void {
    if (this.orders.has(request.orderId)) fail(`order id ${request.orderId} is used twice`);
    this.orders.set(request.orderId, {
      request,
      state: 'submitted',
      venueId: '',
      filledLots: 0,
      filledTicksLots: 0,
      makerLots: 0,
      feeUnits: 0,
      submittedMs: atMs,
      acceptedMs: Number.NaN,
      doneMs: Number.NaN,
      cancels: 0,
    });
    const open = this.openByTrade.get(request.tradeId) ?? new Set<string>();
    open.add(request.orderId);
    this.openByTrade.set(request.tradeId, open);
    if (!(open.size <= LIMITS.openOrdersMax))
      fail(`trade ${request.tradeId} has too many open orders`);
  }

  get(orderId: string): OrderRecord | undefined {
    return this.orders.get(orderId);
  }

  isOpen(orderId: string): boolean {
    const record = this.orders.get(orderId);
    return record !== undefined && isOpenState(record);
  }

  /** Whether a fill has been told, by whatever way. */
  hasFill(symbol: string, fillId: string): boolean {
    return this.fillIds.has(`${symbol}:${fillId}`);
  }

  openCountOf(tradeId: string): number {
    return this.openByTrade.get(tradeId)?.size ?? 0;
  }

  openOrdersOf(tradeId: string): OrderRecord[] {
    const out: OrderRecord[] = [];
    for (const orderId of this.openByTrade.get(tradeId) ?? []) {
      const record = this.orders.get(orderId);
      if (record !== undefined) out.push(record);
    }
    return out;
  }

  openOrders(): OrderRecord[] {
    return [...this.orders.values()].filter(isOpenState);
  }

  requestCancel(orderId: string, atMs: number): void {
    const record = this.orders.get(orderId);
    if (record === undefined) fail(`order ${orderId} is not known`);
    record.cancels++;
    this.move(record, 'cancelRequest', atMs);
  }

  /** @throws AppError ENGINE_ORDER for an illegal pair when strict */
  apply(fact: OrderFact, atMs: number): OrderChange {
    if (fact.kind === 'order.filled') return this.applyFill(fact, atMs);
    const record = this.orders.get(fact.orderId);
    if (record === undefined) {
      const outcome = this.finishedIds.has(fact.orderId) ? 'noop' : 'foreign';
      return { record, outcome };
    }
    if (fact.kind === 'order.accepted') {
      record.venueId = fact.venueId;
      if (Number.isNaN(record.acceptedMs)) record.acceptedMs = atMs;
    }
    // An amend to what has filled already ends the order, and the venue says so by other words.
    if (fact.kind === 'order.amended' && !(fact.lots > record.filledLots)) {
      return this.illegal(record, fact);
    }
    const before = record.state;
    if (!this.move(record, triggerOf(fact, record), atMs)) return this.illegal(record, fact);
    if (fact.kind === 'order.amended' && isOpenState(record)) {
      // Fills are counted against the new quantity; requests themselves are never written to.
      const { priceTicks, lots } = fact;
      record.request = Object.freeze({ ...record.request, priceTicks, lots });
    }
    // A repeated acknowledgement changes nothing; every other fact is worth being told on.
    const isRepeat = before === record.state && !isOpenState(record);
    return { record, outcome: isRepeat ? 'noop' : 'applied' };
  }

  /** Forgets the orders of a finished trade; their ids stay known for late facts. */
  prune(tradeId: string): void {
    for (const [orderId, record] of this.orders) {
      if (record.request.tradeId !== tradeId) continue;
      if (isOpenState(record)) fail(`order ${orderId} is still open`);
      this.orders.delete(orderId);
      this.finishedIds.add(orderId);
    }
    this.openByTrade.delete(tradeId);
  }

  /** Shares its records: good until the next event, unless it is copied. */
  save(): unknown {
    return {
      orders: [...this.orders.values()],
      fillIds: this.fillIds.save(),
      finishedIds: this.finishedIds.save(),
    };
  }

  load(state: unknown): void {
    const saved = clonePlain(state) as {
      orders: OrderRecord[];
      fillIds: string[][];
      finishedIds: string[][];
    };
    this.orders.clear();
    this.openByTrade.clear();
    for (const record of saved.orders) {
      const { orderId, tradeId } = record.request;
      this.orders.set(orderId, record);
      const open = this.openByTrade.get(tradeId) ?? new Set<string>();
      if (isOpenState(record)) open.add(orderId);
      this.openByTrade.set(tradeId, open);
    }
    this.fillIds.load(saved.fillIds);
    this.finishedIds.load(saved.finishedIds);
  }

  private applyFill(fill: OrderFilled, atMs: number): OrderChange {
    const key = `${fill.symbol}:${fill.fillId}`;
    const record = this.orders.get(fill.orderId);
    if (this.fillIds.has(key)) return { record, outcome: 'duplicate' };
    if (!(Number.isSafeInteger(fill.lots) && fill.lots > 0)) return this.illegal(record, fill);
    if (record === undefined) {
      this.fillIds.add(key);
      return { record, outcome: 'foreign' };
    }
    const { lots, closePosition, side, symbol } = record.request;
    const filled = record.filledLots + fill.lots;
    if (side !== fill.side || symbol !== fill.symbol) return this.illegal(record, fill);
    if (!closePosition && filled > lots) return this.illegal(record, fill);
    // A closePosition order has no quantity of its own: it is done when the venue says so.
    const isFull = !closePosition && filled === lots;
    if (!this.move(record, isFull ? 'fill' : 'partFill', atMs)) return this.illegal(record, fill);
    this.fillIds.add(key);
    record.filledLots = filled;
    record.filledTicksLots += fill.priceTicks * fill.lots;
    record.feeUnits += fill.feeUnits;
    if (fill.isMaker) record.makerLots += fill.lots;
    return { record, outcome: 'applied' };
  }

  private move(record: OrderRecord, trigger: OrderTrigger | AlgoTrigger, atMs: number): boolean {
    const next = isConditional(record.request)
      ? nextAlgoState(record.state as AlgoOrderState, trigger as AlgoTrigger)
      : nextOrderState(record.state as OrderState, trigger as OrderTrigger);
    if (next === 'illegal') return false;
    record.state = next;
    const { orderId, tradeId } = record.request;
    if (isOpenState(record)) {
      const open = this.openByTrade.get(tradeId) ?? new Set<string>();
      open.add(orderId);
      this.openByTrade.set(tradeId, open);
    } else {
      if (Number.isNaN(record.doneMs)) record.doneMs = atMs;
      this.openByTrade.get(tradeId)?.delete(orderId);
    }
    return true;
  }

  private illegal(record: OrderRecord | undefined, fact: OrderFact): OrderChange {
    if (this.isStrict) {
      const state = record?.state ?? 'unknown order';
      const text = `${fact.kind} does not fit ${fact.orderId} in state ${state}`;
      throw new AppError('ENGINE_ORDER', text);
    }
    if (record !== undefined) this.move(record, 'unknown', Number.NaN);
    // Booked by the caller all the same: a second telling must not book it twice.
    if (fact.kind === 'order.filled') {
      this.fillIds.add(`${fact.symbol}:${fact.fillId}`);
    }
    return { record, outcome: 'illegal' };
  }
}

function isOpenState(record: OrderRecord): boolean {
  return isConditional(record.request)
    ? isAlgoOpen(record.state as AlgoOrderState)
    : isOrderOpen(record.state as OrderState);
}

function triggerOf(
  fact: Exclude<OrderFact, OrderFilled>,
  record: OrderRecord,
): OrderTrigger | AlgoTrigger {
  switch (fact.kind) {
    case 'order.accepted':
      return 'accept';
    case 'order.rejected':
      return 'reject';
    case 'order.cancelled':
      return 'cancel';
    case 'order.cancelRejected':
      return 'cancelReject';
    case 'order.expired':
      return 'expire';
    case 'order.amended':
      return 'amend';
    case 'order.unknown':
      return 'unknown';
    case 'stop.triggered':
      return 'trigger';
    case 'stop.rejected':
      return 'triggerReject';
    case 'stop.finished':
      return fact.lots > 0 || record.filledLots > 0 ? 'finish' : 'finishEmpty';
    default:
      return assertNever(fact);
  }
}
