import type { Effect } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent, Envelope, EventSource } from '../engine/event.ts';
import { decode, encode } from '../engine/journal-codec.ts';
import type { ExchangePort } from '../engine/ports.ts';
import type { StorePort } from '../store/buffered-store.ts';
import type { ProtectionRow, StoreState } from '../store/store-state.ts';
import { DeadMan } from './dead-man.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { DeadManPort, TimePort, WakeUp } from './ports.ts';
import { protectionRows } from './protection-table.ts';

const SNAPSHOT_EVERY_MS = 60_000;
/** Replays at full speed make more events a minute than memory should hold. */
const EVENTS_BETWEEN_SNAPSHOTS_MAX = 10_000;
const COMMIT_EVERY_MS = 1_000;
/** A history told in a second would be one huge batch: text, its copy for the thread, and a row. */
const EVENTS_BETWEEN_COMMITS_MAX = 500;
/** Events that a start leaves out by itself; with more of them something else is wrong. */
const UNMARKED_MAX = 10;

interface Poisoned {
  seq: number;
  kind: EngineEvent['kind'];
  reason: string;
}

export interface LiveCoreOptions {
  /** A fresh engine with fresh strategies and rules. */
  createEngine: () => Engine;
  time: TimePort;
  store: StorePort;
  exchange: ExchangePort;
  /** Undefined where the venue ends with the process. */
  deadMan?: DeadManPort;
  /** The dead-man's timer may have run: stops have to be looked for. */
  onDisarmed?: () => void;
  /** Hears of effects, alerts and notices. */
  observer?: DispatcherOptions['observer'];
  /** Hears every event after it was handled, for read models; must not throw. */
  onHandled?: (envelope: Envelope) => void;
  /** State of a simulated venue, kept with the engine's. */
  saveVenue?: () => unknown;
  /** Clock that snapshots are counted in; the machine's, not the market's. */
  paceMs?: () => number;
  /** Off where whoever feeds asks for snapshots, at moments when an instant is complete. */
  snapshotsAfterEvents?: boolean;
}

/**
 * The single writer. Every fact of every edge passes `deliver`: it gets the next sequence number
 * and the time, goes into the journal, then to the engine, and what the engine wants done goes to
 * the dispatcher. Nothing else touches the engine.
 */
export class LiveCore {
  declare engine: Engine;
  declare readonly dispatcher: Dispatcher;
  seq = 0;
  /** Events that could not be handled. */
  poisoned = 0;
  /** Packages that ended in this run, unfilled ones included. */
  closedTrades = 0;
  declare private readonly options: LiveCoreOptions;
  declare private readonly deadMan: DeadMan | undefined;
  private readonly queue: { event: EngineEvent; source: EventSource }[] = [];
  private isBusy = false;
  private lastMs = 0;
  /** The last snapshot as text, and every event since: what a rebuild starts from. */
  private snapshotText: string | undefined;
  private since: Envelope[] = [];
  private snapshotAtMs = Number.NEGATIVE_INFINITY;
  private timer: WakeUp | undefined;
  private timerMs = Number.POSITIVE_INFINITY;
  private committer: WakeUp | undefined;
  private protection = '[]';
  private isStopped = false;
  /** Found at this start: events whose mark was lost with a crash. */
  private readonly unmarked: Poisoned[] = [];

  constructor(options: LiveCoreOptions) {
    this.options = options;
    this.engine = options.createEngine();
    const { time, store, exchange, observer } = options;
    const tell = (event: EngineEvent) => this.deliver(event, 'session');
    const { deadMan: port, onDisarmed = () => {} } = options;
    this.deadMan = port === undefined ? undefined : new DeadMan({ time, port, onDisarmed });
    const onSubmit = this.deadMan?.onSubmit;
    this.dispatcher = new Dispatcher({
      time,
      store,
      exchange,
      tell,
      onSubmit,
      observer,
    });
  }

  /**
   * The state of an earlier run: snapshot, then what was journalled after it. Sends nothing.
   * @param options.former set after a change of code or configuration: the engine as it was then.
   * It replays what came after the snapshot, and only its books go on; what it had learned does not
   */
  restore(state: StoreState, options: { former?: () => Engine } = {}): void {
    const { suffix } = state;
    const bad = new Set(suffix.flatMap((each) => (each.type === 'poisoned' ? [each.seq] : [])));
    const books =
      options.former === undefined ? undefined : this.formerBooks(state, options.former);
    if (books !== undefined) this.engine.load(books, { booksOnly: true });
    else this.restoreHere(state, { bad, booksOnly: options.former !== undefined });
    if (options.former !== undefined) {
      this.snapshotText = encode({ engine: this.engine.saveShared() });
      this.since = [];
    }
    this.seq = state.lastSeq;
    this.lastMs = this.engine.inspect().kernel.nowMs;
    this.poisoned = bad.size;
    this.protection = JSON.stringify(state.protection);
  }

  /**
   * An event that could not be handled may have lost its mark with a crash. It is left out, as it was
   * then: a start that ends with it would end with it every time, whatever is open.
   */
  private restoreHere(
    state: StoreState,
    { bad, booksOnly }: { bad: Set<number>; booksOnly: boolean },
  ): void {
    const { store, createEngine } = this.options;
    for (;;) {
      const envelope = this.replayUntilPoison(state, { bad, booksOnly });
      if (envelope === undefined) return;
      const { seq, event, reason } = envelope;
      bad.add(seq);
      this.unmarked.push({ seq, kind: event.kind, reason });
      if (this.unmarked.length > UNMARKED_MAX) throw new Error(reason);
      // Another program may just not understand it: `replay` has the one that did.
      if (!booksOnly) store.append({ type: 'poisoned', seq, reason });
      this.engine = createEngine();
      this.since = [];
    }
  }

  private replayUntilPoison(
    { snapshot, suffix }: StoreState,
    { bad, booksOnly }: { bad: ReadonlySet<number>; booksOnly: boolean },
  ): (Envelope & { reason: string }) | undefined {
    if (snapshot !== undefined) {
      const { engine } = snapshot.state as { engine: unknown };
      this.engine.load(engine, { booksOnly });
      this.snapshotText = encode({ engine });
    }
    for (const record of suffix) {
      if (record.type !== 'event' || bad.has(record.envelope.seq)) continue;
      // Other strategies start with the whole history: it comes from the feed, in one piece.
      if (booksOnly && isMarket(record.envelope.event)) continue;
      try {
        this.replay(record.envelope);
      } catch (error) {
        return { ...record.envelope, reason: messageOf(error) };
      }
    }
  }

  /** After the session's first event: what could not be replayed keeps entries off, as it did. */
  haltIfPoisoned(): void {
    for (const poisoned of this.unmarked.splice(0)) {
      this.deliver(this.protectOnly(poisoned, this.lastMs), 'session');
    }
  }

  /**
   * Stops moved and packages opened since the snapshot stand in no snapshot: without the decisions
   * of then they would be nobody's. Undefined when these cannot be made again exactly.
   */
  private formerBooks({ snapshot, suffix }: StoreState, former: () => Engine): unknown {
    const bad = new Set(suffix.flatMap((each) => (each.type === 'poisoned' ? [each.seq] : [])));
    try {
      const engine = former();
      if (snapshot !== undefined) engine.load((snapshot.state as { engine: unknown }).engine);
      for (const record of suffix) {
        if (record.type === 'event' && !bad.has(record.envelope.seq)) {
          engine.handle(record.envelope);
        }
        const isOther = record.type === 'effects' && record.digest !== engine.effectDigest();
        if (isOther && !bad.has(record.seq)) return undefined;
      }
      for (const trade of engine.trades.splice(0)) this.options.store.saveTrade(trade);
      return engine.save();
    } catch {
      // Another program's snapshot may fit nothing here; the caller has a way without it.
      return undefined;
    }
  }

  /** The venue's timers of the process before are this one's now. */
  takeOverTimers(symbols: readonly string[]): void {
    this.deadMan?.takeOver(symbols, this.engine.inspect().kernel.store);
  }

  /** Safe from inside a handler: the event then waits until the one before it is done. */
  deliver(event: EngineEvent, source: EventSource): void {
    if (this.isStopped) return;
    this.queue.push({ event, source });
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        this.handle(next.event, next.source);
      }
    } finally {
      this.isBusy = false;
    }
    this.armTimer();
    if (this.options.snapshotsAfterEvents !== false) this.takeSnapshotIfDue();
  }

  /** Market data is durable a second later; a snapshot now, if nothing has failed. */
  startCommits(): void {
    const { time, store } = this.options;
    const next = () => {
      store.commit((failure) => {
        if (failure !== undefined) this.onCommitFailed(failure);
      });
      if (!this.isStopped) this.committer = time.wake(time.nowMs() + COMMIT_EVERY_MS, next);
    };
    this.committer = time.wake(time.nowMs() + COMMIT_EVERY_MS, next);
  }

  /** Also at stop. A venue in another state than the engine would be worse than none. */
  takeSnapshot(): void {
    const engine = this.engine.saveShared();
    const venue = this.options.saveVenue?.();
    const text = encode({ engine, venue });
    this.snapshotText = text;
    this.since = [];
    this.snapshotAtMs = this.paceMs();
    const { seq, lastMs: atMs } = this;
    this.options.store.saveSnapshot({ seq, atMs, text });
  }

  /** Nothing is handled any more; the last state is on its way to the disk. */
  stop(): void {
    if (this.isStopped) return;
    // A start that never got its books has none to keep: the next one would take empty ones over.
    if (this.seq > 0) this.takeSnapshot();
    this.isStopped = true;
    this.timer?.cancel();
    this.committer?.cancel();
    this.deadMan?.stop();
  }

  private handle(event: EngineEvent, source: EventSource): void {
    const { store, time } = this.options;
    this.lastMs = Math.max(this.lastMs, time.nowMs());
    const envelope: Envelope = { seq: ++this.seq, atMs: this.lastMs, source, event };
    store.append({ type: 'event', envelope });
    this.since.push(envelope);
    if (this.committer !== undefined && envelope.seq % EVENTS_BETWEEN_COMMITS_MAX === 0) {
      store.commit();
    }
    let effects: readonly Effect[];
    try {
      effects = this.engine.handle(envelope);
    } catch (error) {
      this.onPoison(envelope, messageOf(error));
      return;
    }
    if (effects.length > 0) {
      const copy = [...effects];
      const digest = this.engine.effectDigest();
      store.append({ type: 'effects', seq: envelope.seq, digest, effects: copy });
      this.dispatcher.dispatch(copy, envelope.atMs);
    }
    if (effects.length > 0 || event.kind === 'order.filled') this.saveBooks();
    this.deadMan?.onHandled(this.engine.inspect().kernel.store);
    this.options.onHandled?.(envelope);
  }

  /** Stops, quantities and closed trades, where the next start finds them first. */
  private saveBooks(): void {
    const { store } = this.options;
    const { engine } = this;
    const rows: ProtectionRow[] = protectionRows(engine);
    const text = JSON.stringify(rows);
    if (text !== this.protection) {
      this.protection = text;
      store.saveProtection(rows);
      store.commit();
    }
    for (const trade of engine.trades.splice(0)) {
      this.closedTrades++;
      store.saveTrade(trade);
    }
  }

  /**
   * The engine may be in any state between two: it is built anew from the last snapshot, without
   * the event it could not handle, and from now on only protects and closes.
   */
  private onPoison(envelope: Envelope, reason: string): void {
    const { store, createEngine } = this.options;
    this.poisoned++;
    store.append({ type: 'poisoned', seq: envelope.seq, reason });
    const events = this.since.filter((each) => each !== envelope);
    this.since = [];
    this.engine = createEngine();
    if (this.snapshotText !== undefined) {
      this.engine.load((decode(this.snapshotText) as { engine: unknown }).engine);
    }
    for (const each of events) this.replay(each);
    const poisoned = { seq: envelope.seq, kind: envelope.event.kind, reason };
    this.queue.unshift({ event: this.protectOnly(poisoned, envelope.atMs), source: 'session' });
  }

  /** Returns what tells the engine. */
  private protectOnly({ seq, kind, reason }: Poisoned, atMs: number): EngineEvent {
    this.dispatcher.isProtectOnly = true;
    const what = `event ${seq} (${kind})`;
    const text = `${what} could not be handled: ${reason}; entries are off until a restart`;
    const notice = { kind: 'operator.notify', level: 'alarm', code: 'POISONED', text } as const;
    this.dispatcher.notify(notice, atMs);
    return { kind: 'command.received', command: 'haltEntries', reason: `${what} is poisoned` };
  }

  private replay(envelope: Envelope): void {
    this.engine.handle(envelope);
    // Written once more under the same id: the first time may not have reached the disk.
    for (const trade of this.engine.trades.splice(0)) this.options.store.saveTrade(trade);
    this.since.push(envelope);
  }

  private armTimer(): void {
    const { time } = this.options;
    const dueMs = this.engine.nextTimerMs();
    if (dueMs === this.timerMs) return;
    this.timer?.cancel();
    this.timerMs = dueMs;
    this.timer = Number.isFinite(dueMs) ? time.wake(dueMs, () => this.fireTimer(), 2) : undefined;
  }

  private fireTimer(): void {
    this.timerMs = Number.POSITIVE_INFINITY;
    const timerId = this.engine.nextTimerId();
    if (timerId === undefined || this.engine.nextTimerMs() > this.options.time.nowMs()) {
      this.armTimer();
      return;
    }
    this.deliver({ kind: 'timer.fired', timerId }, 'timer');
  }

  private paceMs(): number {
    return this.options.paceMs?.() ?? this.options.time.nowMs();
  }

  /** At most once a minute, or when memory holds too many events. */
  takeSnapshotIfDue(): void {
    if (this.isStopped || this.since.length === 0) return;
    const isFull = this.since.length >= EVENTS_BETWEEN_SNAPSHOTS_MAX;
    if (!isFull && this.paceMs() - this.snapshotAtMs < SNAPSHOT_EVERY_MS) return;
    this.takeSnapshot();
  }

  private onCommitFailed(failure: string): void {
    const text = `the journal could not be written: ${failure}; entries are withheld meanwhile`;
    const notice = { kind: 'operator.notify', level: 'alarm', code: 'STORE_FAILED', text } as const;
    this.options.observer?.onNotify(notice, this.options.time.nowMs());
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isMarket({ kind }: EngineEvent): boolean {
  return kind === 'bar.closed' || kind === 'flow.sampled';
}
