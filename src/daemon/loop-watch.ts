import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Notice } from '../exchanges/binance/venue-line.ts';

const READ_EVERY_MS = 10_000;
const RESOLUTION_MS = 10;
/** Frames wait this long before anybody looks at them: protection is late by as much. */
export const LAG_WARN_MS = 250;
/** One word about it in so long; the figures stand in `lag`. */
const WARN_EVERY_MS = 300_000;

export interface LoopLag {
  p99Ms: number;
  maxMs: number;
}

/**
 * How long the event loop is held up. A stall over a second also stops entries (`clock.stepped`);
 * shorter ones are only told, because what a position needs is late by that much.
 */
export class LoopWatch {
  /** Of the last ten seconds that are over. */
  lag: LoopLag = { p99Ms: 0, maxMs: 0 };
  /** Longest since the start, the start itself excepted. */
  worstMs = 0;
  declare private readonly histogram: ReturnType<typeof monitorEventLoopDelay>;
  declare private readonly notice: Notice;
  private timer: NodeJS.Timeout | undefined;
  private warnedMs = Number.NEGATIVE_INFINITY;

  constructor(notice: Notice) {
    this.notice = notice;
    this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  }

  start(): void {
    this.histogram.enable();
    this.timer = setInterval(() => this.read(), READ_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  /** Also called by tests; ends the running ten seconds. */
  read(): void {
    const { histogram } = this;
    if (histogram.count === 0) return;
    // The histogram counts whole intervals: what is beyond the resolution is lag.
    const lagOf = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    this.lag = { p99Ms: lagOf(histogram.percentile(99)), maxMs: lagOf(histogram.max) };
    histogram.reset();
    const { maxMs } = this.lag;
    if (maxMs > this.worstMs) this.worstMs = maxMs;
    const now = performance.now();
    if (maxMs < LAG_WARN_MS || now - this.warnedMs < WARN_EVERY_MS) return;
    this.warnedMs = now;
    const text = `the event loop stood still for ${Math.round(maxMs)} ms; everything was late by that`;
    this.notice('warning', 'LOOP_STALL', text);
  }
}
