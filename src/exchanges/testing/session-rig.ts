import { Engine } from '../../engine/engine.ts';
import type { EngineEvent } from '../../engine/event.ts';
import type { Intent } from '../../engine/plan.ts';
import { ScriptedStrategy, testPlan } from '../../engine/testing/engine-fixture.ts';
import type { EventSink } from '../../live/ports.ts';
import { LiveSession } from '../../live/session.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { BufferedStore } from '../../store/buffered-store.ts';
import { SqliteStore } from '../../store/sqlite-store.ts';
import { readState } from '../../store/store-state.ts';
import type { Binance } from '../binance/connect.ts';
import { connectInProcess } from './in-process-binance.ts';
import { InProcessVenue, type InProcessVenueOptions } from './in-process-venue.ts';

const START_MS = Date.UTC(2026, 9, 5, 12);
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const PRICES = { BTCUSDT: 100_000, ETHUSDT: 4_000 };

export interface SessionRigOptions extends Partial<InProcessVenueOptions> {
  prePlace?: 'auto' | 'off';
}

/** A whole session with keys against the fake venue, on virtual time. */
export class SessionRig {
  readonly time = new VirtualTime(START_MS);
  readonly venue: InProcessVenue;
  readonly binance: Binance;
  readonly session: LiveSession;
  readonly strategy = new ScriptedStrategy('script', SYMBOLS);
  readonly events: EngineEvent[] = [];
  readonly notices: string[] = [];
  private sink: EventSink = () => {};
  private bars = 0;

  constructor({ prePlace = 'off', ...options }: SessionRigOptions = {}) {
    const { time } = this;
    this.venue = new InProcessVenue({ balance: 10_000, prices: PRICES, ...options, time });
    const disk = new SqliteStore(':memory:');
    this.binance = connectInProcess(this.venue.connect(), {
      ...{ time, symbols: SYMBOLS, leverage: 20 },
      sink: (event) => this.session.onVenue(event),
      notice: (level, code, text) => void this.notices.push(`${level} ${code} ${text}`),
      onReconcile: () => this.session?.reconcile(),
    });
    const { exchange, accounts } = this.binance;
    this.session = new LiveSession({
      ...{ state: readState(disk.db), damage: [], store: new BufferedStore(disk), config: {} },
      createEngine: () =>
        new Engine({ strategies: [this.strategy], rules: [], isStrict: false, prePlace }),
      ...{ time, exchange, accounts, deadMan: exchange, symbols: SYMBOLS },
      info: {
        ...{ mode: 'live', bootId: 'rig00001', codeVersion: 'rig', configHash: 'rig', seed: 1 },
        ...{ dataHash: 'rig', calendarHash: 'rig', cashUnits: 10_000e8, quoteAsset: 'USDT' },
        ...{ leverage: 20, ...this.prepare() },
      },
      feed: {
        start: ({ sink, onWarm }) => {
          this.sink = sink;
          time.wake(time.nowMs(), onWarm);
        },
        stop: () => {},
      },
      observers: [
        {
          onHandled: ({ event }) => void this.events.push(event),
          onNotify: ({ level, code, text }) => void this.notices.push(`${level} ${code} ${text}`),
        },
      ],
    });
    this.binance.stream.start();
    this.session.start();
    this.runFor(5_000);
    if (!this.session.isReady) throw new Error(`not ready: ${this.notices.join('; ')}`);
  }

  runFor(ms: number): void {
    this.time.runTo(this.time.nowMs() + ms);
  }

  /** What the strategy decides on the next bar of BTCUSDT, which closes now. */
  decide(...intents: Intent[]): void {
    this.strategy.next(...intents);
    const close = this.venue.venue.market('BTCUSDT').last;
    this.sink({
      ...{ kind: 'bar.closed', symbol: 'BTCUSDT', timeframeMs: 180_000, isWarmUp: false },
      ...{ openTime: START_MS + this.bars++ * 180_000, volume: 100, takerBuyVolume: 50 },
      ...{ open: close, high: close, low: close, close },
    });
  }

  enter(overrides: Parameters<typeof testPlan>[0] = {}): void {
    this.decide({ kind: 'enter', plan: testPlan({ riskPercent: 0.2, ...overrides }) });
  }

  /** Requests to the venue as `POST algoOrder`, in the order in which they were written. */
  written(): string[] {
    return this.venue.written.map(({ route }) => route.replace(/\/fapi\/v\d\//, ''));
  }

  get position(): number {
    return this.venue.venue.account.position('BTCUSDT', 'BOTH').amount;
  }

  private prepare() {
    let facts: Awaited<ReturnType<Binance['setup']['prepare']>> | undefined;
    this.binance.setup.begin((outcome) => {
      if (outcome.kind === 'failed') throw outcome.error;
      facts = outcome.value;
    });
    while (facts === undefined && this.time.step(this.time.nowMs() + 10_000));
    if (facts === undefined) throw new Error('the account set-up did not end');
    return facts;
  }
}
