/** Seeded uniform and normal numbers (sfc32, Box-Muller by the polar method): same seed, same run. */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private spare = Number.NaN;

  constructor(seed: number) {
    this.a = seed | 0;
    this.b = (seed / 4_294_967_296) | (0 ^ 0x243f6a88);
    this.c = 0x85a308d3 | 0;
    for (let i = 0; i < 20; i++) this.bits();
  }

  /** In [0, 1). */
  uniform(): number {
    return this.bits() / 4_294_967_296;
  }

  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(r)) / r);
      this.spare = y * scale;
      return x * scale;
    }
  }

  private bits(): number {
    const t = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }
}
