/**
 * Takes the events of a bar in the order they happen. `a`, `b` are prices (NaN for none), `refBar`
 * and `refTime` the bar they refer to; what each means stands beside the code below.
 */
export interface SmcEventSink {
  event(code: number, a: number, b: number, refBar: number, refTime: number): void;
}

/** Structure, side and kind of each event code. */
export const SMC_EVENTS: Record<number, readonly [structure: string, side: string, kind: string]> =
  {
    // a = broken level, b = the pivot level before it, ref = bar of the pivot
    11: ['internal', 'bull', 'BOS'],
    12: ['internal', 'bull', 'CHoCH'],
    13: ['internal', 'bear', 'BOS'],
    14: ['internal', 'bear', 'CHoCH'],
    21: ['swing', 'bull', 'BOS'],
    22: ['swing', 'bull', 'CHoCH'],
    23: ['swing', 'bear', 'BOS'],
    24: ['swing', 'bear', 'CHoCH'],
    // a = block high, b = block low, ref = origin bar
    31: ['internal', 'bull', 'OB_CREATED'],
    32: ['internal', 'bear', 'OB_CREATED'],
    41: ['swing', 'bull', 'OB_CREATED'],
    42: ['swing', 'bear', 'OB_CREATED'],
    // a = block high, b = block low, refBar = its place in the list (0 newest), time of its origin
    51: ['internal', 'bull', 'OB_MITIGATED'],
    52: ['internal', 'bear', 'OB_MITIGATED'],
    55: ['internal', 'bull', 'OB_EXPIRED'],
    56: ['internal', 'bear', 'OB_EXPIRED'],
    59: ['internal', '', 'OB_EVICTED'],
    61: ['swing', 'bull', 'OB_MITIGATED'],
    62: ['swing', 'bear', 'OB_MITIGATED'],
    65: ['swing', 'bull', 'OB_EXPIRED'],
    66: ['swing', 'bear', 'OB_EXPIRED'],
    69: ['swing', '', 'OB_EVICTED'],
    // a = new level, b = the level before it, ref = bar of the earlier pivot
    71: ['equal', 'low', 'EQL'],
    72: ['equal', 'high', 'EQH'],
    // a = top, b = bottom as stored; created: ref = the middle bar; filled: refBar = place in the list
    81: ['fvg', 'bull', 'FVG_CREATED'],
    82: ['fvg', 'bear', 'FVG_CREATED'],
    83: ['fvg', 'bull', 'FVG_FILLED'],
    84: ['fvg', 'bear', 'FVG_FILLED'],
    // a = level, b = the level before it, ref = bar of the pivot
    91: ['swing', 'low', 'PIVOT'],
    92: ['swing', 'high', 'PIVOT'],
    93: ['internal', 'low', 'PIVOT'],
    94: ['internal', 'high', 'PIVOT'],
    95: ['equal', 'low', 'PIVOT'],
    96: ['equal', 'high', 'PIVOT'],
  };
