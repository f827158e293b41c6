import { type OpenSocket, openSocket } from '../../../data/binance/venue-socket.ts';
import type { EngineEvent, EventSource } from '../../engine/event.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { AccountReader } from './account-reader.ts';
import { AccountSetup } from './account-setup.ts';
import { BinanceExchange } from './binance-exchange.ts';
import { BookInstruments } from './book-instruments.ts';
import { UserStream } from './user-stream.ts';
import type { Notice } from './venue-line.ts';
import type { EdgeTime, RestPort } from './venue-rest.ts';

export interface BinanceOptions {
  /** `CcxtRest.load(...)` against a server, or a scripted one. */
  rest: RestPort;
  time: EdgeTime;
  wsUrl: string;
  symbols: readonly string[];
  leverage: number;
  /** The single writer's door. */
  sink: (event: EngineEvent, source: EventSource) => void;
  notice: Notice;
  /** The reconciler's `request`. */
  onReconcile: () => void;
  /** Filters that the books count in (`session.instrument`); the venue's newest when left out. */
  instrumentOf?: (symbol: string) => Instrument | undefined;
  open?: OpenSocket;
}

/** The private side of a session, wired. */
export interface Binance {
  /** ExchangePort and DeadManPort. */
  exchange: BinanceExchange;
  accounts: AccountReader;
  setup: AccountSetup;
  stream: UserStream;
  instruments: ReadonlyMap<string, Instrument>;
  /** The machine's clock has moved, or the machine stood still. */
  onClockStep(): void;
  stop(): void;
}

/**
 * Order of a start: `await setup.prepare()` (account, filters, brackets, fees for the session's
 * first event), then `stream.start()`, then the session. The stream asks for a reconciliation each
 * time it is there (again).
 */
export function connectBinance(options: BinanceOptions): Binance {
  const { rest, time, wsUrl, symbols, leverage, sink, notice, onReconcile } = options;
  const latest = new Map<string, Instrument>();
  const instruments = new BookInstruments(latest, options.instrumentOf ?? (() => undefined));
  // Timestamps are refused when the clocks differ by more than a request's window.
  rest.syncClock();
  const refresh = (): void => {
    setup.refresh().catch((error: Error) => notice('warning', 'FILTERS_STALE', error.message));
  };
  const exchange = new BinanceExchange({
    rest,
    time,
    instruments,
    sink,
    notice,
    onReconcile,
    onFiltersDoubted: refresh,
    onMute: (what) => {
      stream.doubt(what);
      // It may be that no new connection can be had.
      onReconcile();
    },
  });
  const { line, orders, witness } = exchange;
  const setup = new AccountSetup({
    line,
    time,
    symbols,
    leverage,
    notice,
    sink,
    instruments: latest,
  });
  const nowMs = () => time.nowMs();
  const accounts = new AccountReader({ line, instruments, orders, nowMs, witness });
  const stream = new UserStream({
    line,
    time,
    wsUrl,
    open: options.open ?? openSocket,
    notice,
    onFrame: (text) => exchange.onFrame(text),
    onRestored: () => {
      witness.begin();
      exchange.askAboutOpen();
      onReconcile();
    },
    onLost: (reason) => {
      witness.end();
      notice('warning', 'USER_STREAM', `private stream: ${reason}`);
    },
  });
  const stop = (): void => {
    stream.stop();
    witness.end();
    setup.stop();
  };
  const onClockStep = () => rest.syncClock();
  return { exchange, accounts, setup, stream, instruments, onClockStep, stop };
}
