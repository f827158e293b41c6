import type { Bars } from '../data/bars/bars.ts';
import type { Tape, TapePart, TapeSpan } from '../data/recorded/tape.ts';
import type { BarsBySource } from './exchange/saved-market.ts';
import type { SimulatedExchange } from './exchange/simulated-exchange.ts';

/** One stretch of a run in which prices inside bars came from one kind of data. */
export interface ResolutionPeriod {
  source: keyof BarsBySource;
  fromMs: number;
  toMs: number;
}

/** What the simulated exchange had to go by, symbol by symbol. */
export interface PriceResolution {
  symbol: string;
  timeframeMs: number;
  periods: ResolutionPeriod[];
  /** Bars in which something of ours rested, was held or was under way. */
  walked: BarsBySource;
  /** Names of the recordings. */
  names: string[];
}

export interface ResolutionInput {
  feeds: readonly Bars[];
  tapes?: readonly Tape[];
}

/**
 * Recorded book before recorded trades before bars: the periods of each, cut to whole bars. Gaps
 * inside a file are only known once it has been read, so `walked` tells what really was used.
 */
export function priceResolution(
  { feeds, tapes = [] }: ResolutionInput,
  run: { exchange: SimulatedExchange; fromMs: number; toMs: number },
): PriceResolution[] {
  return feeds.map((bars) => {
    const tape = tapes.find(({ symbol }) => symbol === bars.symbol);
    return {
      symbol: bars.symbol,
      timeframeMs: bars.timeframeMs,
      periods: periodsOf(bars, tape, run),
      walked: { ...run.exchange.market(bars.symbol).barsBy },
      names: [...new Set(tape?.parts.flatMap(({ names }) => names) ?? [])],
    };
  });
}

function periodsOf(
  bars: Bars,
  tape: Tape | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): ResolutionPeriod[] {
  if (tape === undefined) return [{ source: 'bars', fromMs, toMs }];
  const periods: ResolutionPeriod[] = [];
  const find = sourceFinder(tape);
  for (let i = 0; i < bars.length; i++) {
    const openMs = bars.openTime[i];
    const closeMs = openMs + bars.timeframeMs;
    if (openMs < fromMs || closeMs > toMs) continue;
    const source = find({ fromMs: openMs, toMs: closeMs });
    const last = periods.at(-1);
    if (last?.source === source) last.toMs = closeMs;
    else periods.push({ source, fromMs: openMs, toMs: closeMs });
  }
  return periods;
}

/** Bars come in order, so the part of the bar before is looked at first. */
function sourceFinder(tape: Tape): (bar: TapeSpan) => keyof BarsBySource {
  let last: TapePart | undefined;
  return (bar) => {
    const holds = (span: TapeSpan) => span.fromMs <= bar.fromMs && bar.toMs <= span.toMs;
    // Parts may overlap, and the first of them counts: only without a book is the last one sure.
    const isSame = last !== undefined && holds(last) && !tape.parts.some(hasBook);
    if (!isSame) last = tape.parts.find(holds);
    if (last === undefined) return 'bars';
    return last.bookSpans.some(holds) ? 'book' : 'trades';
  };
}

function hasBook({ bookSpans }: TapePart): boolean {
  return bookSpans.length > 0;
}
