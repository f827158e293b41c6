import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { AppError } from '../../src/engine/error.ts';

/** No honest kline file inflates beyond this; a bomb stops here. */
const INFLATED_BYTES_MAX = 1_500_000_000;
const ZIP_END = 0x06054b50;
const ZIP_ENTRY = 0x02014b50;
const ZIP_LOCAL = 0x04034b50;

/**
 * The bytes of a text file, inflated when it is .gz or a one-file .zip (Binance's archive). Entry
 * names are never used as paths.
 * @throws AppError DATA_* naming the file and what to do
 */
export function readTextBytes(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new AppError('DATA_NO_FILE', `${path} does not exist`, 'check the path');
  }
  if (statSync(path).isDirectory()) {
    throw new AppError('DATA_IS_FOLDER', `${path} is a folder`, 'name one file, or use --data');
  }
  const bytes = readFileSync(path);
  if (bytes.length === 0) {
    throw new AppError('DATA_EMPTY', `${path} is empty (0 bytes)`, 'download it again');
  }
  const name = basename(path).toLowerCase();
  if (name.endsWith('.gz')) return inflate(path, () => gunzipSync(bytes, inflateOptions()));
  if (name.endsWith('.zip')) return unzipSingle(path, bytes);
  return bytes;
}

function inflateOptions() {
  return { maxOutputLength: INFLATED_BYTES_MAX };
}

function inflate(path: string, run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      const limit = `${INFLATED_BYTES_MAX / 1e6} MB`;
      throw new AppError('DATA_BOMB', `${path} inflates to more than ${limit}`, 'not a kline file');
    }
    throw new AppError(
      'DATA_DAMAGED',
      `${path} cannot be inflated: ${message}`,
      'download it again',
    );
  }
}

/** Reads the central directory by hand: one entry, stored or deflated, is all the archive has. */
function unzipSingle(path: string, bytes: Buffer): Uint8Array {
  const damaged = (why: string) =>
    new AppError('DATA_DAMAGED', `${path} is not a whole zip: ${why}`, 'download it again');
  const end = findEnd(bytes);
  if (end < 0) throw damaged('its directory is missing');
  const entries = bytes.readUInt16LE(end + 10);
  if (entries !== 1) {
    throw new AppError('DATA_ZIP_ENTRIES', `${path} holds ${entries} files, one is expected`);
  }
  const entry = bytes.readUInt32LE(end + 16);
  if (entry + 46 > bytes.length || bytes.readUInt32LE(entry) !== ZIP_ENTRY) {
    throw damaged('its directory is cut off');
  }
  const method = bytes.readUInt16LE(entry + 10);
  const packed = bytes.readUInt32LE(entry + 20);
  const inflated = bytes.readUInt32LE(entry + 24);
  const local = bytes.readUInt32LE(entry + 42);
  if (inflated > INFLATED_BYTES_MAX) {
    const limit = `${INFLATED_BYTES_MAX / 1e6} MB`;
    throw new AppError('DATA_BOMB', `${path} inflates to more than ${limit}`, 'not a kline file');
  }
  if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== ZIP_LOCAL) {
    throw damaged('its entry is cut off');
  }
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const data = bytes.subarray(start, start + packed);
  if (data.length !== packed) throw damaged('its data is cut off');
  if (method === 0) return data;
  if (method !== 8) throw damaged(`compression method ${method} is not known`);
  // The directory may lie about the size: the limit holds for what really comes out.
  const options = { maxOutputLength: Math.min(INFLATED_BYTES_MAX, Math.max(1, inflated)) };
  return inflate(path, () => inflateRawSync(data, options));
}

function findEnd(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - 65_557);
  for (let at = bytes.length - 22; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) === ZIP_END) return at;
  }
  return -1;
}
