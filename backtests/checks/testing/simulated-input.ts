import { simulateMarket } from '../../../data/simulated/market.ts';
import { composeBacktest } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import type { ComposeRun, MarketInput } from '../lookahead.ts';

/** A simulated market with 1m bars and funding. */
export function simulatedInput(options: { seed: number; days: number }): MarketInput {
  const market = simulateMarket({ ...options, timeframeMs: 60_000, volatilityScale: 2 });
  const funding = market.funding.flatMap((table) =>
    Array.from(table.times, (atMs, i) => ({
      symbol: table.symbol,
      atMs,
      rate: table.rates[i],
      intervalHours: table.intervalHours[i],
    })),
  );
  return { feeds: market.series, funding: funding.sort((a, b) => a.atMs - b.atMs) };
}

/** The shipped composition of a preset over given bars. */
export function composer(preset: string, sets: readonly string[] = []): ComposeRun {
  const { config, hash } = loadConfig({ ignoreFile: true, env: {}, preset, sets });
  return ({ feeds, funding }) =>
    composeBacktest({
      config,
      data: {
        kind: 'simulated',
        label: 'SIMULATED',
        series: [...feeds],
        funding: [...funding],
        events: [],
        manifest: [],
        findings: [],
        notes: [],
        dataHash: '',
        calendarHash: '',
      },
      codeVersion: 'test',
      configHash: hash,
      equityStopOnBreach: 'observe',
    });
}
