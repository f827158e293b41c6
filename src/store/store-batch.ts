/** What one commit writes: plain strings and numbers, so that it can cross to a worker thread. */
export interface StoreBatch {
  /** Encoded journal lines, in order. */
  lines: string[];
  /** Sequence numbers of the first and last event up to here. */
  firstSeq: number;
  lastSeq: number;
  writes: StoreWrite[];
}

export type StoreWrite =
  | { table: 'snapshots'; seq: number; atMs: number; text: string }
  /** The whole table is replaced. */
  | { table: 'protection'; rows: { symbol: string; text: string }[] }
  | { table: 'trades'; seq: number; tradeId: string; closedMs: number; text: string }
  | { table: 'alerts'; atMs: number; level: string; code: string; text: string }
  | { table: 'sessions'; bootId: string; startedMs: number; text: string }
  | { table: 'fills'; seq: number; atMs: number; symbol: string; fillId: string; text: string }
  | { table: 'cashFlows'; seq: number; atMs: number; kind: string; name: string; text: string }
  | { table: 'signals'; seq: number; atMs: number; symbol: string; side: string; text: string }
  | { table: 'breakers'; seq: number; atMs: number; rule: string; change: string; text: string }
  | {
      table: 'betas';
      seq: number;
      atMs: number;
      symbol: string;
      beta: number;
      correlation: number;
    }
  /** What was written between these events never counted. */
  | { table: 'rewound'; toSeq: number; fromSeq: number };

/** Makes batches durable, in the order given. `done` hears the reason when it failed. */
export interface Committer {
  commit(batch: StoreBatch, done: (failure: string | undefined) => void): void;
  /** After everything given so far. */
  close(done: () => void): void;
}

export function emptyBatch(): StoreBatch {
  return { lines: [], firstSeq: 0, lastSeq: 0, writes: [] };
}
