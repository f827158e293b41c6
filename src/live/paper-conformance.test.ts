import type {
  ConformanceAction,
  ConformanceVenue,
} from '../../backtests/exchange/testing/conformance.ts';
import { runConformance } from '../../backtests/exchange/testing/run-conformance.ts';
import { BTC, START_MS, VenueDriver } from '../../backtests/exchange/testing/venue-driver.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { ExchangePort } from '../engine/ports.ts';
import { PaperVenue } from './paper-venue.ts';
import { VirtualTime } from './virtual-time.ts';

const SETTLE_MS = 2_000;

/** Paper as the live core has it: told prices one by one, facts by its own wake-ups. */
class PaperConformance implements ConformanceVenue {
  private readonly time = new VirtualTime(START_MS);
  private readonly venue: PaperVenue;
  private facts: EngineEvent[] = [];

  constructor(cash: number) {
    const { exchange } = new VenueDriver({ cashUnits: cash * 1e8 });
    this.venue = new PaperVenue({ exchange, time: this.time, quoteAsset: 'USDT' });
    this.venue.sink = (fact) => void this.facts.push(fact);
    exchange.setTime(START_MS);
    this.venue.tellTrade(BTC, 60_000);
  }

  act(action: ConformanceAction): EngineEvent[] {
    const { venue, time } = this;
    time.runTo(time.nowMs() + SETTLE_MS);
    this.facts = [];
    if (action.kind === 'trade') venue.tellTrade(BTC, action.price);
    else if (action.kind === 'submit') {
      venue.submit(action.request as Parameters<ExchangePort['submit']>[0]);
    } else if (action.kind === 'order.amend') venue.amend(action);
    else if (action.kind === 'order.cancel') venue.cancel(action);
    else venue.query(action);
    time.runTo(time.nowMs() + SETTLE_MS);
    return this.facts;
  }
}

runConformance({
  name: 'the paper venue',
  makeVenue: (cash) => new PaperConformance(cash),
});
