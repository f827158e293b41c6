import { type ClockSource, EngineClock, STALL_MS } from './engine-clock.ts';
import type { TimePort, WakeUp } from './ports.ts';

const BEAT_MS = 250;
/** Node's timers overflow beyond this. */
const DELAY_MAX_MS = 2_000_000_000;

export const MACHINE_CLOCK: ClockSource = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/**
 * Time of a process that trades: the engine clock, the machine's timers, and a beat that notices
 * steps of the wall clock and stalls of the process (a suspended machine, a blocked event loop).
 */
export class RealTime implements TimePort {
  declare private readonly clock: EngineClock;
  declare private readonly source: ClockSource;
  /** Sets the machine's timer of each wake-up anew: its delay was counted before a step. */
  private readonly pending = new Set<() => void>();
  private beat: NodeJS.Timeout | undefined;
  private beatDueMs = 0;

  declare readonly scale: number;

  /** `scale` over 1 in rehearsals only: so many of its milliseconds pass in one of the machine's. */
  constructor(source: ClockSource = MACHINE_CLOCK, scale = 1) {
    this.source = source;
    this.scale = scale;
    this.clock = new EngineClock(source);
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  wake(atMs: number, action: () => void): WakeUp {
    let timeout: NodeJS.Timeout | undefined;
    const fire = () => {
      if (this.nowMs() < atMs) {
        arm();
        return;
      }
      this.pending.delete(arm);
      action();
    };
    const arm = () => {
      clearTimeout(timeout);
      const delay = Math.min(DELAY_MAX_MS, Math.max(0, (atMs - this.nowMs()) / this.scale));
      timeout = setTimeout(fire, delay);
    };
    this.pending.add(arm);
    arm();
    return {
      cancel: () => {
        this.pending.delete(arm);
        clearTimeout(timeout);
      },
    };
  }

  /** `onStep` hears each step or stall in ms, with its sign. */
  watch(onStep: (stepMs: number) => void): WakeUp {
    // A stall is one of the machine, whatever time it runs in.
    const machineMs = () => this.source.monotonicMs() / this.scale;
    this.beatDueMs = machineMs() + BEAT_MS;
    this.beat = setInterval(() => {
      const now = machineMs();
      const late = now - this.beatDueMs;
      this.beatDueMs = now + BEAT_MS;
      const step = this.clock.sync();
      if (step !== 0) {
        for (const arm of [...this.pending]) arm();
        onStep(Math.round(step));
      } else if (late > STALL_MS) onStep(Math.round(late * this.scale));
    }, BEAT_MS);
    return { cancel: () => clearInterval(this.beat) };
  }
}
