import { Engine } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { OrderRequest } from '../engine/order.ts';
import { type Binance, connectBinance } from '../exchanges/binance/connect.ts';
import type { DeadManPort } from '../live/ports.ts';
import { LiveSession, type SessionOptions } from '../live/session.ts';
import type { VirtualTime } from '../live/virtual-time.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import type { Committer } from '../store/store-batch.ts';
import { readState } from '../store/store-state.ts';
import type { ChaosMarket } from './chaos-market.ts';
import { CHAOS_SYMBOLS, ChaosStrategy, type StrategyScript } from './chaos-strategy.ts';
import { type MachineClock, ProcessTime } from './process-time.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { type VenueNetwork, WS_URL } from './venue-network.ts';
import { VirtualRest } from './virtual-rest.ts';

export const LEVERAGE = 20;
/** Both are made up; neither may ever be seen outside a signature and a header. */
export const CHAOS_KEYS = { apiKey: 'chaoskey4711deadbeef', secret: 'chaossecret0815cafebabe' };

export interface ProcessOptions {
  time: VirtualTime;
  machine: MachineClock;
  network: VenueNetwork;
  disk: SimulatedDisk;
  market: ChaosMarket;
  script: StrategyScript;
  bootId: string;
  codeVersion: string;
  configHash: string;
  /** Hears every order right before it is handed to the adapter. */
  onSubmit: (request: OrderRequest) => void;
  /** Everything told to a person, as text. */
  onText: (text: string) => void;
  /** Throws where a poisoned event is wanted. */
  poison: (event: EngineEvent) => void;
  /** It was poisoned once, and so is in every replay. */
  isPoisoned: (event: EngineEvent) => boolean;
}

/** One life of the daemon: adapter, session, engine and strategy, from its start to its death. */
export class ChaosProcess {
  declare readonly time: ProcessTime;
  declare readonly binance: Binance;
  session: LiveSession | undefined;
  /** The start did not get through; a supervisor starts another one. */
  failure: string | undefined;
  declare readonly store: BufferedStore;
  declare private readonly options: ProcessOptions;

  constructor(options: ProcessOptions) {
    this.options = options;
    this.store = new BufferedStore(this.committer());
    const { network, machine, onText } = options;
    this.time = new ProcessTime(options.time, machine);
    this.time.onStep = (stepMs) => {
      this.binance.onClockStep();
      this.session?.onClockStep(stepMs);
    };
    this.binance = connectBinance({
      rest: new VirtualRest(network, this.time, CHAOS_KEYS),
      time: this.time,
      wsUrl: WS_URL,
      symbols: CHAOS_SYMBOLS,
      leverage: LEVERAGE,
      sink: (event) => this.session?.onVenue(event),
      notice: (level, code, text) => onText(`${level} ${code} ${text}`),
      onReconcile: () => this.session?.reconcile(),
      instrumentOf: (symbol) => this.session?.instrument(symbol),
      open: network.socketsOf(this.time),
    });
  }

  start(): void {
    this.binance.setup.begin((outcome) => {
      if (this.time.isDead) return;
      if (outcome.kind === 'done') this.begin(outcome.value);
      else this.failure = outcome.error.message;
    });
  }

  /** From one moment to the next; what was not durable is lost. */
  die(): void {
    if (this.time.isDead) return;
    this.options.disk.abandon();
    this.time.isDead = true;
    this.options.market.onEvent = undefined;
    // The operating system closes what the process had open.
    const { hub } = this.options.network.gateway;
    for (const connection of [...hub.connections]) hub.disconnect(connection);
  }

  /** A clean stop: everything told so far is durable. */
  stop(done: () => void): void {
    this.binance.stop();
    if (this.session === undefined) done();
    else this.session.stop(done);
  }

  private begin(facts: Awaited<ReturnType<Binance['setup']['prepare']>>): void {
    const { options, binance, time } = this;
    const { disk, market, bootId, codeVersion, configHash, script, onText } = options;
    const { exchange, accounts } = binance;
    const deadMan: DeadManPort = exchange;
    const info: SessionOptions['info'] = {
      mode: 'live',
      bootId,
      codeVersion,
      configHash,
      dataHash: 'chaos',
      calendarHash: 'chaos',
      seed: 1,
      cashUnits: disk.startCashUnits,
      quoteAsset: 'USDT',
      leverage: LEVERAGE,
      ...facts,
    };
    // What is replayed at a start was handled once, unless it is known for having failed.
    const poison = (event: EngineEvent): void => {
      if (options.isPoisoned(event)) throw new Error('made to fail again');
      if (this.session?.isReady === true) options.poison(event);
    };
    this.session = new LiveSession({
      state: readState(disk.sqlite.db),
      damage: [],
      store: this.store,
      createEngine: () => createChaosEngine(script, poison),
      time,
      exchange: {
        submit: (request) => {
          options.onSubmit(request);
          exchange.submit(request);
        },
        amend: (request) => exchange.amend(request),
        cancel: (request) => exchange.cancel(request),
        query: (request) => exchange.query(request),
      },
      accounts,
      feed: market.feedOf(time),
      deadMan,
      info,
      config: script,
      createFormer: (config) => createChaosEngine(config as StrategyScript),
      symbols: CHAOS_SYMBOLS,
      observers: [
        {
          onAlert: (alert) => onText(`alert ${JSON.stringify(alert)}`),
          onNotify: ({ level, code, text }) => onText(`${level} ${code} ${text}`),
        },
      ],
    });
    binance.stream.start();
    this.session.start();
  }

  private committer(): Committer {
    const { disk } = this.options;
    return {
      commit: (batch, done) => disk.commit(batch, (failure) => this.time.run(() => done(failure))),
      close: (done) => done(),
    };
  }
}

export function createChaosEngine(
  script: StrategyScript,
  poison: (event: EngineEvent) => void = () => {},
): Engine {
  const strategy = new ChaosStrategy(script);
  const onBar = strategy.onBar.bind(strategy);
  strategy.onBar = (bar, view) => {
    poison(bar);
    return onBar(bar, view);
  };
  return new Engine({ strategies: [strategy], rules: [], isStrict: false });
}
