import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import { checkedLength } from '../basic/length.ts';
import { RollingMax, RollingMin } from '../basic/rolling-extreme.ts';
import { Rsi } from '../basic/rsi.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

export interface MomentumExhaustionOptions {
  rsiLength?: number;
  /** Length of the mean that stretch is measured from. */
  meanLength?: number;
  atrLength?: number;
  /** Bars over which momentum is the change of the close. */
  momentumLength?: number;
  /** Bars in which the strongest momentum and the price range are sought. */
  fadeLength?: number;
  /** ATRs away from the mean that count as fully stretched. */
  stretchAtrs?: number;
  /** Score from which a move counts as exhausted. */
  scoreMin?: number;
}

/**
 * How worn out a move is, 0..100 for up-moves (`upScore`) and down-moves (`downScore`): the mean of
 * three parts, each cut to 0..1. For up-moves:
 * extremity = (RSI - 50) / 20, full at the overbought line of 70;
 * stretch = (close - EMA) / (`stretchAtrs` * ATR);
 * fade = place of the close in the range of the last `fadeLength` bars (0 low, 1 high) times
 * (1 - momentum / strongest momentum of those bars), momentum = close - close `momentumLength` ago:
 * price still at its high, its speed gone. 0 where nothing rose.
 * Down-moves mirror it. direction = -1 where upScore >= `scoreMin` (the up-move is exhausted), +1
 * for down-moves, else 0; a sign of where the next move is likelier to go, not an entry.
 *
 * Warm-up: max of `rsiLength` + 1, `meanLength`, `atrLength`, `momentumLength` + `fadeLength` bars.
 * Flat prices give 0. The composition and its thresholds are ours (the source documents ask for
 * "momentum exhaustion scoring" and define none). Parts: Wilder (1978) for RSI and ATR; momentum
 * leading price as in Murphy, "Technical Analysis of the Financial Markets" (1999).
 */
export class MomentumExhaustion implements Indicator {
  declare readonly warmUpBars: number;
  declare readonly scoreMin: number;
  declare upScore: number;
  declare downScore: number;
  declare direction: number;
  declare private readonly stretchAtrs: number;
  declare private readonly rsi: Rsi;
  declare private readonly mean: Ema;
  declare private readonly atr: Atr;
  declare private readonly highest: RollingMax;
  declare private readonly lowest: RollingMin;
  declare private readonly fastestUp: RollingMax;
  declare private readonly fastestDown: RollingMin;
  declare private readonly closes: Float64Array;
  declare private slot: number;
  declare private seen: number;
  declare private lastOpenTime: number;

  /** @throws RangeError when a length is not positive and whole or `stretchAtrs` not positive */
  constructor(options: MomentumExhaustionOptions = {}) {
    const { rsiLength = 14, meanLength = 20, atrLength = 14 } = options;
    const { momentumLength = 10, fadeLength = 20, stretchAtrs = 3, scoreMin = 70 } = options;
    if (!(stretchAtrs > 0)) throw new RangeError(`stretchAtrs must be positive: ${stretchAtrs}`);
    checkedLength(momentumLength);
    this.warmUpBars = Math.max(rsiLength + 1, meanLength, atrLength, momentumLength + fadeLength);
    this.scoreMin = scoreMin;
    this.upScore = Number.NaN;
    this.downScore = Number.NaN;
    this.direction = 0;
    this.stretchAtrs = stretchAtrs;
    this.rsi = new Rsi(rsiLength);
    this.mean = new Ema(meanLength);
    this.atr = new Atr(atrLength);
    this.highest = new RollingMax(fadeLength);
    this.lowest = new RollingMin(fadeLength);
    this.fastestUp = new RollingMax(fadeLength);
    this.fastestDown = new RollingMin(fadeLength);
    this.closes = new Float64Array(momentumLength).fill(Number.NaN);
    this.slot = 0;
    this.seen = 0;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const { close } = bar;
    const { closes, slot } = this;
    const momentum = close - closes[slot];
    closes[slot] = close;
    this.slot = slot + 1 === closes.length ? 0 : slot + 1;
    const rsi = this.rsi.update(close);
    const mean = this.mean.update(close);
    const atr = this.atr.update(bar.high, bar.low, close);
    const high = this.highest.update(bar.high);
    const low = this.lowest.update(bar.low);
    const up = this.fastestUp.update(momentum);
    const down = this.fastestDown.update(momentum);
    if (++this.seen < this.warmUpBars) return;
    const extremity = (rsi - 50) / 20;
    const stretch = atr > 0 ? (close - mean) / (this.stretchAtrs * atr) : 0;
    const place = high > low ? (close - low) / (high - low) : 0.5;
    const upFade = up > 0 ? place * (1 - momentum / up) : 0;
    const downFade = down < 0 ? (1 - place) * (1 - momentum / down) : 0;
    this.upScore = score(extremity, stretch, upFade);
    this.downScore = score(0 - extremity, 0 - stretch, downFade);
    this.direction = 0;
    if (this.upScore >= this.scoreMin) this.direction = -1;
    else if (this.downScore >= this.scoreMin) this.direction = 1;
  }
}

function score(extremity: number, stretch: number, fade: number): number {
  return (100 * (unit(extremity) + unit(stretch) + unit(fade))) / 3;
}

function unit(x: number): number {
  return x > 0 ? Math.min(1, x) : 0;
}
