import type { MarketData } from '../../market-data.ts';
import type { LoadedSpace } from '../space/load-space.ts';
import { importances } from './importance.ts';
import { type Goal, isChoosable, lossesOf, OBJECTIVES, paretoFront } from './objective.ts';
import type { PreparedStudy, StudySettings } from './prepare-study.ts';
import type { TrialRecord } from './trial.ts';

export interface SummaryInput {
  loaded: LoadedSpace;
  study: PreparedStudy;
  data: MarketData;
  settings: StudySettings;
  records: readonly TrialRecord[];
  /** Asked for; fewer records when interrupted. */
  trials: number;
}

/** The same with what another run would say differently. */
export interface StudyReport extends SummaryInput {
  folder: string;
  seconds: number;
  /** Trials ever spent on these data, and times that their hold-out was opened. */
  spent: number;
  openings: number;
}

/** The trial to recommend: the best of those that may be chosen, over the whole span. */
export function bestTrial(records: readonly TrialRecord[], goal: Goal): TrialRecord | undefined {
  const allowed = records.filter((record) => record.budget === 1 && isChoosable(record, goal));
  const losses = lossesOf(allowed, goal);
  let best = -1;
  for (let i = 0; i < allowed.length; i++) if (best < 0 || losses[i] < losses[best]) best = i;
  return allowed[best];
}

/** Everything that the same study gives again: no times, no thread counts. */
export function studyJson(input: SummaryInput) {
  const { study, data, settings, records, loaded } = input;
  const whole = records.filter(({ budget }) => budget === 1);
  return {
    study: { id: study.id, ...study.identity },
    data: { label: data.label, hash: data.dataHash, notes: data.notes },
    space: loaded.space.declaration,
    holdOutFrom: study.holdOutMs === undefined ? null : isoOf(study.holdOutMs),
    counts: countsOf(records),
    importance: importances(loaded.space, records, settings.goal),
    best: bestTrial(records, settings.goal) ?? null,
    paretoFront:
      settings.goal.objectives.length > 1 ? paretoFront(whole, settings.goal) : undefined,
    trials: records,
  };
}

export function studyText(input: StudyReport): string {
  const { study, data, settings, records, trials, loaded, folder, seconds, spent } = input;
  const { goal } = settings;
  const counts = countsOf(records);
  const lines = [
    data.label,
    `space ${loaded.space.declaration.name}: ${loaded.space.dimensions} parameters, ` +
      `sampler ${settings.sampler}, seed ${settings.seed}`,
    study.holdOutMs === undefined
      ? 'ALL DATA searched, the hold-out included: for measuring speed only, not for trading'
      : `searched until ${isoOf(study.holdOutMs)}; the last fifth is kept out of the search`,
    `${records.length} of ${trials} trials in ${seconds.toFixed(1)} s: ` +
      Object.entries(counts)
        .map(([status, count]) => `${count} ${status}`)
        .join(', '),
    `trials ever spent on these data: ${spent}; hold-out opened ${input.openings} times`,
    ...data.notes,
    '',
  ];
  const best = bestTrial(records, goal);
  if (best === undefined) lines.push(...noneText(records, goal));
  else lines.push(...bestText(best, goal));
  if (goal.objectives.length > 1) {
    const front = paretoFront(records, goal);
    lines.push(`Pareto front: ${front.length === 0 ? 'empty' : `trials ${front.join(', ')}`}`);
  }
  lines.push('', `trials: ${folder}`, '');
  return lines.join('\n');
}

function bestText(best: TrialRecord, goal: Goal): string[] {
  return [
    `best: trial ${best.number}, by ${goal.objectives.map((name) => OBJECTIVES[name].note).join('; ')}`,
    ...figureLines(best),
    ...Object.entries(best.values).map(
      ([path, value]) => `  --set ${path}=${JSON.stringify(value)}`,
    ),
    ...edgeText(best),
    'This is the best of many on the data it was found on: expect less on other days.',
  ];
}

/** A search always has a winner; that says nothing about an edge. */
function edgeText({ figures }: TrialRecord): string[] {
  if (figures === null || figures.profitFactorLow > 1) return [];
  return [
    'NO EDGE: the lower bound of its profit factor is not above 1; nothing here is worth trading.',
  ];
}

function noneText(records: readonly TrialRecord[], goal: Goal): string[] {
  const withFigures = records.filter((record) => record.figures !== null && record.budget === 1);
  const most = withFigures.reduce((top, { figures }) => Math.max(top, figures?.trades ?? 0), 0);
  const lines = [
    'INSUFFICIENT: no trial may be chosen ' +
      `(at least ${goal.tradesMin} trades and a drawdown of at most ${percent(goal.drawdownMax)})`,
    `most trades of a trial: ${most}`,
  ];
  const failed = records.find(({ status }) => status === 'failed');
  if (failed !== undefined) lines.push(`trial ${failed.number} failed: ${failed.why}`);
  return lines;
}

function figureLines({ figures }: TrialRecord): string[] {
  if (figures === null) return [];
  const number = (value: number | null) => (value === null ? 'none' : value.toFixed(2));
  return [
    `  ${figures.trades} trades, profit factor ${number(figures.profitFactor)} ` +
      `(lower bound ${number(figures.profitFactorLow)}), ` +
      `mean ${number(figures.meanR)} R (lower bound ${number(figures.meanRLow)})`,
    `  return ${percent(figures.returnFraction)}, drawdown ${percent(figures.maxDrawdown)}, ` +
      `Sharpe ${number(figures.sharpe)}`,
  ];
}

function countsOf(records: readonly TrialRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of records) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}
