import { EngineClock, STALL_MS } from '../live/engine-clock.ts';
import type { TimePort, WakeUp } from '../live/ports.ts';
import type { VirtualTime } from '../live/virtual-time.ts';

const BEAT_MS = 250;

/** What the machine's clocks show; a fault moves them. */
export interface MachineClock {
  /** Wall clock minus true time. */
  offsetMs: number;
  /** True time that the monotonic clock missed while the machine was suspended. */
  suspendedMs: number;
}

/**
 * Time of one simulated process: the engine's clock on a machine whose wall clock may be wrong, and
 * wake-ups that are late while the process stands still and never come once it is dead.
 */
export class ProcessTime implements TimePort {
  isDead = false;
  /** Hears steps and stalls, as the beat of `RealTime` tells them. */
  onStep: (stepMs: number) => void = () => {};
  declare private readonly time: VirtualTime;
  declare private readonly machine: MachineClock;
  declare private readonly clock: EngineClock;
  /** Sets each wake-up anew: its delay was counted before a step. */
  private readonly pending = new Set<() => void>();
  private asleepUntilMs = 0;

  constructor(time: VirtualTime, machine: MachineClock) {
    this.time = time;
    this.machine = machine;
    this.clock = new EngineClock({
      monotonicMs: () => time.nowMs() - machine.suspendedMs,
      wallMs: () => this.wallMs(),
    });
  }

  /** `Date.now()` of the machine. */
  wallMs(): number {
    return this.time.nowMs() + this.machine.offsetMs;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  wake(atMs: number, action: () => void, rank = 1): WakeUp {
    let timer: WakeUp | undefined;
    let isCancelled = false;
    const fire = () =>
      this.run(() => {
        if (isCancelled) return;
        if (this.nowMs() < atMs) return arm();
        this.pending.delete(arm);
        action();
      });
    const arm = () => {
      timer?.cancel();
      const delay = Math.max(0, atMs - this.nowMs());
      timer = this.time.wake(this.time.nowMs() + delay, fire, rank);
    };
    this.pending.add(arm);
    arm();
    return {
      cancel: () => {
        isCancelled = true;
        this.pending.delete(arm);
        timer?.cancel();
      },
    };
  }

  /** Something from outside: late while the process sleeps, never when it is dead. */
  run(action: () => void, rank = 0): void {
    if (this.isDead) return;
    if (this.isAsleep()) this.time.wake(this.asleepUntilMs, () => this.run(action, rank), rank);
    else action();
  }

  isAsleep(): boolean {
    return this.time.nowMs() < this.asleepUntilMs;
  }

  /** A blocked event loop; `isSuspended`: the whole machine, whose monotonic clock stops as well. */
  sleep(ms: number, options: { isSuspended: boolean }): void {
    this.asleepUntilMs = Math.max(this.asleepUntilMs, this.time.nowMs() + ms);
    if (options.isSuspended) this.machine.suspendedMs += ms;
    const isStall = !options.isSuspended && ms > STALL_MS;
    this.beat(ms + BEAT_MS / 2, isStall ? ms : 0);
  }

  /** The wall clock jumps; the next beat notices. */
  step(ms: number): void {
    this.machine.offsetMs += ms;
    this.beat(BEAT_MS / 2, 0);
  }

  private beat(afterMs: number, stallMs: number): void {
    this.time.wake(this.time.nowMs() + afterMs, () =>
      this.run(() => {
        const step = this.clock.sync();
        if (step !== 0) for (const arm of [...this.pending]) arm();
        if (step !== 0 || stallMs !== 0) this.onStep(Math.round(step === 0 ? stallMs : step));
      }),
    );
  }
}
