/**
 * Seeded random numbers and the two transcendental functions the simulated market needs, built
 * from integer operations and + - * / sqrt alone: these are exact by IEEE 754, so a seed gives the
 * same market on every Node version and machine (the last bits of Math.exp or Math.log may differ).
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;
  private spare: number;

  /** Streams of one seed are independent of each other. */
  constructor(seed: number, stream: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 0x1_0000_0000) | 0;
    this.c = Math.imul(stream + 1, 0x9e37_79b9);
    this.counter = 1;
    this.spare = Number.NaN;
    for (let i = 0; i < 20; i++) this.next();
  }

  /** The next 32 bits, as an unsigned integer. */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In (0, 1), never 0. */
  uniform(): number {
    return (this.next() + 0.5) / 0x1_0000_0000;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const { spare } = this;
      this.spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const u = this.uniform() * 2 - 1;
      const v = this.uniform() * 2 - 1;
      const s = u * u + v * v;
      if (s >= 1) continue;
      const factor = Math.sqrt((-2 * ln(s)) / s);
      this.spare = v * factor;
      return u * factor;
    }
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -ln(this.uniform());
  }
}

const { LN2 } = Math;

/** Natural logarithm of a positive finite number, by range reduction and the atanh series. */
export function ln(x: number): number {
  let mantissa = x;
  let doublings = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    doublings--;
  }
  while (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    doublings++;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const q = t * t;
  let sum = 1 / 19;
  for (let n = 17; n >= 1; n -= 2) sum = sum * q + 1 / n;
  return 2 * t * sum + doublings * LN2;
}

/** e^x for |x| < 700, by range reduction and the Taylor series. */
export function exp(x: number): number {
  const doublings = Math.round(x / LN2);
  const r = x - doublings * LN2;
  let sum = 1;
  for (let n = 13; n >= 1; n--) sum = 1 + (sum * r) / n;
  const factor = doublings < 0 ? 0.5 : 2;
  for (let i = Math.abs(doublings); i > 0; i--) sum *= factor;
  return sum;
}
