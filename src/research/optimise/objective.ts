import { AppError, closestNames } from '../../engine/error.ts';
import type { TrialFigures, TrialOutcome } from './trial.ts';

interface ObjectiveEntry {
  note: string;
  /** Larger is better; null where there is no such figure. */
  read: (figures: TrialFigures) => number | null;
}

/** What a study may look for. Profit factor and expectancy count by their lower bounds. */
export const OBJECTIVES = {
  profitFactor: {
    note: 'profit factor by its lower bound, (gains + 5 R) / (losses + 5 R)',
    read: (figures) => figures.profitFactorLow,
  },
  expectancy: {
    note: 'mean R of a trade by its lower 10 % bound',
    read: (figures) => figures.meanRLow,
  },
  return: { note: 'net return on the start equity', read: (figures) => figures.returnFraction },
  sharpe: { note: 'daily Sharpe ratio, zero days included', read: (figures) => figures.sharpe },
  drawdown: {
    note: 'least drawdown; for use beside others',
    read: (figures) => -figures.maxDrawdown,
  },
  trades: { note: 'most trades; for use beside others', read: (figures) => figures.trades },
} as const satisfies Record<string, ObjectiveEntry>;

export type ObjectiveName = keyof typeof OBJECTIVES;

export interface Goal {
  /** One, or several for a Pareto front. */
  objectives: readonly ObjectiveName[];
  /** A fraction of the peak; trials beyond are never chosen. */
  drawdownMax: number;
  /** Trials with fewer trades are never chosen. */
  tradesMin: number;
}

/** @throws AppError USAGE_OBJECTIVE naming the closest */
export function objectivesOf(text: string): ObjectiveName[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (Object.hasOwn(OBJECTIVES, name)) continue;
    const known = Object.keys(OBJECTIVES);
    const near = closestNames(name, known);
    throw new AppError(
      'USAGE_OBJECTIVE',
      `unknown objective "${name}"`,
      near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${known.join(', ')}`,
    );
  }
  return [...new Set(names)] as ObjectiveName[];
}

/** Values of all objectives, larger is better; undefined where one is missing or not a number. */
export function valuesOf(outcome: TrialOutcome, goal: Goal): number[] | undefined {
  const { figures, status } = outcome;
  if (figures === null || status === 'failed' || status === 'noTrades') return undefined;
  const values = goal.objectives.map((name) => OBJECTIVES[name].read(figures));
  if (values.some((value) => value === null || !Number.isFinite(value))) return undefined;
  return values as number[];
}

/** How far a trial is from what is allowed; 0 when it may be chosen. */
export function violationOf(outcome: TrialOutcome, goal: Goal): number {
  const { figures } = outcome;
  if (figures === null) return Number.POSITIVE_INFINITY;
  const tooDeep = Math.max(0, figures.maxDrawdown / goal.drawdownMax - 1);
  const tooFew = goal.tradesMin > 0 ? Math.max(0, 1 - figures.trades / goal.tradesMin) : 0;
  return tooDeep + tooFew;
}

/** Whether a trial may be recommended. */
export function isChoosable(outcome: TrialOutcome, goal: Goal): boolean {
  return (
    outcome.status === 'done' &&
    valuesOf(outcome, goal) !== undefined &&
    violationOf(outcome, goal) === 0
  );
}

/** Added to the loss of what is not allowed, so that it always comes after what is. */
const OUTSIDE = 1e6;

/**
 * One number a trial, smaller is better, after Deb (2000): allowed before not allowed; the allowed
 * by the objective (by Pareto front and crowding when there are several), the others by how far they
 * are from being allowed; infinite for what has no figures. All trials are judged together.
 */
export function lossesOf(outcomes: readonly TrialOutcome[], goal: Goal): number[] {
  const values = outcomes.map((outcome) => valuesOf(outcome, goal));
  const violations = outcomes.map((outcome) => violationOf(outcome, goal));
  const ranks =
    goal.objectives.length > 1
      ? paretoRanks(values.map((each, i) => (violations[i] === 0 ? each : undefined)))
      : undefined;
  return values.map((each, i) => {
    if (each === undefined) return Number.POSITIVE_INFINITY;
    if (violations[i] > 0) return OUTSIDE * (1 + violations[i]);
    return ranks === undefined ? -each[0] : ranks[i];
  });
}

/** Numbers of the trials that no other allowed trial beats in everything. */
export function paretoFront(outcomes: readonly TrialOutcome[], goal: Goal): number[] {
  const allowed = outcomes.filter((outcome) => isChoosable(outcome, goal));
  const values = allowed.map((outcome) => valuesOf(outcome, goal) as number[]);
  return allowed
    .filter((_, i) => !values.some((other) => dominates(other, values[i])))
    .map(({ number }) => number);
}

/** At least as good in everything and better in something. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] < b[i]) return false;
    if (a[i] > b[i]) isBetter = true;
  }
  return isBetter;
}

/** Front number, from 0; within a front the lonely ones first (Deb et al. 2002), by parts below 1. */
function paretoRanks(values: readonly (readonly number[] | undefined)[]): number[] {
  const ranks = values.map(() => Number.POSITIVE_INFINITY);
  let left = values.flatMap((each, i) => (each === undefined ? [] : [i]));
  for (let front = 0; left.length > 0; front++) {
    const of = (i: number) => values[i] as readonly number[];
    const first = left.filter((i) => !left.some((other) => dominates(of(other), of(i))));
    const crowding = crowdingOf(first.map(of));
    const order = first
      .map((_, at) => at)
      .sort((a, b) => crowding[b] - crowding[a] || first[a] - first[b]);
    for (const [place, at] of order.entries()) ranks[first[at]] = front + place / order.length;
    const taken = new Set(first);
    left = left.filter((i) => !taken.has(i));
  }
  return ranks;
}

function crowdingOf(points: readonly (readonly number[])[]): number[] {
  const out = points.map(() => 0);
  for (let objective = 0; objective < (points[0]?.length ?? 0); objective++) {
    const order = points
      .map((_, i) => i)
      .sort((a, b) => points[a][objective] - points[b][objective] || a - b);
    const low = points[order[0]][objective];
    const spread = points[order[order.length - 1]][objective] - low;
    out[order[0]] = Number.MAX_VALUE;
    out[order[order.length - 1]] = Number.MAX_VALUE;
    for (let i = 1; i + 1 < order.length && spread > 0; i++) {
      const gap = points[order[i + 1]][objective] - points[order[i - 1]][objective];
      out[order[i]] += gap / spread;
    }
  }
  return out;
}
