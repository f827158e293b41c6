/** What ends a zone: a close or a wick beyond its far edge, a wick beyond its middle, or nothing. */
export type Mitigation = 'close' | 'wick' | 'average' | 'none';

const FIRST_CAPACITY = 64;

/**
 * Price zones of one side in columns, sorted by how near they are to price: place `count - 1` has
 * the nearest near edge (bullish: highest top, bearish: lowest bottom), of equal ones the newest.
 * Edges are stored times the side, so that one comparison serves both: `near >= far` always.
 *
 * Every zone that a bar touches or ends has its near edge at or beyond the bar's extreme, so these
 * lie together at the end of the list: an update looks only at them, and a bar that touches nothing
 * costs one comparison however long the list is. No allocation once the columns have grown.
 */
export class ZoneList {
  declare readonly side: 1 | -1;
  declare count: number;
  declare near: Float64Array;
  declare far: Float64Array;
  declare createdBar: Float64Array;
  declare id: Float64Array;
  /**
   * Zones that the last bar touched and did not end: from this place to the end, without those
   * created on that bar.
   */
  declare tappedFrom: number;
  /** How many the last bar ended, and how many it found too old. */
  declare mitigated: number;
  declare expired: number;
  declare private readonly mitigation: Mitigation;
  declare private readonly maxAgeBars: number;
  declare private oldestBar: number;

  constructor(options: { side: 1 | -1; mitigation: Mitigation; maxAgeBars: number }) {
    this.side = options.side;
    this.count = 0;
    this.near = new Float64Array(FIRST_CAPACITY);
    this.far = new Float64Array(FIRST_CAPACITY);
    this.createdBar = new Float64Array(FIRST_CAPACITY);
    this.id = new Float64Array(FIRST_CAPACITY);
    this.tappedFrom = 0;
    this.mitigated = 0;
    this.expired = 0;
    this.mitigation = options.mitigation;
    this.maxAgeBars = options.maxAgeBars;
    this.oldestBar = Number.POSITIVE_INFINITY;
  }

  top(at: number): number {
    return this.side === 1 ? this.near[at] : 0 - this.far[at];
  }

  bottom(at: number): number {
    return this.side === 1 ? this.far[at] : 0 - this.near[at];
  }

  /**
   * First on each bar: ends what it breaks, finds what it touches. `extreme` is the bar's low times
   * the side (bearish: -high), `close` likewise.
   */
  sweep(extreme: number, close: number, bar: number): void {
    this.mitigated = 0;
    this.expired = 0;
    if (this.maxAgeBars > 0 && bar - this.oldestBar > this.maxAgeBars) this.expire(bar);
    this.tappedFrom = this.count;
    if (this.count === 0 || this.near[this.count - 1] < extreme) return;
    this.walk(extreme, close);
  }

  /** Inserts a zone and returns its place; `near` and `far` are times the side. */
  protected insert(zone: { near: number; far: number; bar: number; id: number }): number {
    if (this.count === this.near.length) this.grow();
    let at = this.count++;
    for (; at > 0 && this.near[at - 1] > zone.near; at--) this.move(at - 1, at);
    this.near[at] = zone.near;
    this.far[at] = zone.far;
    this.createdBar[at] = zone.bar;
    this.id[at] = zone.id;
    if (at < this.tappedFrom) this.tappedFrom++;
    if (zone.bar < this.oldestBar) this.oldestBar = zone.bar;
    return at;
  }

  /** Copies one zone over another. */
  protected move(from: number, to: number): void {
    this.near[to] = this.near[from];
    this.far[to] = this.far[from];
    this.createdBar[to] = this.createdBar[from];
    this.id[to] = this.id[from];
  }

  protected grow(): void {
    this.near = grown(this.near);
    this.far = grown(this.far);
    this.createdBar = grown(this.createdBar);
    this.id = grown(this.id);
  }

  /** Called with the place of a zone that is about to leave because price broke it. */
  protected onEnded(_at: number): void {
    // A plain list keeps nothing of it.
  }

  /** Drops the zone with the smallest id. */
  protected removeOldest(): void {
    let oldest = 0;
    for (let at = 1; at < this.count; at++) if (this.id[at] < this.id[oldest]) oldest = at;
    this.count--;
    for (let to = oldest; to < this.count; to++) this.move(to + 1, to);
    if (oldest < this.tappedFrom) this.tappedFrom--;
    this.measureOldest();
  }

  private walk(extreme: number, close: number): void {
    let from = this.count - 1;
    while (from > 0 && this.near[from - 1] >= extreme) from--;
    let kept = from;
    for (let at = from; at < this.count; at++) {
      if (this.isEnded(at, extreme, close)) {
        this.mitigated++;
        this.onEnded(at);
        continue;
      }
      if (kept !== at) this.move(at, kept);
      kept++;
    }
    this.count = kept;
    this.tappedFrom = from;
    if (this.mitigated > 0) this.measureOldest();
  }

  private isEnded(at: number, extreme: number, close: number): boolean {
    switch (this.mitigation) {
      case 'close':
        return close < this.far[at];
      case 'wick':
        return extreme < this.far[at];
      case 'average':
        return extreme < (this.near[at] + this.far[at]) / 2;
      default:
        return false;
    }
  }

  private expire(bar: number): void {
    let kept = 0;
    for (let at = 0; at < this.count; at++) {
      if (bar - this.createdBar[at] > this.maxAgeBars) continue;
      if (kept !== at) this.move(at, kept);
      kept++;
    }
    this.expired = this.count - kept;
    this.count = kept;
    this.measureOldest();
  }

  /** Only expiry asks for the oldest zone. */
  private measureOldest(): void {
    if (this.maxAgeBars === 0) return;
    this.oldestBar = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.count; at++) {
      if (this.createdBar[at] < this.oldestBar) this.oldestBar = this.createdBar[at];
    }
  }
}

export function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
