import type { EngineEvent } from '../../engine/event.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import type { AccountFacts } from '../binance/account-setup.ts';
import { type Binance, type BinanceOptions, connectBinance } from '../binance/connect.ts';
import type { InProcessClient } from './in-process-client.ts';
import { InProcessVenue, type InProcessVenueOptions } from './in-process-venue.ts';

const START_MS = Date.UTC(2026, 9, 5, 12);
const START_MS_MAX = 60_000;

/** The adapter wired to a client of the venue; the caller starts it. */
export function connectInProcess(
  client: InProcessClient,
  options: Omit<BinanceOptions, 'rest' | 'wsUrl' | 'open'>,
): Binance {
  return connectBinance({ ...options, rest: client, wsUrl: 'ws://venue', open: client.open });
}

export interface BinanceRigOptions extends Partial<InProcessVenueOptions> {
  symbols?: readonly string[];
  venueOf?: BinanceRig;
}

/** Venue and adapter on virtual time, the account prepared, the private stream open. */
export class BinanceRig {
  readonly time: VirtualTime;
  readonly venue: InProcessVenue;
  readonly client: InProcessClient;
  readonly binance: Binance;
  readonly facts: AccountFacts;
  readonly events: EngineEvent[] = [];
  readonly notices: string[] = [];
  reconciles = 0;

  /** With `venueOf` it is the next process at the venue of another rig. */
  constructor(options: BinanceRigOptions = {}) {
    const { symbols = ['BTCUSDT'], venueOf, ...venue } = options;
    this.time = venueOf?.time ?? new VirtualTime(START_MS);
    const { time } = this;
    this.venue = venueOf?.venue ?? new InProcessVenue({ balance: 100_000, ...venue, time });
    this.client = this.venue.connect();
    this.binance = connectInProcess(this.client, {
      ...{ time: this.time, symbols, leverage: 10 },
      sink: (event) => void this.events.push(event),
      notice: (level, code, text) => void this.notices.push(`${level} ${code} ${text}`),
      onReconcile: () => void this.reconciles++,
    });
    this.facts = this.prepare();
    this.binance.stream.start();
    this.runFor(1_000);
    if (!this.binance.stream.isLive()) throw new Error('the private stream did not open');
  }

  runFor(ms: number): void {
    this.time.runTo(this.time.nowMs() + ms);
  }

  /** What happened since the last call. */
  take(): EngineEvent[] {
    return this.events.splice(0);
  }

  private prepare(): AccountFacts {
    let facts: AccountFacts | Error | undefined;
    this.binance.setup.begin((outcome) => {
      facts = outcome.kind === 'done' ? outcome.value : outcome.error;
    });
    const limitMs = this.time.nowMs() + START_MS_MAX;
    while (facts === undefined && this.time.step(limitMs));
    if (facts === undefined) throw new Error('the account set-up did not end');
    if (facts instanceof Error) throw facts;
    return facts;
  }
}
