import type { CalendarEvent } from '../data/calendar/calendar.ts';
import { rampLeverage } from '../strategy/risk/leverage-ramp.ts';
import { LIVE_HISTORY_BARS } from '../strategy/tags/warm-up.ts';
import { feeRatesOf, tradedSymbols } from './compose.ts';
import { composePaperLive, type SessionConfig } from './compose-live.ts';
import { rampOf } from './compose-rules.ts';
import type { Config, LoadedConfig } from './config.ts';
import { readPublicFacts } from './daemon/public-facts.ts';
import { AppError } from './engine/error.ts';
import type { InstrumentSpec } from './engine/instrument-spec.ts';
import { MINUTE_MS } from './engine/units.ts';
import { BinanceFeed } from './exchanges/binance/binance-feed.ts';
import { PublicRest } from './exchanges/binance/public-rest.ts';
import type { VenueAddress } from './exchanges/binance/venue-address.ts';
import { type Notice, VenueLine } from './exchanges/binance/venue-line.ts';
import { bracketsFor } from './instrument-table.ts';
import { OrderedFeed } from './live/ordered-feed.ts';
import type { FeedPort } from './live/ports.ts';
import type { RealTime } from './live/real-time.ts';
import type { LiveSession } from './live/session.ts';
import type { SessionObserver } from './live/session-observer.ts';
import { hashOf } from './market-data.ts';
import type { StorePort } from './store/buffered-store.ts';
import type { OpenedStore } from './store/open-store.ts';

/** A clock that is further off than this is set right before anything is traded. */
export const CLOCK_OFFSET_MS_MAX = 1_000;

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
    ...{ symbols, feed, time, store, opened, bootId, observers },
    paceMs: () => performance.now(),
  });
  later.session = session;
  return { session, symbols, close: () => rest.stop() };
}

/** Feed and adapter speak before there is a session to speak to. */
export class LateSession {
  session: LiveSession | undefined;
  declare private readonly early: Notice;

  constructor(early: Notice) {
    this.early = early;
  }

  readonly notice: Notice = (level, code, text) => {
    if (this.session === undefined) this.early(level, code, text);
    else this.session.tell(level, code, text);
  };

  block(reason: string): void {
    this.session?.core.deliver({ kind: 'entries.blocked', reason: `venue: ${reason}` }, 'venue');
  }
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
  const dataHash = hashOf([`live ${address.restUrl}`]);
  return { codeVersion, configHash: loaded.hash, dataHash, calendarHash };
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
