import type { PullProgress } from '../../data/binance/archive.ts';

const TERMINAL_EVERY_MS = 100;
const LOG_EVERY_MS = 5_000;

export const EXIT_INTERRUPTED = 130;

/** Progress on stderr: one line rewritten on a terminal, a line every few seconds in a log. */
export class PullProgressLine {
  private readonly startMs: number;
  private readonly isTerminal: boolean;
  private shownAtMs: number;
  private isOpen: boolean;
  private noted: string;

  constructor() {
    this.startMs = performance.now();
    this.isTerminal = process.stderr.isTTY === true;
    this.shownAtMs = this.startMs;
    this.isOpen = false;
    this.noted = '';
  }

  show(progress: PullProgress): void {
    const nowMs = performance.now();
    const everyMs = this.isTerminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    if (nowMs - this.shownAtMs < everyMs) return;
    this.shownAtMs = nowMs;
    const text = describe(progress, nowMs - this.startMs);
    this.write(this.isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Something the user should know, such as a wait; parallel downloads say the same thing once. */
  note(text: string): void {
    if (text === this.noted) return;
    this.noted = text;
    this.end();
    process.stderr.write(`${text}\n`);
  }

  /** Leaves the terminal on a fresh line. */
  end(): void {
    if (this.isOpen && this.isTerminal) process.stderr.write('\n');
    this.isOpen = false;
  }

  private write(text: string): void {
    this.isOpen = true;
    process.stderr.write(text);
  }
}

/** `12 of 36 months, 14.2 MB, 3.1 MB/s, about 8 s left: BTCUSDT 2025-03`. */
export function describe(progress: PullProgress, elapsedMs: number): string {
  const { monthsDone, months, bytes, current } = progress;
  const seconds = Math.max(0.001, elapsedMs / 1_000);
  const megabytes = bytes / 1e6;
  const parts = [`${monthsDone} of ${months} months`, `${megabytes.toFixed(1)} MB`];
  parts.push(`${(megabytes / seconds).toFixed(1)} MB/s`);
  if (monthsDone > 0 && monthsDone < months) {
    const leftS = (seconds / monthsDone) * (months - monthsDone);
    const text = leftS < 90 ? `${Math.ceil(leftS)} s` : `${Math.ceil(leftS / 60)} min`;
    parts.push(`about ${text} left`);
  }
  return `${parts.join(', ')}: ${current}`;
}
