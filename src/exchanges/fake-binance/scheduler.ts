interface Task {
  time: number;
  sequence: number;
  run: () => void;
}

/** What the venue needs of a clock. */
export interface VenueClock {
  readonly now: number;
  /** Runs `run` when the clock reaches `time`; equal times run in the order of their calls. */
  at(time: number, run: () => void): void;
  after(delayMs: number, run: () => void): void;
  /** Moves a clock that its owner moves; nothing on one that follows another clock. */
  advanceTo(time: number): void;
}

/** The venue's own clock: it stands still until it is told the time, then runs what has become due. */
export class Scheduler implements VenueClock {
  now: number;
  private sequence = 0;
  private readonly tasks: Task[] = [];

  constructor(now: number) {
    this.now = now;
  }

  at(time: number, run: () => void): void {
    const task = { time: Math.max(time, this.now), sequence: this.sequence++, run };
    let i = this.tasks.length;
    while (i > 0 && this.tasks[i - 1].time > task.time) i--;
    this.tasks.splice(i, 0, task);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.now + delayMs, run);
  }

  /** The time of the next task, Infinity with none: a virtual run jumps there. */
  nextTime(): number {
    return this.tasks.length === 0 ? Number.POSITIVE_INFINITY : this.tasks[0].time;
  }

  /** A time in the past changes nothing: the venue's own clock never runs backwards. */
  advanceTo(time: number): void {
    while (this.tasks.length > 0 && this.tasks[0].time <= time) {
      const task = this.tasks.shift() as Task;
      this.now = Math.max(this.now, task.time);
      task.run();
    }
    this.now = Math.max(this.now, time);
  }
}
