import { type Bars, createBars } from '../../../data/bars/bars.ts';
import { SIGNAL_PRESETS } from '../../../strategy/presets/signal-presets.ts';
import { composer, simulatedInput } from '../../checks/testing/simulated-input.ts';
import { runBacktest } from '../../run.ts';
import type { BacktestResult } from '../../run-options.ts';
import { packBars } from '../page/pack-bars.ts';
import { packInts } from '../page/pack-ints.ts';
import { type ReportData, reportData } from '../report-data.ts';
import { RunRecorder } from '../run-recorder.ts';
import { type RunSummary, runSummary } from '../summary.ts';
import { summaryJson } from '../write-run.ts';

export interface ReportedRun {
  result: BacktestResult;
  summary: RunSummary;
  data: ReportData;
}

/** A short run over a simulated market with the shipped stand-in, as the command reports it. */
export function reportedRun(options: { days: number; note?: string }): ReportedRun {
  const run = composer('smc-stand-in')(simulatedInput({ seed: 5, days: options.days }));
  const recorder = new RunRecorder({
    mainSymbol: run.mainSymbol,
    instruments: run.account.instruments,
  });
  const result = runBacktest({ ...run, observer: recorder.observe });
  const summary = runSummary({
    result,
    variants: [],
    fingerprints: run.fingerprints,
    config: { preset: 'smc-stand-in' },
    data: {
      kind: 'simulated',
      label: 'SIMULATED market',
      files: [],
      series: [],
      findings: [],
      notes: options.note === undefined ? [] : [options.note],
    },
    signalTimeframeMs: run.signalTimeframeMs,
    riskPercent: 0.75,
    equityStop: { onBreach: 'observe', breaches: 0, firstBreachMs: Number.NaN },
    timestamps: { generatedAt: 'now', elapsedMs: 1 },
  });
  const signal = SIGNAL_PRESETS.documents;
  const data = reportData({ result, options: run, recorder, signal, biasTimeframeMs: 900_000 });
  // As read back from the files.
  return {
    result,
    summary: JSON.parse(summaryJson(summary)),
    data: JSON.parse(JSON.stringify(data)),
  };
}

/** The same run on a chart of this many bars, its trades spread over all of them. */
export function stretched(data: ReportData, count: number): ReportData {
  const source = { kind: 'simulated', names: [] } as const;
  const bars = createBars({ symbol: data.symbol, timeframeMs: 180_000, length: count, source });
  for (let i = 0; i < count; i++) {
    const middle = 30_000 + Math.round(2_000 * Math.sin(i / 900) + 60 * Math.sin(i / 7));
    bars.openTime[i] = data.bars.firstMs + i * 180_000;
    bars.open[i] = middle;
    bars.close[i] = middle + Math.round(15 * Math.sin(i * 1.7));
    bars.high[i] = middle + 20;
    bars.low[i] = middle - 20;
  }
  const trades = Array.from({ length: 3_000 }, (_, i) => {
    const trade = data.trades[i % data.trades.length];
    const shift = Math.floor((i * (count - 200)) / 3_000) - trade.entryBar;
    const moved = (points: (readonly [number, ...unknown[]])[]) =>
      points.map(([bar, ...rest]) => [bar + shift, ...rest]) as never;
    return {
      ...trade,
      entryBar: trade.entryBar + shift,
      exitBar: trade.exitBar + shift,
      entry: bars.open[trade.entryBar + shift],
      fills: moved(trade.fills),
      stops: moved(trade.stops),
    };
  });
  const structure = { ...data.structure, ...denseStructure(bars) };
  const packed = packBars(bars, { from: 0, to: count, tickSize: '0.10' });
  return { ...data, bars: packed, structure, trades };
}

/** A block every 15 bars and a break every 10: denser than any preset draws them. */
function denseStructure(bars: Bars): { breaks: string; blocks: string } {
  const ticksAt = (bar: number) => Math.round(bars.close[bar] / 0.1);
  const blocks = Array.from({ length: Math.floor(bars.length / 15) }, (_, i) => {
    const bottom = ticksAt(i * 15);
    return [i === 0 ? 0 : 15, 40 + ((i * 37) % 400), bottom + 80, bottom, i % 2];
  });
  const breaks = Array.from({ length: Math.floor(bars.length / 10) }, (_, i) => [
    i === 0 ? 0 : 10,
    Math.min(i * 10, 5 + ((i * 7) % 35)),
    ticksAt(i * 10),
    Number(i % 5 === 0),
    i % 2,
    i % 3,
  ]);
  return { breaks: packInts(breaks.flat()), blocks: packInts(blocks.flat()) };
}
