import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { sampleSd } from '../../../backtests/metrics/trade-stats.ts';
import {
  type Bars,
  createBars,
  emptyBarRow,
  readBarInto,
  writeBar,
} from '../../../data/bars/bars.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';

/** Moments at which a trade of the undisturbed run was open: where a stress hurts. */
export interface OpenSpan {
  fromMs: number;
  toMs: number;
}

/** Every symbol falls at once by this part; half of it comes back within five bars. */
export const CRASH_DEPTH = 0.15;
export const OUTAGE_MS = 2 * HOUR_MS;
/** The cap of Binance's funding rate for most contracts, per interval. */
export const FUNDING_SPIKE = 0.0075;

/**
 * Flash crashes while a trade was open: the next bar opens 15 % lower, past every stop; half of the
 * fall returns over the next five bars and the rest stays.
 */
export function withFlashCrashes(
  data: MarketData,
  options: { spans: readonly OpenSpan[]; count: number; seed: number },
): MarketData {
  const times = drawn(options.spans, options);
  return changed(data, `flash crash x ${times.length}`, (bars) => crashed(bars, times));
}

/** No bars for two hours from a moment at which a trade was open: nothing can be decided or seen. */
export function withOutages(
  data: MarketData,
  options: { spans: readonly OpenSpan[]; count: number; seed: number },
): MarketData {
  const times = drawn(options.spans, options);
  const isOut = (at: number) => times.some((from) => at >= from && at < from + OUTAGE_MS);
  return changed(data, `outage x ${times.length}`, (bars) =>
    picked(bars, (i) => !isOut(bars.openTime[i])),
  );
}

/** On a tenth of the days every settlement is at the cap, against longs or against shorts. */
export function withFundingSpikes(data: MarketData, seed: number): MarketData {
  const random = mulberry32(seed);
  const rates = new Map<number, number>();
  for (const row of data.funding) {
    const at = Math.floor(row.atMs / DAY_MS);
    if (rates.has(at)) continue;
    const isSpike = random() < 0.1;
    const side = random() < 0.5 ? 1 : -1;
    rates.set(at, isSpike ? side * FUNDING_SPIKE : Number.NaN);
  }
  const funding = data.funding.map((row) => {
    const rate = rates.get(Math.floor(row.atMs / DAY_MS)) ?? Number.NaN;
    return Number.isNaN(rate) ? row : { ...row, rate };
  });
  return { ...changed(data, 'funding spikes', (bars) => bars), funding };
}

/**
 * Legs move with the main symbol bar by bar, each at its own volatility: correlation 1. Their own
 * volume stays. A hedge is then exact, a second position no diversification.
 */
export function withCorrelationOne(data: MarketData, mainSymbol: string): MarketData {
  const main = data.series.find(({ symbol }) => symbol === mainSymbol);
  if (main === undefined) return data;
  const sdMain = sampleSd(logReturns(main)) ?? 0;
  return changed(data, 'correlation 1', (bars) => {
    if (bars === main) return bars;
    const beta = (sampleSd(logReturns(bars)) ?? 0) / sdMain;
    return following(bars, main, beta);
  });
}

function changed(data: MarketData, what: string, change: (bars: Bars) => Bars): MarketData {
  const label = `STRESSED (${what}): ${data.label}`;
  return {
    ...data,
    label: data.label.startsWith('SIMULATED') ? `SIMULATED, ${label}` : label,
    series: data.series.map(change),
    dataHash: hashOf([data.dataHash, label]),
  };
}

/** Different spans, one moment in each, ascending. */
function drawn(spans: readonly OpenSpan[], options: { count: number; seed: number }): number[] {
  const random = mulberry32(options.seed);
  const left = [...spans];
  const out: number[] = [];
  while (out.length < options.count && left.length > 0) {
    const [span] = left.splice(Math.floor(random() * left.length), 1);
    out.push(span.fromMs + random() * (span.toMs - span.fromMs));
  }
  return out.sort((a, b) => a - b);
}

const RECOVERY_BARS = 5;

function crashed(bars: Bars, times: readonly number[]): Bars {
  const out = picked(bars, () => true);
  let level = 1;
  let next = 0;
  let sinceCrash = RECOVERY_BARS;
  for (let i = 0; i < out.length; i++) {
    let open = level;
    let close = level;
    if (next < times.length && out.openTime[i] >= times[next]) {
      while (next < times.length && out.openTime[i] >= times[next]) next++;
      open = level * (1 - CRASH_DEPTH);
      close = open;
      sinceCrash = 0;
    } else if (sinceCrash < RECOVERY_BARS) {
      // Half of the fall returns: (1 - d/2) / (1 - d) over the recovery.
      close = level * ((1 - CRASH_DEPTH / 2) / (1 - CRASH_DEPTH)) ** (1 / RECOVERY_BARS);
      sinceCrash++;
    }
    out.high[i] *= Math.max(open, close);
    out.low[i] *= Math.min(open, close);
    out.open[i] *= open;
    out.close[i] *= close;
    level = close;
  }
  return out;
}

function following(bars: Bars, main: Bars, beta: number): Bars {
  const out = picked(bars, () => true);
  const at = new Map<number, number>();
  for (let i = 0; i < main.length; i++) at.set(main.openTime[i], i);
  let level = bars.open[0];
  for (let i = 0; i < out.length; i++) {
    const m = at.get(out.openTime[i]);
    // A bar that the main symbol does not have stands still.
    const eve = m === undefined ? Number.NaN : m > 0 ? main.close[m - 1] : main.open[m];
    const price = (value: number) => (m === undefined ? level : level * (value / eve) ** beta);
    const close = price(m === undefined ? 0 : main.close[m]);
    out.open[i] = price(m === undefined ? 0 : main.open[m]);
    out.high[i] = price(m === undefined ? 0 : main.high[m]);
    out.low[i] = price(m === undefined ? 0 : main.low[m]);
    out.close[i] = close;
    level = close;
  }
  return out;
}

function picked(bars: Bars, keeps: (index: number) => boolean): Bars {
  const indices = Array.from({ length: bars.length }, (_, i) => i).filter(keeps);
  const { symbol, timeframeMs, source } = bars;
  const out = createBars({ symbol, timeframeMs, length: indices.length, source });
  const row = emptyBarRow();
  for (let to = 0; to < indices.length; to++) {
    readBarInto(row, bars, indices[to]);
    writeBar(out, to, row);
  }
  return out;
}

function logReturns(bars: Bars): number[] {
  const out: number[] = [];
  for (let i = 1; i < bars.length; i++) out.push(Math.log(bars.close[i] / bars.close[i - 1]));
  return out;
}
