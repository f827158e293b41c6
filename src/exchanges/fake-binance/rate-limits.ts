import { VenueError } from './venue-error.ts';

export const LIMITS = { weightPerMinute: 2400, ordersPer10s: 300, ordersPerMinute: 1200 };

/** Fixed windows, as the venue counts them. */
export class RateLimits {
  limits = { ...LIMITS };
  bannedUntil = 0;
  private minute = -1;
  private tenSeconds = -1;
  private weight = 0;
  private orders10s = 0;
  private ordersMinute = 0;

  /** @throws VenueError 418 while banned, 429 / -1003 and -1015 over a limit */
  spend(cost: { weight: number; orders: number; reducing: boolean }, now: number): void {
    this.roll(now);
    if (now < this.bannedUntil) throw banned(this.bannedUntil);
    if (this.weight + cost.weight > this.limits.weightPerMinute) throw new VenueError(-1003, 429);
    const tooMany =
      this.orders10s + cost.orders > this.limits.ordersPer10s ||
      this.ordersMinute + cost.orders > this.limits.ordersPerMinute;
    if (cost.orders > 0 && tooMany) throw new VenueError(-1015, 429);
    this.weight += cost.weight;
    this.orders10s += cost.orders;
    this.ordersMinute += cost.orders;
  }

  headers(now: number): Record<string, string> {
    this.roll(now);
    return {
      'X-MBX-USED-WEIGHT-1M': String(this.weight),
      'X-MBX-ORDER-COUNT-10S': String(this.orders10s),
      'X-MBX-ORDER-COUNT-1M': String(this.ordersMinute),
    };
  }

  private roll(now: number): void {
    const minute = Math.floor(now / 60_000);
    const tenSeconds = Math.floor(now / 10_000);
    if (minute !== this.minute) {
      this.minute = minute;
      this.weight = 0;
      this.ordersMinute = 0;
    }
    if (tenSeconds !== this.tenSeconds) {
      this.tenSeconds = tenSeconds;
      this.orders10s = 0;
    }
  }
}

export function banned(until: number): VenueError {
  return new VenueError(-1003, 418, `Way too many requests; IP banned until ${until}.`);
}
