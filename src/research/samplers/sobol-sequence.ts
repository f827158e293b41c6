import { Random } from '../../../data/simulated/random.ts';

const BITS = 32;
const SCALE = 1 / 0x1_0000_0000;
/** Dimensions that a new one is compared with, and points, when its start numbers are chosen. */
const COMPARED = 6;
const COMPARED_LOG2 = 8;
const DRAWS = 24;

/**
 * Sobol's low-discrepancy sequence (I. M. Sobol', 1967) in Gray-code order (Antonov and Saleev,
 * 1979). The primitive polynomials are found by search, the free start numbers drawn from a fixed
 * seed: per dimension the draw that keeps Sobol's property A with those before it and spreads best
 * in the planes with them. A random digital shift by the seed leaves the structure as it is.
 */
export class SobolSequence {
  declare readonly dimensions: number;
  declare private readonly directions: readonly Uint32Array[];
  declare private readonly shift: Uint32Array;
  declare private readonly state: Uint32Array;
  private index = 0;

  /** @param seed undefined: no shift, the first point is the origin */
  constructor(options: { dimensions: number; seed?: number }) {
    this.dimensions = options.dimensions;
    this.directions = directionNumbers(options.dimensions);
    this.state = new Uint32Array(options.dimensions);
    this.shift = new Uint32Array(options.dimensions);
    if (options.seed === undefined) return;
    const random = new Random(options.seed, 0x50b0);
    for (let i = 0; i < this.shift.length; i++) this.shift[i] = random.next();
  }

  /** The next point of the unit cube, in [0, 1). */
  next(): Float64Array {
    const { state, shift } = this;
    const point = new Float64Array(this.dimensions);
    for (let i = 0; i < point.length; i++) point[i] = ((state[i] ^ shift[i]) >>> 0) * SCALE;
    // Index of the lowest zero bit of the point's number: the one digit that Gray code changes.
    const digit = 31 - Math.clz32(~this.index & (this.index + 1));
    for (let i = 0; i < state.length; i++) state[i] ^= this.directions[i][digit];
    this.index++;
    return point;
  }
}

/** 32 direction numbers a dimension, as binary fractions of 32 bits. */
export function directionNumbers(dimensions: number): Uint32Array[] {
  const random = new Random(1_967, 0);
  const polynomials = primitivePolynomials(Math.max(0, dimensions - 1));
  const out: Uint32Array[] = [];
  for (let i = 0; i < dimensions; i++) {
    if (i === 0) {
      // Van der Corput: the first dimension has the polynomial 1.
      out.push(Uint32Array.from({ length: BITS }, (_, k) => (1 << (31 - k)) >>> 0));
      continue;
    }
    out.push(bestDirections(polynomials[i - 1], out, random));
  }
  return out;
}

/**
 * The first primitive polynomials over GF(2) by degree, as bits with the constant term lowest:
 * those for which x has order 2^degree - 1 modulo the polynomial.
 */
export function primitivePolynomials(count: number): number[] {
  const found: number[] = [];
  for (let degree = 1; found.length < count; degree++) {
    const top = 1 << degree;
    for (let middle = 0; middle < top && found.length < count; middle += 2) {
      const polynomial = top | middle | 1;
      if (isPrimitive(polynomial, degree)) found.push(polynomial);
    }
  }
  return found;
}

function isPrimitive(polynomial: number, degree: number): boolean {
  const order = (1 << degree) - 1;
  const top = 1 << degree;
  let power = 1;
  for (let i = 1; i <= order; i++) {
    power <<= 1;
    if (power & top) power ^= polynomial;
    if (power === 1) return i === order;
  }
  return false;
}

function bestDirections(
  polynomial: number,
  before: readonly Uint32Array[],
  random: Random,
): Uint32Array {
  let best: Uint32Array | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (let draw = 0; draw < DRAWS; draw++) {
    const candidate = drawDirections(polynomial, random);
    const lacksA = hasPropertyA([...before, candidate]) ? 0 : 1_000;
    let score = lacksA;
    for (const other of before.slice(-COMPARED)) score += planeUnevenness(other, candidate);
    if (score >= bestScore) continue;
    best = candidate;
    bestScore = score;
  }
  return best as Uint32Array;
}

/** Odd start numbers m_i < 2^i, then Sobol's recurrence over the polynomial's coefficients. */
function drawDirections(polynomial: number, random: Random): Uint32Array {
  const degree = 31 - Math.clz32(polynomial);
  const v = new Uint32Array(BITS);
  for (let i = 0; i < BITS; i++) {
    if (i < degree) {
      const odd = ((random.next() >>> (32 - i - 1)) | 1) & (2 ** (i + 1) - 1);
      v[i] = (odd << (31 - i)) >>> 0;
      continue;
    }
    let value = v[i - degree] ^ (v[i - degree] >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((polynomial >>> (degree - k)) & 1) value ^= v[i - k];
    }
    v[i] = value >>> 0;
  }
  return v;
}

/** Each of 2^d aligned consecutive points lies in another half-cube corner: full rank over GF(2). */
export function hasPropertyA(directions: readonly Uint32Array[]): boolean {
  const d = directions.length;
  if (d > BITS) return true;
  const rows = directions.map((v) => {
    let row = 0;
    for (let k = 0; k < d; k++) row |= (v[k] >>> 31) << k;
    return row;
  });
  for (let column = 0; column < d; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && (row >>> column) & 1);
    if (pivot < 0) return false;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < d; i++) {
      if (i !== column && (rows[i] >>> column) & 1) rows[i] ^= rows[column];
    }
  }
  return true;
}

/** Squared deviation of the first 256 points of a plane from one in each of 16 x 16 cells. */
function planeUnevenness(a: Uint32Array, b: Uint32Array): number {
  const cells = new Uint8Array(256);
  let x = 0;
  let y = 0;
  for (let i = 0; i < 1 << COMPARED_LOG2; i++) {
    cells[((x >>> 28) << 4) | (y >>> 28)]++;
    const digit = 31 - Math.clz32(~i & (i + 1));
    x ^= a[digit];
    y ^= b[digit];
  }
  let sum = 0;
  for (const count of cells) sum += (count - 1) * (count - 1);
  return sum / 256;
}
