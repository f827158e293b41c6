import { describe, expect, it } from 'vitest';
import { runBacktest } from '../../../backtests/run.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import { Random } from '../../../data/simulated/random.ts';
import { composeBacktest } from '../../compose.ts';
import type { LoadedConfig } from '../../config.ts';
import { findMarketData, type MarketData } from '../../market-data.ts';
import { drawUnit } from '../samplers/sampler.ts';
import { configOfPoint, loadSpace } from '../space/load-space.ts';
import { runRecorded } from './recorded-run.ts';
import { makeRecording, recordedOptions, recordingKey, recordLegs } from './recording.ts';

const DAYS = 50;
/** Loose conditions, so that a short market has trades. */
const LOOSE = [
  'signal.contextExpression="{FUNDING_OK}"',
  'signal.strengthMin=5',
  'signal.sequenceWindowBars=60',
];

async function market(seed: number): Promise<MarketData> {
  return findMarketData({
    path: undefined,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    strict: false,
    simulation: { seed, days: DAYS },
    onProgress: () => {},
  });
}

function plain({ config }: LoadedConfig, data: MarketData, span: Span): BacktestResult {
  return runBacktest(
    composeBacktest({
      config,
      data,
      codeVersion: '',
      configHash: '',
      equityStopOnBreach: 'observe',
      ...span,
    }),
  );
}

interface Span {
  fromMs?: number;
  toMs?: number;
}

function recorded({ config }: LoadedConfig, data: MarketData, span: Span): BacktestResult {
  const recording = makeRecording(config, data);
  const legs = recordLegs(config, data);
  const options = recordedOptions(config, data, { recording, legs, ...span });
  return runRecorded({ options, entries: recording.entries }).result;
}

/** All that metrics read. */
function outcome(result: BacktestResult) {
  const { trades, unfilled, equity, days, endEquity, endMs, startMs, refusals, openAtEnd } = result;
  const { signalBars, fineBars, liquidations } = result;
  return {
    ...{ trades, unfilled, equity, days, endEquity, endMs, startMs, refusals, openAtEnd },
    ...{ signalBars, fineBars, liquidations },
  };
}

describe('a recorded run', () => {
  it('has the trades and the equity of the whole walk, at any point of the space', async () => {
    // 1m bars under 3m signals, funding, three symbols.
    const data = await market(11);
    const { space, sets } = loadSpace('btc-alpha-hedge', LOOSE);
    const random = new Random(9, 0);
    let trades = 0;
    for (let tried = 0; tried < 4; ) {
      const values = space.decode(drawUnit(space.dimensions, random));
      if (!space.isAllowed(values)) continue;
      tried++;
      const config = configOfPoint({ preset: 'sequence', sets }, values);
      const whole = outcome(plain(config, data, {}));
      expect(outcome(recorded(config, data, {}))).toEqual(whole);
      trades += whole.trades.length;
    }
    expect(trades).toBeGreaterThan(10);
  });

  it('does so over a window in the middle, without hedge, and with holes in the bars', async () => {
    const data = await market(12);
    const holed = { ...data, series: data.series.map((bars, i) => withHoles(bars, i)) };
    const startMs = data.series[0].openTime[0];
    const span = { fromMs: startMs + 12 * 86_400_000, toMs: startMs + 40 * 86_400_000 };
    let trades = 0;
    for (const set of ['hedge.mode=off', 'hedge.mode=minVariance', 'entry.mode=pullback']) {
      const config = configOfPoint({ preset: 'sequence', sets: [...LOOSE, set] }, {});
      const whole = outcome(plain(config, holed, span));
      expect(outcome(recorded(config, holed, span))).toEqual(whole);
      trades += whole.trades.length;
    }
    expect(trades).toBeGreaterThan(5);
  });

  it('is only shared by configurations with the same signals, guards and symbols', () => {
    const key = (...sets: string[]) =>
      recordingKey(configOfPoint({ preset: 'sequence', sets }, {}).config);
    expect(key('stop.kDeep=2', 'entry.mode=taker')).toBe(key());
    expect(key('signal.dominanceMinPercent=61')).not.toBe(key());
    expect(key('tuning.hyperwaveLength=9')).not.toBe(key());
    expect(key('guards.flashMovePercent=4')).not.toBe(key());
    expect(key('hedge.mode=off')).not.toBe(key());
  });
});

/** Drops some single bars and a stretch, other ones in each symbol. */
function withHoles(bars: MarketData['series'][number], which: number): typeof bars {
  const kept = Array.from({ length: bars.length }, (_, i) => i).filter(
    (i) => (i + 37 * which) % 991 > 1 && !(i > 9_000 + 500 * which && i < 9_300 + 500 * which),
  );
  const pick = (column: Float64Array) => Float64Array.from(kept, (i) => column[i]);
  return {
    ...bars,
    length: kept.length,
    openTime: pick(bars.openTime),
    open: pick(bars.open),
    high: pick(bars.high),
    low: pick(bars.low),
    close: pick(bars.close),
    volume: pick(bars.volume),
    takerBuyVolume: pick(bars.takerBuyVolume),
  };
}
