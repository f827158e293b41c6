import { type Bars, createBars } from '../../../data/bars/bars.ts';
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
  return ({ feeds, funding, tapes }) =>
    composeBacktest({
      config,
      data: {
        kind: 'simulated',
        label: 'SIMULATED',
        series: [...feeds],
        tapes,
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

/** Four 15-second bars a minute that go open, low, high, close: together they are the minute's bar. */
export function quarterMinutes(bars: Bars): Bars {
  const out = createBars({ ...bars, timeframeMs: bars.timeframeMs / 4, length: 4 * bars.length });
  for (let i = 0; i < bars.length; i++) {
    const points = [bars.open[i], bars.low[i], bars.high[i], bars.close[i], bars.close[i]];
    for (let quarter = 0; quarter < 4; quarter++) {
      const at = 4 * i + quarter;
      const [open, close] = [points[quarter], points[quarter + 1]];
      out.openTime[at] = bars.openTime[i] + quarter * out.timeframeMs;
      out.open[at] = open;
      out.close[at] = close;
      out.high[at] = Math.max(open, close);
      out.low[at] = Math.min(open, close);
      out.volume[at] = bars.volume[i] / 4;
      out.takerBuyVolume[at] = bars.takerBuyVolume[i] / 4;
    }
  }
  return out;
}
