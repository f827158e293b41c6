import { expect, test } from 'vitest';
import { killSeries, killsLimitMs } from './testing/kill-series.ts';

/** Each is a process of its own; many more are in `kill-series.service.test.ts`. */
const KILLS = 3;

test(
  'a process killed hard, again and again, ends where an unbroken one does',
  async () => {
    const { kills } = await killSeries(KILLS, 7);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  },
  killsLimitMs(KILLS),
);
