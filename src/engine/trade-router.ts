import { clonePlain } from './clone-plain.ts';
import type { OrderAccepted, OrderFact, OrderFilled, PositionReported } from './event.ts';
import { TRADED_BY_HAND } from './halts.ts';
import { legTimer, onLegTimer } from './hedge-legs.ts';
import type { Kernel } from './kernel.ts';
import { exitTimer } from './leg-exit.ts';
import { protectTimer } from './protection.ts';
import { type Leg, type Trade, tradeNumber } from './trade.ts';
import { makerTimer, onMakerTimer } from './trade-entry.ts';
import {
  exitTrade,
  onExitTimer,
  onFill,
  onOrderFact,
  onProtectTimer,
  timeoutTimer,
} from './trade-machine.ts';
import { openingSide } from './units.ts';

const UNEXPECTED = 'an order is in an unexpected state';
const RESTS = 'an order rests that was taken for dead';
/** Halts that a frame out of order can cause: they end when books and venue have been compared. */
export const DOUBTS: readonly string[] = [UNEXPECTED, RESTS];

/** A venue that keeps an order in spite of so many cancels needs the operator, not another one. */
const CANCELS_MAX = 5;
/** Closed packages that a late fill may still belong to. */
const REMEMBERED_MAX = 32;

/**
 * Finds the package and leg an outside fact or a timer belongs to, runs the order tables first, and
 * keeps facts that belong to nobody from doing harm: they are counted, alarmed, and halt entries
 * where they change a position.
 */
export class TradeRouter {
  /** Facts that belonged to no order of ours or did not fit its state, for the operator. */
  strangers = 0;
  declare private readonly kernel: Kernel;
  declare private readonly open: Map<string, Trade>;
  private readonly halt: (reason: string) => void;
  private readonly release: (reason: string) => void;
  private readonly remembered: Trade[] = [];

  constructor(options: {
    kernel: Kernel;
    open: Map<string, Trade>;
    /** Stops entries, with a reason the operator sees. */
    halt: (reason: string) => void;
    /** Lifts a halt that a timer ends. */
    release: (reason: string) => void;
  }) {
    this.kernel = options.kernel;
    this.open = options.open;
    this.halt = options.halt;
    this.release = options.release;
  }

  onOrderFact(fact: OrderFact): void {
    const { kernel } = this;
    const change = kernel.store.apply(fact, kernel.nowMs);
    if (change.outcome === 'duplicate') return;
    if (change.outcome === 'noop') {
      if (change.record === undefined && fact.kind === 'order.accepted') this.restsAfterEnd(fact);
      return;
    }
    if (change.outcome === 'illegal') {
      this.strangers++;
      this.halt(UNEXPECTED);
      kernel.notify('alarm', 'ORDER_UNEXPECTED', `${fact.kind} does not fit order ${fact.orderId}`);
      // Positions come from fills alone: what the venue filled is held, fitting or not.
      if (fact.kind === 'order.filled' && isBookable(fact)) this.onFilled(fact);
      if (change.record !== undefined) this.query(fact.orderId);
      return;
    }
    if (fact.kind === 'order.filled') this.onFilled(fact);
    if (change.outcome === 'foreign') {
      if (fact.kind !== 'order.filled') this.strangers++;
      return;
    }
    // Nobody knows how it stands (no answer, a refused cancel): only the venue can tell.
    if (change.record?.state === 'unknown') this.query(fact.orderId);
    const request = change.record?.request;
    if (request === undefined) return;
    if (fact.kind === 'order.accepted') this.cancelAgain(fact.orderId);
    const trade = this.open.get(request.tradeId);
    const leg = trade?.legs.find((entry) => entry.symbol === request.symbol);
    if (trade !== undefined && leg !== undefined) onOrderFact(kernel, trade, leg, request, fact);
  }

  onTimer(timerId: string): void {
    // A timer cleared in the same instant may still be delivered: it means nothing then.
    if (!this.kernel.timers.clear(timerId)) return;
    if (timerId === 'clock') {
      this.release('clock');
      return;
    }
    const trade = this.open.get(timerId.slice(0, timerId.indexOf(':')));
    if (trade === undefined) return;
    const { kernel } = this;
    if (timerId === makerTimer(trade)) return onMakerTimer(kernel, trade);
    if (timerId === exitTimer(trade)) return onExitTimer(kernel, trade);
    if (timerId === timeoutTimer(trade)) return exitTrade(kernel, trade, trade.deadlineReason);
    for (const leg of trade.legs) {
      if (timerId === protectTimer(trade, leg)) return onProtectTimer(kernel, trade, leg);
      if (timerId === legTimer(trade, leg)) return onLegTimer(kernel, trade, leg);
    }
  }

  /** Brings the latest exit forward; never puts it off. */
  setDeadline(trade: Trade, atMs: number, reason: string): void {
    if (!(atMs < trade.deadlineMs) || trade.phase === 'closing') return;
    trade.deadlineMs = atMs;
    trade.deadlineReason = reason;
    this.kernel.setTimer(timeoutTimer(trade), Math.max(atMs, this.kernel.nowMs));
  }

  onPositionReported(report: PositionReported): void {
    const { kernel } = this;
    const held = kernel.portfolio.position(report.symbol)?.lots ?? 0;
    const told = report.side === 'sell' ? -report.lots : report.side === 'flat' ? 0 : report.lots;
    if (held === told) {
      // Equal and looked after: whatever the difference was, it is gone.
      const isOurs = held === 0 || kernel.leases.ownerOf(report.symbol) !== undefined;
      if (isOurs) this.release(`position ${report.symbol}`);
      return;
    }
    this.halt(`position ${report.symbol}`);
    kernel.notify(
      'alarm',
      'POSITION_DIFFERS',
      `${report.symbol}: books ${held} lots, venue ${told} lots`,
    );
  }

  /** Keeps a closed package for fills that come after its end. */
  remember(trade: Trade): void {
    this.remembered.push(trade);
    if (this.remembered.length > REMEMBERED_MAX) this.remembered.shift();
  }

  /** Shares its packages: good until the next event, unless it is copied. */
  save(): unknown {
    return { strangers: this.strangers, remembered: this.remembered };
  }

  load(state: unknown): void {
    const saved = clonePlain(state) as { strangers: number; remembered: Trade[] };
    this.strangers = saved.strangers;
    this.remembered.length = 0;
    this.remembered.push(...saved.remembered);
  }

  /** An order that was taken for dead rests at the venue, and its trade is over. */
  private restsAfterEnd(fact: OrderAccepted): void {
    this.strangers++;
    this.halt(RESTS);
    const text = `order ${fact.orderId} rests at the venue after its trade has ended`;
    this.kernel.notify('alarm', 'ORDER_AFTER_END', text);
  }

  /** An order that rests although it was cancelled: the cancel was lost, with a crash or a frame. */
  private cancelAgain(orderId: string): void {
    const { kernel } = this;
    const record = kernel.store.get(orderId);
    if (record === undefined || record.cancels === 0 || record.cancels >= CANCELS_MAX) return;
    kernel.cancel(orderId);
  }

  private query(orderId: string): void {
    const record = this.kernel.store.get(orderId);
    if (record === undefined) return;
    this.kernel.effects.push({
      kind: 'order.query',
      orderId,
      symbol: record.request.symbol,
      isConditional: record.request.type === 'stopMarket',
    });
  }

  private onFilled(fill: OrderFilled): void {
    const { kernel } = this;
    const { symbol, side, priceTicks, lots, feeUnits, feeAsset } = fill;
    const owner = kernel.leases.ownerOf(symbol);
    const trade = owner === undefined ? this.reopen(fill) : this.open.get(owner.tradeId);
    // Where we hold nothing, somebody else's position is none of our books: booked, it could never
    // be closed there by the one whose it is.
    const isOurs = trade !== undefined;
    if (isOurs) kernel.portfolio.applyFill({ symbol, side, priceTicks, lots, feeUnits, feeAsset });
    const leg = trade?.legs.find((entry) => entry.symbol === symbol);
    if (trade === undefined || leg === undefined) {
      this.strangers++;
      this.halt(`position ${symbol}`);
      kernel.notify('alarm', 'FILL_WITHOUT_TRADE', `${symbol}: ${lots} lots ${side} are not ours`);
      return;
    }
    if (fill.origin === 'user') {
      this.halt(TRADED_BY_HAND);
      kernel.notify('alarm', 'FOREIGN_FILL', `${symbol}: ${lots} lots ${side} by hand`);
    }
    onFill(kernel, trade, leg, fill);
  }

  /** A fill that came after the end of its package: what it opened is closed at once. */
  private reopen(fill: OrderFilled): Trade | undefined {
    const { kernel } = this;
    const isOwn = (entry: Trade) => fill.orderId.includes(`-${tradeNumber(entry)}-`);
    const trade = this.remembered.find(isOwn) ?? this.remembered.findLast(hasGrownBy(fill));
    if (trade === undefined) return undefined;
    const symbols = trade.legs.map((leg) => leg.symbol);
    const owner = { strategyId: trade.strategyId, tradeId: trade.tradeId };
    if (!kernel.leases.grant(symbols, owner)) return undefined;
    kernel.notify('alarm', 'LATE_FILL', `${fill.symbol} filled after its trade had ended`);
    // The saga's own way in is closed; a package that only flattens starts where it ends.
    trade.phase = 'closing';
    trade.pair = 'closing';
    trade.exitReason = 'lateFill';
    for (const leg of trade.legs) clearAccounts(leg);
    this.remembered.splice(this.remembered.indexOf(trade), 1);
    this.open.set(trade.tradeId, trade);
    return trade;
  }
}

/**
 * A person enlarged the package while it was held, and that is told now, when the package has
 * closed what it knew of: the rest is as much its position as it would have been in time.
 */
function hasGrownBy({ origin, symbol, side, filledMs }: OrderFilled): (trade: Trade) => boolean {
  return ({ legs }) => {
    const leg = legs.find((entry) => entry.symbol === symbol);
    if (origin !== 'user' || filledMs === undefined || leg === undefined) return false;
    if (leg.firstFillMs === undefined || leg.lastFillMs === undefined) return false;
    if (side !== openingSide(leg.direction)) return false;
    return leg.firstFillMs < filledMs && filledMs < leg.lastFillMs;
  };
}

function isBookable(fill: OrderFilled): boolean {
  return Number.isSafeInteger(fill.lots) && fill.lots > 0 && fill.priceTicks > 0;
}

/** The first record has told these sums; a second one must not repeat them. */
function clearAccounts(leg: Leg): void {
  leg.flowUnits = 0;
  leg.feeUnits = 0;
  leg.fundingUnits = 0;
  leg.filledLots = 0;
  leg.filledTicksLots = 0;
  leg.exitLots = 0;
  leg.exitTicksLots = 0;
}
