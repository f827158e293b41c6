import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import type { FunnelReport } from '../../strategy/tags/funnel.ts';
import { type ChartDrawings, DrawingCollector, drawnIndicators } from '../chart-drawings.ts';
import type { BacktestOptions, BacktestResult } from '../run-options.ts';
import { type EquityShape, equityShape } from './equity-shape.ts';
import { type PackedBars, packBars } from './page/pack-bars.ts';
import { differences, packInts } from './page/pack-ints.ts';
import type { RunRecorder } from './run-recorder.ts';
import { type TagStrip, tagStrips } from './tag-strips.ts';
import { type TradeView, tradeViews } from './trade-views.ts';

const BREAK_KINDS = ['BOS', 'CHoCH', 'CHoCH+'] as const;

/** Lines of the breaker log at most; counts by rule are complete all the same. */
const LOG_MAX = 5_000;

/** What the page needs beside summary.json; written as report-data.json into the run's folder. */
export interface ReportData {
  format: 'qcm-report-2';
  symbol: string;
  /** Bars of the signal timeframe, warm-up left out. */
  bars: PackedBars;
  structure: PackedStructure;
  tags: TagStrip[];
  funnel: FunnelReport[];
  steps: { name: string; count: number }[];
  alerts: { bar: number; isLong: boolean; price: number; text: string }[];
  trades: TradeView[];
  equity: EquityShape;
  log: LogLine[];
  /** Lines left out for length. */
  logLeft: number;
}

export interface PackedStructure {
  /** Whose blocks and structure these are, and what ends a block. */
  note: string;
  /**
   * Six numbers a break, the first a difference: to, to - from, price in ticks, swing, bull, kind (a
   * place in `BREAK_KINDS`).
   */
  breaks: string;
  /** Five numbers a block: from (difference), to - from, top and bottom in ticks, bull. */
  blocks: string;
}

export interface LogLine {
  atMs: number;
  rule: string;
  text: string;
}

export interface ReportInput {
  result: BacktestResult;
  options: BacktestOptions;
  recorder: RunRecorder;
  signal: Parameters<typeof tagStrips>[1]['signal'];
  biasTimeframeMs: number;
}

export function reportData(input: ReportInput): ReportData {
  const { result, options, recorder } = input;
  const { mainSymbol, signalTimeframeMs } = options;
  const fed = options.feeds.find((bars) => bars.symbol === mainSymbol);
  const spec = options.account.instruments.find(({ symbol }) => symbol === mainSymbol);
  if (fed === undefined || spec === undefined) throw new RangeError(`${mainSymbol} is not fed`);
  const bars = resampleBars(fed, signalTimeframeMs);
  const from = firstBar(bars, result.startMs);
  const to = Math.max(from, firstBar(bars, result.endMs));
  const barOf = (ms: number) =>
    Math.min(Math.max(0, firstBar(bars, ms + 1) - 1 - from), Math.max(0, to - from - 1));
  const tick = Number(spec.tickSize);
  const { signal } = input;
  const drawings = new DrawingCollector(bars.openTime, { signal, fromMs: result.startMs });
  const look = drawings.look.bind(drawings);
  const tags = tagStrips(bars, { ...input, from, to, tickSize: tick, signalTimeframeMs, look });
  const all = logLines(result, recorder);
  return {
    format: 'qcm-report-2',
    symbol: mainSymbol,
    bars: packBars(bars, { from, to, tickSize: spec.tickSize }),
    structure: {
      note: structureNote(signal),
      ...packStructure(drawings.done(), { bars, from, to, tick }),
    },
    tags: tags.strips,
    funnel: tags.funnel,
    steps: signalSteps(result, recorder),
    // An alert belongs to the bar whose close raised it.
    alerts: result.alerts.map(({ atMs, side, price, tags: names, reasons }) => ({
      bar: barOf(atMs - 1),
      isLong: side === 'BUY',
      price,
      text: [...names, ...reasons].join(', '),
    })),
    trades: tradeViews(result, { recorder, barOf, mainSymbol }),
    equity: equityShape(result.equity, { startMs: result.startMs, endMs: result.endMs }),
    log: all.slice(0, LOG_MAX),
    logLeft: Math.max(0, all.length - LOG_MAX),
  };
}

/** Index of the first bar that opens at or after a time. */
function firstBar(bars: Bars, ms: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bars.openTime[middle] < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function structureNote(signal: ReportInput['signal']): string {
  const { hasPacBlocks, hasSmcBlocks, hasSmcBreaks } = drawnIndicators(signal);
  const ends = { close: 'a close', wick: 'a wick', average: 'a close beyond its middle' };
  const blocks = [
    ...(hasPacBlocks ? [`Price Action Concepts (ended by ${ends[signal.obMitigation]})`] : []),
    ...(hasSmcBlocks ? ['Smart Money Concepts (internal, ended by a close)'] : []),
  ];
  const breaks = hasSmcBreaks ? 'Smart Money Concepts' : 'Price Action Concepts';
  return `Blocks that the signals tap: ${blocks.join(' and ')}. Structure: ${breaks}.`;
}

function packStructure(
  drawn: Omit<ChartDrawings, 'alerts'>,
  chart: { bars: Bars; from: number; to: number; tick: number },
): Pick<PackedStructure, 'breaks' | 'blocks'> {
  const { bars, from, to, tick } = chart;
  const barOf = (ms: number) => (ms >= 0 ? firstBar(bars, ms) : to) - from;
  const breaks = drawn.breaks
    .map((line) => ({ ...line, last: barOf(line.toMs), first: barOf(line.fromMs) }))
    .filter(({ last }) => last >= 0 && last < to - from);
  const blocks = drawn.blocks
    .map((box) => ({
      ...box,
      first: barOf(box.fromMs),
      last: Math.min(barOf(box.toMs), to - from),
    }))
    .filter(({ first, last }) => last > 0 && first < to - from)
    .sort((a, b) => a.first - b.first);
  const lastBars = differences(breaks.map(({ last }) => last));
  const firstBars = differences(blocks.map(({ first }) => first));
  return {
    breaks: packInts(
      breaks.flatMap(({ first, last, price, isSwing, side, kind }, i) => [
        lastBars[i],
        last - first,
        Math.round(price / tick),
        Number(isSwing),
        Number(side === 1),
        BREAK_KINDS.indexOf(kind),
      ]),
    ),
    blocks: packInts(
      blocks.flatMap(({ first, last, top, bottom, side }, i) => [
        firstBars[i],
        last - first,
        Math.round(top / tick),
        Math.round(bottom / tick),
        Number(side === 1),
      ]),
    ),
  };
}

/** From alert to win, each step counted from what happened in the run. */
function signalSteps(result: BacktestResult, recorder: RunRecorder): ReportData['steps'] {
  const { trades, unfilled, openAtEnd } = result;
  const approved = trades.length + unfilled.length + openAtEnd;
  return [
    { name: 'alerts raised', count: result.alerts.length },
    { name: 'declined by rules or strategy', count: recorder.declines.length },
    { name: 'approved by the gate', count: approved },
    { name: 'filled', count: trades.length + openAtEnd },
    { name: 'first target reached', count: trades.filter((t) => t.targetsFilled >= 1).length },
    { name: 'second target reached', count: trades.filter((t) => t.targetsFilled >= 2).length },
    { name: 'net winners', count: trades.filter((t) => t.tradeR > 0).length },
  ];
}

/** Declined plans by rule and the run's notices, in order of time. */
function logLines(result: BacktestResult, recorder: RunRecorder): LogLine[] {
  const declined = recorder.declines.map(({ atMs, decision, reasons }) => {
    const last = reasons[reasons.length - 1] ?? decision;
    const split = last.indexOf(': ');
    const rule = split > 0 ? last.slice(0, split) : 'strategy';
    return { atMs, rule, text: `${decision}: ${reasons.join('; ')}` };
  });
  const notices = result.notices.map(({ atMs, level, code, text }) => ({
    atMs,
    rule: `${level} ${code}`,
    text,
  }));
  return [...declined, ...notices].sort((a, b) => a.atMs - b.atMs);
}
