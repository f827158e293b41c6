/** What makes a signal: the `signal` part of a trade preset. Decision numbers in brackets. */
export interface SignalSettings {
  /** `sequence`: tap, cross, rest. `coincidence`: the literal rule with memories. `smc`: stand-in. */
  trigger: 'sequence' | 'coincidence' | 'smc';
  /** Settings of the indicators: the document's table or the panel on the chart. */
  indicators: 'recipe' | 'chart';
  /** Raised on this expression over the named conditions; shorts use its mirror. */
  alertExpression: string;
  /** A trade needs these as well. */
  contextExpression: string;
  /** Bars after the last tap within which a sequence may fire. */
  sequenceWindowBars: number;
  /** Bars after the last tap within which the Hyperwave cross must come. */
  crossWithinBars: number;
  /** `coincidence`: bars for which a tap, a cross stays true after its own. */
  tapMemoryBars: number;
  crossMemoryBars: number;
  /** Whose order blocks are tapped (10). */
  obSource: 'pac' | 'smc' | 'either';
  /** Whose volume a block owns, and how it is divided into bought and sold (7). */
  obInterval: 'originToBreak' | 'originToPreBreak' | 'origin';
  obSplit: 'polarity' | 'clv' | 'taker';
  obMitigation: 'close' | 'wick' | 'average';
  /**
   * Bars after its creation at which a block expires; 0 never. Without an end a daemon would need all
   * history: 2,000 keep 361 of 363 alerts of ten months (docs/FIDELITY.md).
   */
  obMaxAgeBars: number;
  strengthRule: 'percentile' | 'shareSide' | 'shareBoth';
  strengthMin: number;
  dominanceMinPercent: number;
  overflowScope: 'any' | 'sameSide';
}

export const ALERT_EXPRESSION =
  '{HTF_BULL} AND {OB_DEMAND_HIT} AND {HW_CROSS_UP} AND {NO_OVERFLOW} AND {BUY_CONF} AND {TRAIL_BULL}';

export const CONTEXT_EXPRESSION = '{DISCOUNT} AND {MF_OK_LONG} AND {FUNDING_OK}';

const SEQUENCE: SignalSettings = Object.freeze({
  trigger: 'sequence',
  indicators: 'recipe',
  alertExpression: ALERT_EXPRESSION,
  contextExpression: CONTEXT_EXPRESSION,
  sequenceWindowBars: 20,
  crossWithinBars: 2,
  tapMemoryBars: 0,
  crossMemoryBars: 0,
  obSource: 'pac',
  obInterval: 'originToBreak',
  obSplit: 'polarity',
  obMitigation: 'close',
  obMaxAgeBars: 2_000,
  strengthRule: 'percentile',
  strengthMin: 30,
  dominanceMinPercent: 60,
  overflowScope: 'any',
});

/** Signals of each trade preset (13). */
export const SIGNAL_PRESETS = Object.freeze({
  sequence: SEQUENCE,
  documents: Object.freeze({
    ...SEQUENCE,
    trigger: 'coincidence',
    tapMemoryBars: 2,
    crossMemoryBars: 1,
    strengthRule: 'shareSide',
  }),
  overview: SEQUENCE,
  demo: SEQUENCE,
  'smc-stand-in': Object.freeze({
    ...SEQUENCE,
    trigger: 'smc',
    alertExpression: '{HTF_BULL} AND {OB_DEMAND_HIT}',
    contextExpression: '',
    obSource: 'smc',
  }),
} satisfies Record<string, SignalSettings>);

export type SignalPresetName = keyof typeof SIGNAL_PRESETS;

/** What the settings are for, one line each. */
export const SIGNAL_NOTES: Readonly<Record<keyof SignalSettings, string>> = {
  trigger: 'sequence = tap, cross, rest; coincidence = all at once with memories; smc = stand-in',
  indicators: 'settings of the indicators: recipe (the document) or chart (the panel)',
  alertExpression: 'conditions of an alert, for longs; shorts use the mirror',
  contextExpression: 'what a trade needs beyond the alert; under sequence latched at the tap',
  sequenceWindowBars: 'bars after the last tap within which the sequence may fire',
  crossWithinBars: 'bars after the last tap within which Hyperwave must cross',
  tapMemoryBars: 'coincidence: bars for which a tap stays true',
  crossMemoryBars: 'coincidence: bars for which a cross stays true',
  obSource: 'whose blocks are tapped: Price Action, Smart Money Concepts or both',
  obInterval: 'bars whose volume a block owns',
  obSplit: 'how volume is divided into bought and sold',
  obMitigation: 'what ends a block',
  obMaxAgeBars: 'bars until a block expires, 0 = never',
  strengthRule: 'what the volume of a block is compared with',
  strengthMin: 'least strength, 0..100',
  dominanceMinPercent: 'least share of its own side in the volume of a block',
  overflowScope: 'whether an overflow of any side or only of its own stops a trade',
};
