/** `sameBar` and `coolDown` are not sent; they are counted. */
export type GuardVerdict = 'pass' | 'sameBar' | 'coolDown';

/**
 * Keeps alerts from becoming spam: at most one per symbol and side on a bar, and none within the
 * cool-down after the last one that passed. (Once per order block is the trigger's own rule.)
 * Time is the engine's, so a replay gives the same verdicts.
 */
export class AlertGuard {
  readonly barMs: number;
  readonly cooldownMs: number;
  /** Alerts held back so far. */
  heldCount: number;
  private readonly lastMs: Map<string, number>;

  /** @throws RangeError when the bar is not longer than nothing, or the cool-down negative */
  constructor(options: { barMs: number; cooldownMs: number }) {
    if (!(options.barMs > 0)) throw new RangeError('a bar lasts longer than 0 ms');
    if (!(options.cooldownMs >= 0)) throw new RangeError('a cool-down is not negative');
    this.barMs = options.barMs;
    this.cooldownMs = options.cooldownMs;
    this.heldCount = 0;
    this.lastMs = new Map();
  }

  /** Decides about one alert; one that passes starts the cool-down, one held back does not. */
  admit(alert: { symbol: string; side: 'BUY' | 'SELL' }, atMs: number): GuardVerdict {
    const key = `${alert.symbol} ${alert.side}`;
    const last = this.lastMs.get(key);
    if (last !== undefined) {
      const isSameBar = Math.floor(atMs / this.barMs) === Math.floor(last / this.barMs);
      if (isSameBar || atMs - last < this.cooldownMs) {
        this.heldCount++;
        return isSameBar ? 'sameBar' : 'coolDown';
      }
    }
    this.lastMs.set(key, atMs);
    return 'pass';
  }
}
