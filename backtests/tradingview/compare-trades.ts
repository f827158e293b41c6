import { printable } from './diff-chart.ts';
import type { ListedTrade } from './read-trades.ts';

export interface TradePair {
  theirs: ListedTrade;
  ours: ListedTrade;
  /** Ours later is positive. */
  entryMinutes: number;
  exitMinutes: number;
  /** Ours higher is positive. */
  entryPriceBps: number;
  exitPriceBps: number;
  netPnl: number;
}

export interface TradesDiff {
  pairs: TradePair[];
  onlyTheirs: ListedTrade[];
  onlyOurs: ListedTrade[];
}

/** Rows printed of each list. */
const LISTED_MAX = 20;

/**
 * Pairs trades of the same side whose entries are at most `minutesMax` apart, closest first, each
 * trade once.
 */
export function compareTrades(
  theirs: readonly ListedTrade[],
  ours: readonly ListedTrade[],
  minutesMax: number,
): TradesDiff {
  const candidates: { a: number; b: number; apart: number }[] = [];
  theirs.forEach((their, a) => {
    ours.forEach((own, b) => {
      const apart = Math.abs(own.entryMs - their.entryMs);
      if (own.side === their.side && apart <= minutesMax * 60_000) candidates.push({ a, b, apart });
    });
  });
  candidates.sort((x, y) => x.apart - y.apart || x.a - y.a || x.b - y.b);
  const pairOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const { a, b } of candidates) {
    if (pairOf.has(a) || taken.has(b)) continue;
    pairOf.set(a, b);
    taken.add(b);
  }
  return {
    pairs: [...pairOf].sort(([a], [b]) => a - b).map(([a, b]) => pair(theirs[a], ours[b])),
    onlyTheirs: theirs.filter((_, a) => !pairOf.has(a)),
    onlyOurs: ours.filter((_, b) => !taken.has(b)),
  };
}

/** F1 of the pairing; NaN when neither side traded. */
export function tradesF1(diff: TradesDiff): number {
  const { pairs, onlyTheirs, onlyOurs } = diff;
  return (2 * pairs.length) / (2 * pairs.length + onlyTheirs.length + onlyOurs.length);
}

/** The report as text: figures, then the differences, trade by trade. */
export function tradesText(diff: TradesDiff): string {
  const { pairs, onlyTheirs, onlyOurs } = diff;
  const theirCount = pairs.length + onlyTheirs.length;
  const ourCount = pairs.length + onlyOurs.length;
  const head = `trades: ${theirCount} theirs, ${ourCount} ours, ${pairs.length} matched`;
  const lines = [`${head}, F1 ${figure(tradesF1(diff))}`];
  if (pairs.length > 0) {
    lines.push(
      `median difference (ours - theirs): entry ${medianOf(pairs, 'entryMinutes')} min ` +
        `${medianOf(pairs, 'entryPriceBps')} bps, exit ${medianOf(pairs, 'exitMinutes')} min ` +
        `${medianOf(pairs, 'exitPriceBps')} bps, net ${medianOf(pairs, 'netPnl')}`,
    );
  }
  const differing = pairs.filter(isDifferent);
  list(lines, 'matched and different:', differing.map(pairLine));
  list(lines, 'only theirs:', onlyTheirs.map(tradeLine));
  list(lines, 'only ours:', onlyOurs.map(tradeLine));
  return `${lines.join('\n')}\n`;
}

function pair(theirs: ListedTrade, ours: ListedTrade): TradePair {
  const bps = (own: number, their: number) => (10_000 * (own - their)) / their;
  return {
    theirs,
    ours,
    entryMinutes: (ours.entryMs - theirs.entryMs) / 60_000,
    exitMinutes: (ours.exitMs - theirs.exitMs) / 60_000,
    entryPriceBps: bps(ours.entryPrice, theirs.entryPrice),
    exitPriceBps: bps(ours.exitPrice, theirs.exitPrice),
    netPnl: ours.netPnl - theirs.netPnl,
  };
}

function isDifferent(one: TradePair): boolean {
  const { entryMinutes, exitMinutes, entryPriceBps, exitPriceBps, netPnl } = one;
  return [entryMinutes, exitMinutes, entryPriceBps, exitPriceBps, netPnl].some((x) => x !== 0);
}

function pairLine(one: TradePair): string {
  const entry = `entry ${figure(one.entryMinutes)} min ${figure(one.entryPriceBps)} bps`;
  const exit = `exit ${figure(one.exitMinutes)} min ${figure(one.exitPriceBps)} bps`;
  return `${tradeLine(one.theirs)}: ${entry}, ${exit}, net ${figure(one.netPnl)}`;
}

function tradeLine(trade: ListedTrade): string {
  const at = new Date(trade.entryMs).toISOString().slice(0, 16).replace('T', ' ');
  return `#${printable(trade.id)} ${trade.side} ${at} at ${figure(trade.entryPrice)}`;
}

function list(lines: string[], title: string, rows: readonly string[]): void {
  if (rows.length === 0) return;
  lines.push(title, ...rows.slice(0, LISTED_MAX).map((row) => `  ${row}`));
  if (rows.length > LISTED_MAX) lines.push(`  and ${rows.length - LISTED_MAX} more`);
}

function medianOf(pairs: readonly TradePair[], name: Exclude<keyof TradePair, 'theirs' | 'ours'>) {
  const values = pairs.map((one) => one[name]).filter((value) => !Number.isNaN(value));
  const sorted = values.sort((a, b) => a - b);
  return figure(sorted[(sorted.length - 1) >> 1] ?? Number.NaN);
}

function figure(value: number): string {
  return Number.isNaN(value) ? '-' : String(Number(value.toPrecision(6)));
}
