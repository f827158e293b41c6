import type { Bars } from '../bars/bars.ts';
import { timeframeName } from '../readers/bar-time.ts';
import { simulateMarket } from './market.ts';
import { computeMoments, crossCorrelation, type Moments } from './moments.ts';

/** Seeds of the simulated columns: several, as one draw of fat tails says little. */
export const REPORT_SEEDS: readonly number[] = [1, 2, 3];

/**
 * A Markdown table of real moments beside those of simulated markets of the same timeframe and
 * length; a simulated cell is the lowest and the highest over `REPORT_SEEDS`.
 */
export function momentsReport(options: { title: string; real: readonly Bars[] }): string {
  const { real } = options;
  const [first] = real;
  const days = Math.max(1, Math.floor((first.length * first.timeframeMs) / 86_400_000));
  const markets = REPORT_SEEDS.map(
    (seed) => simulateMarket({ seed, days, timeframeMs: first.timeframeMs }).series,
  );
  const symbols = real.map((bars) => bars.symbol);
  const realRows = real.map((bars) => describe(computeMoments(bars)));
  const simulatedRows = symbols.map((symbol) =>
    markets.flatMap((series) =>
      series.filter((bars) => bars.symbol === symbol).map((bars) => describe(computeMoments(bars))),
    ),
  );
  const head = symbols.flatMap((symbol) => [`${symbol} real`, 'SIMULATED']);
  const lines = [
    `### ${options.title}: ${timeframeName(first.timeframeMs)}, ${days} days`,
    '',
    `| moment | ${head.join(' | ')} |`,
    `|---${'|---'.repeat(head.length)}|`,
  ];
  realRows[0].forEach(({ name }, row) => {
    const cells = symbols.flatMap((_, s) => [
      format(realRows[s][row].value),
      span(simulatedRows[s].map((moments) => moments[row].value)),
    ]);
    lines.push(`| ${name} | ${cells.join(' | ')} |`);
  });
  lines.push('', ...crossLines(real, markets));
  return `${lines.join('\n')}\n`;
}

function describe(moments: Moments): { name: string; value: number }[] {
  const row = (name: string, value: number) => ({ name, value });
  return [
    row('return sd, bps', moments.returnSdBps),
    row('kurtosis', moments.kurtosis),
    row('kurtosis, 0.1 % tails clipped', moments.kurtosisClipped),
    row('beyond 4 sd, per 10,000', moments.beyond4SdPer10k),
    row('largest move, sd', moments.largestMoveSd),
    row('autocorrelation of r, lag 1', moments.returnAutocorrelation1),
    ...moments.absAutocorrelation.map(({ lag, value }) =>
      row(`autocorrelation of \\|r\\|, ${lag}`, value),
    ),
    row('log volume with \\|r\\|', moments.volumeAbsReturn),
    row('log volume with log range', moments.volumeRange),
    row('taker buy share with r', moments.takerReturn),
    row('range / body', moments.rangeToBody),
    ...moments.rangeToAtr.map(({ p, value }) => row(`range / ATR14, p${p * 100}`, value)),
    row('busiest / quietest hour', moments.hourRatio),
    row('variance ratio, 15 min', moments.varianceRatio15m),
    row('opens at last close', moments.opensAtClose),
  ];
}

function crossLines(real: readonly Bars[], markets: readonly Bars[][]): string[] {
  const lines = ['| correlation of returns | real | SIMULATED |', '|---|---|---|'];
  for (let a = 0; a < real.length; a++) {
    for (let b = a + 1; b < real.length; b++) {
      const pair = [real[a].symbol, real[b].symbol];
      const simulated = markets.flatMap((series) => {
        const [left, right] = pair.map((symbol) => series.find((bars) => bars.symbol === symbol));
        return left === undefined || right === undefined ? [] : [crossCorrelation(left, right)];
      });
      const cells = [pair.join(', '), format(crossCorrelation(real[a], real[b])), span(simulated)];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return real.length < 2 ? [] : lines;
}

function span(values: readonly number[]): string {
  if (values.length === 0 || values.some(Number.isNaN)) return 'n/a';
  const low = format(Math.min(...values));
  const high = format(Math.max(...values));
  return low === high ? low : `${low} .. ${high}`;
}

function format(value: number): string {
  if (Number.isNaN(value)) return 'n/a';
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(decimals);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
}
