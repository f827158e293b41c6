import { Atr } from '../basic/atr.ts';
import type { Bar } from '../indicator.ts';

const ATR_LENGTH = 14;
const TARGETS = 3;

export interface TpSlOptions {
  /** Distance of the stop and of each step between targets, in ATR(14). Default 2. */
  distanceAtrs?: number;
}

/** What ends or begins a set of levels: a signal of +1 / -1, an exit of 1. */
export interface LevelSignals {
  readonly confirmation: number;
  readonly exitBull: number;
  readonly exitBear: number;
}

/**
 * Take-profit and stop-loss levels of a signal, in quote currency. On a signal of direction d:
 * stop = close - d * distance, targets = close + d * distance * (1, 2, 3), distance =
 * `distanceAtrs` * ATR(14) of that bar, all frozen. Bars after it are matched by their high and
 * low; where one reaches both, the stop counts. The stop, the third target, an exit or the next
 * signal ends them.
 *
 * Documented by the original: the two columns `Take Profit` and `Stop Loss`; the distances are our
 * design and no part of the trading rules, which have their own stops. NaN without a live signal.
 * Mirrors exactly. O(1).
 */
export class TpSlLevels {
  /** The next target not reached yet. */
  declare takeProfit: number;
  declare stopLoss: number;
  /** Highest target reached on this bar (1..3), else 0. */
  declare takeProfitHit: number;
  /** 1 on the bar that reaches the stop, else 0. */
  declare stopLossHit: number;
  /** Direction of the live signal, 0 without one. */
  declare side: number;
  declare private readonly distanceAtrs: number;
  declare private readonly atr: Atr;
  declare private reached: number;
  declare private step: number;

  /** @throws RangeError when the distance is not positive */
  constructor(options: TpSlOptions = {}) {
    const { distanceAtrs = 2 } = options;
    if (!(distanceAtrs > 0)) throw new RangeError(`distanceAtrs must be positive: ${distanceAtrs}`);
    this.takeProfit = Number.NaN;
    this.stopLoss = Number.NaN;
    this.takeProfitHit = 0;
    this.stopLossHit = 0;
    this.side = 0;
    this.distanceAtrs = distanceAtrs;
    this.atr = new Atr(ATR_LENGTH);
    this.reached = 0;
    this.step = 0;
  }

  /** `signals` as they are at the end of the same bar. */
  update(bar: Bar, signals: LevelSignals): void {
    const { high, low, close } = bar;
    const atr = this.atr.update(high, low, close);
    this.takeProfitHit = 0;
    this.stopLossHit = 0;
    if (this.side !== 0) this.match(bar);
    const side = signals.confirmation;
    if (side === 1 || side === -1) {
      if (Number.isNaN(atr)) return;
      this.side = side;
      this.reached = 0;
      this.step = side * this.distanceAtrs * atr;
      this.stopLoss = close - this.step;
      this.takeProfit = close + this.step;
    } else if (signals.exitBull === 1 || signals.exitBear === 1) this.end();
  }

  private match(bar: Bar): void {
    const { high, low } = bar;
    const long = this.side === 1;
    if (long ? low <= this.stopLoss : high >= this.stopLoss) {
      this.stopLossHit = 1;
      this.end();
      return;
    }
    while (this.reached < TARGETS && (long ? high >= this.takeProfit : low <= this.takeProfit)) {
      this.reached++;
      this.takeProfitHit = this.reached;
      this.takeProfit += this.step;
    }
    if (this.reached === TARGETS) this.end();
  }

  private end(): void {
    this.side = 0;
    this.takeProfit = Number.NaN;
    this.stopLoss = Number.NaN;
  }
}
