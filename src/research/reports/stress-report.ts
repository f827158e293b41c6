import { END_SHARES } from '../../../backtests/calculators/compounding.ts';
import { quantile } from '../../../backtests/metrics/trade-stats.ts';
import type { RunFigures } from '../monte-carlo/run-figures.ts';
import type { MarketStress, TradeStress } from '../monte-carlo/stress-study.ts';
import { CURVE_SHARES, type PathSpread, RUIN_TARGET } from '../monte-carlo/trade-paths.ts';
import { type Chart, fixed, percent, type Section, type Table } from './research-document.ts';

const SUFFICIENT = 100;

/** What a year of such trades may look like. */
export function tradeStressSections(stress: TradeStress): Section[] {
  const [blocks] = stress.spreads;
  const few =
    stress.trades < SUFFICIENT
      ? [
          `INSUFFICIENT: ${stress.trades} trades say little about a year; the spread shows only them.`,
        ]
      : [];
  return [
    {
      heading: 'A year of such trades',
      verdict: ruinVerdict(stress),
      paragraphs: [
        ...few,
        `${stress.trades} trades of ${stress.days} days, ${stress.riskPercent} % risk, ` +
          `${blocks.paths} paths. Days are drawn in blocks: losses that came together stay together. ` +
          'Breakers are applied again in each path, on closed trades. Ruin: 70 % of the start or less.',
        'The shuffle only changes the order of the measured trades: its end is the measured one, and ' +
          'its drawdown is too small. It is printed for comparison.',
      ],
      tables: [spreadTable(stress.spreads)],
      charts: [
        distribution('end of the year, start = 1', stress.spreads, {
          read: (each) => each.curves.end,
          formatY: (value) => fixed(value, 3),
        }),
        distribution('largest drawdown', stress.spreads, {
          read: (each) => each.curves.maxDrawdown,
          formatY: (value) => percent(value),
        }),
      ],
    },
    {
      heading: 'Compounding by risk per trade',
      paragraphs: [
        'A year of single draws (qcm calc compound): without clusters, so ruin is a lower bound.',
      ],
      tables: [
        {
          head: [
            'risk',
            ...END_SHARES.map((share) => `end ${share * 100} %`),
            'max DD 95 %',
            'ruin',
          ],
          rows: stress.compounding.map(({ riskPercent, result }) => [
            `${riskPercent} %`,
            ...result.endEquity.map((end) => fixed(end, 3)),
            percent(result.drawdownP95),
            `${percent(result.ruinShare)} (to ${percent(result.ruinInterval.high)})`,
          ]),
        },
      ],
    },
  ];
}

function ruinVerdict({ trades, spreads }: TradeStress): string {
  const [off, on] = spreads;
  const isMet = on.ruinInterval.high < RUIN_TARGET;
  const word = trades < SUFFICIENT ? 'INSUFFICIENT' : isMet ? 'target met' : 'target missed';
  const loses = on.lossShare > 0.5 ? `; ${percent(on.lossShare, 0)} of paths end in a loss` : '';
  return (
    `Risk of ruin ${percent(off.ruinShare)} without breakers, ${percent(on.ruinShare)} with them ` +
    `(95 %: to ${percent(on.ruinInterval.high)}); target under ${percent(RUIN_TARGET, 0)}: ${word}${loses}`
  );
}

/** Paths from the lowest to the highest. */
function distribution(
  title: string,
  spreads: readonly PathSpread[],
  of: { read: (spread: PathSpread) => readonly number[]; formatY: (value: number) => string },
): Chart {
  return {
    title,
    lines: spreads.map((spread) => ({
      name: nameOf(spread),
      points: of.read(spread).map((y, i) => ({ x: CURVE_SHARES[i], y })),
    })),
    formatX: (share) => `${percent(share, 0)} of paths are lower`,
    formatY: of.formatY,
  };
}

function nameOf({ method, hasBreakers }: PathSpread): string {
  return method === 'shuffle'
    ? 'shuffle (understates)'
    : `blocks, breakers ${hasBreakers ? 'on' : 'off'}`;
}

function spreadTable(spreads: readonly PathSpread[]): Table {
  const triple = (values: readonly number[], of: (value: number) => string) =>
    [values[0], values[2], values[4]].map(of).join(' / ');
  const whole = (value: number) => value.toFixed(0);
  const rows: [string, (spread: PathSpread) => string][] = [
    ['days of a path', (each) => String(each.days)],
    ['end, 5 / 50 / 95 % of paths', (each) => triple(each.end, (value) => fixed(value, 3))],
    ['largest drawdown', (each) => triple(each.maxDrawdown, (value) => percent(value))],
    ['longest losing streak', (each) => triple(each.lossStreak, whole)],
    ['longest winning streak', (each) => triple(each.winStreak, whole)],
    ['longest time under water, days', (each) => triple(each.underWaterDays, whole)],
    ['ends below the start', (each) => percent(each.lossShare)],
    ['risk of ruin', (each) => percent(each.ruinShare)],
    ['equity stop would latch', (each) => percent(each.stoppedShare)],
    ['trades kept out by breakers', (each) => percent(each.keptOutShare)],
  ];
  return {
    head: ['', ...spreads.map(nameOf)],
    rows: rows.map(([title, read]) => [title, ...spreads.map(read)]),
  };
}

/** Whole backtests again, on changed execution or a changed market. */
export function marketStressSections(stress: MarketStress): Section[] {
  return [
    {
      heading: 'Stress paths',
      paragraphs: [
        'Whole backtests on changed data. Crashes and outages begin while a trade of the undisturbed ' +
          'run was open.',
      ],
      tables: [runTable([{ name: 'undisturbed', figures: stress.base }, ...stress.scenarios])],
    },
    {
      heading: 'Execution, one change at a time',
      paragraphs: [
        'At a latency of 2 s each way the stop is not acknowledged within 2 s of the fill: the engine ' +
          'closes at once, and what is left is the costs.',
      ],
      tables: [
        runTable(stress.arms.map(({ execution, figures }) => ({ name: execution.name, figures }))),
      ],
    },
    {
      heading: 'Spread over random runs',
      paragraphs: [
        'Execution noise: latency 25 ms to 1 s, slippage x 0.5 to 3, up to 30 % of fills missed, a ' +
          'random fee tier, all at once. Resampled days: the same days of all symbols together in ' +
          'another order, prices rebuilt. Made markets: SIMULATED, they say nothing about a real one.',
      ],
      tables: [
        spreadOfRuns([
          { name: 'execution noise', runs: stress.noise.map(({ figures }) => figures) },
          { name: 'resampled days', runs: stress.resampled },
          { name: 'made markets (SIMULATED)', runs: stress.populations },
        ]),
      ],
    },
  ];
}

function runTable(rows: readonly { name: string; figures: RunFigures }[]): Table {
  return {
    head: ['', 'trades', 'return', 'max DD', 'mean R', 'worst R', 'PF', 'liquidations'],
    rows: rows.map(({ name, figures }) => [
      name,
      String(figures.trades),
      percent(figures.returnFraction, 2),
      percent(figures.maxDrawdown, 2),
      fixed(figures.meanR, 3),
      fixed(figures.worstR, 2),
      fixed(figures.profitFactor, 2),
      String(figures.liquidations),
    ]),
  };
}

function spreadOfRuns(groups: readonly { name: string; runs: readonly RunFigures[] }[]): Table {
  const at = (runs: readonly RunFigures[], read: (run: RunFigures) => number | undefined) => {
    const known = runs.map(read).filter((value) => value !== undefined);
    return [0.05, 0.5, 0.95].map((share) => quantile(known, share));
  };
  const shares = (values: (number | undefined)[], of: (value: number | undefined) => string) =>
    values.map(of).join(' / ');
  return {
    head: ['5 / 50 / 95 % of runs', 'runs', 'trades', 'return', 'max DD', 'mean R', 'PF'],
    rows: groups.map(({ name, runs }) => [
      name,
      String(runs.length),
      shares(
        at(runs, (run) => run.trades),
        (value) => fixed(value, 0),
      ),
      shares(
        at(runs, (run) => run.returnFraction),
        (value) => percent(value),
      ),
      shares(
        at(runs, (run) => run.maxDrawdown),
        (value) => percent(value),
      ),
      shares(
        at(runs, (run) => run.meanR),
        (value) => fixed(value, 3),
      ),
      shares(
        at(runs, (run) => run.profitFactor),
        (value) => fixed(value, 2),
      ),
    ]),
  };
}
