const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

/**
 * A streaming 64-bit hash in two 32-bit lanes (multiply-xorshift mixing with odd constants), for
 * comparing two runs. Not cryptographic. NaN is one value; -0 and 0 differ.
 */
export class Digest {
  private a = 0x9e3779b1 | 0;
  private b = 0x85ebca77 | 0;

  addNumber(value: number): void {
    FLOAT[0] = Number.isNaN(value) ? Number.NaN : value;
    this.mix(WORDS[0]);
    this.mix(WORDS[1]);
  }

  /** One of few values: a code, a set of flags. An integer below 2^32. */
  addWord(word: number): void {
    this.mix(word);
  }

  addString(text: string): void {
    const { length } = text;
    // `mix`, with both lanes in registers: most of a journal passes here letter by letter.
    let { a, b } = this;
    for (let i = 0; i < length; i++) {
      const word = text.charCodeAt(i);
      a = Math.imul(a ^ word, 0x2c1b3c6d);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x297a2d39) ^ a;
      b ^= b >>> 13;
    }
    this.a = a;
    this.b = b;
    // The length keeps "ab","c" apart from "a","bc".
    this.mix(length ^ 0x5bd1e995);
  }

  hex(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
    return hex(this.a) + hex(this.b);
  }

  save(): unknown {
    return [this.a, this.b];
  }

  load(state: unknown): void {
    [this.a, this.b] = state as [number, number];
  }

  private mix(word: number): void {
    let a = Math.imul(this.a ^ word, 0x2c1b3c6d);
    a ^= a >>> 15;
    const b = Math.imul(this.b + word, 0x297a2d39) ^ a;
    this.a = a;
    this.b = b ^ (b >>> 13);
  }
}

/**
 * Digest of plain data: keys sorted, so that the order of assignment does not matter. Fields that
 * are undefined count as absent, as they do in a journal line.
 */
export function digestOf(value: unknown): string {
  const digest = new Digest();
  addValue(digest, value);
  return digest.hex();
}

function addValue(digest: Digest, value: unknown): void {
  if (value === null) digest.addString('null');
  else if (Array.isArray(value)) addList(digest, value);
  else if (ArrayBuffer.isView(value)) addList(digest, value as Float64Array);
  else if (typeof value === 'object') addFields(digest, value as Record<string, unknown>);
  else {
    digest.addString(typeof value);
    if (typeof value === 'number') digest.addNumber(value);
    else if (typeof value === 'string') digest.addString(value);
    else if (typeof value === 'boolean') digest.addNumber(value ? 1 : 0);
  }
}

/** The length says where a list ends: without it [[1], 2] would equal [[1, 2]]. */
function addList(digest: Digest, list: ArrayLike<unknown>): void {
  digest.addString('array');
  digest.addNumber(list.length);
  for (let i = 0; i < list.length; i++) addValue(digest, list[i]);
}

function addFields(digest: Digest, fields: Record<string, unknown>): void {
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined);
  digest.addString('object');
  digest.addNumber(keys.length);
  for (const key of keys.sort()) {
    digest.addString(key);
    addValue(digest, fields[key]);
  }
}
