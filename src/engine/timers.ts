import { assert, fail } from './assert.ts';
import { LIMITS } from './limits.ts';

export interface Timer {
  id: string;
  atMs: number;
}

/** Timers that are set, earliest first; equal times fire in the order they were set. */
export class Timers {
  private list: Timer[] = [];

  /** Setting a timer that exists moves it. */
  set(id: string, atMs: number): void {
    // NaN compares false with everything: it would reach the head and hold back all the others.
    if (!Number.isFinite(atMs)) fail(`timer ${id} has no time: ${atMs}`);
    this.clear(id);
    assert(this.list.length < LIMITS.timersMax, 'too many timers');
    let place = this.list.length;
    while (place > 0 && this.list[place - 1].atMs > atMs) place--;
    this.list.splice(place, 0, { id, atMs });
  }

  /** Whether it was set. */
  clear(id: string): boolean {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].id !== id) continue;
      this.list.splice(i, 1);
      return true;
    }
    return false;
  }

  /** When it is due; undefined when it is not set. */
  dueMs(id: string): number | undefined {
    for (let i = 0; i < this.list.length; i++) if (this.list[i].id === id) return this.list[i].atMs;
    return undefined;
  }

  next(): Timer | undefined {
    return this.list[0];
  }

  save(): unknown {
    return this.list.map((timer) => ({ ...timer }));
  }

  load(state: unknown): void {
    this.list = (state as Timer[]).map((timer) => ({ ...timer }));
  }
}
