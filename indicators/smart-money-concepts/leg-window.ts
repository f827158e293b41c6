/**
 * The most recent bars in rings, and for each of them whether its high (low) is still strictly
 * above (below) those of all bars after it. Legs of every size ask only that of one bar, so one
 * queue a side serves them all: O(1) amortised a bar, whatever the sizes.
 */
export class LegWindow {
  /** Bars pushed so far; the newest has index `count - 1`. */
  count: number;
  readonly mask: number;
  readonly highs: Float64Array;
  readonly lows: Float64Array;
  readonly times: Float64Array;
  private readonly highUnbeaten: Uint8Array;
  private readonly lowUnbeaten: Uint8Array;
  private readonly highQueue: Int32Array;
  private readonly lowQueue: Int32Array;
  private highHead: number;
  private highTail: number;
  private lowHead: number;
  private lowTail: number;

  /** @param sizeMax the largest number of bars back that will be asked for */
  constructor(sizeMax: number) {
    let capacity = 8;
    while (capacity < sizeMax + 2) capacity *= 2;
    this.count = 0;
    this.mask = capacity - 1;
    this.highs = new Float64Array(capacity);
    this.lows = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.highUnbeaten = new Uint8Array(capacity);
    this.lowUnbeaten = new Uint8Array(capacity);
    // The queues hold ring slots; a slot leaves at the latest when its bar leaves the ring.
    this.highQueue = new Int32Array(capacity);
    this.lowQueue = new Int32Array(capacity);
    this.highHead = 0;
    this.highTail = 0;
    this.lowHead = 0;
    this.lowTail = 0;
  }

  push(high: number, low: number, time: number): void {
    const { mask } = this;
    const slot = this.count++ & mask;
    this.pushHigh(high, slot, mask);
    this.pushLow(low, slot, mask);
    this.times[slot] = time;
  }

  /** Is the high of the bar `size` bars ago strictly above the highs of all bars after it? */
  beatsHighs(size: number): boolean {
    if (this.count <= size) return false;
    return this.highUnbeaten[(this.count - 1 - size) & this.mask] === 1;
  }

  /** Is the low of the bar `size` bars ago strictly below the lows of all bars after it? */
  beatsLows(size: number): boolean {
    if (this.count <= size) return false;
    return this.lowUnbeaten[(this.count - 1 - size) & this.mask] === 1;
  }

  private pushHigh(high: number, slot: number, mask: number): void {
    const { highs, highQueue, highUnbeaten } = this;
    let tail = this.highTail;
    if (tail !== this.highHead && highQueue[this.highHead & mask] === slot) this.highHead++;
    while (tail !== this.highHead && highs[highQueue[(tail - 1) & mask]] <= high) {
      highUnbeaten[highQueue[--tail & mask]] = 0;
    }
    highs[slot] = high;
    highUnbeaten[slot] = 1;
    highQueue[tail & mask] = slot;
    this.highTail = tail + 1;
  }

  private pushLow(low: number, slot: number, mask: number): void {
    const { lows, lowQueue, lowUnbeaten } = this;
    let tail = this.lowTail;
    if (tail !== this.lowHead && lowQueue[this.lowHead & mask] === slot) this.lowHead++;
    while (tail !== this.lowHead && lows[lowQueue[(tail - 1) & mask]] >= low) {
      lowUnbeaten[lowQueue[--tail & mask]] = 0;
    }
    lows[slot] = low;
    lowUnbeaten[slot] = 1;
    lowQueue[tail & mask] = slot;
    this.lowTail = tail + 1;
  }
}
