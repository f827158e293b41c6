import type { OperatorNotify } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent, Envelope, SessionStarted } from '../engine/event.ts';
import type { Instrument } from '../engine/instrument.ts';
import type { ExchangePort } from '../engine/ports.ts';
import type { StorePort } from '../store/buffered-store.ts';
import type { StoreState } from '../store/store-state.ts';
import { LiveCore } from './live-core.ts';
import type { AccountPicture, AccountQueryPort, DeadManPort, FeedPort, TimePort } from './ports.ts';
import { Reconciler } from './reconciler.ts';
import { ObserverList, type SessionObserver } from './session-observer.ts';
import { bootIdsOf, type StartProtection, startProtection, UNSEEN_MS } from './start-protection.ts';
import { StartWatch } from './start-watch.ts';

const QUIESCE_MS_MAX = 3_000;
const QUIESCE_LOOK_MS = 20;
/** Fills are looked for from a little before the last event that is on disk. */
const FILL_OVERLAP_MS = 300_000;
/** A disk that takes nothing for so long is not waited for: what is held has to be managed. */
const START_DISK_MS = 60_000;
const START_RETRY_MS = 250;

export interface SessionOptions {
  state: StoreState;
  /** What was wrong with the store; empty when nothing. */
  damage: readonly string[];
  store: StorePort;
  createEngine: () => Engine;
  /** The engine of an earlier session, by the configuration kept with it. */
  createFormer?: (config: unknown) => Engine;
  time: TimePort;
  exchange: ExchangePort;
  /** Undefined only where there is nothing to reconcile with (a replay of files). */
  accounts: AccountQueryPort | undefined;
  feed: FeedPort;
  deadMan?: DeadManPort;
  /** Everything of the session's first event; its boot id has never been used. */
  info: Omit<SessionStarted, 'kind'>;
  config: unknown;
  symbols: readonly string[];
  /** They hear of everything and can hurt nothing. */
  observers?: readonly SessionObserver[];
  onEnd?: () => void;
  /** A simulated venue goes back to the snapshot with the engine. */
  venue?: { save(): unknown; load(state: unknown): void };
  paceMs?: () => number;
  /**
   * Time is virtual and runs faster than a disk: whoever feeds asks for commits and snapshots, when
   * an instant is complete.
   */
  isReplay?: boolean;
  /** The account was read and what is ours has its stop, or one was sent. */
  onProtected?: () => void;
  /** Has run already: whoever set up the venue protected first. */
  protection?: StartProtection;
}

/**
 * One run of the daemon on one state folder, whose lock the caller holds. Start order: protect what
 * is ours and naked, restore the books, reconcile (which asks about every order without a final
 * answer; none is ever sent again), warm up, and only then allow entries. A clean start is the same
 * path with an empty journal.
 */
export class LiveSession {
  declare readonly core: LiveCore;
  declare readonly reconciler: Reconciler | undefined;
  declare readonly protection: StartProtection;
  /** Entries are allowed as far as the start is concerned. */
  isReady = false;
  declare readonly observers: ObserverList;
  declare private readonly options: SessionOptions;
  private isFeeding = false;
  private isStopped = false;
  private wasInDoubt = false;
  private hasBegun = false;
  private stopsSent = 0;
  private watch: StartWatch | undefined;
  /** Told to the operator. */
  private readonly told = new Set<string>();
  /** Books came back, what strategies had learned did not. */
  private isCold = false;

  constructor(options: SessionOptions) {
    this.options = options;
    const { state, info, time, exchange, store, accounts, symbols } = options;
    const knownBootIds = bootIdsOf(state).add(info.bootId);
    this.protection =
      options.protection ?? startProtection({ state, newBootId: info.bootId, time, exchange });
    const { createEngine, venue, paceMs } = options;
    this.observers = new ObserverList(options.observers ?? [], (text) => {
      this.alarm('OBSERVER', `one that watches failed: ${text}; trading is not touched`);
    });
    const onHandled = (envelope: Envelope) => this.onHandled(envelope);
    const saveVenue = venue === undefined ? undefined : () => venue.save();
    const { deadMan } = options;
    const onDisarmed = () => this.reconcile();
    const ports = { time, store, exchange, deadMan };
    const core = { createEngine, ...ports, onDisarmed, onHandled, observer: this.observers };
    const snapshotsAfterEvents = options.isReplay !== true;
    this.core = new LiveCore({ ...core, saveVenue, paceMs, snapshotsAfterEvents });
    this.reconciler =
      accounts === undefined
        ? undefined
        : new Reconciler({
            engine: () => this.core.engine,
            deliver: (event, source) => this.core.deliver(event, source),
            time,
            accounts,
            exchange,
            store,
            symbols,
            knownBootIds,
            sinceMs: lastKnownMs(state, time.nowMs()) - FILL_OVERLAP_MS,
            notify: (notice) => this.core.dispatcher.notify(notice, time.nowMs()),
            onCompared: (filled) => {
              this.watch?.onEngineBack();
              this.core.dispatcher.releaseLegs(filled);
            },
            onAgreed: () => this.onAgreed(),
          });
  }

  start(): void {
    const { options } = this;
    const { store, info, config, time } = options;
    const { bootId, codeVersion, configHash, mode, dataHash } = info;
    const startedMs = time.nowMs();
    store.saveSession({ bootId, startedMs, codeVersion, configHash, config, mode, dataHash });
    this.protectFirst();
    this.commitStart(startedMs);
  }

  /**
   * Later starts must know this boot id before an order can carry it: they would take the order for
   * somebody else's. While the disk takes nothing, stops are looked after by the watch of the start.
   */
  private commitStart(startedMs: number): void {
    const { store, time } = this.options;
    store.commit((failure) => {
      if (this.isStopped) return;
      const isOver = time.nowMs() - startedMs > START_DISK_MS;
      if (failure === undefined || isOver) return this.begin();
      this.alarmOnce('START_DISK', `the disk does not take the start: ${failure}`);
      time.wake(time.nowMs() + START_RETRY_MS, () => this.commitStart(startedMs));
    });
  }

  private begin(): void {
    if (this.hasBegun || this.isStopped) return;
    this.hasBegun = true;
    const { options } = this;
    const { info } = options;
    this.restore();
    const { symbols, state } = options;
    if (state.sessions.length > 0) this.attempt(() => this.core.takeOverTimers(symbols));
    // A simulated venue came back with the leverage it had.
    const isResumedVenue = options.venue !== undefined && options.state.snapshot !== undefined;
    const leverage = isResumedVenue ? this.core.engine.inspect().kernel.leverage : info.leverage;
    this.core.dispatcher.isHoldingLegs = this.reconciler !== undefined;
    this.core.deliver({ kind: 'session.started', ...info, leverage }, 'session');
    this.core.haltIfPoisoned();
    for (const text of options.damage) this.alarm('STORE_DAMAGED', text);
    if (options.isReplay !== true) this.core.startCommits();
    if (this.reconciler === undefined) this.onAgreed();
    else this.reconciler.request();
  }

  /** Facts of the exchange. */
  onVenue(event: EngineEvent): void {
    if (this.isStopped) return;
    this.attempt(() => this.protection.onFact(event));
    // What comes before the books are back is found by the reconciler; a stop does not wait for that.
    if (this.hasBegun) this.core.deliver(event, 'venue');
    const isOfStart = 'orderId' in event && this.protection.requests.has(event.orderId);
    if (!this.hasBegun || isOfStart) this.watch?.onFact(event);
  }

  /** Filters that the books count in; undefined before there are books. */
  instrument(symbol: string): Instrument | undefined {
    return this.core.engine.inspect().kernel.instruments.get(symbol);
  }

  /** After a reconnect of the user stream, and whenever somebody doubts. */
  reconcile(): void {
    // Before the books are back everything at the venue would look like a difference.
    if (this.hasBegun) this.reconciler?.request();
    else this.watch?.look();
  }

  onClockStep(stepMs: number): void {
    if (this.isStopped || !this.hasBegun) return;
    this.core.deliver({ kind: 'clock.stepped', stepMs }, 'session');
    this.reconcile();
  }

  /** For the operator, and kept with the alerts. */
  tell(level: OperatorNotify['level'], code: string, text: string): void {
    const notice: OperatorNotify = { kind: 'operator.notify', level, code, text };
    this.core.dispatcher.notify(notice, this.options.time.nowMs());
  }

  /**
   * Before a stop at a real venue: nothing new is opened, entries that still rest are cancelled, and
   * what was filled meanwhile gets its stop. Calls `done` when nothing waits for an answer any more,
   * or when the time is over: the venue's own timer cancels what is left.
   */
  quiesce(done: () => void): void {
    const { time, exchange } = this.options;
    const { dispatcher } = this.core;
    dispatcher.isProtectOnly = true;
    const untilMs = time.nowMs() + QUIESCE_MS_MAX;
    const orders = () => this.core.engine.inspect().kernel.store.openOrders();
    for (const { request } of orders()) {
      const { role, orderId, symbol } = request;
      if (role !== 'entry' && role !== 'legEntry') continue;
      const cancel = { kind: 'order.cancel', orderId, symbol, isConditional: false } as const;
      this.attempt(() => exchange.cancel(cancel));
    }
    const look = (): void => {
      const isPending = orders().some(
        ({ state, request }) =>
          state === 'submitted' || request.role === 'entry' || request.role === 'legEntry',
      );
      if (isPending && time.nowMs() < untilMs) time.wake(time.nowMs() + QUIESCE_LOOK_MS, look);
      else done();
    };
    look();
  }

  /** Nothing is sent any more; what rests at the venue keeps resting. */
  stop(done: () => void): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.options.feed.stop();
    this.reconciler?.stop();
    this.watch?.stop();
    // An entry that still waits for the disk must not leave after the last look.
    this.core.dispatcher.isProtectOnly = true;
    this.core.stop();
    this.options.store.close(() => {
      this.observers.onStopped();
      done();
    });
  }

  private protectFirst(): void {
    const { accounts, state, time, protection } = this.options;
    if (protection !== undefined) this.tellProtection();
    if (accounts === undefined || state.sessions.length === 0) {
      // Nothing can be ours yet.
      if (protection === undefined) this.options.onProtected?.();
      return;
    }
    const watch = new StartWatch({
      ...{ time, accounts },
      protect: (picture, askedMs) => this.protect(picture, askedMs),
      onProtected: () => this.options.onProtected?.(),
    });
    this.watch = watch;
    watch.start({ hasProtected: protection !== undefined });
  }

  /** False when something could not be sent: the account is read and judged anew then. */
  private protect(picture: AccountPicture, askedMs: number): boolean {
    const { protection, hasBegun } = this;
    const { symbols, time } = this.options;
    const isDone = this.attempt(() => {
      protection.run(picture, askedMs);
      if (!hasBegun) protection.closeLonely(picture, { askedMs, symbols });
    });
    this.tellProtection();
    // A stop may be lost on its way; one too many only reduces.
    if (protection.stopCount > this.stopsSent)
      time.wake(time.nowMs() + UNSEEN_MS, () => this.watch?.look());
    this.stopsSent = protection.stopCount;
    return isDone;
  }

  private tellProtection(): void {
    const { protection } = this;
    for (const [orderId, { symbol, lots }] of protection.requests) {
      const what = `${symbol}: ${lots} lots`;
      if (protection.lonely.has(orderId)) {
        const text = `${what} hedged a position that is closed; ${orderId} was sent`;
        this.alarmOnce('START_LONELY', text);
      } else {
        const text = `${what} had no stop at the start; ${orderId} was sent`;
        this.alarmOnce('START_UNPROTECTED', text);
      }
    }
    for (const symbol of protection.unpriced) {
      const text = `${symbol} is ours and has no stop, and no price is recorded`;
      this.alarmOnce('START_NO_PRICE', text);
    }
  }

  private alarmOnce(code: string, text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.alarm(code, text);
  }

  /** An exchange port that throws must not end the process. */
  private attempt(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.alarm('EXCHANGE_PORT', error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private restore(): void {
    const { state, info, venue } = this.options;
    const last = state.sessions.at(-1);
    const isSame = last?.codeVersion === info.codeVersion && last?.configHash === info.configHash;
    const saved = state.snapshot?.state as { venue?: unknown } | undefined;
    const booksOnly = last !== undefined && !isSame;
    this.isCold = booksOnly;
    const { createEngine, createFormer = createEngine } = this.options;
    const former = booksOnly ? () => createFormer(last.config) : undefined;
    if (venue === undefined) this.core.restore(state, { former });
    else {
      // Nothing outside knows of what a simulated venue did since: both go back together.
      this.core.restore({ ...state, suffix: [] }, { former });
      if (saved?.venue !== undefined) venue.load(saved.venue);
      if (state.suffix.length > 0) {
        const { store } = this.options;
        store.append({ type: 'rewound', toSeq: state.snapshot?.seq ?? 0, fromSeq: state.lastSeq });
      }
    }
  }

  private onHandled(envelope: Envelope): void {
    const isInDoubt = this.core.engine.isInDoubt();
    if (isInDoubt && !this.wasInDoubt) this.reconcile();
    this.wasInDoubt = isInDoubt;
    this.observers.onHandled(envelope);
  }

  private onAgreed(): void {
    if (this.isStopped) return;
    if (this.isReady && this.core.engine.isInDoubt()) {
      this.core.deliver({ kind: 'session.reconciled' }, 'session');
    }
    if (this.isFeeding) return;
    this.isFeeding = true;
    const { feed, symbols } = this.options;
    const { market } = this.core.engine.inspect().kernel;
    feed.start({
      sinceMs: Object.fromEntries(symbols.map((symbol) => [symbol, market.of(symbol).lastBarMs])),
      isCold: this.isCold,
      sink: (event) => this.core.deliver(event, 'feed'),
      onWarm: () => {
        this.isReady = true;
        this.core.deliver({ kind: 'session.reconciled' }, 'session');
      },
      onEnd: () => this.options.onEnd?.(),
    });
  }

  private alarm(code: string, text: string): void {
    this.tell('alarm', code, text);
  }
}

/** Time of the newest event in the store; now when there is none: older fills are none of ours. */
function lastKnownMs(state: StoreState, nowMs: number): number {
  let lastMs = state.snapshot?.atMs ?? Number.NaN;
  for (const record of state.suffix) {
    if (record.type === 'event') lastMs = record.envelope.atMs;
  }
  return Number.isNaN(lastMs) ? nowMs + FILL_OVERLAP_MS : lastMs;
}
