import { describe, expect, it } from 'vitest';
import { CorrelationThrottle } from './correlation-throttle.ts';
import { EventGuard } from './event-guard.ts';
import { FlashGuard } from './flash-guard.ts';
import { FundingFilter } from './funding-filter.ts';
import { LatencyGuard } from './latency-guard.ts';
import { proposal, riskBar, riskView } from './testing/risk-fixture.ts';
import { ValueAtRiskCap } from './value-at-risk.ts';
import { VolatilityGuard } from './volatility-guard.ts';

const MINUTE = 60_000;

describe('funding filter: 0.06 % in 8 h', () => {
  // [rate, interval hours, direction, mode, outcome]
  const table: [number, number, 1 | -1, 'signed' | 'unsigned', string][] = [
    [0.0006, 8, 1, 'signed', 'allow'],
    [0.00061, 8, 1, 'signed', 'refuse'],
    [0.00061, 8, -1, 'signed', 'allow'],
    [-0.00061, 8, -1, 'signed', 'refuse'],
    [0.00061, 8, -1, 'unsigned', 'refuse'],
    // 0.0004 every 4 h is 0.0008 in 8 h.
    [0.0004, 4, 1, 'signed', 'refuse'],
    [Number.NaN, 8, 1, 'signed', 'allow'],
  ];
  it.each(table)(
    'rate %d every %d h, direction %d, %s: %s',
    (rate, hours, direction, mode, out) => {
      const rule = new FundingFilter({ limitPercent8h: 0.06, mode });
      const view = riskView({ fundingRate: () => rate, fundingIntervalHours: () => hours });
      expect(rule.check(proposal({}, { direction }), view).outcome).toBe(out);
    },
  );

  it('names itself degraded without rates', () => {
    const rule = new FundingFilter({ limitPercent8h: 0.06, mode: 'signed' });
    expect(rule.degraded(riskView({ fundingRate: () => Number.NaN }))).toContain('no funding');
  });
});

describe('latency guard', () => {
  it('halves, blocks, and releases only under the lower limit', () => {
    const rule = new LatencyGuard({ halfAboveMs: 350, blockAboveMs: 1_000, releaseBelowMs: 280 });
    const at = (latencyP95Ms: number) => rule.check(proposal(), riskView({ latencyP95Ms })).outcome;
    expect(at(Number.NaN)).toBe('allow');
    expect(at(340)).toBe('allow');
    expect(at(360)).toBe('shrink');
    expect(at(300)).toBe('shrink');
    expect(at(1_001)).toBe('refuse');
    expect(at(400)).toBe('refuse');
    expect(at(279)).toBe('allow');
  });
});

describe('event guard: 15 minutes either side', () => {
  const atMs = Date.UTC(2025, 0, 6, 13, 30);
  const rule = new EventGuard({ marginMinutes: 15, events: [{ atMs, name: 'NFP' }] });
  it.each([
    [-16, 'allow'],
    [-15, 'refuse'],
    [0, 'refuse'],
    [15, 'refuse'],
    [16, 'allow'],
  ])('%d minutes from the release: %s', (minutes, outcome) => {
    const view = riskView({ nowMs: atMs + minutes * MINUTE });
    expect(rule.check(proposal(), view).outcome).toBe(outcome);
  });

  it('alarms when the calendar is missing or has expired', () => {
    const none = new EventGuard({ marginMinutes: 15, events: [] });
    expect(none.degraded(riskView())).toContain('no economic calendar');
    expect(rule.degraded(riskView({ nowMs: atMs + 1 }))).toContain('expired');
    expect(rule.degraded(riskView())).toBeUndefined();
  });
});

describe('volatility guard: range over 5 x the 24 h median', () => {
  function warmed(): VolatilityGuard {
    const rule = new VolatilityGuard({ symbol: 'BTCUSDT', multiple: 5 });
    for (let i = 0; i < 1_440; i++) {
      rule.onBar(riskBar({ openTime: i * MINUTE, high: 100_010, low: 99_990 }));
    }
    return rule;
  }

  it('refuses until three closed bars lie below', () => {
    const rule = warmed();
    expect(rule.check().outcome).toBe('allow');
    rule.onBar(riskBar({ high: 100_101, low: 100_000 }));
    const outcomes = [0, 1, 2].map(() => {
      const before = rule.check().outcome;
      rule.onBar(riskBar({ high: 100_010, low: 99_990 }));
      return before;
    });
    expect(outcomes).toEqual(['refuse', 'refuse', 'refuse']);
    expect(rule.check().outcome).toBe('allow');
  });

  it('is silent before a day of bars', () => {
    const rule = new VolatilityGuard({ symbol: 'BTCUSDT', multiple: 5 });
    rule.onBar(riskBar({ high: 200_000 }));
    expect(rule.check().outcome).toBe('allow');
  });
});

describe('flash guard: more than 5 % in a minute', () => {
  it('flattens on the bar of the move, and no longer', () => {
    const rule = new FlashGuard({ symbols: ['BTCUSDT'], movePercent: 5 });
    rule.onBar(riskBar({ openTime: 0, low: 94_900 }));
    expect(rule.mustFlatten(riskView({ nowMs: MINUTE }))).toContain('5.1 %');
    expect(rule.mustFlatten(riskView({ nowMs: 2 * MINUTE }))).toBeUndefined();
  });

  it('scales the limit with the square root of the bar', () => {
    const rule = new FlashGuard({ symbols: ['BTCUSDT'], movePercent: 5 });
    const timeframeMs = 3 * MINUTE;
    rule.onBar(riskBar({ timeframeMs, low: 92_000 }));
    expect(rule.mustFlatten(riskView({ nowMs: timeframeMs }))).toBeUndefined();
    rule.onBar(riskBar({ timeframeMs, openTime: timeframeMs, low: 91_000 }));
    expect(rule.mustFlatten(riskView({ nowMs: 2 * timeframeMs }))).toContain('9.0 %');
    expect(rule.degraded()).toContain('3m');
  });
});

/** Two symbols that move together (`sign` 1) or against each other, and a lone third. */
function feed(rule: { onBar(bar: ReturnType<typeof riskBar>): void }, count: number): void {
  let btc = 100_000;
  let eth = 4_000;
  let sol = 200;
  for (let i = 0; i < count; i++) {
    const move = ((i * 7_919) % 13) - 6;
    btc *= 1 + move / 10_000;
    eth *= 1 + move / 8_000;
    sol *= 1 + (((i * 104_729) % 11) - 5) / 9_000;
    const openTime = i * MINUTE;
    rule.onBar(riskBar({ symbol: 'BTCUSDT', openTime, close: btc }));
    rule.onBar(riskBar({ symbol: 'ETHUSDT', openTime, close: eth }));
    rule.onBar(riskBar({ symbol: 'SOLUSDT', openTime, close: sol }));
  }
}

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

describe('correlation throttle: 0.8', () => {
  const rule = new CorrelationThrottle({
    symbols: SYMBOLS,
    timeframeMs: MINUTE,
    bars: 60,
    correlationMax: 0.8,
  });
  feed(rule, 100);
  it.each([
    ['ETHUSDT', 1, 'refuse'],
    ['ETHUSDT', -1, 'allow'],
    ['SOLUSDT', 1, 'allow'],
  ] as const)('long BTC with open %s (%d): %s', (other, direction, outcome) => {
    const view = riskView({ openSymbols: [other], positionDirection: () => direction });
    expect(rule.check(proposal(), view).outcome).toBe(outcome);
  });
});

describe('value at risk', () => {
  it('shrinks an unhedged package to the limit and lets the hedged one pass', () => {
    const options = { symbols: SYMBOLS, timeframeMs: 30 * MINUTE, baseRiskPercent: 0.75 };
    const rule = new ValueAtRiskCap({ ...options, limitR: 0.1 });
    let price = 100_000;
    for (let i = 0; i < 1_500; i++) {
      price *= 1 + (((i * 7_919) % 13) - 6) / 1_000;
      const openTime = i * 30 * MINUTE;
      const bar = { timeframeMs: 30 * MINUTE, openTime };
      rule.onBar(riskBar({ ...bar, close: price }));
      rule.onBar(riskBar({ ...bar, symbol: 'ETHUSDT', close: price / 25 }));
    }
    const naked = rule.check(proposal(), riskView());
    // The worst of thirteen moves is -0.6 %: 13,393 x 0.006 = 80.4 USDT against 7.5.
    expect(naked).toMatchObject({ outcome: 'shrink', factor: expect.closeTo(7.5 / 80.36, 3) });
    const leg = { direction: -1 as const, beta: 1, correlation: 1, stopPrice: 4_100, price: 4_000 };
    const hedge = {
      makerWaitMs: 1_500,
      onFail: 'exitBtc' as const,
      legs: [{ ...leg, symbol: 'ETHUSDT', notionalRatio: 1 }],
    };
    expect(rule.check(proposal({}, { hedge }), riskView()).outcome).toBe('allow');
  });
});
