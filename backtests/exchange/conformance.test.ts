import type { EngineEvent } from '../../src/engine/event.ts';
import type { ExchangePort } from '../../src/engine/ports.ts';
import type { ConformanceAction, ConformanceVenue } from './testing/conformance.ts';
import { runConformance } from './testing/run-conformance.ts';
import { BTC, START_MS, VenueDriver } from './testing/venue-driver.ts';

/** The simulator on trades told one by one; after each action it gets a second to settle. */
class SimulatedVenue implements ConformanceVenue {
  private readonly driver: VenueDriver;
  private nowMs = START_MS;

  constructor(cash: number) {
    this.driver = new VenueDriver({ cashUnits: cash * 1e8 });
    this.driver.exchange.market(BTC).tellTrade(this.nowMs, 60_000);
  }

  act(action: ConformanceAction): EngineEvent[] {
    const { exchange } = this.driver;
    this.nowMs += 1_000;
    exchange.setTime(this.nowMs);
    if (action.kind === 'trade') exchange.market(BTC).tellTrade(this.nowMs, action.price);
    else send(exchange, action);
    const facts: EngineEvent[] = [];
    while (exchange.nextMs() < this.nowMs + 1_000) {
      const fact = exchange.step();
      if (fact !== undefined) facts.push(fact);
    }
    return facts;
  }
}

function send(port: ExchangePort, action: Exclude<ConformanceAction, { kind: 'trade' }>): void {
  switch (action.kind) {
    case 'submit':
      return port.submit(action.request as Parameters<ExchangePort['submit']>[0]);
    case 'order.amend':
      return port.amend(action);
    case 'order.cancel':
      return port.cancel(action);
    case 'order.query':
      return port.query(action);
  }
}

runConformance({
  name: 'the simulated exchange',
  makeVenue: (cash) => new SimulatedVenue(cash),
});
