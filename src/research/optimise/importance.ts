import type { SettingValue } from '../../../strategy/search-space.ts';
import type { SearchSpace } from '../space/search-space.ts';
import { type Goal, lossesOf } from './objective.ts';
import type { TrialRecord } from './trial.ts';

export interface Importance {
  path: string;
  /** Part of the variance of the trials' ranks that this parameter alone explains, 0 to 1. */
  share: number;
  /** Trials in which it was active and that had figures. */
  trials: number;
  /** Values or ranges with the mean rank of their trials, 0 best to 1 worst. */
  groups: { label: string; trials: number; meanRank: number }[];
}

const BINS = 6;
/** Fewer say nothing about any parameter. */
const TRIALS_MIN = 20;

/**
 * What mattered: for each parameter omega squared (Hays 1963) of the trials' ranks over its values,
 * numbers in ranges of equally many trials: (SS between - (k - 1) MS within) / (SS total + MS
 * within), at least 0. First-order effects as in functional ANOVA (Hutter et al. 2014), by bins in
 * place of a forest. After a sampler that learns the shares describe where it looked, not the whole
 * space; empty under 20 trials.
 */
export function importances(
  space: SearchSpace,
  records: readonly TrialRecord[],
  goal: Goal,
): Importance[] {
  const whole = records.filter((record) => record.budget === 1);
  const losses = lossesOf(whole, goal);
  const usable = whole
    .map((record, i) => ({ record, loss: losses[i] }))
    .filter(({ loss }) => Number.isFinite(loss));
  if (usable.length < TRIALS_MIN) return [];
  const ranks = ranksOf(usable.map(({ loss }) => loss));
  const out = space.parameters.map(({ path, kind }) => {
    const points = usable.flatMap(({ record }, i) =>
      Object.hasOwn(record.values, path) ? [{ value: record.values[path], rank: ranks[i] }] : [],
    );
    const groups = kind === 'choice' ? byValue(points) : byRange(points);
    return {
      path,
      share: omegaSquared(groups.map(({ points: inside }) => inside.map(({ rank }) => rank))),
      trials: points.length,
      groups: groups.map(({ label, points: inside }) => ({
        label,
        trials: inside.length,
        meanRank: inside.reduce((sum, { rank }) => sum + rank, 0) / inside.length,
      })),
    };
  });
  return out.sort((a, b) => b.share - a.share || (a.path < b.path ? -1 : 1));
}

interface Point {
  value: SettingValue;
  rank: number;
}

/** 0 for the smallest to 1 for the largest; equal ones share the mean of their places. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) out[order[i]] = (from + to - 1) / 2 / (values.length - 1);
    from = to;
  }
  return out;
}

function byValue(points: readonly Point[]): { label: string; points: Point[] }[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const label = JSON.stringify(point.value);
    groups.set(label, [...(groups.get(label) ?? []), point]);
  }
  return [...groups].map(([label, inside]) => ({ label, points: inside }));
}

function byRange(points: readonly Point[]): { label: string; points: Point[] }[] {
  const sorted = [...points].sort((a, b) => Number(a.value) - Number(b.value));
  const groups: { label: string; points: Point[] }[] = [];
  for (let bin = 0; bin < BINS; bin++) {
    const from = Math.floor((bin * sorted.length) / BINS);
    const inside = sorted.slice(from, Math.floor(((bin + 1) * sorted.length) / BINS));
    if (inside.length === 0) continue;
    const label = `${inside[0].value} to ${inside[inside.length - 1].value}`;
    groups.push({ label, points: inside });
  }
  return groups;
}

function omegaSquared(groups: readonly (readonly number[])[]): number {
  const all = groups.flat();
  const n = all.length;
  const k = groups.length;
  if (k < 2 || n <= k) return 0;
  const mean = all.reduce((sum, value) => sum + value, 0) / n;
  let between = 0;
  let within = 0;
  for (const group of groups) {
    const own = group.reduce((sum, value) => sum + value, 0) / group.length;
    between += group.length * (own - mean) * (own - mean);
    for (const value of group) within += (value - own) * (value - own);
  }
  const noise = within / (n - k);
  const total = between + within;
  return total > 0 ? Math.max(0, (between - (k - 1) * noise) / (total + noise)) : 0;
}
