import { ALERT_EXPRESSION, CONTEXT_EXPRESSION } from '../../strategy/presets/signal-presets.ts';

/** One change against the base; `sets` are settings as on the command line. */
export interface Arm {
  group: 'tags' | 'blocks' | 'exits' | 'entries' | 'risk' | 'hedge';
  name: string;
  sets: readonly string[];
}

const MAKER_FROM_BARS = 'simulation.makerFromBars=true';
const ALERT = 'signal.alertExpression=';
const CONTEXT = 'signal.contextExpression=';
const COINCIDENCE = [
  'signal.trigger=coincidence',
  'signal.tapMemoryBars=2',
  'signal.crossMemoryBars=1',
];

/** An expression without one of its conditions. */
export function without(expression: string, name: string): string {
  return expression
    .split(' AND ')
    .filter((part) => part !== `{${name}}`)
    .join(' AND ');
}

/** Each tag of the alert and of the context left out, one at a time; then what could be added. */
const TAG_ARMS: readonly Arm[] = [
  ...['HTF_BULL', 'NO_OVERFLOW', 'BUY_CONF', 'TRAIL_BULL'].map((name) =>
    tag(`without ${name}`, `${ALERT}${without(ALERT_EXPRESSION, name)}`),
  ),
  ...['DISCOUNT', 'MF_OK_LONG', 'FUNDING_OK'].map((name) =>
    tag(`without ${name}`, `${CONTEXT}${without(CONTEXT_EXPRESSION, name)}`),
  ),
  tag('without any context', CONTEXT),
  tag('cross within 20 bars, not 2', 'signal.crossWithinBars=20'),
  tag('window 40 bars, not 20', 'signal.sequenceWindowBars=40'),
  tag('coincidence with memories', ...COINCIDENCE),
  tag(
    'coincidence without HW_CROSS_UP',
    ...COINCIDENCE,
    `${ALERT}${without(ALERT_EXPRESSION, 'HW_CROSS_UP')}`,
  ),
  tag(
    'coincidence without OB_DEMAND_HIT',
    ...COINCIDENCE,
    `${ALERT}${without(ALERT_EXPRESSION, 'OB_DEMAND_HIT')}`,
  ),
  tag('with OB_EDGE_REFINED', `${CONTEXT}${CONTEXT_EXPRESSION} AND {OB_EDGE_REFINED}`),
  tag('overflow of the same side only', 'signal.overflowScope=sameSide'),
  tag('indicator settings of the chart', 'signal.indicators=chart'),
];

const BLOCK_ARMS: readonly Arm[] = [
  blocks('no strength asked', 'signal.strengthMin=0'),
  blocks('no dominance asked', 'signal.dominanceMinPercent=0'),
  blocks('strength: share of its side', 'signal.strengthRule=shareSide'),
  blocks('strength: share of both sides', 'signal.strengthRule=shareBoth'),
  blocks('volume up to the bar before the break', 'signal.obInterval=originToPreBreak'),
  blocks('volume of the origin bar', 'signal.obInterval=origin'),
  blocks('volume split by close location', 'signal.obSplit=clv'),
  blocks('mitigation by wick', 'signal.obMitigation=wick'),
  blocks('blocks of Smart Money Concepts', 'signal.obSource=smc'),
  blocks('blocks of either module', 'signal.obSource=either'),
];

const EXIT_ARMS: readonly Arm[] = [
  exits('no opposite CHoCH exit', 'exit.onOppositeChoch=false'),
  exits('timeout 60 minutes', 'exit.timeoutMinutes=60'),
  exits('timeout 4 hours', 'exit.timeoutMinutes=240'),
  exits('timeout 24 hours (stop, targets, CHoCH only)', 'exit.timeoutMinutes=1440'),
  exits('no break-even', 'exit.breakEvenAfterTarget=-1'),
  exits('no first target', 'targets=[{"atR":1.5,"fraction":0.3}]'),
  exits('no second target', 'targets=[{"atR":1,"fraction":0.3}]', 'exit.trailFrom=target1'),
  exits('no targets, trailed from entry', 'targets=[]', 'exit.trailFrom=entry'),
  exits('no trail: all out at 1 R', 'targets=[{"atR":1,"fraction":1}]'),
  exits('trail from the first target', 'exit.trailFrom=target1'),
  exits('trail from entry', 'exit.trailFrom=entry'),
  exits('stop always 0.75 ATR', 'stop.kShallow=0.75'),
];

const ENTRY_ARMS: readonly Arm[] = [
  entries('taker at once', 'entry.mode=taker'),
  entries('maker only', 'entry.mode=makerOnly'),
  entries('maker only, credited from bars', 'entry.mode=makerOnly', MAKER_FROM_BARS),
  entries('touch, maker credited from bars', MAKER_FROM_BARS),
  entries('pullback to mid, 5 bars', 'entry.mode=pullback'),
  entries('pullback, credited from bars', 'entry.mode=pullback', MAKER_FROM_BARS),
  entries('documents: mid, then market', 'entry.mode=documents'),
  entries('by volume delta (cvdEntry)', 'entry.cvdEntry=on'),
];

const RISK_ARMS: readonly Arm[] = [
  { group: 'risk', name: 'no cost gate', sets: ['risk.costRMax=10'] },
  { group: 'risk', name: 'taker fee 0.04 % (documents)', sets: ['fees.takerPercent=0.04'] },
  {
    group: 'risk',
    name: 'no fees, half the spread only (what the signal is worth)',
    sets: [
      'fees.takerPercent=0',
      'fees.makerPercent=0',
      'simulation.slippageK=0',
      'risk.costRMax=10',
    ],
  },
];

const HEDGE_ARMS: readonly Arm[] = [
  ...['proportional', 'minVariance', 'literal'].map((mode) => hedge(`hedge ${mode}`, mode)),
  hedge('hedge proportional, never rebalanced', 'proportional', 'hedge.rebalanceDrift=0'),
];

/** Every change on its own against `sequence` without a hedge. */
export const SEQUENCE_ARMS: readonly Arm[] = [
  ...TAG_ARMS,
  ...BLOCK_ARMS,
  ...EXIT_ARMS,
  ...ENTRY_ARMS,
  ...RISK_ARMS,
  ...HEDGE_ARMS,
];

/** The stand-in trades often enough to tell exits and entries apart; it has no tags to leave out. */
export const STAND_IN_ARMS: readonly Arm[] = [
  ...EXIT_ARMS,
  ...ENTRY_ARMS,
  ...RISK_ARMS,
  ...HEDGE_ARMS,
];

function tag(name: string, ...sets: string[]): Arm {
  return { group: 'tags', name, sets };
}

function blocks(name: string, ...sets: string[]): Arm {
  return { group: 'blocks', name, sets };
}

function exits(name: string, ...sets: string[]): Arm {
  return { group: 'exits', name, sets };
}

function entries(name: string, ...sets: string[]): Arm {
  return { group: 'entries', name, sets };
}

function hedge(name: string, mode: string, ...sets: string[]): Arm {
  return { group: 'hedge', name, sets: [`hedge.mode=${mode}`, ...sets] };
}
