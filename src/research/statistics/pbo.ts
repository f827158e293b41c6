import { median } from '../../../backtests/metrics/trade-stats.ts';
import { AppError } from '../../engine/error.ts';
import type { DaySeries } from './day-series.ts';

/** Trades that a trial needs in each half of a split to take part in it. */
const TRADES_IN_HALF = 20;

export interface PboOptions {
  /** Even; 10 gives 252 splits. */
  blocks?: number;
  /** First days of a block that are dropped when the block before lies in the other half. */
  embargoDays?: number;
  tradesInHalf?: number;
}

export interface PboResult {
  splits: number;
  /** Splits with two or more trials that had enough trades. */
  usedSplits: number;
  /**
   * Share of splits in which the best of one half ranks in the lower part of the other; exactly in
   * the middle counts half. 0.5 is what noise gives. Undefined without a used split.
   */
  pbo: number | undefined;
  /** Share of splits in which the best of one half lost in the other. */
  lossProbability: number | undefined;
  /** Median logit of the relative rank outside; 0 for noise. */
  medianLogit: number | undefined;
  /** Trials that sat out, over all splits, as a share. */
  excludedShare: number;
}

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation: days are cut
 * into S blocks; of every choice of S/2 the best trial (mean / sd of a day) is taken and its rank w
 * among N in the other half read; logit = ln(w / (1 - w)), w = mid-rank / (N + 1); PBO = share of
 * logits below 0.
 * Source: Bailey, Borwein, Lopez de Prado and Zhu, The Probability of Backtest Overfitting,
 * J. of Computational Finance 20 (2017).
 * @throws AppError DATA_FEW_DAYS when a block would have no two days
 */
export function backtestOverfitting(
  trials: readonly DaySeries[],
  options: PboOptions = {},
): PboResult {
  const { blocks = 10, embargoDays = 1, tradesInHalf = TRADES_IN_HALF } = options;
  const days = trials[0]?.r.length ?? 0;
  if (blocks % 2 !== 0) throw new RangeError(`${blocks} blocks are not even`);
  if (days < blocks * (2 + embargoDays)) {
    throw new AppError(
      'DATA_FEW_DAYS',
      `${days} days do not fill ${blocks} blocks`,
      `at least ${blocks * (2 + embargoDays)} days`,
    );
  }
  const sums = trials.map((trial) => blockSums(trial, { blocks, embargoDays }));
  const halves = splits(blocks);
  const logits: number[] = [];
  let usedSplits = 0;
  let losses = 0;
  let low = 0;
  let excluded = 0;
  for (const half of halves) {
    const inside = sums.map((each) => halfScore(each, half, true));
    const outside = sums.map((each) => halfScore(each, half, false));
    const playing = inside.flatMap((score, i) =>
      Math.min(score.trades, outside[i].trades) < tradesInHalf ? [] : [i],
    );
    excluded += trials.length - playing.length;
    if (playing.length < 2) continue;
    usedSplits++;
    const others = playing.map((i) => outside[i].score);
    const best = Math.max(...playing.map((i) => inside[i].score));
    const chosen = playing.filter((i) => inside[i].score === best);
    for (const i of chosen) {
      const rank = midRank(others, outside[i].score) / (playing.length + 1);
      logits.push(Math.log(rank / (1 - rank)));
      if (outside[i].score < 0) losses += 1 / chosen.length;
      if (Math.abs(rank - 0.5) < 1e-12) low += 0.5 / chosen.length;
      else if (rank < 0.5) low += 1 / chosen.length;
    }
  }
  return {
    splits: halves.length,
    usedSplits,
    pbo: usedSplits > 0 ? low / usedSplits : undefined,
    lossProbability: usedSplits > 0 ? losses / usedSplits : undefined,
    medianLogit: median(logits),
    excludedShare: excluded / (halves.length * Math.max(1, trials.length)),
  };
}

interface Sums {
  days: number;
  trades: number;
  r: number;
  squares: number;
}

/** Each block whole, and without the days that an embargo takes. */
interface BlockSums {
  whole: Sums[];
  embargoed: Sums[];
}

function blockSums(
  { r, trades }: DaySeries,
  options: { blocks: number; embargoDays: number },
): BlockSums {
  const { blocks, embargoDays } = options;
  const sumsOf = (from: number, to: number): Sums => {
    const out = { days: Math.max(0, to - from), trades: 0, r: 0, squares: 0 };
    for (let day = from; day < to; day++) {
      out.trades += trades[day];
      out.r += r[day];
      out.squares += r[day] * r[day];
    }
    return out;
  };
  const edge = (block: number) => Math.floor((block * r.length) / blocks);
  const all = Array.from({ length: blocks }, (_, b) => b);
  return {
    whole: all.map((b) => sumsOf(edge(b), edge(b + 1))),
    embargoed: all.map((b) => sumsOf(edge(b) + embargoDays, edge(b + 1))),
  };
}

/** Mean / sd of a day over the blocks of one half; a trial that never moves scores 0. */
function halfScore(sums: BlockSums, half: readonly boolean[], isInside: boolean) {
  let days = 0;
  let trades = 0;
  let r = 0;
  let squares = 0;
  for (let b = 0; b < half.length; b++) {
    if (half[b] !== isInside) continue;
    const isAfterOther = b > 0 && half[b - 1] !== isInside;
    const block = isAfterOther ? sums.embargoed[b] : sums.whole[b];
    days += block.days;
    trades += block.trades;
    r += block.r;
    squares += block.squares;
  }
  const mean = r / days;
  const variance = squares / days - mean * mean;
  return { trades, score: variance > 1e-18 ? mean / Math.sqrt(variance) : 0 };
}

/** Every choice of half of the blocks, as marks; both a choice and its mirror are there. */
export function splits(blocks: number): boolean[][] {
  const out: boolean[][] = [];
  for (let bits = 0; bits < 1 << blocks; bits++) {
    const marks = Array.from({ length: blocks }, (_, b) => ((bits >> b) & 1) === 1);
    if (marks.filter(Boolean).length === blocks / 2) out.push(marks);
  }
  return out;
}

/** 1 for the lowest; equal values share the middle of their places. */
function midRank(values: readonly number[], value: number): number {
  let below = 0;
  let equal = 0;
  for (const each of values) {
    if (each < value) below++;
    else if (each === value) equal++;
  }
  return below + (equal + 1) / 2;
}
