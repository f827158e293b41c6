import type { EngineEvent } from '../../src/engine/event.ts';
import type { ExchangePort } from '../../src/engine/ports.ts';
import type { ConformanceAction, ConformanceVenue } from './testing/conformance.ts';
import { runConformance } from './testing/run-conformance.ts';
import { BTC, START_MS, VenueDriver } from './testing/venue-driver.ts';

/** The simulator on what is told one by one; after each action it gets a second to settle. */
class SimulatedVenue implements ConformanceVenue {
  private readonly driver: VenueDriver;
  private readonly hasBook: boolean;
  private nowMs = START_MS;
  private last = 60_000;

  constructor(cash: number, options: { hasBook: boolean }) {
    this.driver = new VenueDriver({ cashUnits: cash * 1e8 });
    this.hasBook = options.hasBook;
    this.trade(60_000);
  }

  act(action: ConformanceAction): EngineEvent[] {
    const { exchange } = this.driver;
    this.nowMs += 1_000;
    exchange.setTime(this.nowMs);
    if (action.kind === 'trade') this.trade(action.price);
    else send(exchange, action);
    const facts: EngineEvent[] = [];
    while (exchange.nextMs() < this.nowMs + 1_000) {
      const fact = exchange.step();
      if (fact !== undefined) facts.push(fact);
    }
    return facts;
  }

  /** Mark, then the trade, then a deep book a tick around it. */
  private trade(price: number): void {
    const market = this.driver.exchange.market(BTC);
    if (!this.hasBook) {
      market.tellTrade(this.nowMs, price);
      return;
    }
    const taker = price < this.last ? 'sell' : 'buy';
    this.last = price;
    market.tellMark(this.nowMs, price);
    market.tellTrade(this.nowMs, price, { lots: 10, taker });
    const ticks = Math.round(price * 10);
    const depth = { lots: 1_000_000, isTop: true };
    market.tellBook(this.nowMs, 'buy', { ticks: ticks - 1, ...depth });
    market.tellBook(this.nowMs, 'sell', { ticks: ticks + 1, ...depth });
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
  name: 'the simulated exchange on trades',
  makeVenue: (cash) => new SimulatedVenue(cash, { hasBook: false }),
});

runConformance({
  name: 'the simulated exchange on a book',
  makeVenue: (cash) => new SimulatedVenue(cash, { hasBook: true }),
});
