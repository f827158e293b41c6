import type { TimePort, WakeUp } from './ports.ts';

interface Entry {
  atMs: number;
  rank: number;
  order: number;
  action: () => void;
  isCancelled: boolean;
}

/**
 * Time that stands still until it is moved: replays run at full speed, and a whole session with
 * its venue runs in one process with every interleaving under control. Equal times run by rank,
 * then in the order they were asked for.
 */
export class VirtualTime implements TimePort {
  declare private currentMs: number;
  private readonly heap: Entry[] = [];
  private order = 0;

  constructor(startMs: number) {
    this.currentMs = startMs;
  }

  nowMs(): number {
    return this.currentMs;
  }

  wake(atMs: number, action: () => void, rank = 1): WakeUp {
    const dueMs = Math.max(atMs, this.currentMs);
    const entry = { atMs: dueMs, rank, order: this.order++, action, isCancelled: false };
    push(this.heap, entry);
    return {
      cancel: () => {
        entry.isCancelled = true;
      },
    };
  }

  /** When the next wake-up is due; infinity when none is. */
  nextMs(): number {
    while (this.heap.length > 0 && this.heap[0].isCancelled) pop(this.heap);
    return this.heap.length === 0 ? Number.POSITIVE_INFINITY : this.heap[0].atMs;
  }

  /** Runs the next wake-up if it is due by then; false when none was. */
  step(untilMs: number, rankMax = Number.POSITIVE_INFINITY): boolean {
    const next = this.nextMs();
    if (next > untilMs || (next === untilMs && this.heap[0].rank > rankMax)) return false;
    const entry = pop(this.heap);
    this.currentMs = Math.max(this.currentMs, entry.atMs);
    entry.action();
    return true;
  }

  /**
   * Runs everything due up to then, and what that asks for, and stands there. At that very instant
   * only what ranks up to `rankMax`: the rest comes after what the caller has for this instant.
   */
  runTo(untilMs: number, rankMax = Number.POSITIVE_INFINITY): void {
    while (this.step(untilMs, rankMax));
    this.currentMs = Math.max(this.currentMs, untilMs);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(entry, heap[parent])) break;
    heap[i] = heap[parent];
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): Entry {
  const top = heap[0];
  const last = heap.pop() as Entry;
  if (heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], last)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}
