import type { VirtualTime } from '../live/virtual-time.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { StoreBatch } from '../store/store-batch.ts';

const COMMIT_MS = 1;

/** The state folder: a database that outlives processes, on a disk that may be slow or full. */
export class SimulatedDisk {
  readonly sqlite = new SqliteStore(':memory:');
  readonly startCashUnits: number;
  /** Duration of a commit that begins before `slowUntilMs`. */
  slowMs = 0;
  slowUntilMs = 0;
  fullUntilMs = 0;
  commits = 0;
  declare private readonly time: VirtualTime;
  /** Commits under way belong to a process; its death ends them. */
  private life = 0;
  private readonly underWay = new Set<() => void>();

  constructor(time: VirtualTime, startCashUnits: number) {
    this.time = time;
    this.startCashUnits = startCashUnits;
  }

  commit(batch: StoreBatch, done: (failure: string | undefined) => void): void {
    const { life, time } = this;
    const isSlow = time.nowMs() < this.slowUntilMs;
    const end = (): void => {
      timer.cancel();
      this.underWay.delete(end);
      if (life !== this.life) return;
      if (time.nowMs() < this.fullUntilMs) return done('no space left on device');
      this.commits++;
      this.sqlite.commit(batch, done);
    };
    const timer = time.wake(time.nowMs() + (isSlow ? this.slowMs : COMMIT_MS), end, 0);
    this.underWay.add(end);
  }

  /** What is not on it by now never will be. */
  abandon(): void {
    this.life++;
  }

  /** Ends what is under way at once: the run is over. */
  flush(): void {
    for (const end of [...this.underWay]) end();
  }

  /** All texts that are kept, row by row. */
  everything(): string[] {
    const { db } = this.sqlite;
    const tables = ['journal', 'snapshots', 'protection', 'trades', 'alerts', 'sessions'];
    const rows = (table: string) => db.prepare(`SELECT text FROM ${table}`).all();
    return tables.flatMap((table) => rows(table).map(({ text }) => String(text)));
  }

  close(): void {
    this.sqlite.close(() => {});
  }
}
