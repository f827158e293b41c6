/** Two clocks of the machine: one that never jumps, one that is right. */
export interface ClockSource {
  monotonicMs(): number;
  wallMs(): number;
}

/** The most by which engine time may run fast or slow to meet the reference: 500 ppm. */
const SLEW_MAX = 0.0005;
/** A difference that is not slewed away but told. */
export const STEP_MS = 250;
/** Beats this much late mean that the process stood still. */
export const STALL_MS = 1_000;
/** Pace while the reference lies behind by a step: time never falls, so it waits. */
const WAITING_PACE = 0.5;

/**
 * Engine time: an anchor plus the monotonic clock. `sync` compares it with the reference (the wall
 * clock, or the venue's): small differences are slewed away, a step forward is made at once, and a
 * step back is waited for at half the pace, because time never falls.
 */
export class EngineClock {
  declare private readonly source: ClockSource;
  declare private anchorMs: number;
  declare private anchorMonotonicMs: number;
  /** What is still to be slewed at the anchor; its sign is the direction. */
  private offsetMs = 0;
  private isWaiting = false;
  private lastMs = 0;

  constructor(source: ClockSource) {
    this.source = source;
    this.anchorMs = source.wallMs();
    this.anchorMonotonicMs = source.monotonicMs();
  }

  /** Whole milliseconds UTC; never falls. */
  nowMs(): number {
    const now = Math.floor(this.exactMs());
    if (now > this.lastMs) this.lastMs = now;
    return this.lastMs;
  }

  /** Returns the step in ms when the difference is one, else 0. */
  sync(referenceMs = this.source.wallMs()): number {
    const now = this.exactMs();
    const offset = referenceMs - now;
    const isStep = Math.abs(offset) > STEP_MS;
    this.anchorMonotonicMs = this.source.monotonicMs();
    this.anchorMs = isStep && offset > 0 ? referenceMs : now;
    this.isWaiting = isStep && offset < 0;
    this.offsetMs = isStep ? (this.isWaiting ? offset : 0) : offset;
    return isStep ? offset : 0;
  }

  private exactMs(): number {
    const elapsed = this.source.monotonicMs() - this.anchorMonotonicMs;
    const pace = this.isWaiting ? WAITING_PACE : SLEW_MAX;
    const slewed = Math.min(Math.abs(this.offsetMs), elapsed * pace);
    return this.anchorMs + elapsed + Math.sign(this.offsetMs) * slewed;
  }
}
