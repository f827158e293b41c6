import { expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { priceActionModule } from './price-action.ts';
import { checkSettings } from './series-module.ts';
import { writeEvents, writeSeries } from './write-series.ts';

const bars = simulateMarket({ seed: 5, days: 8, timeframeMs: 180_000 }).series[0];

test('every event is a cell of the series, and every cell an event', () => {
  const rows = table((write) =>
    writeSeries({ module: priceActionModule, settings: settings([]), bars, write }),
  );
  const events = table((write) =>
    writeEvents({ module: priceActionModule, settings: settings([]), bars, write }),
  );
  const sum = (column: string, sign = 1) =>
    rows.reduce((total, row) => total + Math.max(0, sign * Number(row[column])), 0);
  const count = (kind: string, side: string) =>
    events.filter((event) => event.kind === kind && event.side === side).length;
  const kinds: [string, string, string][] = [
    ['I_BOS', 'iBos', 'iBos'],
    ['I_CHOCH', 'iChoch', 'iChoch'],
    ['I_CHOCH_PLUS', 'iChochPlus', 'iChochPlus'],
    ['S_BOS', 'sBos', 'sBos'],
    ['OB_CREATED', 'bullObCreated', 'bearObCreated'],
    ['OB_ENTERED', 'enteredBullOb', 'enteredBearOb'],
    ['GRAB', 'bullGrab', 'bearGrab'],
    ['FVG_CREATED', 'bullFvg', 'bearFvg'],
  ];
  for (const [kind, bull, bear] of kinds) {
    const expected = [sum(bull), sum(bear, bull === bear ? -1 : 1)];
    expect([count(kind, 'bull'), count(kind, 'bear')], kind).toEqual(expected);
    expect(expected[0] + expected[1], kind).toBeGreaterThan(0);
  }
  expect([count('EQH', ''), count('EQL', '')]).toEqual([sum('eqh'), sum('eql')]);
});

test('an event points back at the bar it is drawn at', () => {
  const events = table((write) =>
    writeEvents({ module: priceActionModule, settings: settings([]), bars, write }),
  );
  for (const event of events) {
    const ref = Number(event.refBar);
    expect(bars.openTime[ref]).toBe(Number(event.refTime));
    expect(ref).toBeLessThanOrEqual(Number(event.bar));
    if (event.kind.startsWith('I_')) {
      const pivot = event.side === 'bull' ? bars.high[ref] : bars.low[ref];
      expect(pivot).toBe(Number(event.a));
      expect(Number(event.bar) - ref).toBeGreaterThanOrEqual(5);
    }
    if (event.kind === 'OB_CREATED') {
      expect([bars.high[ref], bars.low[ref]]).toEqual([Number(event.a), Number(event.b)]);
    }
  }
});

test('each setting changes the rows', () => {
  const text = (set: string[]) => {
    const lines: string[] = [];
    writeSeries({
      module: priceActionModule,
      settings: settings(set),
      bars,
      write: (piece) => {
        lines.push(piece);
      },
    });
    return lines.join('');
  };
  const plain = text([]);
  for (const set of [
    'internal=6',
    'swing=60',
    'obInterval=origin',
    'obSplit=clv',
    'strength=shareSide',
    'mitigation=wick',
    'obMaxAgeBars=100',
    'threshold=0.3',
    'fvgThreshold=0.3',
  ]) {
    expect(text([set]), set).not.toBe(plain);
  }
});

function settings(set: string[]) {
  const { symbol, timeframeMs } = bars;
  return checkSettings(priceActionModule, { symbol, timeframeMs, set });
}

function table(run: (write: (text: string) => void) => number): Record<string, string>[] {
  let text = '';
  run((piece) => {
    text += piece;
  });
  const [header, ...lines] = text.trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, c) => [column, cells[c]]));
  });
}
