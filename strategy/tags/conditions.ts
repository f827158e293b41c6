/** A named condition of the alert and entry expressions. */
export interface ConditionNote {
  name: string;
  summary: string;
  whyTrue: string;
  whyFalse: string;
  /** Latched at the tap by the sequence trigger; all else is read on the current bar. */
  isContext: boolean;
}

/** Every condition; its place is its flag. Bullish and bearish stand in pairs where there are two. */
export const CONDITION_NOTES: readonly ConditionNote[] = [
  note(
    'HTF_BULL',
    'bias: internal structure of the 15m chart is bullish',
    'its last break was up',
    'its last break was down, or there was none yet',
  ),
  note(
    'HTF_BEAR',
    'bias: internal structure of the 15m chart is bearish',
    'its last break was down',
    'its last break was up, or there was none yet',
  ),
  note(
    'OB_DEMAND_HIT',
    'price tapped a strong volumetric demand block',
    'the wick met a live block with enough strength and buy dominance',
    'no such block was touched, or its close broke it',
  ),
  note(
    'OB_SUPPLY_HIT',
    'price tapped a strong volumetric supply block',
    'the wick met a live block with enough strength and sell dominance',
    'no such block was touched, or its close broke it',
  ),
  note(
    'HW_CROSS_UP',
    'Hyperwave crossed up over its signal below 50',
    'an up-cross, regular or oversold, below the midline',
    'no cross on this bar, or above the midline',
  ),
  note(
    'HW_CROSS_DOWN',
    'Hyperwave crossed down under its signal above 50',
    'a down-cross, regular or overbought, above the midline',
    'no cross on this bar, or below the midline',
  ),
  note(
    'NO_OVERFLOW',
    'no money-flow overflow is active',
    'neither side is overheated',
    'late participants are flooding in',
  ),
  note(
    'BUY_CONF',
    'a bullish confirmation signal is in force',
    'the last signal was bullish, rated high enough, and has not exited',
    'no signal, an exit, an opposite or a low-rated one since',
  ),
  note(
    'SELL_CONF',
    'a bearish confirmation signal is in force',
    'the last signal was bearish, rated high enough, and has not exited',
    'no signal, an exit, an opposite or a low-rated one since',
  ),
  note(
    'TRAIL_BULL',
    'Smart Trail is bullish',
    'price holds above the trail',
    'price is below the trail, or it has not turned once yet',
  ),
  note(
    'TRAIL_BEAR',
    'Smart Trail is bearish',
    'price holds below the trail',
    'price is above the trail, or it has not turned once yet',
  ),
  context(
    'DISCOUNT',
    'the bar reached the lower half of the 15m range',
    'its low is below the middle of the trailing extremes',
    'its low is above the middle',
  ),
  context(
    'PREMIUM',
    'the bar reached the upper half of the 15m range',
    'its high is above the middle of the trailing extremes',
    'its high is below the middle',
  ),
  context(
    'MF_OK_LONG',
    'money flow allows longs',
    'it is above its upper threshold, or an overflow ended 1-10 bars ago',
    'neither holds',
  ),
  context(
    'MF_OK_SHORT',
    'money flow allows shorts',
    'it is below its lower threshold, or an overflow ended 1-10 bars ago',
    'neither holds',
  ),
  context(
    'FUNDING_OK',
    'funding does not cost too much',
    'what the side would pay is under the limit, or no rate is known',
    'the side would pay more than the limit',
  ),
  note(
    'CVD_UP',
    'takers bought on balance over 5 bars',
    'the cumulative volume delta rose',
    'it fell, or taker volume is unknown',
  ),
  note(
    'CVD_DOWN',
    'takers sold on balance over 5 bars',
    'the cumulative volume delta fell',
    'it rose, or taker volume is unknown',
  ),
  note(
    'LIQUIDITY_GRAB_BULL',
    'liquidity below was grabbed',
    'a wick went through a low or a block and the close came back',
    'no such wick on this bar',
  ),
  note(
    'LIQUIDITY_GRAB_BEAR',
    'liquidity above was grabbed',
    'a wick went through a high or a block and the close came back',
    'no such wick on this bar',
  ),
  note(
    'EQ_LOWS',
    'equal lows were confirmed',
    'two pivot lows lie within a tenth of ATR',
    'no such pair on this bar',
  ),
  note(
    'EQ_HIGHS',
    'equal highs were confirmed',
    'two pivot highs lie within a tenth of ATR',
    'no such pair on this bar',
  ),
  context(
    'OB_EDGE_REFINED',
    'the tapped block has a second reason',
    'an open gap of its side overlaps it, or an unbroken equal high or low lies inside',
    'neither, or no block of the side was tapped',
  ),
];

export const CONDITIONS: readonly string[] = CONDITION_NOTES.map((entry) => entry.name);

/** Names on one bit each: bit i is condition i. They fit one 32-bit number. */
export function conditionBit(name: string): number {
  return 1 << conditionIndex(name);
}

/** Conditions latched at the tap. */
export const CONTEXT_BITS = CONDITION_NOTES.reduce(
  (bits, entry, i) => (entry.isContext ? bits | (1 << i) : bits),
  0,
);

/** The names of the bits that are set. */
export function conditionsIn(bits: number): string[] {
  return CONDITIONS.filter((_, i) => (bits & (1 << i)) !== 0);
}

/** Place of a condition's flag. @throws RangeError for a name that does not exist */
export function conditionIndex(name: string): number {
  const index = CONDITIONS.indexOf(name);
  if (index < 0) throw new RangeError(`no condition is called "${name}"`);
  return index;
}

function note(name: string, summary: string, whyTrue: string, whyFalse: string): ConditionNote {
  return { name, summary, whyTrue, whyFalse, isContext: false };
}

function context(name: string, summary: string, whyTrue: string, whyFalse: string): ConditionNote {
  return { name, summary, whyTrue, whyFalse, isContext: true };
}
