/** A place in a column of ascending times: one step for the next bar, a search after a jump. */
export class BarCursor {
  /** Index of the last bar moved to; -1 before the first. */
  at = -1;
  declare private readonly times: Float64Array;

  constructor(times: Float64Array) {
    this.times = times;
  }

  /** @throws RangeError for a bar that is not in the column */
  moveTo(openTime: number): void {
    const { times } = this;
    if (times[this.at + 1] === openTime) {
      this.at++;
      return;
    }
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < openTime) low = middle + 1;
      else high = middle;
    }
    if (times[low] !== openTime) throw new RangeError(`no bar at ${openTime} was recorded`);
    this.at = low;
  }
}
