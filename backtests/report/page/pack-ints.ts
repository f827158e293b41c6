/**
 * Whole numbers as base64 of zigzag variable-length bytes: 7 bits a byte, low bits first. Small
 * numbers take one byte, so columns are stored as differences. Safe integers only.
 */
export function packInts(values: ArrayLike<number>): string {
  let bytes = new Uint8Array(values.length * 2 + 16);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} at ${i} is no whole number`);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    if (at + 10 > bytes.length) {
      const wider = new Uint8Array(bytes.length * 2);
      wider.set(bytes);
      bytes = wider;
    }
    // Divisions, not shifts: a shift would cut the number to 32 bits.
    while (rest >= 128) {
      bytes[at++] = 128 + (rest % 128);
      rest = Math.floor(rest / 128);
    }
    bytes[at++] = rest;
  }
  return Buffer.from(bytes.buffer, 0, at).toString('base64');
}

/** Each value less the one before it; the first as it is. */
export function differences(values: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] - (i === 0 ? 0 : values[i - 1]);
  return out;
}

/** The inverse of `packInts`, as it runs in the page. */
export const UNPACK_SCRIPT = `
function unpackInts(text) {
  const bytes = atob(text);
  const out = [];
  const { length } = bytes;
  let value = 0;
  let scale = 1;
  for (let i = 0; i < length; i++) {
    const byte = bytes.charCodeAt(i);
    value += (byte & 127) * scale;
    if (byte & 128) { scale *= 128; continue; }
    out.push(value % 2 === 1 ? -(value + 1) / 2 : value / 2);
    value = 0;
    scale = 1;
  }
  return out;
}
function sums(values) {
  let total = 0;
  return values.map((value) => (total += value));
}
`;
