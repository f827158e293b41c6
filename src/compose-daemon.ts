import type { CalendarEvent } from '../data/calendar/calendar.ts';
import { rampLeverage } from '../strategy/risk/leverage-ramp.ts';
import { LIVE_HISTORY_BARS } from '../strategy/tags/warm-up.ts';
import { feeRatesOf, tradedSymbols } from './compose.ts';
import { composeEngine, composePaperLive, type SessionConfig } from './compose-live.ts';
import { rampOf } from './compose-rules.ts';
import type { Config, LoadedConfig } from './config.ts';
import { checkAccount, type Preflight } from './daemon/account-checks.ts';
import { LatencyWatch } from './daemon/latency-watch.ts';
import { LiveLeverage } from './daemon/live-leverage.ts';
import { readFundingHours, readPublicFacts, walletUnits } from './daemon/public-facts.ts';
import type { VenueKeys } from './daemon/venue-keys.ts';
import type { Engine } from './engine/engine.ts';
import { AppError } from './engine/error.ts';
import type { EngineEvent, EventSource } from './engine/event.ts';
import { Instrument } from './engine/instrument.ts';
import type { InstrumentSpec } from './engine/instrument-spec.ts';
import { MINUTE_MS } from './engine/units.ts';
import { BinanceFeed } from './exchanges/binance/binance-feed.ts';
import { CcxtRest } from './exchanges/binance/ccxt-rest.ts';
import { type Binance, connectBinance } from './exchanges/binance/connect.ts';
import { PublicRest } from './exchanges/binance/public-rest.ts';
import type { VenueAddress } from './exchanges/binance/venue-address.ts';
import { type Notice, VenueLine } from './exchanges/binance/venue-line.ts';
import { bracketsFor } from './instrument-table.ts';
import { OrderedFeed } from './live/ordered-feed.ts';
import type { AccountAnswer, FeedPort } from './live/ports.ts';
import type { RealTime } from './live/real-time.ts';
import { LiveSession } from './live/session.ts';
import type { SessionObserver } from './live/session-observer.ts';
import { type StartProtection, startProtection } from './live/start-protection.ts';
import { hashOf } from './market-data.ts';
import type { StorePort } from './store/buffered-store.ts';
import type { OpenedStore } from './store/open-store.ts';
import type { StoreState } from './store/store-state.ts';

/** A clock that is further off than this is set right before anything is traded. */
export const CLOCK_OFFSET_MS_MAX = 1_000;

const STREAM_WAIT_MS = 500;
/** Limits are counted by the minute. */
const HELD_BACK = /-1003|held back by the rate limit/;
const LIMIT_WAIT_MS = 2_000;
const LIMIT_TRIES = 40;
const PROTECT_TRIES = 8;
const PROTECT_RETRY_MS = 250;
/** Without the private stream nobody tells of fills in time. */
const STREAM_LOST = 'the private stream is down';

export interface DaemonOptions {
  loaded: LoadedConfig;
  address: VenueAddress;
  codeVersion: string;
  events: readonly CalendarEvent[];
  calendarHash: string;
  opened: OpenedStore;
  store: StorePort;
  bootId: string;
  time: RealTime;
  observers: readonly SessionObserver[];
  /** Hears what is said before the session can. */
  notice: Notice;
}

/** A session at a venue, not started yet, and what ends with it. */
export interface Daemon {
  session: LiveSession;
  symbols: readonly string[];
  /** Before a stop: cancels what would open, waits for what is under way. */
  quiesce?: (done: () => void) => void;
  /** The machine's clock has moved, or the machine stood still. */
  onClockStep?: () => void;
  /** After the session has stopped: sockets and agents that keep a process alive. */
  close(): void;
}

/** Paper: the public market of the exchange, the simulated exchange as venue, no keys at all. */
export async function composePaperDaemon(options: DaemonOptions): Promise<Daemon> {
  const { loaded, address, time, opened, store, bootId, observers } = options;
  const { config } = loaded;
  const symbols = tradedSymbols(config);
  const rest = new PublicRest(address.restUrl);
  const later = new LateSession(options.notice);
  const { notice } = later;
  const line = new VenueLine({
    ...{ rest, time, notice },
    onHalt: (reason) => later.block(reason),
    onFiltersDoubted: () => {},
  });
  const facts = await readPublicFacts({ line, symbols, nowMs: () => time.nowMs() });
  checkClock(facts.clockOffsetMs / time.scale);
  const feed = liveFeed({ line, ...options, symbols, later, fundingHours: facts.fundingHours });
  const ramp = rampOf(config);
  const { simulation } = config;
  const { session } = composePaperLive({
    kept: sessionConfig(options, facts.instruments),
    account: {
      startEquity: config.account.equity,
      quoteAsset: 'USDT',
      leverageAfter: (closedTrades) => rampLeverage(ramp, closedTrades),
      instruments: facts.instruments,
      brackets: Object.fromEntries(symbols.map((symbol) => [symbol, bracketsFor(symbol)])),
      feeRates: Object.fromEntries(symbols.map((symbol) => [symbol, feeRatesOf(config)])),
    },
    venue: {
      orderLatencyMs: simulation.orderLatencyMs,
      responseLatencyMs: simulation.responseLatencyMs,
      pathOrder: simulation.pathOrder,
      makerFromBars: simulation.makerFromBars,
    },
    fingerprints: fingerprints(options),
    ...{ symbols, feed, time, store, opened, bootId },
    observers: [latencyOf(later, line, options), ...observers],
    paceMs: () => performance.now(),
  });
  later.session = session;
  const close = (): void => rest.stop();
  return { session, symbols, close };
}

/** Feed and adapter speak before there is a session to speak to. */
export class LateSession {
  session: LiveSession | undefined;
  declare private readonly early: Notice;
  /** Hears of facts before the session exists. */
  onEarly: (event: EngineEvent) => void = () => {};
  private readonly blocked = new Set<string>();
  private readonly facts: [EngineEvent, EventSource][] = [];

  constructor(early: Notice) {
    this.early = early;
  }

  readonly notice: Notice = (level, code, text) => {
    if (this.session === undefined) this.early(level, code, text);
    else this.session.tell(level, code, text);
  };

  block(reason: string): void {
    if (this.blocked.has(reason)) return;
    this.blocked.add(reason);
    this.onFact({ kind: 'entries.blocked', reason: `venue: ${reason}` }, 'venue');
  }

  release(reason: string): void {
    if (!this.blocked.delete(reason)) return;
    this.onFact({ kind: 'entries.released', reason: `venue: ${reason}` }, 'venue');
  }

  /** What the set-up found goes into the journal right after the session's first event. */
  onFact(event: EngineEvent, source: EventSource): void {
    const { session } = this;
    if (session === undefined) {
      this.onEarly(event);
      // What became of early orders is found by reconciling.
      if (!('orderId' in event)) this.facts.push([event, source]);
    } else if (source === 'venue') session.onVenue(event);
    else session.core.deliver(event, source);
  }

  readonly observer: SessionObserver = {
    onHandled: ({ event }) => {
      if (event.kind !== 'session.started') return;
      for (const [fact, source] of this.facts.splice(0)) this.session?.core.deliver(fact, source);
    },
  };
}

export function liveFeed(
  options: Pick<DaemonOptions, 'time' | 'address' | 'loaded'> & {
    line: VenueLine;
    symbols: readonly string[];
    later: LateSession;
    fundingHours: ReadonlyMap<string, number>;
  },
): FeedPort {
  const { time, address, loaded, line, symbols, later, fundingHours } = options;
  const timeframeMs = signalMs(loaded.config);
  const { notice } = later;
  const feed = new BinanceFeed({
    ...{ line, time, symbols, notice },
    timeframesMs: [timeframeMs],
    wsUrl: address.wsUrl,
    isBusy: (symbol) => later.session?.core.engine.hasActivity(symbol) === true,
    fundingHours: (symbol) => fundingHours.get(symbol) ?? 8,
  });
  const historyBars = LIVE_HISTORY_BARS;
  return new OrderedFeed({ feed, time, symbols, timeframeMs, historyBars, notice });
}

/** What the engine is made of, kept with the session. */
export function sessionConfig(
  { loaded, events }: Pick<DaemonOptions, 'loaded' | 'events'>,
  instruments: readonly InstrumentSpec[],
): SessionConfig {
  const { config } = loaded;
  const [, ...legSymbols] = tradedSymbols(config);
  const timeframeMs = signalMs(config);
  const main = instruments.find(({ symbol }) => symbol === config.market.symbol);
  return {
    config,
    legSymbols,
    tickSize: Number(main?.tickSize),
    signalTimeframeMs: timeframeMs,
    finestTimeframeMs: timeframeMs,
    events,
    equityStopOnBreach: config.risk.equityStopOnBreach,
  };
}

/** A state folder belongs to one venue: books of a rehearsal never go on at another one. */
export function fingerprints({ codeVersion, loaded, address, calendarHash }: DaemonOptions) {
  const dataHash = liveDataHash(address.restUrl);
  return { codeVersion, configHash: loaded.hash, dataHash, calendarHash };
}

/** Which market a session heard, as its first event names it. */
export function liveDataHash(restUrl: string): string {
  return hashOf([`live ${restUrl}`]);
}

export function checkClock(offsetMs: number): void {
  if (Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX) return;
  const far = `${(offsetMs / 1_000).toFixed(1)} s`;
  const hint = 'set the clock of this machine by a time service (chrony, systemd-timesyncd)';
  throw new AppError('EXCHANGE_CLOCK', `the exchange's clock is ${far} from ours`, hint);
}

function signalMs(config: Config): number {
  const minutes = config.market.signalMinutes === 0 ? 3 : config.market.signalMinutes;
  if (minutes === 3 || minutes === 15) return minutes * MINUTE_MS;
  const hint = 'set market.signalMinutes to 3 (0 means 3) or 15';
  throw new AppError('CONFIG_VALUE', `market.signalMinutes: no live bars of ${minutes}m`, hint);
}

/** With keys orders are tested too. */
function latencyOf(
  later: LateSession,
  line: VenueLine,
  { time, loaded, keys }: Pick<DaemonOptions, 'time' | 'loaded'> & { keys?: VenueKeys },
): LatencyWatch {
  const core = () => (later.session as LiveSession).core;
  const { symbol } = loaded.config.market;
  return new LatencyWatch({
    ...{ line, time },
    deliver: (event) => core().deliver(event, 'session'),
    orders: keys === undefined ? undefined : { symbol, engine: () => core().engine },
  });
}

export interface LiveDaemonOptions extends DaemonOptions {
  mode: 'demo' | 'live';
  keys: VenueKeys;
  /** What has to be true before anything is sent; `checkAccount` when left out. */
  preflight?: Preflight;
  /** Another engine than the configuration's, for rehearsals with a script. */
  createEngine?: () => Engine;
  /** Set-up is over, and whatever is ours has its stop. */
  onProtected?: () => void;
}

/** The exchange itself: private adapter, reconciler, dead-man's timer; trading off until agreed. */
export async function composeLiveDaemon(options: LiveDaemonOptions): Promise<Daemon> {
  const { loaded, address, time, opened, store, bootId, observers, keys, mode } = options;
  const symbols = tradedSymbols(loaded.config);
  const later = new LateSession(options.notice);
  const { notice } = later;
  const ramp = rampOf(loaded.config);
  const leverageAfter = (closedTrades: number) => rampLeverage(ramp, closedTrades);
  const leverage = leverageAfter(closedTradesOf(opened));
  const rest = await CcxtRest.load({ ...keys, restUrl: address.restUrl });
  const binance = connectBinance({
    ...{ rest, time, symbols, leverage },
    wsUrl: address.wsUrl,
    instrumentOf: (symbol) => later.session?.instrument(symbol),
    sink: (event, source) => later.onFact(event, source),
    notice: (level, code, text) => {
      notice(level, code, text);
      if (code === 'USER_STREAM') later.block(STREAM_LOST);
    },
    onReconcile: () => {
      if (binance.stream.isLive()) later.release(STREAM_LOST);
      later.session?.reconcile();
    },
  });
  const { line } = binance.exchange;
  const protection = await protectFirst(binance, options, later);
  const preflight = options.preflight ?? checkAccount;
  try {
    const measureClock = async () => -(await rest.measureClock());
    const context = { mode, line, measureClock, checkClock, symbols, notice };
    await patiently(options, () => preflight(context));
    const facts = await patiently(options, () => binance.setup.prepare());
    const cashUnits = await patiently(options, () => walletUnits(line));
    const fundingHours = await patiently(options, () => readFundingHours(line));
    const kept = sessionConfig(options, facts.instruments);
    const rampUp = new LiveLeverage({
      core: () => session.core,
      ...{ line, symbols, leverageAfter, notice },
    });
    const session: LiveSession = new LiveSession({
      state: opened.state,
      damage: opened.damage,
      ...{ store, time, symbols },
      createEngine: options.createEngine ?? (() => composeEngine(kept)),
      createFormer: options.createEngine ?? ((config) => composeEngine(config as SessionConfig)),
      exchange: binance.exchange,
      accounts: binance.accounts,
      deadMan: binance.exchange,
      feed: liveFeed({ line, ...options, symbols, later, fundingHours }),
      info: {
        ...{ mode, bootId, cashUnits, leverage, quoteAsset: 'USDT', seed: 0 },
        ...fingerprints(options),
        ...facts,
      },
      config: kept,
      observers: [rampUp, later.observer, latencyOf(later, line, options), ...observers],
      paceMs: () => performance.now(),
      ...{ protection, onProtected: options.onProtected },
    });
    binance.stream.start();
    await waitForStream(binance, time);
    if (!binance.stream.isLive()) later.block(STREAM_LOST);
    later.session = session;
    const quiesce = (done: () => void) => session.quiesce(done);
    const { onClockStep, stop: close } = binance;
    return { session, symbols, quiesce, onClockStep, close };
  } catch (error) {
    binance.stop();
    throw error;
  }
}

/**
 * Before anything else that could fail: positions that the store proves ours and that lack a stop
 * get one. Undefined where the store cannot help (a first start, or no snapshot yet): the session
 * does it after the set-up then.
 */
async function protectFirst(
  { exchange, accounts, instruments }: Binance,
  { opened, bootId, time, notice, onProtected }: LiveDaemonOptions,
  later: LateSession,
): Promise<StartProtection | undefined> {
  const { state } = opened;
  const specs = specsOf(state);
  if (specs.length === 0) return undefined;
  const known = instruments as Map<string, Instrument>;
  for (const spec of specs) known.set(spec.symbol, new Instrument(spec));
  const atMs = time.nowMs();
  const protection = startProtection({ state, newBootId: bootId, time, exchange });
  later.onEarly = (event) => void protection.onFact(event);
  const nothing = { symbols: [], fillsAfter: {}, transfersSinceMs: atMs };
  const ask = { ...nothing, urgency: 'protection' } as const;
  for (let i = 0; i < PROTECT_TRIES; i++) {
    const answer = await new Promise<AccountAnswer>((resolve) => {
      accounts.readAccount(ask, resolve);
    });
    if (answer.kind === 'picture') {
      protection.run(answer.picture);
      onProtected?.();
      return protection;
    }
    notice('warning', 'START_ACCOUNT', `the account could not be read: ${answer.reason}`);
    await new Promise<void>((resolve) => time.wake(time.nowMs() + PROTECT_RETRY_MS, resolve));
  }
  return undefined;
}

/** Several starts within a minute use up the venue's limit; that is waited for, not a failure. */
async function patiently<T>(
  { time, notice }: Pick<LiveDaemonOptions, 'time' | 'notice'>,
  action: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      const isHeld = error instanceof AppError && HELD_BACK.test(error.message);
      if (!isHeld || tries === LIMIT_TRIES) throw error;
      if (tries === 1) notice('warning', 'LIMIT', 'the request limit is used up; waiting for it');
      await new Promise<void>((resolve) => time.wake(time.nowMs() + LIMIT_WAIT_MS, resolve));
    }
  }
}

/** A moment for the private stream; without it entries stay off, but protection must not wait. */
async function waitForStream({ stream }: Binance, time: RealTime): Promise<void> {
  const untilMs = time.nowMs() + STREAM_WAIT_MS;
  while (!stream.isLive() && time.nowMs() < untilMs) {
    await new Promise<void>((resolve) => time.wake(time.nowMs() + 10, resolve));
  }
}

interface SavedEngine {
  engine?: { kernel?: { specs?: InstrumentSpec[]; watch?: { closedTrades?: number } } };
}

/** Trades of the snapshot; the ramp goes on where it was. */
function closedTradesOf({ state }: OpenedStore): number {
  const saved = state.snapshot?.state as SavedEngine | undefined;
  return saved?.engine?.kernel?.watch?.closedTrades ?? 0;
}

/** Filters of the run before: good enough to count lots with until the venue's are read. */
function specsOf(state: StoreState): readonly InstrumentSpec[] {
  return (state.snapshot?.state as SavedEngine | undefined)?.engine?.kernel?.specs ?? [];
}
