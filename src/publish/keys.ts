/**
 * What is published, key by key; `docs/REDIS.md` explains it to readers in other languages. Values
 * are JSON objects; numbers that are not known are null. Times are ms since 1970, engine time.
 */
export interface PublishedPrice {
  atMs: number;
  last: number | null;
  bid: number | null;
  ask: number | null;
  mark: number | null;
  /** Per funding interval, as a fraction; positive: longs pay. */
  fundingRate: number | null;
}

export interface PublishedCvd {
  atMs: number;
  /** UTC date it counts from. */
  day: string;
  /** Taker bought minus taker sold since 00:00 UTC or the start of the daemon, base asset. */
  value: number;
  /** Where the volumes come from: trades as they happen, or closed bars. */
  source: 'flow' | 'bars';
}

export interface PublishedTags {
  atMs: number;
  tags: readonly string[];
}

export interface PublishedBeta {
  atMs: number;
  main: string;
  legs: readonly { symbol: string; beta: number; correlation: number }[];
}

export interface PublishedStatus {
  atMs: number;
  label: string;
  mode: string;
  symbols: readonly string[];
  ready: boolean;
  /** Why the session is not well; null while it is. */
  trouble: string | null;
  halts: readonly string[];
  equity: number;
  openPackages: number;
  positions: readonly { symbol: string; quantity: number }[];
  sequence: number;
}

/** Newest entries kept in each stream, about. */
export const STREAM_ENTRIES_MAX = 1_000;

/** How long a value lives without being written again: what is gone is not known any more. */
export const LIFE_MS = {
  price: 60_000,
  cvd: 600_000,
  tags: 3_600_000,
  beta: 3_600_000,
  status: 15_000,
};

export function keysOf(prefix: string) {
  return {
    price: (symbol: string) => `${prefix}:price:${symbol}`,
    cvd: (symbol: string) => `${prefix}:cvd:${symbol}`,
    tags: (symbol: string) => `${prefix}:tags:${symbol}`,
    beta: `${prefix}:beta`,
    status: `${prefix}:status`,
    /** Streams; each entry has one field, `json`. */
    alerts: `${prefix}:alerts`,
    notices: `${prefix}:notices`,
  };
}
