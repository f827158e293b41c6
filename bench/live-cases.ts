import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { aligned } from './tables.ts';

/** One figure: its value, and the promise it is held against. */
export interface LiveFigure {
  name: string;
  value: number;
  unit: 'ms' | '%' | 'MB' | '/s' | 'count';
  goal?: number;
  note?: string;
}

export interface LiveCase {
  name: string;
  /** What the child is told. */
  args: readonly string[];
}

export interface LiveRow {
  name: string;
  figures: LiveFigure[];
}

/** Cases of a session against the fake venue; `floodSeconds` is 600 in the long form. */
export function liveCases(floodSeconds: number): LiveCase[] {
  return [
    { name: 'live: orders', args: ['orders'] },
    {
      name: `live: 20,000 market frames a second for ${floodSeconds} s`,
      args: ['flood', String(floodSeconds)],
    },
    { name: 'live: burst of 100,000 frames a second for 5 s', args: ['burst', '5'] },
  ];
}

export function runLiveCase({ name, args }: LiveCase): LiveRow {
  const path = join(import.meta.dirname, '..', 'src', 'live', 'testing', 'bench-child.ts');
  const flags = ['--expose-gc', '--no-warnings', path];
  const text = execFileSync(process.execPath, [...flags, ...args], { encoding: 'utf8' });
  return { name, figures: JSON.parse(text) as LiveFigure[] };
}

export function liveTable(rows: readonly LiveRow[]): string {
  return rows.map(({ name, figures }) => `${name}\n${figureTable(figures)}`).join('\n\n');
}

function figureTable(figures: readonly LiveFigure[]): string {
  const lines = figures.map(({ name, value, unit, goal, note }) => [
    `  ${name}`,
    `${value.toFixed(unit === 'count' || unit === '/s' ? 0 : 3)} ${unit === 'count' ? '' : unit}`,
    goal === undefined ? '' : `${goal.toFixed(2)}: ${value <= goal ? 'met' : 'missed'}`,
    note ?? '',
  ]);
  return aligned([['  figure', 'measured', 'goal', ''], ...lines]);
}
