import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Bars, createBars } from '../bars/bars.ts';
import type { Finding } from '../validate/findings.ts';

/** Rises when the layout or the meaning of a cached series changes. */
const CACHE_VERSION = 3;
const BLOCK_BYTES = 65_536;
const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume', 'takerBuyVolume'] as const;

interface CacheHeader {
  version: number;
  symbol: string;
  timeframeMs: number;
  length: number;
  names: string[];
  findings: Finding[];
}

/**
 * A series as raw little-endian columns, keyed by what identifies its source files: path, size,
 * time of change, first and last block. Damaged or stale entries count as absent.
 */
export class BarsCache {
  /** Why nothing is cached, if writing failed; shown once as a note. */
  problem: string | undefined;
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  key(paths: readonly string[], policy: string): string {
    const hash = createHash('sha256').update(`${CACHE_VERSION}|${policy}`);
    for (const path of paths) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`|${path}|${size}|${mtimeMs}|`);
      hash.update(edgeBlocks(path));
    }
    return hash.digest('hex').slice(0, 32);
  }

  read(key: string): { bars: Bars; findings: Finding[] } | undefined {
    const path = join(this.folder, `${key}.bars`);
    if (!existsSync(path)) return undefined;
    const file = openSync(path, 'r');
    try {
      const size = fstatSync(file).size;
      const head = Buffer.alloc(8);
      if (readSync(file, head, 0, 8, 0) !== 8) return undefined;
      const headerBytes = head.readUInt32LE(4);
      if (head.toString('latin1', 0, 4) !== 'QCMB' || headerBytes > size) return undefined;
      const text = Buffer.alloc(headerBytes);
      readSync(file, text, 0, headerBytes, 8);
      const header = JSON.parse(text.toString()) as CacheHeader;
      if (header.version !== CACHE_VERSION) return undefined;
      if (size !== 8 + headerBytes + header.length * 8 * COLUMNS.length) return undefined;
      return { bars: readColumns(file, 8 + headerBytes, header), findings: header.findings };
    } catch (error) {
      // A damaged entry is rebuilt from its source; that it was damaged is worth a note.
      this.problem = `cache entry ${key} is damaged: ${(error as Error).message}`;
      return undefined;
    } finally {
      closeSync(file);
    }
  }

  write(key: string, bars: Bars, findings: readonly Finding[]): void {
    const header: CacheHeader = {
      version: CACHE_VERSION,
      symbol: bars.symbol,
      timeframeMs: bars.timeframeMs,
      length: bars.length,
      names: [...bars.source.names],
      findings: [...findings],
    };
    const text = Buffer.from(JSON.stringify(header));
    const head = Buffer.alloc(8);
    head.write('QCMB', 'latin1');
    head.writeUInt32LE(text.length, 4);
    const temporary = join(this.folder, `${key}.${process.pid}.tmp`);
    try {
      mkdirSync(this.folder, { recursive: true });
      const file = openSync(temporary, 'w');
      try {
        writeSync(file, head);
        writeSync(file, text);
        for (const name of COLUMNS) {
          const column = bars[name];
          writeSync(file, new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
        }
      } finally {
        closeSync(file);
      }
      renameSync(temporary, join(this.folder, `${key}.bars`));
    } catch (error) {
      rmSync(temporary, { force: true });
      this.problem = `the bar cache cannot be written: ${(error as Error).message}`;
    }
  }
}

function readColumns(file: number, offset: number, header: CacheHeader): Bars {
  const { symbol, timeframeMs, length, names } = header;
  const source = { kind: 'file' as const, names };
  const bars = createBars({ symbol, timeframeMs, length, source });
  let at = offset;
  for (const name of COLUMNS) {
    const column = bars[name];
    const view = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    const got = readSync(file, view, 0, view.length, at);
    if (got !== view.length) throw new Error(`column ${name} is cut off`);
    at += view.length;
  }
  return bars;
}

function edgeBlocks(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const first = Buffer.alloc(Math.min(BLOCK_BYTES, size));
    const last = Buffer.alloc(Math.min(BLOCK_BYTES, size));
    readSync(file, first, 0, first.length, 0);
    readSync(file, last, 0, last.length, size - last.length);
    return Buffer.concat([first, last]);
  } finally {
    closeSync(file);
  }
}
