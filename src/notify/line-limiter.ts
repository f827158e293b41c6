/** Kinds of lines remembered at once; the oldest is forgotten first. */
const KEYS_MAX = 1_000;

interface Bucket {
  tokens: number;
  atMs: number;
  held: number;
}

/**
 * At most `perMinute` lines of a kind, in bursts of as many; what was held back is counted and told
 * with the next line that passes.
 */
export class LineLimiter {
  /** Lines held back so far. */
  heldCount = 0;
  declare private readonly perMinute: number;
  private readonly buckets = new Map<string, Bucket>();

  /** @throws RangeError when nothing could ever pass */
  constructor(options: { perMinute: number }) {
    if (!(options.perMinute >= 1)) throw new RangeError('at least one line a minute passes');
    this.perMinute = options.perMinute;
  }

  /** How many of this kind were held back since the last that passed; undefined: hold this one. */
  take(key: string, nowMs: number): number | undefined {
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= KEYS_MAX) this.forgetOldest();
      bucket = { tokens: this.perMinute, atMs: nowMs, held: 0 };
      this.buckets.set(key, bucket);
    }
    const gained = (Math.max(0, nowMs - bucket.atMs) * this.perMinute) / 60_000;
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + gained);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) {
      bucket.held++;
      this.heldCount++;
      return undefined;
    }
    bucket.tokens--;
    const { held } = bucket;
    bucket.held = 0;
    return held;
  }

  private forgetOldest(): void {
    for (const key of this.buckets.keys()) {
      this.buckets.delete(key);
      return;
    }
  }
}
