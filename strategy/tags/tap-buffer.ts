const FIRST_CAPACITY = 8;

/** What a plan and a record need to know of a block, copied at its tap. */
export interface TappedBlock {
  id: number;
  top: number;
  bottom: number;
  createdBar: number;
  /** Base volume; NaN where the source of the block does not measure it. */
  volume: number;
  dominance: number;
  strength: number;
}

/** Qualified blocks of one side that the last bar tapped, in columns; filled anew on each bar. */
export class TapBuffer {
  declare count: number;
  declare id: Float64Array;
  declare top: Float64Array;
  declare bottom: Float64Array;
  declare createdBar: Float64Array;
  declare volume: Float64Array;
  declare dominance: Float64Array;
  declare strength: Float64Array;
  /** 1 where OB_EDGE_REFINED holds. */
  declare refined: Uint8Array;

  constructor() {
    this.count = 0;
    this.resize(FIRST_CAPACITY);
  }

  /** Adds a place and returns it; the caller fills its columns. */
  add(): number {
    if (this.count === this.id.length) this.resize(this.count * 2);
    return this.count++;
  }

  /** A copy: a block that is mitigated later must not reach back into this tap. */
  at(i: number): TappedBlock {
    return {
      id: this.id[i],
      top: this.top[i],
      bottom: this.bottom[i],
      createdBar: this.createdBar[i],
      volume: this.volume[i],
      dominance: this.dominance[i],
      strength: this.strength[i],
    };
  }

  private resize(capacity: number): void {
    const column = (old: Float64Array | undefined) => {
      const next = new Float64Array(capacity);
      if (old !== undefined) next.set(old);
      return next;
    };
    this.id = column(this.id);
    this.top = column(this.top);
    this.bottom = column(this.bottom);
    this.createdBar = column(this.createdBar);
    this.volume = column(this.volume);
    this.dominance = column(this.dominance);
    this.strength = column(this.strength);
    const refined = new Uint8Array(capacity);
    if (this.refined !== undefined) refined.set(this.refined);
    this.refined = refined;
  }
}
