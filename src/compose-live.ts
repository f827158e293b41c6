import { randomBytes } from 'node:crypto';
import { SimulatedExchange } from '../backtests/exchange/simulated-exchange.ts';
import type { BacktestOptions } from '../backtests/run-options.ts';
import { type BacktestInput, type Composition, compose, composeBacktest } from './compose.ts';
import { Engine } from './engine/engine.ts';
import type { SessionStarted } from './engine/event.ts';
import { toCash } from './engine/money.ts';
import { type CostModel, FLAT_COSTS } from './engine/sizer.ts';
import { BarReplay } from './live/bar-replay.ts';
import { PaperFeed, PaperLeverage } from './live/paper-feed.ts';
import { PaperVenue } from './live/paper-venue.ts';
import type { FeedPort, TimePort } from './live/ports.ts';
import { LiveSession } from './live/session.ts';
import type { SessionObserver } from './live/session-observer.ts';
import { VirtualTime } from './live/virtual-time.ts';
import { BufferedStore, type StorePort } from './store/buffered-store.ts';
import type { OpenedStore } from './store/open-store.ts';
import { SqliteStore } from './store/sqlite-store.ts';

/** Everything an engine is made of, as it is kept with a session: a journal replays anywhere. */
export type SessionConfig = Parameters<typeof compose>[0];

/** An engine as the daemon runs it: what does not fit is told, not thrown. */
export function composeEngine(input: SessionConfig): Engine {
  return engineOf(compose(input));
}

function engineOf({ strategies, rules, costs, prePlace }: Composition): Engine {
  return new Engine({ strategies, rules, costs, isStrict: false, prePlace });
}

/** 40 random bits in base 36; never drawn twice. */
export function drawBootId(): string {
  return BigInt(`0x${randomBytes(5).toString('hex')}`)
    .toString(36)
    .padStart(8, '0');
}

/** The simulated exchange, and the cost model of whichever engine is in use. */
class PaperParts {
  declare readonly venue: PaperVenue;
  declare private readonly kept: SessionConfig;
  private costs: CostModel = FLAT_COSTS;

  constructor(options: {
    kept: SessionConfig;
    time: TimePort;
    account: PaperAccount;
    venue: BacktestOptions['venue'];
  }) {
    const { kept, time, account } = options;
    this.kept = kept;
    const costs: CostModel = {
      slippageFraction: (symbol, notional) => this.costs.slippageFraction(symbol, notional),
    };
    const exchange = new SimulatedExchange({
      ...account,
      ...options.venue,
      cashUnits: toCash(account.startEquity),
      leverage: account.leverageAfter(0),
      costs,
    });
    this.venue = new PaperVenue({ time, quoteAsset: account.quoteAsset, exchange });
  }

  readonly createEngine = (): Engine => {
    const parts = compose(this.kept);
    this.costs = parts.costs;
    return engineOf(parts);
  };
}

type PaperAccount = BacktestOptions['account'];

export interface PaperReplayInput extends Omit<BacktestInput, 'barsMax'> {
  opened: OpenedStore;
  bootId: string;
  observers?: readonly SessionObserver[];
}

export interface PaperReplay {
  session: LiveSession;
  replay: BarReplay;
  startMs: number;
}

/** The live core on paper: the simulated exchange as venue, bars of files as feed. */
export function composePaperReplay(input: PaperReplayInput): PaperReplay {
  const { opened, bootId, config } = input;
  const options = composeBacktest(input);
  const kept = sessionConfig(input, options);
  const startMs = Math.min(...options.feeds.map((bars) => bars.openTime[0]));
  const time = new VirtualTime(Math.max(startMs, opened.state.snapshot?.atMs ?? 0));
  const { account } = options;
  const parts = new PaperParts({ kept, time, account, venue: options.venue });
  const { venue } = parts;
  const store = new BufferedStore(new SqliteStore(opened.path));
  const replay = new BarReplay({
    ...options,
    leverageAfter: options.account.leverageAfter,
    time,
    venue,
    core: () => session.core,
    commit: () => store.commit(),
  });
  const session = new LiveSession({
    state: opened.state,
    damage: opened.damage,
    store,
    createEngine: parts.createEngine,
    time,
    exchange: venue,
    accounts: undefined,
    feed: replay,
    info: sessionInfo(account, { ...options.fingerprints, bootId, seed: config.simulation.seed }),
    config: kept,
    symbols: options.feeds.map(({ symbol }) => symbol),
    observers: input.observers,
    venue,
    paceMs: () => performance.now(),
    isReplay: true,
  });
  venue.sink = (event) => session.onVenue(event);
  return { session, replay, startMs };
}

export interface PaperLiveInput {
  /** What the engine is made of; kept with the session. */
  kept: SessionConfig;
  account: PaperAccount;
  venue: BacktestOptions['venue'];
  fingerprints: BacktestOptions['fingerprints'];
  symbols: readonly string[];
  feed: FeedPort;
  time: TimePort;
  store: StorePort;
  opened: Pick<OpenedStore, 'state' | 'damage'>;
  bootId: string;
  /** Clock that snapshots are counted in, where `time` is not the machine's. */
  paceMs?: () => number;
  observers?: readonly SessionObserver[];
}

/**
 * The live core on paper with a market that goes on by itself: trades of the feed move the
 * simulated exchange, and the account is reconciled with it like with a real one.
 */
export function composePaperLive(input: PaperLiveInput): { session: LiveSession } {
  const { kept, account, time, bootId, fingerprints, feed, symbols, opened } = input;
  const parts = new PaperParts({ kept, time, account, venue: input.venue });
  const { venue } = parts;
  const ramp = new PaperLeverage({
    core: () => session.core,
    venue,
    leverageAfter: account.leverageAfter,
    symbol: symbols[0],
  });
  const session: LiveSession = new LiveSession({
    state: opened.state,
    damage: opened.damage,
    store: input.store,
    createEngine: parts.createEngine,
    time,
    exchange: venue,
    accounts: venue,
    feed: new PaperFeed(feed, venue),
    info: sessionInfo(account, { ...fingerprints, bootId, seed: 0 }),
    config: kept,
    symbols,
    observers: [{ onHandled: () => ramp.onHandled() }, ...(input.observers ?? [])],
    paceMs: input.paceMs,
    venue,
  });
  venue.sink = (event) => session.onVenue(event);
  return { session };
}

function sessionConfig(input: PaperReplayInput, options: BacktestOptions): SessionConfig {
  const { feeds, mainSymbol, signalTimeframeMs, account } = options;
  const main = account.instruments.find(({ symbol }) => symbol === mainSymbol);
  return {
    config: input.config,
    tickSize: Number(main?.tickSize ?? Number.NaN),
    legSymbols: feeds.map(({ symbol }) => symbol).filter((symbol) => symbol !== mainSymbol),
    signalTimeframeMs,
    finestTimeframeMs: Math.min(...feeds.map(({ timeframeMs }) => timeframeMs)),
    events: input.data.events,
    equityStopOnBreach: input.equityStopOnBreach,
  };
}

function sessionInfo(
  account: PaperAccount,
  rest: BacktestOptions['fingerprints'] & { bootId: string; seed: number },
): Omit<SessionStarted, 'kind'> {
  return {
    mode: 'paper',
    ...rest,
    cashUnits: toCash(account.startEquity),
    quoteAsset: account.quoteAsset,
    leverage: account.leverageAfter(0),
    instruments: account.instruments,
    brackets: account.brackets,
    feeRates: account.feeRates,
  };
}
