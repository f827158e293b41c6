import type { OrderCancel } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import { ORDER_TAG } from '../engine/kernel.ts';
import type { AccountPicture, PictureFill, RestingOrder } from './ports.ts';

/** Requests younger than this may not have reached the venue, or its lists, yet. */
const IN_FLIGHT_MS = 2_000;

/** How the reasons of blocked entries begin, so that a later run knows which it may lift. */
export const BLOCK_PREFIX = 'account: ';

export interface DifferencesAsk {
  engine: Engine;
  picture: AccountPicture;
  /** When the picture was asked for: what happened since then is not in it. */
  askedMs: number;
  symbols: readonly string[];
  knownBootIds: ReadonlySet<string>;
  /** Transfers that have been booked. */
  bookedTransfers: ReadonlySet<string>;
}

export interface Differences {
  /** Certain at first sight: fills that were never told, orders that are not there any more. */
  facts: EngineEvent[];
  /** Told when a second picture shows the same, by a key that names the difference exactly. */
  claims: Map<string, EngineEvent>;
  /** Own orders that nothing in the books stands for. */
  cancels: OrderCancel[];
  /** Reasons that block entries as long as they last. */
  blocks: Set<string>;
  /** An order of ours that may open a position rests unknown to the books: nothing else counts. */
  hasLooseEntry: boolean;
}

/** Everything in which the books and the venue differ. Pure; decides nothing about time. */
export function accountDifferences(ask: DifferencesAsk): Differences {
  const out: Differences = {
    facts: [],
    claims: new Map(),
    cancels: [],
    blocks: new Set(),
    hasLooseEntry: false,
  };
  strangeOrders(ask, out);
  if (out.hasLooseEntry) return out;
  missedFills(ask, out);
  vanishedOrders(ask, out);
  // Sums are compared when nothing that makes them up is missing.
  if (out.facts.length > 0) return out;
  positions(ask, out);
  balances(ask, out);
  return out;
}

/** Boot id in an order id of ours; undefined for anybody else's. */
export function bootIdOf(orderId: string): string | undefined {
  const [tag, bootId, ...rest] = orderId.split('-');
  return tag === ORDER_TAG && rest.length > 0 ? bootId : undefined;
}

function strangeOrders(ask: DifferencesAsk, out: Differences): void {
  const { engine, picture, symbols, knownBootIds, askedMs } = ask;
  const { kernel } = engine.inspect();
  for (const order of picture.orders) {
    const { orderId, symbol } = order;
    const bootId = bootIdOf(orderId);
    if (bootId === undefined) {
      if (symbols.includes(symbol))
        out.blocks.add(`${BLOCK_PREFIX}an order on ${symbol} is not ours`);
      continue;
    }
    if (!knownBootIds.has(bootId)) {
      out.blocks.add(
        `${BLOCK_PREFIX}order ${orderId} belongs to a second instance or to a restored backup`,
      );
      continue;
    }
    if (kernel.store.isOpen(orderId)) {
      unansweredOrder(ask, order, out);
      continue;
    }
    const doneMs = kernel.store.get(orderId)?.doneMs ?? Number.NaN;
    if (doneMs > askedMs - IN_FLIGHT_MS) continue;
    const opens = !order.reduceOnly && !order.closePosition;
    if (opens) out.hasLooseEntry = true;
    if (opens || isSuperfluous(ask, order)) {
      const { isConditional } = order;
      out.cancels.push({ kind: 'order.cancel', orderId, symbol, isConditional });
    }
  }
}

/** It rests, and the books have not heard of that, or believe that it is being cancelled. */
function unansweredOrder(
  { engine, askedMs }: DifferencesAsk,
  { orderId, venueId }: RestingOrder,
  out: Differences,
): void {
  const record = engine.inspect().kernel.store.get(orderId);
  if (record === undefined || record.submittedMs > askedMs - IN_FLIGHT_MS) return;
  if (record.state === 'submitted' || record.state === 'unknown') {
    out.facts.push({ kind: 'order.accepted', orderId, venueId });
  } else if (record.state === 'cancelPending') {
    const reason = 'rests, although it was cancelled';
    out.facts.push({ kind: 'order.unknown', orderId, reason });
  }
}

/** A reducing order may go once nothing needs it: flat, or the engine's own stop works. */
function isSuperfluous({ engine, picture }: DifferencesAsk, order: RestingOrder): boolean {
  if (!picture.positions.some((position) => position.symbol === order.symbol)) return true;
  for (const trade of engine.inspect().open.values()) {
    const leg = trade.legs.find(({ symbol }) => symbol === order.symbol);
    if (leg?.stopIsAcked === true) return true;
  }
  return false;
}

/**
 * Fills of hedge legs first: an order that was sent before a crash and filled since must count
 * before the fill that would otherwise send it a second time.
 */
function missedFills({ engine, picture }: DifferencesAsk, out: Differences): void {
  const { store } = engine.inspect().kernel;
  const missed = picture.fills.filter(({ fill }) => !store.hasFill(fill.symbol, fill.fillId));
  const rank = ({ fill }: PictureFill) =>
    bootIdOf(fill.orderId) !== undefined && fill.orderId.endsWith('l') ? 0 : 1;
  missed.sort((a, b) => rank(a) - rank(b) || a.atMs - b.atMs);
  for (const { fill } of missed) out.facts.push(fill);
}

function vanishedOrders({ engine, picture, askedMs }: DifferencesAsk, out: Differences): void {
  const resting = new Set(picture.orders.map(({ orderId }) => orderId));
  for (const record of engine.inspect().kernel.store.openOrders()) {
    const { orderId } = record.request;
    if (resting.has(orderId) || record.submittedMs > askedMs - IN_FLIGHT_MS) continue;
    const reason = 'not among the open orders';
    out.facts.push({ kind: 'order.unknown', orderId, reason });
  }
}

function positions({ engine, picture, symbols }: DifferencesAsk, out: Differences): void {
  const { kernel, halts } = engine.inspect();
  for (const symbol of symbols) {
    const held = kernel.portfolio.position(symbol)?.lots ?? 0;
    const there = picture.positions.find((position) => position.symbol === symbol);
    const lots = there === undefined ? 0 : there.side === 'buy' ? there.lots : -there.lots;
    const isHalted = halts.includes(`position ${symbol}`);
    // Equal, and somebody looks after it: the halt can end.
    const isSettled = held === 0 || kernel.leases.ownerOf(symbol) !== undefined;
    if (held === lots && !(isHalted && isSettled)) continue;
    if (held !== lots && isHalted) continue;
    out.claims.set(`position ${symbol} ${held} ${lots}`, {
      kind: 'position.reported',
      symbol,
      side: there?.side ?? 'flat',
      lots: there?.lots ?? 0,
      entryPrice: there?.entryPrice ?? Number.NaN,
    });
  }
}

function balances(ask: DifferencesAsk, out: Differences): void {
  const { engine, picture, bookedTransfers } = ask;
  const { portfolio } = engine.inspect().kernel;
  const assets = new Set([...portfolio.assets(), ...picture.balances.map(({ asset }) => asset)]);
  for (const asset of assets) {
    const there = picture.balances.find((balance) => balance.asset === asset)?.cashUnits ?? 0;
    const booked = portfolio.cashUnits(asset);
    if (there === booked) continue;
    const transfers = picture.transfers.filter(
      (each) => each.asset === asset && !bookedTransfers.has(each.id),
    );
    const transferUnits = transfers.reduce((sum, each) => sum + each.cashUnits, 0);
    out.claims.set(`balance ${asset} ${booked} ${there}`, {
      kind: 'account.reported',
      asset,
      cashUnits: there,
      transferUnits,
    });
  }
}
