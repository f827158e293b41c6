import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import {
  type CompoundingOptions,
  type CompoundingResult,
  END_SHARES,
  simulateCompounding,
} from '../../backtests/calculators/compounding.ts';
import {
  DOCUMENT_CLAIM,
  type ExpectedValue,
  expectedValue,
  MONTH_DAYS,
  type TradeAssumptions,
} from '../../backtests/calculators/expected-value.ts';
import { AppError } from '../engine/error.ts';
import { numberFlag } from './number-flag.ts';

/** `qcm calc ev` and `qcm calc compound`. */
export function command(): Command {
  const calc = new Command().description('what a trade is worth, and what compounding makes of it');
  calc.addCommand(evCommand());
  calc.addCommand(compoundCommand());
  return calc;
}

interface EvFlags {
  equity: string;
  risk: string;
  stopBps: string;
  winRate: string;
  winR: string;
  lossR: string;
  maker: string;
  taker: string;
  makerShare: string;
  slippageBps: string;
  leverage: string;
  tradesPerDay: string;
  json?: boolean;
}

function evCommand(): Command {
  return new Command('ev')
    .description('expected value of a trade, with its real notional and all costs')
    .option('--equity <usdt>', 'account', '1000')
    .option('--risk <percent>', 'risk of a trade in percent of equity', '0.75')
    .option('--stop-bps <n>', 'distance of the stop, hundredths of a percent', '35')
    .option('--win-rate <percent>', 'trades that win', '65')
    .option('--win-r <r>', 'gross gain of a winner in R', '1')
    .option('--loss-r <r>', 'gross loss of a loser in R', '1')
    .option('--maker <percent>', 'maker fee', '0.02')
    .option('--taker <percent>', 'taker fee', '0.05')
    .option('--maker-share <percent>', 'part of the entry that is filled as maker', '0')
    .option('--slippage-bps <n>', 'per taker fill', '1')
    .option('--leverage <n>', 'for the margin only: it changes no profit', '20')
    .option('--trades-per-day <n>', 'for the day and the month', '7')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
risk = equity x risk %; notional = risk / stop distance; costs are paid on the notional.
The defaults are the documents' example at a stop as the strategy really has it (median 25-45 bps);
the documents' own numbers are printed beside: they take risk x leverage for the notional.

Examples:
  qcm calc ev
  qcm calc ev --win-rate 34.7 --win-r 1.1 --stop-bps 40     your own measured figures
  qcm calc ev --stop-bps 500 --maker 0.06 --taker 0.06 --slippage-bps 0   the documents' arithmetic
`,
    )
    .action((flags: EvFlags) => {
      const trade = assumptions(flags);
      const value = expectedValue(trade);
      if (flags.json) print(`${JSON.stringify({ assumptions: trade, ...value }, null, 2)}\n`);
      else print(evText(trade, value));
    });
}

function assumptions(flags: EvFlags): TradeAssumptions {
  const above = { low: Number.MIN_VALUE };
  return {
    equity: numberFlag('--equity', flags.equity, above),
    riskPercent: numberFlag('--risk', flags.risk, { low: Number.MIN_VALUE, high: 100 }),
    stopBps: numberFlag('--stop-bps', flags.stopBps, { low: 0.01, high: 1e4 }),
    winRate: numberFlag('--win-rate', flags.winRate, { low: 0, high: 100 }) / 100,
    winR: numberFlag('--win-r', flags.winR, above),
    lossR: numberFlag('--loss-r', flags.lossR, above),
    makerPercent: numberFlag('--maker', flags.maker, { low: -1, high: 10 }),
    takerPercent: numberFlag('--taker', flags.taker, { low: 0, high: 10 }),
    makerShare: numberFlag('--maker-share', flags.makerShare, { low: 0, high: 100 }) / 100,
    slippageBps: numberFlag('--slippage-bps', flags.slippageBps, { low: 0, high: 1_000 }),
    leverage: numberFlag('--leverage', flags.leverage, { low: 1, high: 125 }),
    tradesPerDay: numberFlag('--trades-per-day', flags.tradesPerDay, { low: 0, high: 10_000 }),
  };
}

function evText(trade: TradeAssumptions, value: ExpectedValue): string {
  const claim = DOCUMENT_CLAIM;
  const rows: [string, string, string][] = [
    ['', 'these figures', 'the documents (001)'],
    ['risk of a trade (1 R)', usdt(value.risk), usdt(7.5)],
    ['notional', usdt(value.notional), `${usdt(claim.notional)}  = risk x leverage: wrong`],
    ['stop that notional means', percent(trade.stopBps / 1e4), percent(7.5 / claim.notional)],
    ['margin', usdt(value.margin), usdt(claim.notional / 20)],
    ['fees and slippage', usdt(value.feesPerTrade + value.slippagePerTrade), usdt(0.18)],
    ['costs in R', fixed(value.costR, 3), fixed(claim.feesPerTrade / 7.5, 3)],
    ['a trade before costs', `${fixed(value.grossR, 3)} R`, `${fixed(0.3, 3)} R`],
    ['a trade after costs', `${fixed(value.netR, 3)} R`, `${fixed(claim.netPerTrade / 7.5, 3)} R`],
    ['the same in money', usdt(value.netPerTrade), usdt(claim.netPerTrade)],
    ['profit factor', fixed(value.profitFactor, 2), `${fixed(4.758 / 2.688, 2)}  (states >= 1.6)`],
    ['win rate to break even', percent(value.breakEvenWinRate), percent(0.512)],
    [`a day of ${trade.tradesPerDay} trades`, usdt(value.perDay), `${usdt(claim.perDay)}  (7)`],
    [
      `${MONTH_DAYS} days, not compounded`,
      percent(value.monthFraction),
      `${percent(claim.monthFraction)}  (its table for the year: x 12)`,
    ],
  ];
  const lines = rows.map(([name, ours, theirs]) =>
    `${name.padEnd(26)}${ours.padStart(16)}   ${theirs}`.trimEnd(),
  );
  lines.push(
    '',
    'The overview (002) states 65 % wins, a profit factor of 1.4-1.55 and 0.9 R a trade. They exclude',
    'each other: with losses of 1 R that profit factor makes 0.14-0.19 R a trade.',
    '',
  );
  if (!value.isAffordable) lines.push('NOT AFFORDABLE: the margin is larger than the account.');
  lines.push(
    value.netR > 0
      ? 'Positive only as long as the win rate and the R are true: measure them (qcm backtest).'
      : 'NEGATIVE: these trades lose money after costs, at any leverage and any frequency.',
    'An assumption is not a result. Not financial advice.',
    '',
  );
  return lines.join('\n');
}

interface CompoundFlags {
  equity: string;
  risk: string;
  winRate: string;
  winR: string;
  lossR: string;
  costR: string;
  trades?: string;
  tradesPerDay: string;
  days: string;
  paths: string;
  seed: string;
  ruin: string;
  json?: boolean;
}

function compoundCommand(): Command {
  return new Command('compound')
    .description('compounding by Monte Carlo: spread of the end, drawdown, risk of ruin')
    .option('--equity <usdt>', 'account at the start', '1000')
    .option('--risk <percent>', 'risk of a trade in percent of equity', '0.75')
    .option('--win-rate <percent>', 'trades that win', '65')
    .option('--win-r <r>', 'gross gain of a winner in R', '1')
    .option('--loss-r <r>', 'gross loss of a loser in R', '1')
    .option('--cost-r <r>', 'fees and slippage of a trade in R (qcm calc ev prints it)', '0.34')
    .option('--trades <file>', 'draw from the measured trade_r of a trades.csv instead')
    .option('--trades-per-day <n>', 'trades of a day', '7')
    .option('--days <n>', 'length of a path', '365')
    .option('--paths <n>', 'number of paths', '1000')
    .option('--seed <n>', 'the same seed repeats the same paths', '1')
    .option('--ruin <percent>', 'ruin: equity at or below this part of the start', '50')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Each trade multiplies equity by 1 + risk % x R. Trades are drawn one by one with replacement, so
clusters of losses are missing: the risk of ruin shown is a lower bound.

Examples:
  qcm calc compound                                    the documents' 65 %, 1 : 1, costs included
  qcm calc compound --cost-r 0.024                     with the costs the documents assume
  qcm calc compound --trades out/trades.csv --trades-per-day 1.2     what was measured
`,
    )
    .action((flags: CompoundFlags) => {
      const options = compoundOptions(flags);
      const result = simulateCompounding(options);
      const { outcomesR: _, ...settings } = options;
      if (flags.json) print(`${JSON.stringify({ ...settings, ...result }, null, 2)}\n`);
      else print(compoundText(options, result, flags.trades));
    });
}

function compoundOptions(flags: CompoundFlags): CompoundingOptions {
  const count = { low: 1, high: 100_000, isWhole: true };
  const options = {
    equity: numberFlag('--equity', flags.equity, { low: Number.MIN_VALUE }),
    riskPercent: numberFlag('--risk', flags.risk, { low: Number.MIN_VALUE, high: 100 }),
    outcomesR: flags.trades === undefined ? assumedOutcomes(flags) : measuredOutcomes(flags.trades),
    tradesPerDay: numberFlag('--trades-per-day', flags.tradesPerDay, { low: 0.001, high: 10_000 }),
    days: numberFlag('--days', flags.days, count),
    paths: numberFlag('--paths', flags.paths, count),
    seed: numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 32 - 1, isWhole: true }),
    ruinFraction: numberFlag('--ruin', flags.ruin, { low: 0, high: 99 }) / 100,
  };
  const steps = options.tradesPerDay * options.days * options.paths;
  if (steps > 2e8 || options.tradesPerDay * options.days < 1) {
    throw new AppError(
      'USAGE_NUMBER',
      `${Math.round(steps).toLocaleString('en')} trades in all cannot be simulated`,
      'from one trade a path up to 200 million in all',
    );
  }
  return options;
}

/** A thousand outcomes in which the win rate holds to a tenth of a percent. */
function assumedOutcomes(flags: CompoundFlags): number[] {
  const cost = numberFlag('--cost-r', flags.costR, { low: 0, high: 100 });
  const win = numberFlag('--win-r', flags.winR, { low: Number.MIN_VALUE }) - cost;
  const loss = -numberFlag('--loss-r', flags.lossR, { low: Number.MIN_VALUE }) - cost;
  const wins = Math.round(numberFlag('--win-rate', flags.winRate, { low: 0, high: 100 }) * 10);
  return Array.from({ length: 1_000 }, (_, i) => (i < wins ? win : loss));
}

function measuredOutcomes(path: string): number[] {
  if (!existsSync(path)) throw new AppError('DATA_NO_FILE', `${path} does not exist`);
  const [head = '', ...rows] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const column = head.split(',').indexOf('trade_r');
  if (column < 0) {
    const hint = 'qcm backtest writes such a file: trades.csv in its result folder';
    throw new AppError('DATA_COLUMNS', `${path} has no column trade_r`, hint);
  }
  const outcomes = rows.map((row) => Number(row.split(',')[column]));
  if (outcomes.length === 0) throw new AppError('DATA_EMPTY', `${path} holds no trades`);
  const bad = outcomes.findIndex((r) => !Number.isFinite(r));
  if (bad >= 0)
    throw new AppError('DATA_NUMBER', `${path}: trade_r in row ${bad + 2} is no number`);
  return outcomes;
}

function compoundText(
  options: CompoundingOptions,
  result: CompoundingResult,
  source: string | undefined,
): string {
  const { outcomesR, equity } = options;
  const from = source === undefined ? 'assumed' : `${outcomesR.length} trades of ${source}`;
  const { low, high } = result.ruinInterval;
  const ends = END_SHARES.map((share, i) => `${share * 100} %: ${usdt(result.endEquity[i])}`);
  const year = Math.exp(Math.log1p(result.monthMedian) * (365 / 30)) - 1;
  const lines = [
    `${result.paths} paths of ${result.trades} trades, mean ${fixed(result.meanR, 3)} R (${from})`,
    `end of ${usdt(equity)}    ${ends.join('   ')}`,
    `ends below the start   ${percent(result.lossShare)}`,
    `risk of ruin           ${percent(result.ruinShare)} (95 %: ${percent(low)} to ${percent(high)})` +
      `   documents (002): < 1 %`,
    `largest drawdown       median ${percent(result.drawdownMedian)}, 95 % ${percent(result.drawdownP95)}` +
      `   documents: 2.0-2.5 %`,
    `longest losing streak  median ${result.lossStreakMedian}, 95 % ${result.lossStreakP95}`,
    `median month           ${percent(result.monthMedian)}   documents: 6-9 %, elsewhere 20-30 %`,
    `median year            ${percent(year)}   documents: 90-125 % (6-9 % a month make 101-181 %)`,
    '',
    ...(outcomesR.length < 100
      ? [`INSUFFICIENT: ${outcomesR.length} trades say little about the next thousand.`]
      : []),
    'A path is arithmetic on an assumption, not a forecast. Not financial advice.',
    '',
  ];
  return lines.join('\n');
}

function usdt(value: number): string {
  return `${value.toFixed(2)} USDT`;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

function print(text: string): void {
  process.stdout.write(text);
}
