import { expect, test } from 'vitest';
import { killSeries, killsLimitMs } from './testing/kill-series.ts';

/** Of fifty in all, ten are in live mode: `src/daemon/kill-live.service.test.ts`. */
const KILLS = Math.ceil(Number(process.env.QCM_KILLS ?? 50) * 0.8);
const SEED = Number(process.env.QCM_SEED ?? 7);

test(
  `${KILLS} processes killed hard while they start, go back, commit and trade: seed ${SEED}`,
  async () => {
    const fromMs = performance.now();
    const { kills, states, phases } = await killSeries(KILLS, SEED);
    const seconds = ((performance.now() - fromMs) / 1_000).toFixed(0);
    const hit = Object.entries(phases).map(([phase, n]) => `${n} ${phase}`);
    console.info(`${kills} kills of ${states} runs in ${seconds} s: ${hit.join(', ')}`);
    // Fewer than a few kills need not hit everything.
    if (KILLS >= 40) expect(Math.min(...Object.values(phases)), hit.join(', ')).toBeGreaterThan(1);
  },
  killsLimitMs(KILLS),
);
