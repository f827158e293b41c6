import { expect, test } from 'vitest';
import type { EngineEvent, MarkChanged } from '../engine/event.ts';
import { PaperFeed } from './paper-feed.ts';
import type { PaperVenue } from './paper-venue.ts';
import type { FeedPort } from './ports.ts';

const HOUR = 3_600_000;

function rig() {
  const settled: unknown[] = [];
  const told: EngineEvent[] = [];
  let inner: Parameters<FeedPort['start']>[0] | undefined;
  const venue = {
    exchange: { settleFunding: (...all: unknown[]) => settled.push(all) },
    tellTrade: () => {},
  } as unknown as PaperVenue;
  const market: FeedPort = { start: (options) => void (inner = options), stop: () => {} };
  const nothing = () => {};
  new PaperFeed(market, venue).start({
    ...{ sinceMs: {}, onWarm: nothing, onEnd: nothing },
    sink: (event) => void told.push({ ...event }),
  });
  if (inner === undefined) throw new Error('not started');
  return { settled, told, sink: inner.sink };
}

function mark(change: Partial<MarkChanged>): MarkChanged {
  const funding = { fundingRate: 0.0001, fundingIntervalHours: 8, nextFundingMs: 8 * HOUR };
  return { kind: 'mark.changed', symbol: 'BTCUSDT', mark: 60_000, ...funding, ...change };
}

test('funding is settled once, at the last rate told before, when a mark announces the next', () => {
  const { settled, told, sink } = rig();
  sink(mark({}));
  sink(mark({ fundingRate: 0.0002 }));
  sink(mark({ fundingRate: 0.0005, nextFundingMs: 16 * HOUR, mark: 60_100 }));
  sink(mark({ fundingRate: 0.0005, nextFundingMs: 16 * HOUR }));
  expect(settled).toEqual([['BTCUSDT', 0.0002, 60_100]]);
  expect(told.filter(({ kind }) => kind === 'funding.settled')).toEqual([
    {
      ...{ kind: 'funding.settled', symbol: 'BTCUSDT', rate: 0.0002, intervalHours: 8 },
      ...{ mark: 60_100, bookedUnits: undefined },
    },
  ]);
  // The payment comes before the mark that tells of the next one.
  expect(told.map(({ kind }) => kind).indexOf('funding.settled')).toBe(2);
});

test('a first mark, and one that goes back, settle nothing', () => {
  const { settled, sink } = rig();
  sink(mark({ nextFundingMs: 16 * HOUR }));
  sink(mark({ nextFundingMs: 8 * HOUR }));
  sink(mark({ symbol: 'ETHUSDT', nextFundingMs: 24 * HOUR }));
  expect(settled).toEqual([]);
});
