import { expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/event.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { BinanceFeed } from './binance-feed.ts';
import { ScriptedRest } from './testing/scripted-rest.ts';
import { VenueLine } from './venue-line.ts';

test('warm-up bars end where the live ones begin', () => {
  const M3 = 180_000;
  const start = M3 * 9_972_000;
  const time = new VirtualTime(start + 10 * M3 + 5_000);
  const rest = new ScriptedRest(time, ({ params }) => {
    const rows: unknown[] = [];
    for (let t = Number(params.startTime); t <= time.nowMs(); t += M3) {
      rows.push([t, '5', '6', '4', '5', '1', t + M3 - 1, '5', 3, '1', '5', '0']);
    }
    return { body: rows };
  });
  const nothing = () => {};
  const line = new VenueLine({
    ...{ rest, time, notice: nothing, onHalt: nothing, onFiltersDoubted: nothing },
  });
  const feed = new BinanceFeed({
    ...{ line, time, symbols: ['BTCUSDT'], timeframesMs: [M3], wsUrl: 'wss://venue' },
    ...{ isBusy: () => false, notice: nothing },
    open: () => ({ send: nothing, ping: nothing, close: nothing }),
  });
  const events: EngineEvent[] = [];
  let warm = 0;
  feed.start({
    sinceMs: { BTCUSDT: start },
    sink: (event) => void events.push(event),
    onWarm: () => {
      warm = events.length;
    },
    onEnd: nothing,
  });
  time.runTo(start + 12 * M3 + 5_000);
  feed.stop();
  const bars = events.filter((event) => event.kind === 'bar.closed');
  expect(warm).toBe(10);
  expect(bars.map(({ openTime }) => (openTime - start) / M3)).toEqual([...Array(12).keys()]);
  expect(bars.filter(({ isWarmUp }) => isWarmUp)).toHaveLength(10);
});
