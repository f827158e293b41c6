import { INDICATOR_RANGES } from '../../indicators/search-ranges.ts';
import type { SearchConstraint, SearchParameter, SearchSpaceDeclaration } from '../search-space.ts';

/**
 * What makes the signals. The window of the sequence and the least strength are not in here: they
 * were chosen by how often signals come, and are never chosen by profit (decision 13).
 */
const SIGNAL: readonly SearchParameter[] = [
  { path: 'signal.indicators', kind: 'choice', choices: ['recipe', 'chart'] },
  { path: 'signal.obSource', kind: 'choice', choices: ['pac', 'smc', 'either'] },
  {
    path: 'signal.obInterval',
    kind: 'choice',
    choices: ['originToBreak', 'originToPreBreak', 'origin'],
  },
  { path: 'signal.obSplit', kind: 'choice', choices: ['polarity', 'clv'] },
  { path: 'signal.obMitigation', kind: 'choice', choices: ['close', 'wick', 'average'] },
  { path: 'signal.dominanceMinPercent', kind: 'float', low: 50, high: 75 },
  { path: 'signal.overflowScope', kind: 'choice', choices: ['any', 'sameSide'] },
  { path: 'signal.crossWithinBars', kind: 'int', low: 1, high: 8 },
  { path: 'signal.obMaxAgeBars', kind: 'int', low: 250, high: 4_000, log: true },
];

/** Numbers of the indicators, declared beside them. */
const INDICATORS: readonly SearchParameter[] = INDICATOR_RANGES.map(({ setting, ...range }) => ({
  path: `tuning.${setting}`,
  ...range,
}));

const TARGETS = [
  [
    { atR: 1, fraction: 0.3 },
    { atR: 1.5, fraction: 0.3 },
  ],
  [{ atR: 1, fraction: 0.3 }],
  [{ atR: 1.5, fraction: 0.5 }],
  [
    { atR: 1, fraction: 0.5 },
    { atR: 2, fraction: 0.5 },
  ],
  [{ atR: 2, fraction: 1 }],
] as const;

/** Entry, stop and exits of the main leg. */
const TRADE: readonly SearchParameter[] = [
  {
    path: 'entry.mode',
    kind: 'choice',
    choices: ['touch', 'pullback', 'taker'],
    executionOnly: true,
  },
  {
    path: 'entry.pullbackBars',
    kind: 'int',
    low: 1,
    high: 20,
    executionOnly: true,
    when: { path: 'entry.mode', in: ['pullback'] },
  },
  { path: 'stop.kShallow', kind: 'float', low: 0.3, high: 2.5, log: true, executionOnly: true },
  { path: 'stop.kDeep', kind: 'float', low: 0.3, high: 2.5, log: true, executionOnly: true },
  { path: 'targets', kind: 'choice', choices: TARGETS, executionOnly: true },
  {
    path: 'exit.trailFrom',
    kind: 'choice',
    choices: ['entry', 'target1', 'target2'],
    executionOnly: true,
  },
  { path: 'exit.onOppositeChoch', kind: 'choice', choices: [true, false], executionOnly: true },
  {
    path: 'exit.timeoutMinutes',
    kind: 'int',
    low: 15,
    high: 240,
    log: true,
    executionOnly: true,
  },
  { path: 'risk.costRMax', kind: 'float', low: 0.2, high: 1, executionOnly: true },
];

const HEDGE: readonly SearchParameter[] = [
  { path: 'hedge.factor', kind: 'float', low: 0.3, high: 0.8, executionOnly: true },
  { path: 'hedge.correlationMin', kind: 'float', low: 0.2, high: 0.8, executionOnly: true },
];

/** A deeper block needs no tighter stop than a shallow one. */
const STOPS: readonly SearchConstraint[] = [
  { left: 'stop.kShallow', is: '<=', right: 'stop.kDeep' },
];

/** The spaces of this strategy by what they leave open. */
export const BTC_ALPHA_SPACES: readonly SearchSpaceDeclaration[] = [
  {
    name: 'btc-alpha-hedge',
    note: 'signals and execution of the full strategy',
    preset: 'sequence',
    parameters: [...SIGNAL, ...TRADE, ...HEDGE],
    constraints: STOPS,
  },
  {
    name: 'btc-alpha-signal',
    note: 'signals only: nothing can be used twice',
    preset: 'sequence',
    parameters: SIGNAL,
  },
  {
    name: 'btc-alpha-indicators',
    note: 'numbers of the indicators, as they declare them',
    preset: 'sequence',
    parameters: INDICATORS,
  },
  {
    name: 'btc-alpha-all',
    note: 'signals, numbers of the indicators and execution',
    preset: 'sequence',
    parameters: [...SIGNAL, ...INDICATORS, ...TRADE, ...HEDGE],
    constraints: STOPS,
  },
  {
    name: 'btc-alpha-execution',
    note: 'execution only: signals are computed once',
    preset: 'sequence',
    parameters: [...TRADE, ...HEDGE],
    constraints: STOPS,
  },
  {
    name: 'smc-stand-in',
    note: 'the SMC stand-in: age of its blocks, entry, stop and exits',
    preset: 'smc-stand-in',
    parameters: [
      { path: 'signal.obMaxAgeBars', kind: 'int', low: 100, high: 4_000, log: true },
      ...TRADE,
    ],
    constraints: STOPS,
  },
];
