import type { AlgoOrder } from '../exchanges/fake-binance/model.ts';
import type { Venue } from '../exchanges/fake-binance/venue.ts';
import type { ChaosProcess } from './chaos-process.ts';
import { CHAOS_SYMBOLS } from './chaos-strategy.ts';
import type { OrderLedger } from './order-ledger.ts';

/** How long process and venue may see each other and a state of the position still be wrong. */
export const GRACE_MS = 2_000;
/** A saga that hedges must come to an end: maker, taker, and a refusal in between. */
const HEDGING_MAX_MS = 15_000;
/** With a mute stream the account is still read each minute. */
const BLIND_MAX_MS = 75_000;

export interface WatchedWorld {
  venue: Venue;
  ledger: OrderLedger;
  process: ChaosProcess | undefined;
  nowMs(): number;
  note(text: string): void;
  /** Process and venue can reach each other, both ways. */
  isReachable(): boolean;
  /** Exits that were lost in an outage of requests may still be unanswered, by rule. */
  isAfterOutage(): boolean;
  /** Only frames are missing: requests get through. */
  isBlind(): boolean;
  /** Somebody else has a hand in this symbol: what is there is not ours to protect. */
  isForeign(symbol: string): boolean;
}

/** A condition that may hold for a moment, but not for longer while both sides see each other. */
class Lasting {
  private sinceMs = Number.NaN;
  private blindSinceMs = Number.NaN;
  worstMs = 0;

  /** Milliseconds without interruption; 0 when it does not hold. */
  see(isWrong: boolean, world: WatchedWorld): { seenMs: number; blindMs: number } {
    const nowMs = world.nowMs();
    const isReachable = world.isReachable();
    const count = (since: number, counts: boolean) =>
      !isWrong || !counts ? Number.NaN : Number.isNaN(since) ? nowMs : since;
    this.sinceMs = count(this.sinceMs, isReachable);
    this.blindSinceMs = count(this.blindSinceMs, isReachable || world.isBlind());
    const seenMs = Number.isNaN(this.sinceMs) ? 0 : nowMs - this.sinceMs;
    if (seenMs <= GRACE_MS) this.worstMs = Math.max(this.worstMs, seenMs);
    return { seenMs, blindMs: Number.isNaN(this.blindSinceMs) ? 0 : nowMs - this.blindSinceMs };
  }
}

/** What must hold after each step of a run. A violation is kept once, by its text. */
export class Invariants {
  readonly violations = new Set<string>();
  /** A position was held at the venue. */
  hasHeld = false;
  hasHedged = false;
  private readonly naked = new Map(CHAOS_SYMBOLS.map((symbol) => [symbol, new Lasting()]));
  private readonly ladder = new Map(CHAOS_SYMBOLS.map((symbol) => [symbol, new Lasting()]));
  private readonly lonely = new Lasting();
  private readonly hedging = new Lasting();

  /** Longest time without a stop that was still within the bound. */
  get worstNakedMs(): number {
    return Math.max(...[...this.naked.values()].map(({ worstMs }) => worstMs));
  }

  check(world: WatchedWorld): void {
    const { venue, ledger } = world;
    ledger.check(venue);
    for (const fault of ledger.faults) this.violations.add(fault);
    const amounts = CHAOS_SYMBOLS.map((symbol) => venue.account.position(symbol, 'BOTH').amount);
    for (const [i, symbol] of CHAOS_SYMBOLS.entries()) this.checkSymbol(world, symbol, amounts[i]);
    const [btc, eth] = amounts;
    const isForeign = CHAOS_SYMBOLS.some((symbol) => world.isForeign(symbol));
    if (eth !== 0 && btc !== 0 && !isForeign) this.hasHedged = true;
    const isLonely = eth !== 0 && btc === 0 && !isForeign && !world.isAfterOutage();
    const lonely = this.lonely.see(isLonely, world);
    this.judge(lonely, world, 'the hedge is open although its BTC position is closed');
    if (eth * btc > 0 && !isForeign) this.say(world, 'the hedge has the side of its main leg');
    this.checkEngine(world);
  }

  private checkSymbol(world: WatchedWorld, symbol: string, amount: number): void {
    const { venue } = world;
    const isOurs = amount !== 0 && !world.isForeign(symbol);
    if (isOurs) this.hasHeld = true;
    let isNaked = false;
    if (isOurs) {
      isNaked = true;
      for (const algo of venue.algos.open) if (covers(algo, symbol, amount)) isNaked = false;
    }
    const naked = this.naked.get(symbol)?.see(isNaked, world);
    this.judge(naked, world, `${symbol} is held without a stop`);
    let resting = 0;
    for (const order of venue.orders.open) {
      if (order.symbol !== symbol || !order.reduceOnly) continue;
      if (world.ledger.request(order.clientId)?.role !== 'target') continue;
      resting += order.quantity - order.filled;
    }
    const isTooLarge = resting > Math.abs(amount) + 1e-9 && !world.isForeign(symbol);
    const ladder = this.ladder.get(symbol)?.see(isTooLarge, world);
    this.judge(ladder, world, `${symbol}: the ladder is larger than the position`);
  }

  private checkEngine(world: WatchedWorld): void {
    const engine = world.process?.session?.core.engine;
    if (engine === undefined) return;
    const { kernel, open } = engine.inspect();
    let isHedging = false;
    for (const trade of open.values()) {
      if (trade.pair === 'hedging') isHedging = true;
      for (const { symbol, lots } of trade.legs) {
        const owner = kernel.leases.ownerOf(symbol);
        if (lots !== 0 && owner?.tradeId !== trade.tradeId) {
          this.say(world, `${symbol} is held by ${trade.tradeId} without being its owner`);
        }
      }
    }
    const { seenMs } = this.hedging.see(isHedging && !this.isEntering(world), world);
    if (seenMs > HEDGING_MAX_MS) this.say(world, 'the package is being hedged for ever');
  }

  /** A resting entry may still grow, and its hedge with it. */
  private isEntering({ process }: WatchedWorld): boolean {
    const open = process?.session?.core.engine.inspect().open;
    return open !== undefined && [...open.values()].some((trade) => trade.entry.stage !== 'done');
  }

  private judge(
    times: { seenMs: number; blindMs: number } | undefined,
    world: WatchedWorld,
    text: string,
  ): void {
    if (times === undefined) return;
    if (times.seenMs > GRACE_MS) this.say(world, `${text} for more than ${GRACE_MS} ms`);
    if (times.blindMs > BLIND_MAX_MS) this.say(world, `${text}, stream mute, for over a minute`);
  }

  private say(world: WatchedWorld, text: string): void {
    if (!this.violations.has(text)) world.note(`VIOLATION: ${text}`);
    this.violations.add(text);
  }
}

const WORKING: ReadonlySet<string> = new Set(['NEW', 'TRIGGERING', 'TRIGGERED']);

function covers(algo: AlgoOrder, symbol: string, amount: number): boolean {
  return (
    algo.symbol === symbol &&
    algo.type === 'STOP_MARKET' &&
    WORKING.has(algo.status) &&
    algo.side === (amount > 0 ? 'SELL' : 'BUY') &&
    (algo.closePosition || (algo.reduceOnly && algo.quantity >= Math.abs(amount) - 1e-9))
  );
}
