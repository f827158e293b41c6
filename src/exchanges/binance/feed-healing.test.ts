import { describe, expect, test } from 'vitest';
import type { StreamFault } from '../fake-binance/faults.ts';
import { FEED_SYMBOL, FeedRig } from '../testing/feed-rig.ts';

const MINUTE = 60_000;

function faulted(fault: StreamFault, options?: ConstructorParameters<typeof FeedRig>[0]): FeedRig {
  const rig = new FeedRig(options);
  rig.runFor(20 * MINUTE);
  rig.rig.venue.gateway.faults.streams.push(fault);
  rig.runFor(3 * MINUTE);
  rig.rig.venue.gateway.faults.clear();
  rig.runFor(20 * MINUTE);
  return rig;
}

/** Healed: what was in doubt is not any more, and every bar was told once and right. */
function expectHealed(rig: FeedRig): void {
  expect(rig.barFaults()).toEqual([]);
  const states = rig.events.filter(
    ({ kind }) => kind === 'feed.gapped' || kind === 'feed.recovered',
  );
  expect(states.at(-1)?.kind).toBe('feed.recovered');
  expect(rig.rig.venue.socketCount('market')).toBe(1);
  expect(rig.rig.venue.socketCount('public')).toBe(1);
}

describe('the public feed against the fake venue', () => {
  test('a calm hour: each bar once, no doubt', () => {
    const rig = new FeedRig();
    rig.runFor(60 * MINUTE);
    expect(rig.barFaults()).toEqual([]);
    expect(rig.of('feed.gapped')).toEqual([]);
    expect(rig.of('mark.changed').length).toBeGreaterThan(3_500);
    expect(rig.notices).toEqual([]);
  });

  test.each([
    ['trades go missing', { category: 'market', match: 'aggTrade', kind: 'drop', count: 3 }],
    [
      'trades overtake each other',
      { category: 'market', match: 'aggTrade', kind: 'reorder', count: 9 },
    ],
    ['trades fall silent', { category: 'market', match: 'aggTrade', kind: 'silence' }],
    ['marks fall silent', { category: 'market', match: 'markPrice', kind: 'silence' }],
    ['books fall silent', { category: 'public', kind: 'silence' }],
    ['books overtake each other', { category: 'public', kind: 'reorder' }],
    ['everything falls silent', { category: 'market', kind: 'silence' }],
    ['frames are cut in two', { category: 'market', kind: 'half', count: 200 }],
  ] as const)('%s: doubted, healed', (_name, fault) => {
    const rig = faulted({ ...fault });
    expect(rig.of('feed.gapped').length).toBeGreaterThan(0);
    expectHealed(rig);
  });

  test('doubled frames are no doubt and no news', () => {
    const rig = faulted({ category: 'market', kind: 'duplicate', count: 500 });
    expect(rig.of('feed.gapped')).toEqual([]);
    expect(rig.barFaults()).toEqual([]);
  });

  test('closing frames that never come: the timer asks for the bar, once', () => {
    const rig = faulted({ category: 'market', match: '"x":true', kind: 'drop', count: 99 });
    expect(rig.barFaults()).toEqual([]);
    expect(rig.of('feed.gapped')).toEqual([]);
  });

  test.each(['public', 'market'] as const)(
    '%s closed by the venue in a bar: healed',
    (category) => {
      const rig = new FeedRig();
      rig.runFor(4 * MINUTE);
      rig.rig.venue.closeSockets(1006, category);
      rig.runFor(12 * MINUTE);
      expect(rig.of('feed.gapped')).toHaveLength(1);
      expectHealed(rig);
    },
  );

  test('an outage of four minutes: the missed bars come from the list, in order', () => {
    const rig = new FeedRig();
    rig.runFor(10 * MINUTE);
    rig.rig.venue.begin('reset');
    rig.runFor(4 * MINUTE);
    rig.rig.venue.end();
    rig.runFor(10 * MINUTE);
    expectHealed(rig);
  });

  test('a day: both lines are replaced before the venue cuts them, without a gap', () => {
    const rig = new FeedRig({ everyMs: 5_000 });
    rig.runFor(25 * 60 * MINUTE);
    expect(rig.of('feed.gapped')).toEqual([]);
    expect(rig.barFaults()).toEqual([]);
    expect(rig.rig.venue.socketCount('market')).toBe(1);
    expect(rig.rig.venue.opened.filter((url) => url.startsWith('/market'))).toHaveLength(2);
    expect(rig.rig.venue.opened.filter((url) => url.startsWith('/public'))).toHaveLength(2);
  });

  test('fields that nobody knows are counted and change nothing', () => {
    const rig = new FeedRig();
    rig.rig.venue.garbleFrame = (text) => text.replace('"e":', '"zz":"new","e":');
    rig.runFor(10 * MINUTE);
    expect(rig.barFaults()).toEqual([]);
    expect(rig.of('feed.gapped')).toEqual([]);
    const unknown = rig.feed.unknownFields();
    expect(unknown?.samples().get('mark.zz')).toBe('new');
    expect(unknown?.counts().get('mark.zz')).toBeGreaterThan(500);
    expect([...(unknown?.counts().keys() ?? [])]).toEqual(
      expect.arrayContaining(['trade.zz', 'kline.zz', 'mark.zz', 'book.zz']),
    );
  });

  test('faults at random: every bar once, in order and right, and the doubt ends', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const rig = new FeedRig({ seed });
      const { faults } = rig.rig.venue.gateway;
      const kinds = ['drop', 'duplicate', 'reorder', 'half', 'silence'] as const;
      for (let minute = 0; minute < 60; minute++) {
        const kind = kinds[rig.random.below(kinds.length)];
        const category = rig.random.below(3) === 0 ? 'public' : 'market';
        if (rig.random.below(4) === 0) rig.rig.venue.closeSockets(1006, category);
        else faults.streams.push({ category, kind, count: 1 + rig.random.below(20) });
        rig.runFor(30_000);
        faults.clear();
        rig.runFor(30_000);
      }
      rig.runFor(10 * MINUTE);
      expectHealed(rig);
      for (const book of rig.of('book.sampled')) expect(book.bid).toBeLessThanOrEqual(book.ask);
    }
  });

  test('samples tell every trade once while nothing is missing', () => {
    const rig = new FeedRig({ isBusy: true });
    rig.events.length = 0;
    const market = rig.rig.venue.venue.market(FEED_SYMBOL);
    const before = market.nextTradeId;
    rig.runFor(10 * MINUTE);
    const volume = rig
      .of('flow.sampled')
      .reduce((sum, each) => sum + each.buyVolume + each.sellVolume, 0);
    // Each move of the market trades ten steps of 0.001.
    expect(Math.abs(volume - (market.nextTradeId - before) * 0.01)).toBeLessThan(0.02);
  });
});
