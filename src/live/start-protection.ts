import type { EngineEvent } from '../engine/event.ts';
import { ORDER_TAG } from '../engine/kernel.ts';
import { type OrderRequest, ROLE_LETTER } from '../engine/order.ts';
import type { ExchangePort } from '../engine/ports.ts';
import { RiskGate } from '../engine/risk-gate.ts';
import type { Ticks } from '../engine/units.ts';
import type { ProtectionRow, StoreState } from '../store/store-state.ts';
import { bootIdOf } from './account-differences.ts';
import type { AccountPicture, HeldPosition, TimePort } from './ports.ts';

/** So long a request may be under way and missing in a picture; the engine waits as long. */
export const UNSEEN_MS = 1_500;
/** The venue was asked, and does not know the order. */
const NEVER_ARRIVED = -2013;

/**
 * The first thing a start does, before it knows its own history: a position that is provably ours
 * (by the protection table, or by orders of ours on its symbol) and has no working stop gets one
 * at the recorded price; where the venue refuses it, the position is closed at market. Positions
 * of others are not touched. May run again with a newer picture.
 */
export class StartProtection {
  /** Requests made, by order id. */
  readonly requests = new Map<string, OrderRequest>();
  stopCount = 0;
  /** Ours, without a stop, and without a recorded price: for the operator. */
  readonly unpriced: string[] = [];
  /** Those of the requests that close a hedge leg without its main leg. */
  readonly lonely = new Set<string>();
  declare private readonly options: StartProtectionOptions;
  private readonly gate = new RiskGate([]);
  /** Times of sending, as long as no end was told. */
  private readonly sentMs = new Map<string, number>();
  declare private readonly startMs: number;
  private numbers = 0;

  constructor(options: StartProtectionOptions) {
    this.options = options;
    this.startMs = options.time.nowMs();
  }

  run(picture: AccountPicture, askedMs = this.options.time.nowMs()): void {
    for (const position of picture.positions) {
      const row = this.rowOf(position);
      const isOurs = row !== undefined || this.ownOrders(picture, position.symbol).length > 0;
      if (!isOurs || this.hasStop(picture, position)) continue;
      if (this.isUnderWay(position, askedMs)) continue;
      if (row === undefined) {
        if (!this.unpriced.includes(position.symbol)) this.unpriced.push(position.symbol);
        continue;
      }
      this.submit(position, 'stop', row.stopTicks);
    }
  }

  /**
   * Closes hedge legs whose main leg is closed at the venue. Only for pictures from before the engine
   * has its books: from then on the rows tell of the past. Closed is what is ours for certain: it is
   * not larger than recorded, and a stop of ours covers it.
   * @param view.symbols all that the picture would show; another symbol is not flat, but unseen
   */
  closeLonely(
    picture: AccountPicture,
    { askedMs, symbols }: { askedMs: number; symbols: readonly string[] },
  ): void {
    for (const position of picture.positions) {
      const leg = this.rowOf(position);
      if (leg === undefined || !symbols.includes(leg.symbol) || position.lots > leg.lots) continue;
      const main = this.mainOf(leg);
      if (main === undefined || !symbols.includes(main.symbol)) continue;
      if (!this.isClosed(picture, main) || !this.hasStop(picture, position)) continue;
      if (this.isUnderWay(position, askedMs, 'exit')) continue;
      this.lonely.add(this.submit(position, 'exit', 0));
    }
  }

  /** Returns whether the event is about one of these orders. */
  onFact(event: EngineEvent): boolean {
    if ('orderId' in event && ENDS.has(event.kind)) this.sentMs.delete(event.orderId);
    if (event.kind !== 'order.rejected') return false;
    const request = this.requests.get(event.orderId);
    if (request === undefined || request.role !== 'stop') return request !== undefined;
    // It was lost, not refused: by now another may stand, and the next picture shows whether.
    if (event.code === NEVER_ARRIVED) return true;
    const { symbol, lots } = request;
    // The price is through the stop, or the venue does not take it: closing is what it was for.
    const side = request.side === 'sell' ? 'buy' : 'sell';
    this.submit({ symbol, side, lots, entryPrice: Number.NaN }, 'exit', 0);
    return true;
  }

  private rowOf({ symbol, side }: HeldPosition): ProtectionRow | undefined {
    return this.options.rows.find((each) => each.symbol === symbol && each.side === side);
  }

  /** The filled main leg that a hedge leg belongs to; rows that do not say which is which have none. */
  private mainOf({ tradeId, isMain }: ProtectionRow): ProtectionRow | undefined {
    if (isMain !== false) return undefined;
    const isFilledMain = (row: ProtectionRow) => row.isMain === true && row.lots > 0;
    return this.options.rows.find((row) => row.tradeId === tradeId && isFilledMain(row));
  }

  /** It was filled, so what is flat now was closed, unless an entry rests that would open it again. */
  private isClosed(picture: AccountPicture, { symbol }: ProtectionRow): boolean {
    const opens = this.ownOrders(picture, symbol).some(
      ({ reduceOnly, closePosition }) => !reduceOnly && !closePosition,
    );
    return !opens && picture.positions.every((position) => position.symbol !== symbol);
  }

  private ownOrders(picture: AccountPicture, symbol: string): AccountPicture['orders'] {
    const { knownBootIds } = this.options;
    return picture.orders.filter(
      (order) => order.symbol === symbol && knownBootIds.has(bootIdOf(order.orderId) ?? ''),
    );
  }

  private hasStop(picture: AccountPicture, { symbol, side, lots }: HeldPosition): boolean {
    const covered = this.ownOrders(picture, symbol)
      .filter((order) => order.isConditional && order.side !== side && order.reduceOnly)
      .reduce((sum, order) => sum + order.lots - order.filledLots, 0);
    return covered >= lots;
  }

  /** Younger than the picture, or nearly so: nobody knows yet that it does not stand. */
  private isUnderWay(
    { symbol, side, lots }: HeldPosition,
    askedMs: number,
    role?: 'exit',
  ): boolean {
    return [...this.sentMs].some(([orderId, sentMs]) => {
      const request = this.requests.get(orderId);
      const isFor = request?.symbol === symbol && request.side !== side && request.lots >= lots;
      if (role !== undefined && request?.role !== role) return false;
      return isFor && askedMs - sentMs < UNSEEN_MS;
    });
  }

  private submit(position: HeldPosition, role: 'stop' | 'exit', triggerTicks: Ticks): string {
    const { bootId, exchange } = this.options;
    const index = (this.startMs + this.numbers++).toString(36);
    // Sequence 0 is no event's, so no order of the engine can have this id; the time is no other's.
    const orderId = `${ORDER_TAG}-${bootId}-0-${index}${ROLE_LETTER[role]}`;
    const request = this.gate.approve({
      orderId,
      tradeId: `${bootId}-0`,
      strategyId: '',
      role,
      symbol: position.symbol,
      instrumentVersion: 0,
      side: position.side === 'buy' ? 'sell' : 'buy',
      type: role === 'stop' ? 'stopMarket' : 'market',
      timeInForce: role === 'stop' ? 'GTC' : 'IOC',
      priceTicks: 0,
      lots: position.lots,
      reduceOnly: true,
      closePosition: false,
      triggerTicks,
      triggerSource: 'contract',
    });
    exchange.submit(request);
    if (role === 'stop') this.stopCount++;
    this.requests.set(orderId, request);
    this.sentMs.set(orderId, this.options.time.nowMs());
    return orderId;
  }
}

const ENDS: ReadonlySet<EngineEvent['kind']> = new Set([
  'order.rejected',
  'order.cancelled',
  'order.expired',
  'stop.rejected',
  'stop.finished',
] as const);

export function bootIdsOf(state: StoreState): Set<string> {
  return new Set(state.sessions.map(({ bootId }) => bootId));
}

/** With what the store knows of the runs before. */
export function startProtection(options: {
  state: StoreState;
  newBootId: string;
  time: Pick<TimePort, 'nowMs'>;
  exchange: ExchangePort;
}): StartProtection {
  const { state, newBootId, time, exchange } = options;
  return new StartProtection({
    rows: state.protection,
    knownBootIds: bootIdsOf(state).add(newBootId),
    bootId: state.sessions.at(-1)?.bootId ?? newBootId,
    ...{ time, exchange },
  });
}

export interface StartProtectionOptions {
  rows: readonly ProtectionRow[];
  /** Of all sessions of this state folder. */
  knownBootIds: ReadonlySet<string>;
  /** Of the last session: this one's may not be on the disk yet, and a dead disk holds up no stop. */
  bootId: string;
  /** The moment of construction is in the ids. */
  time: Pick<TimePort, 'nowMs'>;
  exchange: ExchangePort;
}
