import type { AlgoOrder, Position } from '../exchanges/fake-binance/model.ts';
import {
  setLeverage,
  setMarginType,
  setPositionMode,
} from '../exchanges/fake-binance/route-account.ts';
import { VenueError } from '../exchanges/fake-binance/venue-error.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { choose, chooseNext, type FaultRule, whenThereIs } from './fault.ts';
import { FOREIGN_AFTER_MS } from './venue-user.ts';

const PAIR = ['BTCUSDT', 'ETHUSDT'];

function ownPosition(world: ChaosWorld, symbol: string): Position | undefined {
  const position = world.venue.account.position(symbol, 'BOTH');
  return position.amount === 0 || world.isForeign(symbol) ? undefined : position;
}

function workingStop(world: ChaosWorld, symbol: string): AlgoOrder | undefined {
  for (const algo of world.venue.algos.open) {
    const isWorking = algo.symbol === symbol && algo.status === 'NEW';
    if (isWorking && world.ledger.request(algo.clientId)?.role === 'stop') return algo;
  }
  return undefined;
}

/** The market and the venue itself. */
export const VENUE_FAULTS: Readonly<Record<string, FaultRule>> = {
  'price-jump': {
    group: 'market',
    about: 'the price jumps by up to 3 %, through stops and targets',
    weight: 3,
    inject: ({ market }, { dice }) => {
      const share = choose(dice, [-0.03, -0.01, -0.004, 0.004, 0.01, 0.03]);
      const symbol = chooseNext(dice, PAIR);
      market.jump(symbol, share);
    },
  },
  'thin-book': {
    group: 'market',
    about: 'little rests in the book: orders fill in part',
    lengthMs: [10_000, 120_000],
    inject: ({ market, time }, { lengthMs }) => {
      market.thinUntilMs = time.nowMs() + lengthMs;
    },
  },
  'feed-gap': {
    group: 'market',
    about: 'bars and books do not come for a while, then the gap is told',
    lengthMs: [5_000, 130_000],
    inject: ({ market, time }, { lengthMs }) => {
      market.gapUntilMs = time.nowMs() + lengthMs;
    },
  },
  liquidation: {
    group: 'venue',
    about: 'the venue liquidates a position (autoclose-, CALCULATED)',
    inject: (world, { dice }) => closeByVenue(world, choose(dice, PAIR), 'autoclose-'),
  },
  adl: {
    group: 'venue',
    about: 'the venue closes a position by auto-deleveraging',
    inject: (world, { dice }) => closeByVenue(world, choose(dice, PAIR), 'adl_autoclose'),
  },
  funding: {
    group: 'venue',
    about: 'funding is settled under an open position',
    inject: (world) => {
      const market = world.venue.market('BTCUSDT');
      market.fundingRate = 0.0003;
      whenThereIs(
        world,
        () => ownPosition(world, 'BTCUSDT'),
        () => world.venue.payFunding(market),
      );
    },
  },
  'margin-call': {
    group: 'venue',
    about: 'MARGIN_CALL under an open position',
    inject: (world) =>
      whenThereIs(
        world,
        () => ownPosition(world, 'BTCUSDT'),
        ({ symbol, amount }) =>
          world.venue.user({
            e: 'MARGIN_CALL',
            E: world.nowMs(),
            cw: '100.00000000',
            p: [
              { s: symbol, ps: 'BOTH', pa: String(amount), mt: 'ISOLATED', iw: '1.0', mm: '0.9' },
            ],
          }),
      ),
  },
  'stop-rejected-at-trigger': {
    group: 'venue',
    about: 'a stop triggers and is rejected in the engine (rm)',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      whenThereIs(
        world,
        () => (ownPosition(world, symbol) ? workingStop(world, symbol) : undefined),
        (algo) => world.venue.algos.reject(algo, 'Reduce Only reject'),
      );
    },
  },
  'stop-finished-empty': {
    group: 'venue',
    about: 'a stop triggers and is FINISHED with nothing executed (aq 0), and no order of its own',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      whenThereIs(
        world,
        () => (ownPosition(world, symbol) ? workingStop(world, symbol) : undefined),
        (algo) => world.venue.algos.finishEmpty(algo),
      );
    },
  },
  'filters-changed': {
    group: 'venue',
    about: 'minimum notional and tick change at run time',
    inject: ({ venue }, { dice }) => {
      const { instrument } = venue.market(choose(dice, PAIR));
      instrument.minNotional = chooseNext(dice, [25, 60, 100]);
      instrument.tick = chooseNext(dice, [instrument.tick, instrument.tick * 2]);
    },
  },
  'symbol-halted': {
    group: 'venue',
    about: 'a symbol leaves TRADING for a while: nothing opens (-4140), or nothing at all (-4108)',
    lengthMs: [2_000, 110_000],
    inject: ({ venue, time }, { dice, lengthMs }) => {
      const { instrument } = venue.market(choose(dice, PAIR));
      instrument.status = chooseNext(dice, ['PRE_SETTLE', 'SETTLING', 'CLOSE']);
      time.wake(time.nowMs() + lengthMs, () => {
        instrument.status = 'TRADING';
      });
    },
  },
  'reduce-only-regime': {
    group: 'venue',
    about: 'the venue lets nobody open on one side',
    lengthMs: [10_000, 100_000],
    inject: ({ venue, time }, { dice, lengthMs }) => {
      const { instrument } = venue.market(choose(dice, PAIR));
      instrument.positionControlSide = chooseNext(dice, ['LONG', 'SHORT']);
      time.wake(time.nowMs() + lengthMs, () => {
        instrument.positionControlSide = 'NONE';
      });
    },
  },
  'hedge-mode-by-hand': {
    group: 'by hand',
    about: 'a person switches the account to hedge mode while it is flat, and back later',
    lengthMs: [5_000, 150_000],
    inject: (world, { lengthMs }) => {
      const { venue, time } = world;
      // The venue allows the change only while nothing is held and nothing rests.
      whenThereIs(
        world,
        () => isTaken(() => setPositionMode(venue, true)) || undefined,
        () => {
          world.note('by hand: hedge mode');
          time.wake(
            world.nowMs() + lengthMs,
            () => isTaken(() => setPositionMode(venue, false)),
            0,
          );
        },
      );
    },
  },
  'stop-cancelled-by-hand': {
    group: 'by hand',
    about: 'a person cancels our stop',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      whenThereIs(
        world,
        () => (ownPosition(world, symbol) ? workingStop(world, symbol) : undefined),
        (algo) => world.venue.algos.cancel(algo),
      );
    },
  },
  'target-cancelled-by-hand': {
    group: 'by hand',
    about: 'a person cancels a ladder order',
    inject: (world) => {
      const find = () =>
        [...world.venue.orders.open].find(
          ({ clientId }) => world.ledger.request(clientId)?.role === 'target',
        );
      whenThereIs(world, find, (order) => world.venue.orders.cancel(order));
    },
  },
  'reduced-by-hand': {
    group: 'by hand',
    about: 'a person closes half or all of our position',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      const share = chooseNext(dice, [0.5, 1]);
      whenThereIs(
        world,
        () => ownPosition(world, symbol),
        (position) => world.hand.trade(symbol, -position.amount * share),
      );
    },
  },
  'added-by-hand': {
    group: 'by hand',
    about: 'a person enlarges our position',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      whenThereIs(
        world,
        () => ownPosition(world, symbol),
        (position) => world.hand.trade(symbol, position.amount * 0.5),
      );
    },
  },
  'position-by-hand': {
    group: 'by hand',
    about: 'a person opens a position of their own on a symbol that we trade',
    lengthMs: [5_000, 90_000],
    inject: (world, { dice, lengthMs }) => {
      const symbol = choose(dice, PAIR);
      const { amount } = world.venue.account.position(symbol, 'BOTH');
      if (amount !== 0) return;
      const quantity = chooseNext(dice, [1, -1]) * (symbol === 'BTCUSDT' ? 0.01 : 0.2);
      world.setForeign(symbol, world.nowMs() + lengthMs + FOREIGN_AFTER_MS);
      world.hand.trade(symbol, quantity);
      world.time.wake(world.nowMs() + lengthMs, () => world.hand.close(symbol, quantity), 0);
    },
  },
  'order-by-hand': {
    group: 'by hand',
    about: 'a person leaves an order resting on a symbol that we trade',
    lengthMs: [5_000, 90_000],
    inject: (world, { lengthMs }) => world.hand.placeStrange('person', lengthMs),
  },
  'margin-type-by-hand': {
    group: 'by hand',
    about: 'a person puts a symbol on cross margin while it is flat (-4047, -4048 at a start)',
    inject: (world, { dice }) => {
      const symbol = choose(dice, PAIR);
      const { venue } = world;
      whenThereIs(
        world,
        () => isTaken(() => setMarginType(venue, symbol, 'CROSSED')) || undefined,
        () => world.note(`by hand: ${symbol} on cross margin`),
      );
    },
  },
  'leverage-by-hand': {
    group: 'by hand',
    about: 'a person changes the leverage',
    inject: ({ venue }, { dice }) => {
      try {
        setLeverage(venue, choose(dice, PAIR), chooseNext(dice, [25, 50]));
      } catch {
        // The venue refuses it under some positions; then nobody changed anything.
      }
    },
  },
};

/** Whether the venue took a change of the account. */
function isTaken(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (error instanceof VenueError) return false;
    throw error;
  }
}

function closeByVenue(world: ChaosWorld, symbol: string, prefix: string): void {
  whenThereIs(
    world,
    () => ownPosition(world, symbol),
    (position) => world.venue.liquidate(position, prefix, world.venue.market(symbol).mark),
  );
}
