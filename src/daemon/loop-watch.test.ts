import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LAG_WARN_MS, LoopWatch } from './loop-watch.ts';

test('a blocked event loop is measured and told, once', async () => {
  const notices: string[] = [];
  const watch = new LoopWatch((level, code) => notices.push(`${level} ${code}`));
  watch.start();
  for (let round = 0; round < 2; round++) {
    await sleep(30);
    const untilMs = performance.now() + LAG_WARN_MS + 100;
    while (performance.now() < untilMs);
    await sleep(30);
    watch.read();
    expect(watch.lag.maxMs).toBeGreaterThan(LAG_WARN_MS);
  }
  await sleep(30);
  watch.read();
  expect(watch.lag.maxMs).toBeLessThan(watch.worstMs);
  watch.stop();
  expect(notices).toEqual(['warning LOOP_STALL']);
});
