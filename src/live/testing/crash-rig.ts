import { SimulatedExchange } from '../../../backtests/exchange/simulated-exchange.ts';
import { type Bars, createBars } from '../../../data/bars/bars.ts';
import { Engine } from '../../engine/engine.ts';
import type { BarClosed, EngineEvent, SessionStarted } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { Intent, TradePlan } from '../../engine/plan.ts';
import type { ExchangePort } from '../../engine/ports.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { TEST_SYMBOLS, testSession, testSpec } from '../../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../../store/buffered-store.ts';
import { SqliteStore } from '../../store/sqlite-store.ts';
import type { Committer, StoreBatch } from '../../store/store-batch.ts';
import { readState } from '../../store/store-state.ts';
import { PaperVenue } from '../paper-venue.ts';
import type { FeedPort, TimePort, WakeUp } from '../ports.ts';
import { LiveSession } from '../session.ts';
import { VirtualTime } from '../virtual-time.ts';

export const RIG_START_MS = Date.UTC(2025, 0, 6, 12);
const MINUTE = 60_000;
const DOWN_MS = 3_000;
const DISK_MS = 1;
const SETTLE_MS = 20_000;

/** Enters once, on the second bar of BTCUSDT; what it remembers survives a restart. */
class EnterOnce implements Strategy {
  readonly id = 'script';
  readonly symbols = TEST_SYMBOLS;
  private bars = 0;
  private readonly plan: TradePlan;

  constructor(plan: TradePlan) {
    this.plan = plan;
  }

  onBar(bar: BarClosed): readonly Intent[] {
    if (bar.symbol !== 'BTCUSDT') return [];
    return ++this.bars === 2 ? [{ kind: 'enter', plan: this.plan }] : [];
  }

  save(): unknown {
    return this.bars;
  }

  load(state: unknown): void {
    this.bars = state as number;
  }
}

/** Cuts a process off from the world at one of its contacts with it. */
export class CrashPoint {
  contacts = 0;
  isDead = false;
  private readonly at: number;
  private readonly when: 'before' | 'after';

  constructor(at: number, when: 'before' | 'after') {
    this.at = at;
    this.when = when;
  }

  pass(contact: () => void): void {
    if (this.isDead) return;
    const isHere = ++this.contacts === this.at;
    if (isHere && this.when === 'before') this.isDead = true;
    if (this.isDead) return;
    contact();
    if (isHere) this.isDead = true;
  }
}

/** What goes wrong between the process and the world, beside its death. */
export interface Disturbance {
  /** Delays of the copies of a fact that arrive; none when it is lost. */
  arrivals: (atMs: number) => readonly number[];
  /** How long a commit takes, or its failure. */
  disk: () => number | string;
  accountFails: () => boolean;
  portThrows: () => boolean;
  nextCrash: () => CrashPoint;
}

const CALM: Disturbance = {
  arrivals: () => AT_ONCE,
  disk: () => DISK_MS,
  accountFails: () => false,
  portThrows: () => false,
  nextCrash: () => new CrashPoint(0, 'before'),
};
const AT_ONCE: readonly number[] = [0];

/**
 * A whole session on virtual time with a venue that outlives it: the process dies at the given
 * contact (journal append, commit, send, answer), what was not committed is lost, and three seconds
 * later a new process starts on what the disk holds.
 */
export class CrashRig {
  readonly time = new VirtualTime(RIG_START_MS);
  readonly disk = new SqliteStore(':memory:');
  readonly venue: PaperVenue;
  /** Every request that reached the venue. */
  readonly submitted: OrderRequest[] = [];
  /** Longest time with a position and no acknowledged stop at the venue, process alive. */
  nakedMsMax = 0;
  session: LiveSession;
  crash: CrashPoint;
  boots = 0;
  private readonly plan: TradePlan;
  private readonly bars: readonly Bars[];
  private readonly disturbance: Disturbance;
  private readonly infoOf: (boot: number) => Partial<SessionStarted>;
  readonly notices: string[] = [];
  /** Called before each minute; lets a script stop, restart or disturb. */
  onMinute: (minute: number) => void = () => {};
  private minute = 0;
  private nakedSince = Number.NaN;

  constructor(options: {
    plan: TradePlan;
    bars: readonly Bars[];
    crash: CrashPoint;
    /** What differs in the session of each start. */
    infoOf?: (boot: number) => Partial<SessionStarted>;
    disturbance?: Disturbance;
  }) {
    const { plan, bars, crash, infoOf = () => ({}) } = options;
    this.disturbance = options.disturbance ?? CALM;
    this.infoOf = infoOf;
    this.plan = plan;
    this.bars = bars;
    this.crash = crash;
    const { feeRates } = testSession();
    this.venue = new PaperVenue({
      time: this.time,
      quoteAsset: 'USDT',
      exchange: new SimulatedExchange({
        instruments: TEST_SYMBOLS.map(testSpec),
        brackets: {},
        feeRates,
        quoteAsset: 'USDT',
        cashUnits: 10_000e8,
        leverage: 20,
        orderLatencyMs: 40,
        responseLatencyMs: 30,
        pathOrder: 'worst',
        makerFromBars: true,
        costs: { slippageFraction: () => 0 },
      }),
    });
    this.session = this.boot();
  }

  /** Plays all bars, then lets everything settle. */
  play(): this {
    const { length } = this.bars[0];
    for (this.minute = 0; this.minute < length; this.minute++) {
      const endMs = RIG_START_MS + (this.minute + 1) * MINUTE;
      this.onMinute(this.minute);
      for (const bars of this.bars) this.venue.setBar(bars.symbol, bars, this.minute);
      this.run(endMs, 0);
      this.onBar?.(this.minute, false);
      this.run(endMs);
    }
    this.run(this.time.nowMs() + SETTLE_MS);
    return this;
  }

  /** A clean stop and a start right after it. */
  restart(): void {
    this.session.stop(() => {});
    this.crash.isDead = true;
  }

  private onBar: ((minute: number, isWarmUp: boolean) => void) | undefined;

  private run(untilMs: number, rankMax?: number): void {
    while (this.time.step(untilMs, rankMax)) {
      this.watch();
      if (!this.crash.isDead) continue;
      this.crash = this.disturbance.nextCrash();
      this.onBar = undefined;
      this.venue.sink = undefined;
      this.nakedSince = Number.NaN;
      this.time.wake(this.time.nowMs() + DOWN_MS, () => {
        this.session = this.boot();
      });
    }
    this.time.runTo(untilMs, rankMax);
  }

  private watch(): void {
    let isNaked = false;
    for (const position of this.picture().positions) {
      const stops = this.picture().orders.filter(
        (order) => order.symbol === position.symbol && order.isConditional && order.reduceOnly,
      );
      if (!stops.some((order) => order.lots >= position.lots)) isNaked = true;
    }
    const now = this.time.nowMs();
    if (!isNaked || this.venue.sink === undefined) this.nakedSince = Number.NaN;
    else if (Number.isNaN(this.nakedSince)) this.nakedSince = now;
    else this.nakedMsMax = Math.max(this.nakedMsMax, now - this.nakedSince);
  }

  picture() {
    return this.venue.pictureNow();
  }

  private boot(): LiveSession {
    const { crash } = this;
    const bootId = `boot${++this.boots}`;
    const { kind: _, ...info } = testSession({
      mode: 'live',
      bootId,
      ...this.infoOf(this.boots),
    });
    const time = mortalTime(this.time, crash);
    const store = new BufferedStore(this.committer(crash));
    const append = store.append.bind(store);
    store.append = (record) => crash.pass(() => append(record));
    const session = new LiveSession({
      state: readState(this.disk.db),
      damage: [],
      store,
      createEngine: () =>
        new Engine({ strategies: [new EnterOnce(this.plan)], rules: [], isStrict: false }),
      time,
      exchange: this.port(crash),
      accounts: {
        readAccount: (ask, done) =>
          this.venue.readAccount(ask, (answer) => {
            const failed = { kind: 'failed', reason: 'made to fail' } as const;
            crash.pass(() => done(this.disturbance.accountFails() ? failed : answer));
          }),
      },
      feed: this.feed(time),
      info,
      config: {},
      symbols: TEST_SYMBOLS,
      observers: [{ onNotify: ({ code }) => this.notices.push(code) }],
    });
    const hear = (event: EngineEvent) => crash.pass(() => session.onVenue(event));
    this.venue.sink = (event: EngineEvent) => {
      for (const delayMs of this.disturbance.arrivals(this.time.nowMs())) {
        if (delayMs === 0) hear(event);
        else time.wake(this.time.nowMs() + delayMs, () => hear(event));
      }
    };
    session.start();
    return session;
  }

  /** A commit takes a moment; what had not arrived when the process died never does. */
  private committer(crash: CrashPoint): Committer {
    return {
      commit: (batch: StoreBatch, done) => {
        const disk = this.disturbance.disk();
        const ms = typeof disk === 'number' ? disk : DISK_MS;
        this.time.wake(this.time.nowMs() + ms, () =>
          crash.pass(() => {
            if (typeof disk === 'string') done(disk);
            else this.disk.commit(batch, done);
          }),
        );
      },
      close: (done) => done(),
    };
  }

  private port(crash: CrashPoint): ExchangePort {
    const { venue } = this;
    return {
      submit: (request) =>
        crash.pass(() => {
          if (this.disturbance.portThrows()) throw new Error('made to throw');
          this.submitted.push(request);
          venue.submit(request);
        }),
      amend: (request) => crash.pass(() => venue.amend(request)),
      cancel: (request) => crash.pass(() => venue.cancel(request)),
      query: (request) => crash.pass(() => venue.query(request)),
    };
  }

  private feed(time: TimePort): FeedPort {
    return {
      start: ({ sinceMs, sink, onWarm }) => {
        time.wake(time.nowMs(), () => {
          const deliver = (minute: number, isWarmUp: boolean) => {
            for (const bars of [...this.bars].reverse()) sink(barAt(bars, minute, isWarmUp));
          };
          for (let i = 0; i < this.minute; i++) {
            if (RIG_START_MS + i * MINUTE >= sinceMs['BTCUSDT']) deliver(i, true);
          }
          onWarm();
          this.onBar = deliver;
        });
      },
      stop: () => {
        this.onBar = undefined;
      },
    };
  }
}

function mortalTime(time: VirtualTime, crash: CrashPoint): TimePort {
  return {
    nowMs: () => time.nowMs(),
    wake: (atMs, action, rank): WakeUp =>
      time.wake(atMs, () => (crash.isDead ? undefined : action()), rank),
  };
}

function barAt(bars: Bars, i: number, isWarmUp: boolean): BarClosed {
  return {
    kind: 'bar.closed',
    symbol: bars.symbol,
    timeframeMs: MINUTE,
    openTime: bars.openTime[i],
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: 100,
    takerBuyVolume: 50,
    isWarmUp,
  };
}

/** Bars through the given closes, in a straight line each; `mirrored` around the first price. */
export function barsThrough(symbol: string, closes: readonly number[]): Bars {
  const bars = createBars({
    symbol,
    timeframeMs: MINUTE,
    length: closes.length,
    source: { kind: 'simulated', names: ['typed by hand'] },
  });
  closes.forEach((close, i) => {
    const open = i === 0 ? close : closes[i - 1];
    bars.openTime[i] = RIG_START_MS + i * MINUTE;
    bars.open[i] = open;
    bars.high[i] = Math.max(open, close);
    bars.low[i] = Math.min(open, close);
    bars.close[i] = close;
    bars.volume[i] = 100;
  });
  return bars;
}
