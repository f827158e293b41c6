import type { OperatorNotify } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent, EventSource } from '../engine/event.ts';
import type { ExchangePort } from '../engine/ports.ts';
import type { StorePort } from '../store/buffered-store.ts';
import { accountDifferences, BLOCK_PREFIX, type Differences } from './account-differences.ts';
import type {
  AccountAnswer,
  AccountPicture,
  AccountQueryPort,
  AccountUrgency,
  FillCursor,
  TimePort,
  WakeUp,
} from './ports.ts';

const EVERY_MS = 60_000;
/** A difference that may be a fact under way is looked at again this much later. */
const CONFIRM_MS = 1_000;
/** Looks a second apart before the distance doubles, up to 16 s: each costs weight at the venue. */
const QUICK_LOOKS = 3;
const SLOWEST = 16;
/** Fills and transfers are asked for from a little before the last known one. */
const OVERLAP_MS = 60_000;

export interface ReconcilerOptions {
  engine: () => Engine;
  deliver: (event: EngineEvent, source: EventSource) => void;
  time: TimePort;
  accounts: AccountQueryPort;
  exchange: ExchangePort;
  store: StorePort;
  symbols: readonly string[];
  /** Boot ids of every session of this state folder. */
  knownBootIds: ReadonlySet<string>;
  /** Fills at the venue before this are none of ours. */
  sinceMs: number;
  notify: (notice: OperatorNotify) => void;
  /** A picture was compared and what it told is in the books; with the symbols of missed fills. */
  onCompared: (filledSymbols: ReadonlySet<string>) => void;
  /** Books and venue agree. */
  onAgreed: () => void;
}

/**
 * Holds the books against the venue: at start, after every reconnect, each minute and on demand.
 * The venue is the truth; what differs becomes events. Nothing that others placed is touched.
 */
export class Reconciler {
  /** Pictures taken, and those that could not be. */
  readonly counts = { pictures: 0, failures: 0, facts: 0, claims: 0, cancels: 0 };
  declare private readonly options: ReconcilerOptions;
  private isAsking = false;
  private isAskedAgain = false;
  private isStopped = false;
  /** A picture was compared, and what it told is in the books. */
  private hasCompared = false;
  /** In a row, without agreement. */
  private doubtfulLooks = 0;
  private next: WakeUp | undefined;
  private claims: ReadonlySet<string> = new Set();
  /** Reasons told; undefined before the first look, when an earlier run may have told some. */
  private blocks: ReadonlySet<string> | undefined;
  private readonly cursors = new Map<string, FillCursor>();
  private readonly bookedTransfers = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.options = options;
    for (const symbol of options.symbols) {
      this.cursors.set(symbol, { fillId: '', atMs: options.sinceMs });
    }
  }

  /** Looks now; while a look is under way, once more right after it. */
  request(): void {
    this.look('doubt');
  }

  stop(): void {
    this.isStopped = true;
    this.next?.cancel();
  }

  private look(wanted: AccountUrgency): void {
    if (this.isStopped) return;
    const urgency = this.isPackageUnknown() ? 'start' : wanted;
    if (this.isAsking) {
      this.isAskedAgain = true;
      return;
    }
    this.isAsking = true;
    this.next?.cancel();
    const { accounts, time, symbols } = this.options;
    const askedMs = time.nowMs();
    const fillsAfter = Object.fromEntries(this.cursors);
    const transfersSinceMs = Math.min(...[...this.cursors.values()].map(({ atMs }) => atMs));
    const ask = { symbols, fillsAfter, transfersSinceMs, urgency };
    accounts.readAccount(ask, (answer) => {
      this.isAsking = false;
      if (this.isStopped) return;
      if (answer.kind === 'picture') this.compare(answer.picture, askedMs);
      else this.failed(answer, urgency);
    });
  }

  /**
   * After a 429 a minute can pass until the next doubtful look: too long for not knowing whether a
   * package of the process before is hedged.
   */
  private isPackageUnknown(): boolean {
    return !this.hasCompared && this.options.engine().inspect().open.size > 0;
  }

  private failed({ reason, retryAtMs }: Failed, urgency: AccountUrgency): void {
    this.counts.failures++;
    const text = `the account could not be read: ${reason}`;
    this.options.notify({ kind: 'operator.notify', level: 'warning', code: 'ACCOUNT_READ', text });
    // Somebody may have begun to doubt while a routine look was under way.
    const next = this.isAskedAgain && urgency === 'routine' ? 'doubt' : urgency;
    if (retryAtMs === undefined || next !== urgency) return this.lookSoon(next);
    // What did not leave cost nothing: its end is waited for, and no pause grows by it.
    const { time } = this.options;
    const waitMs = Math.max(0, retryAtMs - time.nowMs());
    this.lookAgain(Math.min(CONFIRM_MS * SLOWEST, waitMs), urgency);
  }

  private compare(picture: AccountPicture, askedMs: number): void {
    const { options, bookedTransfers } = this;
    const { symbols, knownBootIds } = options;
    this.counts.pictures++;
    const found = accountDifferences({
      engine: options.engine(),
      picture,
      askedMs,
      symbols,
      knownBootIds,
      bookedTransfers,
    });
    for (const fact of found.facts) options.deliver(fact, 'reconciler');
    this.counts.facts += found.facts.length;
    if (!found.hasLooseEntry) {
      this.hasCompared = true;
      this.moveCursors(picture, askedMs);
      const fills = found.facts.filter((fact) => fact.kind === 'order.filled');
      options.onCompared(new Set(fills.map(({ symbol }) => symbol)));
    }
    this.cancelLoose(found);
    this.tellBlocks(found.blocks);
    const isDoubtful = this.tellClaims(found, picture);
    if (this.isAskedAgain || found.facts.length > 0 || found.cancels.length > 0 || isDoubtful) {
      this.isAskedAgain = false;
      this.lookSoon();
      return;
    }
    if (hasUnanswered(options.engine())) {
      this.lookSoon();
      return;
    }
    this.doubtfulLooks = 0;
    this.lookAgain(EVERY_MS, 'routine');
    options.onAgreed();
  }

  /** A claim is told when two pictures in a row show it. True while one waits for its second. */
  private tellClaims(found: Differences, picture: AccountPicture): boolean {
    const before = this.claims;
    let isDoubtful = false;
    const waiting = new Set<string>();
    for (const [key, event] of found.claims) {
      if (!before.has(key)) {
        waiting.add(key);
        isDoubtful = true;
        continue;
      }
      this.counts.claims++;
      this.options.deliver(event, 'reconciler');
      if (event.kind !== 'account.reported') continue;
      for (const { id, asset } of picture.transfers) {
        if (asset === event.asset) {
          this.bookedTransfers.add(id);
        }
      }
    }
    this.claims = waiting;
    return isDoubtful;
  }

  private tellBlocks(blocks: ReadonlySet<string>): void {
    const { halts } = this.options.engine().inspect();
    const before = this.blocks ?? new Set(halts.filter((halt) => halt.startsWith(BLOCK_PREFIX)));
    for (const reason of blocks) {
      if (before.has(reason)) continue;
      this.options.deliver({ kind: 'entries.blocked', reason }, 'reconciler');
    }
    for (const reason of before) {
      if (blocks.has(reason)) continue;
      this.options.deliver({ kind: 'entries.released', reason }, 'reconciler');
    }
    this.blocks = blocks;
  }

  private cancelLoose(found: Differences): void {
    const { exchange, store, time, notify } = this.options;
    for (const cancel of found.cancels) {
      const { orderId } = cancel;
      const text = `order ${orderId} rests, but nothing in the books stands for it: cancelled`;
      notify({ kind: 'operator.notify', level: 'warning', code: 'ORDER_LOOSE', text });
      try {
        exchange.cancel(cancel);
      } catch {
        // It is found again at the next look.
        continue;
      }
      store.append({ type: 'sent', atMs: time.nowMs(), action: 'cancel', orderId });
      this.counts.cancels++;
    }
  }

  private moveCursors(picture: AccountPicture, askedMs: number): void {
    for (const symbol of this.options.symbols) {
      const last = picture.fills.findLast(({ fill }) => fill.symbol === symbol);
      const old = this.cursors.get(symbol);
      const atMs = Math.max(old?.atMs ?? 0, askedMs - OVERLAP_MS);
      this.cursors.set(symbol, { fillId: last?.fill.fillId ?? old?.fillId ?? '', atMs });
    }
  }

  private lookSoon(urgency: AccountUrgency = 'doubt'): void {
    const doublings = Math.max(0, ++this.doubtfulLooks - QUICK_LOOKS);
    this.lookAgain(CONFIRM_MS * Math.min(SLOWEST, 1 << Math.min(doublings, 10)), urgency);
  }

  private lookAgain(afterMs: number, urgency: AccountUrgency): void {
    const { time } = this.options;
    this.next?.cancel();
    if (!this.isStopped) this.next = time.wake(time.nowMs() + afterMs, () => this.look(urgency));
  }
}

type Failed = Extract<AccountAnswer, { kind: 'failed' }>;

/** The venue has not said yet how an order stands. */
function hasUnanswered(engine: Engine): boolean {
  const { store } = engine.inspect().kernel;
  return store.openOrders().some(({ state }) => UNANSWERED.has(state));
}

const UNANSWERED: ReadonlySet<string> = new Set(['submitted', 'cancelPending', 'unknown']);
