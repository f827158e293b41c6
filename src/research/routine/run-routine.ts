import { join } from 'node:path';
import type { ResearchDocument } from '../reports/research-document.ts';
import { monthlySections, quarterlySections, weeklySections } from '../reports/routine-report.ts';
import { writeResearch } from '../reports/write-research.ts';
import type { ResearchInput } from '../research-input.ts';
import { type Monthly, type MonthlyOptions, monthly } from './monthly.ts';
import { quarterly } from './quarterly.ts';
import { legBetas, reviews } from './review.ts';

export type RoutineName = 'weekly' | 'monthly' | 'quarterly';

export interface RoutineRun {
  document: ResearchDocument;
  figures: unknown;
  /** HTML and JSON. */
  paths: string[];
}

/** One routine end to end: measured, written as a page and as JSON. */
export async function runRoutine(
  name: RoutineName,
  input: ResearchInput,
  options: MonthlyOptions & { folder: string },
): Promise<RoutineRun> {
  const { sections, figures } = await measured(name, input, options);
  const month = new Date(input.span.endMs).toISOString().slice(0, 10);
  const document: ResearchDocument = {
    title: `${name[0].toUpperCase()}${name.slice(1)} research of ${input.preset}, data to ${month}`,
    label: input.data.label,
    sections,
  };
  const folder = join(options.folder, name);
  return { document, figures, paths: writeResearch(document, { folder, name, data: figures }) };
}

async function measured(name: RoutineName, input: ResearchInput, options: MonthlyOptions) {
  if (name === 'weekly') {
    const { data, mainSymbol, span } = input;
    const days = [7, 30, 90];
    const week = {
      reviews: reviews(input, days),
      betas: legBetas(data.series, { mainSymbol, endMs: span.endMs, days }),
    };
    return { sections: weeklySections(week), figures: week };
  }
  if (name === 'monthly') {
    const month = await monthly(input, options);
    return { sections: monthlySections(month), figures: monthFigures(month) };
  }
  const quarter = await quarterly(input, options);
  const figures = { ...quarter, monthly: monthFigures(quarter.monthly) };
  return { sections: quarterlySections(quarter), figures };
}

/** Without trades and equity points: those are in the runs. */
function monthFigures(month: Monthly): unknown {
  const { study, live, ...rest } = month;
  const { trades, equity: _, dailyReturns: __, ...ofLive } = live;
  return { ...rest, study: study.figures, live: { ...ofLive, trades: trades.length } };
}
