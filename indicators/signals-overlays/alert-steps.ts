export interface AlertStepsOptions {
  /** Step number of each condition, 1 upwards without a hole. */
  steps: readonly number[];
  /** Most bars from one step to the next; 0 (default) = no limit. */
  distanceMaxBars?: number;
}

/**
 * The custom alert creator's steps: conditions with the same step number must hold on one bar,
 * steps must be completed in order, each on a later bar than the one before and at most
 * `distanceMaxBars` bars after it. The last step fires and starts over. While a step is awaited,
 * the one before it may hold again: the newer bar counts, so an early touch does not spoil a later
 * one. When the distance runs out, everything starts over, on that very bar.
 *
 * With one step it is a plain AND of all conditions, on every bar. Documented by the original:
 * steps and maximum distance; the three rules on repeats are our design. O(conditions).
 */
export class AlertSteps {
  /** 1 on the bar the last step is completed, else 0. */
  declare fired: number;
  /** Steps completed so far. */
  declare reached: number;
  /** Bars since the last completed step. */
  declare age: number;
  declare private readonly steps: Int32Array;
  declare private readonly last: number;
  declare private readonly distanceMaxBars: number;

  /** @throws RangeError for step numbers with a hole or a distance that is not a whole number */
  constructor(options: AlertStepsOptions) {
    const { steps, distanceMaxBars = 0 } = options;
    const last = Math.max(0, ...steps);
    for (const step of steps) {
      if (!Number.isInteger(step) || step < 1) throw new RangeError(`step number ${step}`);
    }
    for (let step = 1; step <= last; step++) {
      if (!steps.includes(step)) throw new RangeError(`no condition has step ${step} of ${last}`);
    }
    if (last === 0) throw new RangeError('an alert needs at least one condition');
    if (!Number.isInteger(distanceMaxBars) || distanceMaxBars < 0) {
      throw new RangeError(`distanceMaxBars must be a whole number: ${distanceMaxBars}`);
    }
    this.fired = 0;
    this.reached = 0;
    this.age = 0;
    this.steps = Int32Array.from(steps);
    this.last = last;
    this.distanceMaxBars = distanceMaxBars;
  }

  /**
   * One closed bar; `holds[i]` is 1 where condition i holds on it (anything else, NaN too, is no).
   * @throws RangeError when the number of conditions differs
   */
  update(holds: ArrayLike<number>): number {
    if (holds.length !== this.steps.length) {
      throw new RangeError(`${holds.length} conditions given, ${this.steps.length} declared`);
    }
    this.fired = 0;
    if (this.reached > 0) {
      this.age++;
      if (this.distanceMaxBars > 0 && this.age > this.distanceMaxBars) this.reached = 0;
    }
    if (this.isHeld(this.reached + 1, holds)) {
      this.reached++;
      this.age = 0;
      if (this.reached === this.last) {
        this.fired = 1;
        this.reached = 0;
      }
    } else if (this.reached > 0 && this.isHeld(this.reached, holds)) this.age = 0;
    return this.fired;
  }

  private isHeld(step: number, holds: ArrayLike<number>): boolean {
    for (let i = 0; i < this.steps.length; i++) {
      if (this.steps[i] === step && holds[i] !== 1) return false;
    }
    return true;
  }
}
