import { type IndicatorTuning, NO_TUNING } from '../strategy/presets/indicator-tuning.ts';
import { SIGNAL_PRESETS, type SignalSettings } from '../strategy/presets/signal-presets.ts';

/** Everything that decides how a signal is traded; each key can be set alone (`--set path=value`). */
export interface TradePreset {
  signal: SignalSettings;
  /** Numbers of the indicators in place of those of `signal.indicators`; 0 leaves those. */
  tuning: IndicatorTuning;
  entry: {
    mode: 'touch' | 'pullback' | 'documents' | 'taker' | 'makerOnly';
    makerWaitMs: number;
    iocWorstBps: number;
    pullbackBars: number;
    /** On: with the volume delta of 5 bars taken at once, against it maker only. */
    cvdEntry: 'off' | 'on';
  };
  stop: {
    kShallow: number;
    kDeep: number;
    shallowAtr: number;
    disasterMultiple: number;
    /** With keys: `auto` sends the stop before the entry where the venue takes it. */
    prePlace: 'auto' | 'off';
  };
  targets: { atR: number; fraction: number }[];
  exit: {
    /** Index of the target after whose full fill the stop goes to break-even; -1 never. */
    breakEvenAfterTarget: number;
    breakEvenCapR: number;
    trailFrom: 'entry' | 'target1' | 'target2';
    onOppositeChoch: boolean;
    timeoutMinutes: number;
  };
  hedge: {
    mode: 'proportional' | 'minVariance' | 'literal' | 'off';
    factor: number;
    correlationMin: number;
    fundingTiltMax: number;
    makerWaitMs: number;
    onFail: 'exitBtc' | 'keepAtHalfRisk';
    stopAtr: number;
    blockWithinAtr: number;
    /** Part by which a leg may be off before it is rebalanced, once a trade; 0 never. */
    rebalanceDrift: number;
  };
  risk: {
    perTradePercent: number;
    dayBudgetR: number;
    directionBreakerR: number;
    circuitBreakerR: number;
    throttleRangePercent: number;
    throttleFloor: number;
    costRMax: number;
    packagesMax: number;
    correlationMax: number;
    varLimitR: number;
    equityStopReference: 'ath' | 'high20d';
    /** In account-R when `equityStopUnit` is r, else percent of the reference. */
    equityStopLimit: number;
    equityStopUnit: 'r' | 'percent';
    equityStopOnBreach: 'latch' | 'rearm' | 'observe';
  };
  leverage: { ramp: { leverage: number; untilTrades: number | null }[] };
  guards: {
    fundingMaxPercent8h: number;
    fundingMode: 'signed' | 'unsigned';
    fundingHoldAbovePercent8h: number;
    fundingHoldMinutesMax: number;
    eventMarginMinutes: number;
    volatilityMultiple: number;
    flashMovePercent: number;
    latencyHalfAboveMs: number;
    latencyBlockAboveMs: number;
    latencyReleaseBelowMs: number;
  };
  fees: { makerPercent: number; takerPercent: number; bnbDiscount: boolean };
}

/** The trading default: decisions 12 to 46. */
const SEQUENCE: TradePreset = {
  signal: SIGNAL_PRESETS.sequence,
  tuning: NO_TUNING,
  entry: { mode: 'touch', makerWaitMs: 700, iocWorstBps: 6, pullbackBars: 5, cvdEntry: 'off' },
  stop: { kShallow: 0.6, kDeep: 0.75, shallowAtr: 1.2, disasterMultiple: 2, prePlace: 'auto' },
  targets: [
    { atR: 1, fraction: 0.3 },
    { atR: 1.5, fraction: 0.3 },
  ],
  exit: {
    breakEvenAfterTarget: 0,
    breakEvenCapR: 0.5,
    trailFrom: 'target2',
    onOppositeChoch: true,
    timeoutMinutes: 30,
  },
  hedge: {
    mode: 'proportional',
    factor: 0.6,
    correlationMin: 0.5,
    fundingTiltMax: 0.25,
    makerWaitMs: 1_500,
    onFail: 'exitBtc',
    stopAtr: 0.9,
    blockWithinAtr: 3,
    rebalanceDrift: 0.25,
  },
  risk: {
    perTradePercent: 0.75,
    dayBudgetR: 2.5,
    directionBreakerR: 3,
    circuitBreakerR: 3,
    throttleRangePercent: 8,
    throttleFloor: 0.5,
    costRMax: 0.5,
    packagesMax: 1,
    correlationMax: 0.8,
    varLimitR: 1.5,
    equityStopReference: 'ath',
    equityStopLimit: 6,
    equityStopUnit: 'r',
    equityStopOnBreach: 'latch',
  },
  leverage: {
    ramp: [
      { leverage: 5, untilTrades: 50 },
      { leverage: 10, untilTrades: 150 },
      { leverage: 20, untilTrades: null },
    ],
  },
  guards: {
    fundingMaxPercent8h: 0.06,
    fundingMode: 'signed',
    fundingHoldAbovePercent8h: 0.08,
    fundingHoldMinutesMax: 15,
    eventMarginMinutes: 15,
    volatilityMultiple: 5,
    flashMovePercent: 5,
    latencyHalfAboveMs: 350,
    latencyBlockAboveMs: 1_000,
    latencyReleaseBelowMs: 280,
  },
  fees: { makerPercent: 0.02, takerPercent: 0.05, bnbDiscount: false },
};

/** The documents' literal rules (decision 13). */
const DOCUMENTS: TradePreset = {
  ...SEQUENCE,
  signal: SIGNAL_PRESETS.documents,
  entry: { ...SEQUENCE.entry, mode: 'documents' },
  hedge: { ...SEQUENCE.hedge, mode: 'literal' },
  guards: { ...SEQUENCE.guards, fundingMode: 'unsigned' },
  fees: { ...SEQUENCE.fees, takerPercent: 0.04 },
};

/** The system overview (002): half a percent, one target, the rest trailed from it. */
const OVERVIEW: TradePreset = {
  ...SEQUENCE,
  stop: { ...SEQUENCE.stop, kShallow: 0.75 },
  targets: [{ atR: 1, fraction: 0.3 }],
  exit: { ...SEQUENCE.exit, trailFrom: 'target1' },
  risk: {
    ...SEQUENCE.risk,
    perTradePercent: 0.5,
    equityStopLimit: 6,
    equityStopUnit: 'percent',
  },
};

/** The 48-hour dry run: half a percent at 5 x. */
const DEMO: TradePreset = {
  ...SEQUENCE,
  risk: { ...SEQUENCE.risk, perTradePercent: 0.5 },
  leverage: { ramp: [{ leverage: 5, untilTrades: null }] },
};

/** The first strategy path: SMC stand-ins, BTC only, no hedge. */
const SMC_STAND_IN: TradePreset = {
  ...SEQUENCE,
  signal: SIGNAL_PRESETS['smc-stand-in'],
  hedge: { ...SEQUENCE.hedge, mode: 'off' },
};

export type TradePresetName = 'sequence' | 'documents' | 'overview' | 'demo' | 'smc-stand-in';

export const TRADE_PRESETS: Readonly<Record<TradePresetName, TradePreset>> = {
  sequence: SEQUENCE,
  documents: DOCUMENTS,
  overview: OVERVIEW,
  demo: DEMO,
  'smc-stand-in': SMC_STAND_IN,
};

/** One line each, for `qcm presets`. */
export const TRADE_PRESET_NOTES: Readonly<Record<TradePresetName, string>> = {
  sequence: 'trading default: tap, Hyperwave cross, then the rest within 20 bars',
  documents: 'the documents taken literally: coincidence with memories, literal hedge',
  overview: 'the system overview: 0.5 % risk, one target, trailed from it',
  demo: 'sequence at 0.5 % risk and 5 x, for the 48-hour dry run',
  'smc-stand-in': 'SMC structure and blocks in place of the full tags, BTC only, no hedge',
};
