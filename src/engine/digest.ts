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

  addString(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
    // The length keeps "ab","c" apart from "a","bc".
    this.mix(text.length ^ 0x5bd1e995);
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

/** Digest of plain data: keys sorted, so that the order of assignment does not matter. */
export function digestOf(value: unknown): string {
  const digest = new Digest();
  addValue(digest, value);
  return digest.hex();
}

function addValue(digest: Digest, value: unknown): void {
  digest.addString(Array.isArray(value) ? 'array' : typeof value);
  if (typeof value === 'number') digest.addNumber(value);
  else if (typeof value === 'string') digest.addString(value);
  else if (typeof value === 'boolean') digest.addNumber(value ? 1 : 0);
  else if (Array.isArray(value)) for (const item of value) addValue(digest, item);
  else if (ArrayBuffer.isView(value)) addValue(digest, Array.from(value as Float64Array));
  else if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields).sort()) {
      if (fields[key] === undefined) continue;
      digest.addString(key);
      addValue(digest, fields[key]);
    }
  }
}
