import { ROW_ASK, ROW_BID, ROW_BUY, ROW_CLEAR, ROW_SELL } from '../data/recorded/tape.ts';
import type { TypedRow } from '../data/recorded/testing/typed-tape.ts';
import { testPlan } from '../src/engine/testing/engine-fixture.ts';
import { CircuitBreaker } from '../strategy/risk/circuit-breaker.ts';
import { CorrelationThrottle } from '../strategy/risk/correlation-throttle.ts';
import { CostGate } from '../strategy/risk/cost-gate.ts';
import { DrawdownThrottle } from '../strategy/risk/drawdown-throttle.ts';
import { EquityStop } from '../strategy/risk/equity-stop.ts';
import { EventGuard } from '../strategy/risk/event-guard.ts';
import { FlashGuard } from '../strategy/risk/flash-guard.ts';
import { FundingFilter } from '../strategy/risk/funding-filter.ts';
import { DOCUMENT_RAMP, LeverageRamp } from '../strategy/risk/leverage-ramp.ts';
import { MaxPackages } from '../strategy/risk/max-packages.ts';
import { ValueAtRiskCap } from '../strategy/risk/value-at-risk.ts';
import { VolatilityGuard } from '../strategy/risk/volatility-guard.ts';
import { BTC, MINUTE, type Row, START_MS } from './exchange/testing/venue-driver.ts';
import {
  calm,
  DROP,
  entry,
  hedge,
  LADDER,
  P,
  runScenarios,
  type Scenario,
  SHORT,
  trail,
  UP_TO_TP1,
} from './testing/scenario.ts';
import { enter, flat } from './testing/trade-harness.ts';

// The setting of the rows, and the quantity of 0.113 BTC that most of them share, are in
// `testing/scenario.ts`. LatencyGuard (42) has no row: a backtest measures no latency, the rule says
// so and is silent.
const DECIDED_MS = START_MS + MINUTE;
/** A first plan too small to be traded: the market warms up, the plan of `later` is the trade. */
const TINY = { riskPercent: 0.005 };
const tooSmall = 'refused:size.minNotional';
const ETH = 4_000;
const ETH_PLAN = {
  symbol: 'ETHUSDT',
  entry: { ...testPlan().entry, decisionPrice: ETH, midPrice: 3_990 },
  stopPrice: 3_980,
};

const REFUSALS: Scenario[] = [
  {
    // Twice 0.05 % of 100,060 over 560 = 0.17868 R.
    fact: 'cost gate (29): 0.17868 R of costs are over 0.1786',
    bars: [DROP],
    rules: () => [new CostGate({ costRMax: 0.1786 })],
    ends: 'refused:costGate',
    sum: '0',
    net: 0,
  },
  {
    fact: 'cost gate (29): and within 0.1787',
    bars: [DROP],
    rules: () => [new CostGate({ costRMax: 0.1787 })],
    ends: 'stop',
    sum: '-67.77175',
    net: -67.77175,
  },
  {
    fact: 'event guard (43): a release 15 minutes after the decision',
    bars: [DROP],
    rules: () => [eventAt(DECIDED_MS + 15 * MINUTE)],
    ends: 'refused:eventGuard',
    sum: '0',
    net: 0,
  },
  {
    fact: 'event guard (43): a millisecond later it may trade',
    bars: [DROP],
    rules: () => [eventAt(DECIDED_MS + 15 * MINUTE + 1)],
    ends: 'stop',
    sum: '-67.77175',
    net: -67.77175,
  },
  {
    fact: 'funding filter (41): 0.07 % in 8 h is too much for a long',
    plan: TINY,
    later: { 4: [enter()] },
    bars: [...calm(4), DROP],
    fundingRate: 0.0007,
    rules: () => [new FundingFilter({ limitPercent8h: 0.06, mode: 'signed' })],
    ends: `${tooSmall}, refused:fundingFilter`,
    sum: '0',
    net: 0,
  },
  {
    fact: 'funding filter (41): a short would receive it, and trades',
    plan: TINY,
    later: { 4: [enter(SHORT)] },
    bars: [...calm(4), [P, 100_600, P, P]],
    fundingRate: 0.0007,
    rules: () => [new FundingFilter({ limitPercent8h: 0.06, mode: 'signed' })],
    ends: `stop, ${tooSmall}`,
    sum: '-56.5 - 5.65 - 5.67825',
    net: -67.82825,
  },
  {
    fact: 'funding filter (41): read literally it stops the short as well',
    plan: TINY,
    later: { 4: [enter(SHORT)] },
    bars: [...calm(4), [P, 100_600, P, P]],
    fundingRate: 0.0007,
    rules: () => [new FundingFilter({ limitPercent8h: 0.06, mode: 'unsigned' })],
    ends: `${tooSmall}, refused:fundingFilter`,
    sum: '0',
    net: 0,
  },
  {
    fact: 'max packages (44): no ETH trade beside an open BTC trade',
    later: { 1: [enter(ETH_PLAN)] },
    bars: [flat(P), DROP],
    eth: [flat(ETH)],
    rules: () => [new MaxPackages({ packagesMax: 1 })],
    ends: 'stop, refused:maxPackages',
    sum: '-67.77175',
    net: -67.77175,
  },
  {
    fact: 'correlation throttle (44): ETH has moved with BTC, a second long is refused',
    later: { 4: [enter(ETH_PLAN)] },
    bars: [100_010, P, 100_010, P, P].map(flat).concat([DROP]),
    eth: [4_000, 4_001, 4_000, 4_001, 4_000].map(flat),
    rules: () => [correlated()],
    ends: 'stop, refused:correlationThrottle',
    sum: '-500 x 0.113 - 100,010 x 0.113 x 0.05 % - 5.62175, bought 10 higher: -57.63 - 5.650565',
    net: -68.902315,
  },
  {
    fact: 'leverage ramp (31): 20 x before the fiftieth trade',
    bars: [DROP],
    rules: () => [new LeverageRamp({ steps: DOCUMENT_RAMP })],
    ends: 'refused:leverageRamp',
    sum: '0',
    net: 0,
  },
];

function eventAt(atMs: number) {
  return new EventGuard({ marginMinutes: 15, events: [{ atMs, name: 'CPI' }] });
}

function correlated() {
  const symbols = [BTC, 'ETHUSDT'];
  return new CorrelationThrottle({ symbols, timeframeMs: MINUTE, bars: 3, correlationMax: 0.8 });
}

/** A day of bars with a range of 100, the last one with this range. */
const dayOfBars = (lastRange: number): Row[] => [
  ...Array.from({ length: 1_440 }, (): Row => [P, P + 50, P - 50, P]),
  [P, P + lastRange / 2, P - lastRange / 2, P],
  DROP,
];
/** Half an hour at 100,000, half an hour at 99,000: every half hour moves by 1 %. */
const swinging: Row[] = Array.from({ length: 22_200 }, (_, i) =>
  flat(Math.floor((i + 1) / 30) % 2 === 0 ? P : 99_000),
);

const SIZES: Scenario[] = [
  {
    fact: 'drawdown throttle (40): 0.678 % down of 8 % leaves 91.5 % of the risk',
    later: { 3: [enter()] },
    bars: [flat(P), DROP, flat(P), DROP],
    rules: () => [new DrawdownThrottle({ rangePercent: 8, floor: 0.5 })],
    ends: 'stop, stop',
    // 9,932.22825 x 0.75 % x (1 - 0.6777175 / 8) = 68.181 / 659.78 = 0.10334 -> 0.103 BTC.
    sum: '-67.77175 - 500 x 0.103 - 5.15 - 99,500 x 0.103 x 0.05 % (5.12425)',
    net: -129.546,
  },
  {
    fact: 'leverage ramp (31): 2 x for the first trade, 20 x for the second',
    plan: { stopPrice: 99_900 },
    leverageAfter: (trades) => (trades < 1 ? 2 : 20),
    later: { 3: [enter({ stopPrice: 99_900 })] },
    bars: [[P, P, 99_800, P], flat(P), flat(P), [P, P, 99_800, P]],
    ends: 'stop, stop',
    // 0.199 BTC as the margin allows: -39.79005. Then 9,960.20995 x 0.75 % / 259.98 = 0.2873.
    sum: '-39.79005 - 100 x 0.287 - 14.35 - 99,900 x 0.287 x 0.05 % (14.33565)',
    net: -97.1757,
  },
  {
    fact: 'volatility guard (43): a range of 501 is more than five medians of 100',
    plan: TINY,
    later: { 1441: [enter()] },
    bars: dayOfBars(501),
    rules: () => [new VolatilityGuard({ symbol: BTC, multiple: 5 })],
    ends: `${tooSmall}, refused:volatilityGuard`,
    sum: '0',
    net: 0,
  },
  {
    fact: 'volatility guard (43): a range of 499 is not',
    plan: TINY,
    later: { 1441: [enter()] },
    bars: dayOfBars(499),
    rules: () => [new VolatilityGuard({ symbol: BTC, multiple: 5 })],
    ends: `stop, ${tooSmall}`,
    sum: '-67.77175',
    net: -67.77175,
  },
  {
    fact: 'value at risk (44): 1 % of the notional may be half an account-R',
    plan: TINY,
    later: { 22200: [enter()] },
    bars: [...swinging, DROP],
    rules: () => [
      new ValueAtRiskCap({
        symbols: [BTC],
        timeframeMs: MINUTE,
        limitR: 0.5,
        baseRiskPercent: 0.75,
      }),
    ],
    ends: `stop, ${tooSmall}`,
    // The rule judges before costs: 75 / 560 x 100,060 = 13,400.9, of which 1 % is 134.009. Allowed
    // are 37.5: 27.98 % of 75 at risk, 20.987 / 659.78 = 0.0318 -> 0.031 BTC.
    quantity: 0.031,
    sum: '-500 x 0.031 - 1.55 - 99,500 x 0.031 x 0.05 % (1.54225)',
    net: -18.59225,
  },
];

const FLATTENS: Scenario[] = [
  {
    fact: 'circuit breaker (38): 0.6 R down on paper closes the open trade',
    bars: [flat(P), flat(99_600), flat(99_600)],
    rules: () => [new CircuitBreaker({ limitR: 0.6, baseRiskPercent: 0.75 })],
    // Marked: -400 x 0.113 - 5.65 = -50.85, under -45.
    ends: 'circuitBreaker: day loss reached 0.6 R',
    sum: '-400 x 0.113 - 5.65 - 99,600 x 0.113 x 0.05 % (5.6274)',
    net: -56.4774,
  },
  {
    fact: 'flash guard (43): 5.1 % up in a minute closes the long at the next open',
    bars: [flat(P), [P, 105_100, P, 105_100], flat(105_100)],
    rules: () => [new FlashGuard({ symbols: [BTC], movePercent: 5 })],
    ends: 'flashGuard: BTCUSDT moved 5.1 % in a bar',
    sum: '5,100 x 0.113 - 5.65 - 105,100 x 0.113 x 0.05 % (5.93815)',
    net: 564.71185,
  },
  {
    fact: 'equity stop (39) that only observes lets the second trade pass',
    later: { 3: [enter()] },
    bars: [flat(P), DROP, flat(P), DROP],
    rules: () => [
      new EquityStop({
        limit: { r: 0.9 },
        baseRiskPercent: 0.75,
        reference: 'ath',
        onBreach: 'observe',
      }),
    ],
    ends: 'stop, stop',
    // As without the rule: 0.112 BTC.
    sum: '-67.77175 - 56 - 5.6 - 5.572',
    net: -134.94375,
  },
];

const LEGS: Scenario[] = [
  {
    fact: "hedge (34): the leg's own stop at 4,100 closes the leg alone",
    plan: { hedge: hedge() },
    bars: [flat(P), flat(P), DROP],
    eth: [flat(ETH), flat(ETH), [4_000, 4_110, 4_000, 4_050], flat(4_050)],
    ends: 'stop',
    sum: '-67.77175 - 1.694 - 100 x 0.847 - 4,100 x 0.847 x 0.05 % (1.73635)',
    net: -155.9021,
  },
  {
    fact: 'hedge (36): maker first, where bars may fill makers: 0.02 %',
    plan: { hedge: hedge(), timeoutMs: 5 * MINUTE },
    makerFromBars: true,
    bars: calm(9),
    eth: [flat(ETH), [ETH, 4_001, ETH, ETH], flat(ETH)],
    ends: 'timeout',
    sum: '-11.3 - 3,388 x 0.02 % - 1.694',
    net: -13.6716,
  },
  {
    fact: 'hedge (34): reduced pro rata at the first target, closed with break-even',
    plan: { ...LADDER, hedge: hedge() },
    bars: [UP_TO_TP1, flat(100_600), [100_600, 100_600, 99_900, P], flat(P)],
    eth: [flat(ETH)],
    ends: 'breakEven',
    // The ladder as without a hedge: 14.654464. The leg turns 0.847 ETH in and out, in two parts.
    sum: '14.654464 - 1.694 - 1.694',
    net: 11.266464,
  },
  {
    fact: 'hedge (33): one rebalance to twice the ratio, the second is not made',
    plan: { hedge: hedge(), timeoutMs: 8 * MINUTE },
    later: { 3: [rebalance(0.6)], 5: [rebalance(0.3)] },
    bars: calm(12),
    eth: [flat(ETH)],
    ends: 'timeout',
    // 11,300 x 0.6 / 4,000 = 1.695 ETH = 6,780 USDT, in and out.
    sum: '-11.3 - 3.39 - 3.39',
    net: -18.08,
  },
];

function rebalance(notionalRatio: number) {
  return { kind: 'rebalance', symbol: BTC, legSymbol: 'ETHUSDT', notionalRatio } as const;
}

const TRAILS: Scenario[] = [
  {
    fact: 'overview (13): trailed from the first target on, 80 lots at 100,300',
    plan: { ...LADDER, targets: [{ atR: 1, fraction: 0.3 }], trailFrom: 'target1' },
    later: { 2: [trail(100_300)] },
    bars: [UP_TO_TP1, flat(100_600), [100_600, 100_600, 100_200, 100_200]],
    ends: 'trail',
    sum: '16.5 + 300 x 0.08 - 5.65 - 0.6633 - 100,300 x 0.08 x 0.05 % (4.012)',
    net: 30.1747,
  },
  {
    fact: 'a short is trailed down',
    plan: { ...SHORT, trailFrom: 'entry' },
    later: { 2: [trail(100_200)] },
    bars: [...calm(3), [P, 100_300, P, 100_200]],
    ends: 'trail',
    sum: '-200 x 0.113 - 5.65 - 100,200 x 0.113 x 0.05 % (5.6613)',
    net: -33.9113,
  },
];

const BOOK: TypedRow[] = [
  [0, ROW_CLEAR, 0, 0],
  [0, ROW_BID, 99_990, 2],
  [0, ROW_BID, 99_490, 9],
  [0, ROW_ASK, P, 0.05],
  [0, ROW_ASK, 100_020, 9],
  [1, ROW_BUY, P, 0.01],
];
const FALL: TypedRow[] = [
  [120_000, ROW_BID, 99_990, 0],
  [120_100, ROW_SELL, 99_490, 0.1],
];

const BOOKS: Scenario[] = [
  {
    fact: 'book: an IOC takes 0.05 at the ask and the rest 20 higher, the stop sells to the bid',
    bars: calm(3),
    book: [...BOOK, ...FALL],
    ends: 'stop',
    // Bought for 5,000 + 0.063 x 100,020 = 11,301.26; sold for 0.113 x 99,490 = 11,242.37.
    sum: '-58.89 - 5.65063 - 5.621185',
    net: -70.161815,
  },
  {
    fact: 'book: 2 BTC stand before our bid at 99,990; 2.1 trade, 0.1 is ours, the rest goes as IOC',
    plan: entry('touch', 99_700),
    bars: calm(3),
    book: [...BOOK, [60_200, ROW_SELL, 99_990, 2.1], ...FALL],
    ends: 'stop',
    // At the bid 75 / (490 + 19.998 + 49.75) = 0.133. What is held counts with taker costs: 0.1 x
    // (490 + 49.995 + 49.75) = 58.9745, so (75 - 58.9745) / 659.78 = 0.0243 -> 0.024 more. Paid
    // 9,999 + 2,400; sold for 0.124 x 99,490 = 12,336.76.
    quantity: 0.124,
    sum: '-62.24 - 9,999 x 0.02 % (1.9998) - 1.2 - 6.16838',
    net: -71.60818,
  },
  {
    fact: 'book: the ask has come to our bid (-5022): re-priced once, refused again, then IOC (22)',
    plan: entry('touch', 99_700),
    bars: calm(3),
    book: [
      ...BOOK,
      [60_030, ROW_BID, 99_990, 0],
      [60_030, ROW_ASK, 99_985, 0.02],
      [120_100, ROW_SELL, 99_490, 0.1],
    ],
    ends: 'stop',
    // Paid 0.02 x 99,985 + 0.05 x 100,000 + 0.043 x 100,020 = 11,300.56; sold for 11,242.37.
    sum: '-58.19 - 5.65028 - 5.621185',
    net: -69.461465,
  },
];

const LIQUIDATION: Scenario[] = [
  {
    fact: 'liquidation: bids so far down that stop and exits are refused (-4131), then 95,000 trades',
    hasTiers: true,
    bars: calm(3),
    book: [
      ...BOOK.filter(([, , price]) => price !== 99_490),
      [2, ROW_BID, 90_000, 9],
      [2, ROW_ASK, P, 5],
      [120_000, ROW_BID, 99_990, 0],
      [120_100, ROW_SELL, 99_480, 0.1],
      [150_000, ROW_SELL, 95_000, 1],
    ],
    // The exit had begun for want of a stop; liquidations are counted beside.
    ends: 'unprotected',
    // 0.079 BTC as the bracket allows, margin 395: liquidated at (7,900 - 395) / (0.079 x 0.996) =
    // 95,381.5. At 95,000 the venue takes 0.05 % and its fee of 1.25 % of 7,505.
    quantity: 0.079,
    sum: '-395 - 3.95 - 3.7525 - 93.8125',
    net: -496.515,
  },
];

const SLIPPAGE: Scenario[] = [
  {
    fact: 'slippage (29) of 0.01 %: bought at 100,010, sold at 99,490, sized for both',
    bars: [[P, 100_100, 99_400, 99_600]],
    slippage: 0.0001,
    ends: 'stop',
    // The worst price of the IOC holds that of the entry: 560 + 50.03 + 99,500 x 0.06 % = 669.73.
    quantity: 0.111,
    sum: '-520 x 0.111 - 100,010 x 0.111 x 0.05 % (5.550555) - 99,490 x 0.111 x 0.05 % (5.521695)',
    net: -68.79225,
  },
];

runScenarios('refusals', REFUSALS);
runScenarios('sizes', SIZES);
runScenarios('what closes an open trade', FLATTENS);
runScenarios('legs', LEGS);
runScenarios('trails', TRAILS);
runScenarios('recorded book', BOOKS);
runScenarios('liquidation', LIQUIDATION);
runScenarios('slippage', SLIPPAGE);
