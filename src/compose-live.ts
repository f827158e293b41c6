import { randomBytes } from 'node:crypto';
import { SimulatedExchange } from '../backtests/exchange/simulated-exchange.ts';
import type { BacktestOptions } from '../backtests/run-options.ts';
import { type BacktestInput, type Composition, compose, composeBacktest } from './compose.ts';
import { Engine } from './engine/engine.ts';
import type { SessionStarted } from './engine/event.ts';
import { toCash } from './engine/money.ts';
import type { CostModel } from './engine/sizer.ts';
import { BarReplay } from './live/bar-replay.ts';
import { PaperVenue } from './live/paper-venue.ts';
import { LiveSession, type SessionOptions } from './live/session.ts';
import { VirtualTime } from './live/virtual-time.ts';
import { BufferedStore } from './store/buffered-store.ts';
import type { OpenedStore } from './store/open-store.ts';
import { SqliteStore } from './store/sqlite-store.ts';

/** Everything an engine is made of, as it is kept with a session: a journal replays anywhere. */
export type SessionConfig = Parameters<typeof compose>[0];

/** An engine as the daemon runs it: what does not fit is told, not thrown. */
export function composeEngine(input: SessionConfig): Engine {
  return engineOf(compose(input));
}

function engineOf({ strategies, rules, costs }: Composition): Engine {
  return new Engine({ strategies, rules, costs, isStrict: false });
}

/** 40 random bits in base 36; never drawn twice. */
export function drawBootId(): string {
  return BigInt(`0x${randomBytes(5).toString('hex')}`)
    .toString(36)
    .padStart(8, '0');
}

export interface PaperReplayInput extends Omit<BacktestInput, 'barsMax'> {
  opened: OpenedStore;
  bootId: string;
  onAlert?: SessionOptions['onAlert'];
  onNotify?: SessionOptions['onNotify'];
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
  // The engine may be built anew; the venue asks whichever is in use.
  let costs: CostModel = options.costs;
  const venue = new PaperVenue({
    time,
    quoteAsset: options.account.quoteAsset,
    exchange: new SimulatedExchange({
      ...options.account,
      ...options.venue,
      cashUnits: toCash(options.account.startEquity),
      leverage: options.account.leverageAfter(0),
      costs: { slippageFraction: (symbol, notional) => costs.slippageFraction(symbol, notional) },
    }),
  });
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
    createEngine: () => {
      const parts = compose(kept);
      costs = parts.costs;
      return engineOf(parts);
    },
    time,
    exchange: venue,
    accounts: undefined,
    feed: replay,
    info: sessionInfo(options, { bootId, seed: config.simulation.seed }),
    config: kept,
    symbols: options.feeds.map(({ symbol }) => symbol),
    onAlert: input.onAlert,
    onNotify: input.onNotify,
    venue,
    paceMs: () => performance.now(),
    isReplay: true,
  });
  venue.sink = (event) => session.onVenue(event);
  return { session, replay, startMs };
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
  { account, fingerprints }: BacktestOptions,
  { bootId, seed }: { bootId: string; seed: number },
): Omit<SessionStarted, 'kind'> {
  return {
    mode: 'paper',
    bootId,
    ...fingerprints,
    seed,
    cashUnits: toCash(account.startEquity),
    quoteAsset: account.quoteAsset,
    leverage: account.leverageAfter(0),
    instruments: account.instruments,
    brackets: account.brackets,
    feeRates: account.feeRates,
  };
}
