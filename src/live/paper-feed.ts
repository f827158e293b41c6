import type { EngineEvent, MarkChanged } from '../engine/event.ts';
import type { LiveCore } from './live-core.ts';
import type { PaperVenue } from './paper-venue.ts';
import type { EventSink, FeedPort } from './ports.ts';

/** A feed whose market moves the simulated venue before the engine hears of it. */
export class PaperFeed implements FeedPort {
  declare private readonly feed: FeedPort;
  declare private readonly venue: PaperVenue;
  /** Symbols that tell their trades; the others are priced by the closes of their bars. */
  private readonly withTrades = new Set<string>();
  /** What each symbol said last of its next funding. */
  private readonly funding = new Map<string, MarkChanged>();

  constructor(feed: FeedPort, venue: PaperVenue) {
    this.feed = feed;
    this.venue = venue;
  }

  start(options: Parameters<FeedPort['start']>[0]): void {
    this.feed.start({
      ...options,
      sink: (event) => {
        this.move(event);
        if (event.kind === 'mark.changed') this.settle(event, options.sink);
        options.sink(event);
      },
    });
  }

  stop(): void {
    this.feed.stop();
  }

  /**
   * The private stream tells a real account of its funding; here it is due when a mark announces
   * the next one, at the rate that was announced last.
   */
  private settle(mark: MarkChanged, sink: EventSink): void {
    const { symbol } = mark;
    const before = this.funding.get(symbol);
    this.funding.set(symbol, { ...mark });
    if (before === undefined || !(mark.nextFundingMs > before.nextFundingMs)) return;
    const { fundingRate: rate, fundingIntervalHours: intervalHours } = before;
    this.venue.exchange.settleFunding(symbol, rate, mark.mark);
    const bookedUnits = undefined;
    const price = mark.mark;
    sink({ kind: 'funding.settled', symbol, rate, intervalHours, mark: price, bookedUnits });
  }

  private move(event: EngineEvent): void {
    const { venue, withTrades } = this;
    if (event.kind === 'flow.sampled') {
      withTrades.add(event.symbol);
      venue.tellTrade(event.symbol, event.lastPrice);
    } else if (event.kind === 'bar.closed') {
      if (event.isWarmUp || withTrades.has(event.symbol)) return;
      venue.tellTrade(event.symbol, event.close);
    } else if (event.kind === 'funding.settled') {
      venue.exchange.settleFunding(event.symbol, event.rate, event.mark);
    }
  }
}

/** Leverage of a paper account: as the ramp allows after so many closed trades, when flat. */
export class PaperLeverage {
  declare private readonly options: PaperLeverageOptions;
  private closedTrades = 0;

  constructor(options: PaperLeverageOptions) {
    this.options = options;
  }

  /** Call after events; does nothing unless a package has ended since. */
  onHandled(): void {
    const { core, leverageAfter, venue, symbol } = this.options;
    const { closedTrades, engine } = core();
    if (closedTrades === this.closedTrades) return;
    this.closedTrades = closedTrades;
    const { kernel, open } = engine.inspect();
    const leverage = leverageAfter(kernel.watch.closedTrades);
    if (leverage === kernel.leverage || open.size > 0) return;
    venue.exchange.setLeverage(leverage);
    core().deliver({ kind: 'accountConfig.changed', symbol, leverage }, 'venue');
  }
}

export interface PaperLeverageOptions {
  core: () => LiveCore;
  venue: PaperVenue;
  leverageAfter: (closedTrades: number) => number;
  symbol: string;
}
