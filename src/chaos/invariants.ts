import type { AlgoOrder } from '../exchanges/fake-binance/model.ts';
import { isMatching } from '../exchanges/fake-binance/order-checks.ts';
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

/** Who can see whom at this moment: the same for all conditions of one look. */
interface Sight {
  nowMs: number;
  isReachable: boolean;
  isBlind: boolean;
}

/** A condition that may hold for a moment, but not for longer while both sides see each other. */
class Lasting {
  /** Milliseconds without interruption; 0 when it does not hold. */
  seenMs = 0;
  blindMs = 0;
  worstMs = 0;
  private sinceMs = Number.NaN;
  private blindSinceMs = Number.NaN;

  see(isWrong: boolean, { nowMs, isReachable, isBlind }: Sight): void {
    const counts = isWrong && isReachable;
    const countsBlind = isWrong && (isReachable || isBlind);
    if (!counts) this.sinceMs = Number.NaN;
    else if (Number.isNaN(this.sinceMs)) this.sinceMs = nowMs;
    if (!countsBlind) this.blindSinceMs = Number.NaN;
    else if (Number.isNaN(this.blindSinceMs)) this.blindSinceMs = nowMs;
    this.seenMs = counts ? nowMs - this.sinceMs : 0;
    this.blindMs = countsBlind ? nowMs - this.blindSinceMs : 0;
    if (this.seenMs <= GRACE_MS) this.worstMs = Math.max(this.worstMs, this.seenMs);
  }
}

/** What is watched of one symbol. */
interface WatchedSymbol {
  symbol: string;
  naked: Lasting;
  ladder: Lasting;
}

/** What must hold after each step of a run. A violation is kept once, by its text. */
export class Invariants {
  readonly violations = new Set<string>();
  /** A position was held at the venue. */
  hasHeld = false;
  hasHedged = false;
  private readonly watched: readonly WatchedSymbol[] = CHAOS_SYMBOLS.map((symbol) => ({
    symbol,
    naked: new Lasting(),
    ladder: new Lasting(),
  }));
  private readonly lonely = new Lasting();
  private readonly hedging = new Lasting();

  /** Longest time without a stop that was still within the bound. */
  get worstNakedMs(): number {
    return Math.max(...this.watched.map(({ naked }) => naked.worstMs));
  }

  check(world: WatchedWorld): void {
    const { venue, ledger } = world;
    ledger.check(venue);
    if (ledger.faults.size > 0) for (const fault of ledger.faults) this.violations.add(fault);
    const sight = {
      nowMs: world.nowMs(),
      isReachable: world.isReachable(),
      isBlind: world.isBlind(),
    };
    for (const each of this.watched) this.checkSymbol(world, each, sight);
    const btc = amountOf(venue, 'BTCUSDT');
    const eth = amountOf(venue, 'ETHUSDT');
    const isForeign = eth !== 0 && CHAOS_SYMBOLS.some((symbol) => world.isForeign(symbol));
    if (eth !== 0 && btc !== 0 && !isForeign) this.hasHedged = true;
    // Nor can a hedge be closed while the venue takes no order of its symbol.
    const canClose = isMatching(venue.market('ETHUSDT')) && !world.isAfterOutage();
    const isLonely = eth !== 0 && btc === 0 && !isForeign && canClose;
    this.lonely.see(isLonely, sight);
    this.judge(this.lonely, world, 'the hedge is open although its BTC position is closed');
    if (eth * btc > 0 && !isForeign) this.say(world, 'the hedge has the side of its main leg');
    this.checkEngine(world, sight);
  }

  private checkSymbol(world: WatchedWorld, watched: WatchedSymbol, sight: Sight): void {
    const { venue } = world;
    const { symbol, naked, ladder } = watched;
    const amount = amountOf(venue, symbol);
    const isOurs = amount !== 0 && !world.isForeign(symbol);
    if (isOurs) this.hasHeld = true;
    // While the venue takes no order of the symbol at all, no stop can be placed; nothing trades.
    let isNaked = isOurs && isMatching(venue.market(symbol));
    if (isNaked) {
      for (const algo of venue.algos.open) if (covers(algo, symbol, amount)) isNaked = false;
    }
    naked.see(isNaked, sight);
    this.judge(naked, world, symbol, ' is held without a stop');
    let resting = 0;
    for (const order of venue.orders.open) {
      if (order.symbol !== symbol || !order.reduceOnly) continue;
      if (world.ledger.request(order.clientId)?.role !== 'target') continue;
      resting += order.quantity - order.filled;
    }
    const isTooLarge = resting > Math.abs(amount) + 1e-9 && !world.isForeign(symbol);
    ladder.see(isTooLarge && !this.waitsForBooks(world), sight);
    this.judge(ladder, world, symbol, ': the ladder is larger than the position');
  }

  /**
   * A start whose disk is slow has no books yet: what a ladder should be stands in them, and start
   * protection only adds stops. Targets are reduce-only, so the venue cannot fill them beyond flat.
   */
  private waitsForBooks({ process }: WatchedWorld): boolean {
    return process?.session?.core.engine.inspect().kernel.bootId === '';
  }

  private checkEngine(world: WatchedWorld, sight: Sight): void {
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
    this.hedging.see(isHedging && !this.isEntering(world), sight);
    if (this.hedging.seenMs > HEDGING_MAX_MS) {
      this.say(world, 'the package is being hedged for ever');
    }
  }

  /** A resting entry may still grow, and its hedge with it. */
  private isEntering({ process }: WatchedWorld): boolean {
    const open = process?.session?.core.engine.inspect().open;
    return open !== undefined && [...open.values()].some((trade) => trade.entry.stage !== 'done');
  }

  /** The text in two parts: it is put together only when there is something to say. */
  private judge(lasting: Lasting, world: WatchedWorld, text: string, more = ''): void {
    const { seenMs, blindMs } = lasting;
    if (seenMs > GRACE_MS) this.say(world, `${text}${more} for more than ${GRACE_MS} ms`);
    if (blindMs > BLIND_MAX_MS) this.say(world, `${text}${more}, stream mute, for over a minute`);
  }

  private say(world: WatchedWorld, text: string): void {
    if (!this.violations.has(text)) world.note(`VIOLATION: ${text}`);
    this.violations.add(text);
  }
}

function amountOf(venue: Venue, symbol: string): number {
  return venue.account.position(symbol, 'BOTH').amount;
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
