import type { RiskRule } from '../src/engine/risk-gate.ts';
import { CircuitBreaker } from '../strategy/risk/circuit-breaker.ts';
import { DayBudget } from '../strategy/risk/day-budget.ts';
import { DirectionBreaker } from '../strategy/risk/direction-breaker.ts';
import { EquityStop } from '../strategy/risk/equity-stop.ts';
import { BTC, MINUTE } from './exchange/testing/venue-driver.ts';
import {
  ALL_AT_1R,
  calm,
  DROP,
  hedge,
  LADDER,
  P,
  runScenarios,
  type Scenario,
  SHORT,
} from './testing/scenario.ts';
import { enter, flat } from './testing/trade-harness.ts';

// The setting of the rows, and the quantity of 0.113 BTC that most of them share, are in
// `testing/scenario.ts`.
const DOUBT: Scenario[] = [
  {
    fact: 'a gap through the stop fills at the open',
    bars: [flat(P), [99_000, 99_100, 98_900, 99_000]],
    ends: 'stop',
    sum: '-1,000 x 0.113 - 5.65 - 99,000 x 0.113 x 0.05 % = -113 - 5.65 - 5.5935',
    net: -124.2435,
  },
  {
    fact: 'a gap through the stop of a short fills at the open',
    plan: SHORT,
    bars: [flat(P), [101_000, 101_100, 100_900, 101_000]],
    ends: 'stop',
    sum: '-1,000 x 0.113 - 5.65 - 101,000 x 0.113 x 0.05 % = -113 - 5.65 - 5.7065',
    net: -124.3565,
  },
  {
    fact: 'stop and target in one bar, worst case: the stop',
    plan: ALL_AT_1R,
    bars: [flat(P), [P, 100_600, 99_400, P]],
    ends: 'stop',
    sum: '-56.5 - 5.65 - 5.62175',
    net: -67.77175,
  },
  {
    fact: 'stop and target in one bar, best case: the target',
    plan: ALL_AT_1R,
    isBestCase: true,
    bars: [flat(P), [P, 100_600, 99_400, P]],
    ends: 'targets',
    sum: '56.5 - 5.65 - 2.2713',
    net: 48.5787,
  },
  {
    fact: 'first target and raised stop in one bar, worst case: 33 lots, then break-even',
    plan: LADDER,
    bars: [[P, 101_000, P, 101_000], flat(101_000)],
    ends: 'breakEven',
    sum: '16.5 + 8.472 - 5.65 - 0.6633 - 4.004236',
    net: 14.654464,
  },
  {
    fact: 'a gap beyond the liquidation price: the stop fires first, at the open',
    bars: [flat(P), flat(94_000)],
    ends: 'stop',
    sum: '-6,000 x 0.113 - 5.65 - 94,000 x 0.113 x 0.05 % = -678 - 5.65 - 5.311',
    net: -688.961,
  },
  {
    fact: 'funding: a long pays 0.01 % of 11,300',
    bars: [...calm(3), DROP],
    fundingRate: 0.0001,
    ends: 'stop',
    sum: '-67.77175 - 1.13',
    net: -68.90175,
  },
  {
    fact: 'funding: a short receives it',
    plan: SHORT,
    bars: [...calm(3), [P, 100_600, P, P]],
    fundingRate: 0.0001,
    ends: 'stop',
    sum: '-67.82825 + 1.13',
    net: -66.69825,
  },
  {
    fact: 'funding: a negative rate pays the long',
    bars: [...calm(3), DROP],
    fundingRate: -0.0001,
    ends: 'stop',
    sum: '-67.77175 + 1.13',
    net: -66.64175,
  },
  {
    fact: 'funding: nothing is due once flat',
    bars: [DROP, ...calm(3)],
    fundingRate: 0.0001,
    ends: 'stop',
    sum: '-67.77175',
    net: -67.77175,
  },
];

const ETH = 4_000;
// The leg: 11,300 x 0.3 / 4,000 = 0.8475 -> 0.847 ETH short, 3,388 USDT; a taker fee is 1.694.
const HEDGES: Scenario[] = [
  {
    fact: 'hedge: the leg opens with BTC and closes with its stop',
    plan: { hedge: hedge() },
    bars: [flat(P), DROP, flat(P)],
    eth: [flat(ETH)],
    ends: 'stop',
    sum: '-67.77175 - 1.694 - 1.694',
    net: -71.15975,
  },
  {
    fact: 'hedge: what ETH falls is gained',
    plan: { hedge: hedge() },
    bars: [flat(P), DROP, flat(P)],
    eth: [flat(ETH), flat(ETH), flat(3_960)],
    ends: 'stop',
    sum: '-67.77175 - 1.694 + 40 x 0.847 - 3,960 x 0.847 x 0.05 % = ... + 33.88 - 1.67706',
    net: -37.26281,
  },
  {
    fact: 'hedge: closes with BTC at the timeout',
    plan: { hedge: hedge(), timeoutMs: 5 * MINUTE },
    bars: calm(9),
    eth: [flat(ETH)],
    ends: 'timeout',
    sum: '-11.3 - 1.694 - 1.694',
    net: -14.688,
  },
  {
    fact: 'hedge: closes with BTC at a CHoCH',
    plan: { hedge: hedge() },
    later: { 2: [{ kind: 'exit', symbol: BTC, reason: 'choch' }] },
    bars: calm(4),
    eth: [flat(ETH)],
    ends: 'choch',
    sum: '-11.3 - 1.694 - 1.694',
    net: -14.688,
  },
  {
    fact: 'hedge: a leg that the venue refuses closes BTC',
    plan: { hedge: hedge() },
    bars: calm(4),
    eth: [flat(ETH)],
    ethTrades: false,
    ends: 'hedgeFailed',
    sum: '-5.65 - 5.65',
    net: -11.3,
  },
  {
    fact: 'hedge: or BTC is kept at half the risk',
    plan: { hedge: hedge({ onFail: 'keepAtHalfRisk' }) },
    bars: [...calm(3), DROP],
    eth: [flat(ETH)],
    ethTrades: false,
    ends: 'stop',
    // 113 lots: 57 go at 100,000, 56 stay.
    sum: '-5.65 - 100,000 x 0.057 x 0.05 % - 500 x 0.056 - 99,500 x 0.056 x 0.05 %',
    net: -39.286,
  },
];

const LOSS = '-67.77175 of the first trade; nothing of the second';
/** A first trade that stops out, and a second signal at the close of minute 3. */
const twice = (rule: string, rules: () => RiskRule[]): Scenario => ({
  fact: `after a loss of 67.77 the ${rule} refuses the next entry`,
  later: { 3: [enter()] },
  bars: [flat(P), DROP, flat(P), DROP, DROP],
  rules,
  ends: `stop, refused:${rule}`,
  sum: LOSS,
  net: -67.77175,
});

const BREAKERS: Scenario[] = [
  // 0.75 % of 10,000 is an account-R of 75: limits of 0.9 R = 67.5 are just broken.
  twice('circuitBreaker', () => [new CircuitBreaker({ limitR: 0.9, baseRiskPercent: 0.75 })]),
  // Planned R is 560 x 0.113 = 63.28: -67.77 is -1.071 R.
  twice('directionBreaker', () => [new DirectionBreaker({ limitR: 1.07 })]),
  twice('equityStop', () => [
    new EquityStop({
      limit: { r: 0.9 },
      baseRiskPercent: 0.75,
      reference: 'ath',
      onBreach: 'latch',
    }),
  ]),
  {
    fact: 'with a limit of 1.08 R the direction breaker lets the second trade pass',
    later: { 3: [enter()] },
    bars: [flat(P), DROP, flat(P), DROP, DROP],
    rules: () => [new DirectionBreaker({ limitR: 1.08 })],
    ends: 'stop, stop',
    // 0.75 % of 9,932.22825 = 74.4917 / 659.78 = 0.1129 -> 0.112 BTC.
    sum: '-67.77175 - 500 x 0.112 - 5.6 - 99,500 x 0.112 x 0.05 % (5.572)',
    net: -134.94375,
  },
  {
    fact: 'a day budget of 1.5 R = 112.5 shrinks the second trade to what is left, costs included',
    later: { 3: [enter()] },
    bars: [flat(P), DROP, flat(P), DROP, DROP],
    rules: () => [new DayBudget({ limitR: 1.5, baseRiskPercent: 0.75 })],
    ends: 'stop, stop',
    // Costs are 0.1 % of 100,060 over a distance of 560: 0.17868 R. (112.5 - 67.77175) / 1.17868 =
    // 37.948 at risk; / 659.78 = 0.05752 -> 0.057 BTC.
    sum: '-67.77175 - 500 x 0.057 - 2.85 - 99,500 x 0.057 x 0.05 % (2.83575)',
    net: -101.9575,
  },
  {
    fact: 'a second signal while the first trade is open is refused',
    later: { 1: [enter()] },
    bars: [flat(P), DROP],
    ends: 'stop, refused:symbolOwned',
    sum: LOSS,
    net: -67.77175,
  },
];

runScenarios('gaps, doubt and funding', DOUBT);
runScenarios('hedge', HEDGES);
runScenarios('breakers', BREAKERS);
