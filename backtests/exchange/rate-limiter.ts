import { AppError } from '../../src/engine/error.ts';

export interface RateLimit {
  windowMs: number;
  max: number;
}

/** Orders of one account on Binance USD-M; cancels are not counted. */
export const ORDER_LIMITS: readonly RateLimit[] = [
  { windowMs: 10_000, max: 300 },
  { windowMs: 60_000, max: 1_200 },
];

/** Counts in fixed windows, as the venue does: they begin at multiples of their length. */
export class RateLimiter {
  declare private readonly limits: readonly RateLimit[];
  private readonly windows: number[] = [];
  private readonly counts: number[] = [];

  constructor(limits: readonly RateLimit[]) {
    this.limits = limits;
    for (const _ of limits) {
      this.windows.push(-1);
      this.counts.push(0);
    }
  }

  /** Whether one more is allowed now; counts it if so. */
  admit(atMs: number): boolean {
    for (let i = 0; i < this.limits.length; i++) {
      const window = Math.floor(atMs / this.limits[i].windowMs);
      if (window !== this.windows[i]) {
        this.windows[i] = window;
        this.counts[i] = 0;
      }
      if (this.counts[i] >= this.limits[i].max) return false;
    }
    for (let i = 0; i < this.counts.length; i++) this.counts[i]++;
    return true;
  }

  save(): unknown {
    return { windows: [...this.windows], counts: [...this.counts] };
  }

  /** @throws AppError STORE_OLD for what versions before saved, who left most of a venue out */
  load(state: unknown): void {
    if (state === undefined) {
      throw new AppError(
        'STORE_OLD',
        'the simulated exchange was saved by an older version, without all of its state',
        'begin a new paper account: move the state folder away',
      );
    }
    const { windows, counts } = state as Record<'windows' | 'counts', number[]>;
    this.windows.splice(0, this.windows.length, ...windows);
    this.counts.splice(0, this.counts.length, ...counts);
  }
}
