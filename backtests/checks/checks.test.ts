import { describe, expect, test } from 'vitest';
import { madeAggTrades } from '../../data/recorded/testing/made-trades.ts';
import { parseTrades } from '../../data/recorded/trade-file.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';
import { TRADE_PRESETS } from '../../src/trade-presets.ts';
import { type ComposeRun, checkLookahead, perturbed, prefix } from './lookahead.ts';
import { checkReplay } from './replay.ts';
import { resolutionLadder } from './resolution.ts';
import { composer, quarterMinutes, simulatedInput } from './testing/simulated-input.ts';

const market = simulatedInput({ seed: 5, days: 8 });
/** Often enough to decide something in eight days. */
const LOOSE = ['signal.alertExpression={OB_DEMAND_HIT}', 'signal.contextExpression='];
const names = Object.keys(TRADE_PRESETS);
const looseOf = (preset: string) => (preset === 'smc-stand-in' ? [] : LOOSE);

describe.each(names)('%s', (preset) => {
  const compose = composer(preset, [...looseOf(preset), 'risk.costRMax=5']);

  test('decides the same whatever comes later', () => {
    const result = checkLookahead(compose, market, { cuts: 2 });
    expect(result.cuts.map((cut) => cut.difference)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(result.cuts[3].decisions).toBeGreaterThan(10);
    expect(result.isClean).toBe(true);
  });

  test('its journal replays to the same effects, from a snapshot too', () => {
    const result = checkReplay(() => compose(market));
    expect(result.firstDifference).toBeUndefined();
    expect([result.replayDigest, result.resumedDigest]).toEqual([result.digest, result.digest]);
    expect(result.effects).toBeGreaterThan(100);
    expect(result.isClean).toBe(true);
  });

  test('the difference of 3m and 1m detail is explained to the last trade', () => {
    const [result] = resolutionLadder(compose, market);
    expect(result.fine.trades).toBeGreaterThan(0);
    expect(result.unexplainedR).toBeCloseTo(0, 9);
    for (const { parts, difference, why } of result.rows) {
      const sum = parts.price + parts.hedge + parts.fees + parts.funding;
      expect(sum).toBeCloseTo(difference, 9);
      if (Math.abs(difference) > 1e-9) expect(why).not.toBe('same');
    }
  });
});

describe('the checks find what they are for', () => {
  test('a strategy that sees the next bar is caught', () => {
    const honest = composer('smc-stand-in');
    const cheating: ComposeRun = (input) => {
      const options = honest(input);
      const [bars] = input.feeds.filter((feed) => feed.symbol === options.mainSymbol);
      // Refuses trades after which price will fall: known only from later bars.
      const rule = {
        id: 'oracle',
        check: (_: unknown, view: { nowMs: number }) => {
          const next = bars.openTime.findIndex((time) => time >= view.nowMs + 3_600_000);
          const isBad = next < 0 || bars.close[next] < bars.open[Math.max(0, next - 60)];
          return isBad
            ? { outcome: 'refuse' as const, reason: 'it will fall' }
            : { outcome: 'allow' as const };
        },
      };
      return { ...options, rules: [rule, ...options.rules] };
    };
    const result = checkLookahead(cheating, market, { cuts: 12 });
    expect(result.isClean).toBe(false);
  });

  test('a strategy with hidden state is caught by the replay', () => {
    const honest = composer('smc-stand-in');
    let calls = 0;
    const compose = () => {
      const options = honest(market);
      const rule = {
        id: 'moody',
        check: () =>
          calls++ % 3 === 0
            ? { outcome: 'refuse' as const, reason: 'a bad day' }
            : { outcome: 'allow' as const },
      };
      return { ...options, rules: [rule, ...options.rules] };
    };
    const result = checkReplay(compose);
    expect(result.isClean).toBe(false);
    expect(result.firstDifference).toMatchObject({ kind: 'bar.closed', which: 'replayed' });
  });

  test('a prefix ends at the cut, an invented future begins there', () => {
    const [bars] = market.feeds;
    const atMs = bars.openTime[1_000];
    const cut = prefix(market, atMs);
    expect(cut.feeds[0].length).toBe(1_000);
    expect(cut.funding.every((row) => row.atMs <= atMs)).toBe(true);
    const other = perturbed(market, atMs).feeds[0];
    expect(other.close.subarray(0, 1_000)).toEqual(bars.close.subarray(0, 1_000));
    expect(other.close[1_000]).not.toBe(bars.close[1_000]);
    expect(other.length).toBe(2_440);
  });

  test('data without detail has nothing to compare', () => {
    const compose = composer('smc-stand-in');
    const coarse = {
      ...market,
      feeds: market.feeds.map((bars) => ({ ...bars, timeframeMs: 180_000 })),
    };
    expect(() => resolutionLadder(compose, coarse)).toThrow(RangeError);
  });

  test('detail under a minute is a second step after 1m', () => {
    const compose = composer('smc-stand-in', ['risk.costRMax=5']);
    const short = { ...market, feeds: market.feeds.slice(0, 1).map(quarterMinutes) };
    const steps = resolutionLadder(compose, short);
    expect(steps.map(({ coarseMs, fineMs }) => [coarseMs, fineMs])).toEqual([
      [180_000, 60_000],
      [60_000, 15_000],
    ]);
    expect(steps[0].fine).toEqual(steps[1].coarse);
    expect(steps[1].rows.length).toBeGreaterThan(0);
    for (const { unexplainedR } of steps) expect(unexplainedR).toBeCloseTo(0, 9);
  });

  test('recorded trades are the last step: the same bars, filled by the trades inside them', () => {
    const compose = composer('smc-stand-in', ['risk.costRMax=5', 'hedge.mode=off']);
    const [bars] = market.feeds;
    const rows = parseTrades(
      new TextEncoder().encode(madeAggTrades(bars, { seed: 2, decimals: 1, tradesPerLeg: 10 })),
      'made',
    );
    const fromMs = bars.openTime[0];
    const toMs = bars.openTime[bars.length - 1] + MINUTE_MS;
    const part = { fromMs, toMs, names: ['made'], bookSpans: [], rows: () => rows };
    const tapes = [{ symbol: bars.symbol, parts: [part] }];
    const steps = resolutionLadder(compose, { ...market, feeds: [bars], tapes });
    expect(steps.map(({ coarseName, fineName }) => [coarseName, fineName])).toEqual([
      ['3m bars', '1m bars'],
      ['1m bars', 'recordings over 1m bars'],
    ]);
    const [, last] = steps;
    expect(last.coarse).toEqual(steps[0].fine);
    expect(last.fine.trades).toBeGreaterThan(3);
    // Trades tell the order inside the bar: nothing is left open.
    expect(last.fine.ambiguousTrades).toBe(0);
    expect(last.rows.some(({ why }) => why !== 'same')).toBe(true);
    expect(last.unexplainedR).toBeCloseTo(0, 9);
    // Signals are of the bars: each trade of the recording was decided on the same bar.
    const decided = new Set(steps[0].rows.map((row) => row.decidedMs));
    const known = last.rows.filter((row) => decided.has(row.decidedMs));
    expect(known.length).toBeGreaterThan(last.rows.length / 2);
    expect(checkLookahead(compose, { ...market, feeds: [bars], tapes }, { cuts: 3 }).isClean).toBe(
      true,
    );
  });
});
