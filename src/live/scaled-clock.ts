import type { ClockSource } from './engine-clock.ts';

/** How a rehearsal's time runs: what the fake venue tells of its own clock. */
export interface ClockScale {
  /** Venue milliseconds in one of the machine's. */
  scale: number;
  /** The same instant on the machine's wall clock and on the venue's. */
  wallMs: number;
  venueMs: number;
}

/** Two processes of one machine that use the same scale and instant agree for good. */
export function scaledClock({ scale, wallMs, venueMs }: ClockScale): ClockSource {
  return {
    monotonicMs: () => performance.now() * scale,
    // Rehearsals need the machine's wall clock, as MACHINE_CLOCK does
    wallMs: () => venueMs + (Date.now() - wallMs) * scale,
  };
}
