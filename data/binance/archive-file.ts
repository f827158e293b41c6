import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../src/engine/error.ts';
import type { PublicHttp } from './public-http.ts';

/** Bytes of a zip's last record; its signature is the sign of a whole file. */
const ZIP_END = Buffer.from('PK\x05\x06', 'latin1');
const ZIP_TAIL_BYTES = 65_557;

export interface ArchiveFileOptions {
  http: PublicHttp;
  url: string;
  path: string;
  /** Ask again for the checksum of a file that is already there: archives are re-issued at times. */
  refresh?: boolean;
  onBytes?: (bytes: number) => void;
}

/** `fetched` now, `kept` as it was there and right, or `absent` from the archive (404). */
export type ArchiveOutcome = 'fetched' | 'kept' | 'absent';

/**
 * Brings one zip of the archive to `path`, verified against its published SHA-256, which is kept
 * beside it. An interrupted download leaves `path.part` and goes on from there; nothing unverified
 * ever has the final name.
 * @throws AppError DATA_CHECKSUM after a second wrong download, EXCHANGE_* from the network
 */
export async function fetchArchiveFile(options: ArchiveFileOptions): Promise<ArchiveOutcome> {
  const { path, http, url } = options;
  const sidecar = `${path}.CHECKSUM`;
  if (existsSync(path) && !options.refresh && (await isVerified(path, sidecar))) return 'kept';
  const answer = await http.text(`${url}.CHECKSUM`);
  if (answer.status === 404) return 'absent';
  const expected = parseChecksum(answer, url);
  if (existsSync(path) && (await sha256Of(path)) === expected) {
    await writeFile(sidecar, checksumLine(expected, path));
    return 'kept';
  }
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  for (let attempt = 1; ; attempt++) {
    if ((await download(options, part)) === 'absent') return 'absent';
    const actual = await sha256Of(part);
    if (actual === expected) break;
    await rm(part, { force: true });
    if (attempt < 2) continue;
    throw new AppError(
      'DATA_CHECKSUM',
      `${url}: its SHA-256 is ${actual.slice(0, 16)}..., published is ${expected.slice(0, 16)}...`,
      'downloaded twice and kept neither; try again later',
    );
  }
  await refuseBrokenZip(part, url);
  await writeFile(sidecar, checksumLine(expected, path));
  await rename(part, path);
  return 'fetched';
}

/** True when the file has the hash that was kept beside it. */
async function isVerified(path: string, sidecar: string): Promise<boolean> {
  if (!existsSync(sidecar)) return false;
  const [expected] = (await readFile(sidecar, 'utf8')).trim().split(/\s+/);
  return (await sha256Of(path)) === expected;
}

async function download(options: ArchiveFileOptions, part: string): Promise<'done' | 'absent'> {
  const { http, url, onBytes } = options;
  let received = 0;
  let seen = 0;
  const tryOnce = async (): Promise<'done' | 'absent'> => {
    const start = existsSync(part) ? (await stat(part)).size : 0;
    const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    let file: FileHandle | undefined;
    try {
      const answer = await http.stream(url, {
        headers,
        onHead: async (status, head) => {
          if (status !== 200 && status !== 206) return;
          const isNext = status === 206 && rangeStart(head) === start;
          // A server without ranges sends the whole file: start over.
          file = await open(part, isNext ? 'a' : 'w');
        },
        onChunk: async (chunk) => {
          if (file === undefined) return;
          await file.write(chunk);
          received += chunk.length;
          onBytes?.(chunk.length);
        },
      });
      if (answer.status === 404) return 'absent';
      // The part is longer than the file, or exactly as long: its hash decides.
      if (answer.status === 416) return 'done';
      if (file === undefined) throw unexpected(url, answer.status);
      return 'done';
    } finally {
      await file?.close();
    }
  };
  const isProgress = () => {
    const hasMore = received > seen;
    seen = received;
    return hasMore;
  };
  return http.retrying(url, tryOnce, isProgress);
}

function rangeStart(headers: Headers): number {
  const match = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '');
  return match === null ? -1 : Number(match[1]);
}

function parseChecksum(answer: { status: number; body: string }, url: string): string {
  if (answer.status !== 200) throw unexpected(`${url}.CHECKSUM`, answer.status);
  const hash = answer.body.trim().split(/\s+/)[0]?.toLowerCase() ?? '';
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  const text = `${url}.CHECKSUM holds no SHA-256: "${answer.body.slice(0, 60)}"`;
  throw new AppError('DATA_CHECKSUM', text, 'is --base-url a copy of the archive?');
}

function checksumLine(hash: string, path: string): string {
  return `${hash}  ${basename(path)}\n`;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The published hash may be that of a broken file. */
async function refuseBrokenZip(part: string, url: string): Promise<void> {
  const { size } = await stat(part);
  const length = Math.min(size, ZIP_TAIL_BYTES);
  const file = await open(part, 'r');
  const tail = Buffer.alloc(length);
  await file.read(tail, 0, length, size - length);
  await file.close();
  if (tail.includes(ZIP_END)) return;
  await rm(part, { force: true });
  const hint = 'it is cut off in the archive itself; report it there, or use other days';
  throw new AppError('DATA_DAMAGED', `${url} is not a whole zip (${size} bytes)`, hint);
}

function unexpected(url: string, status: number): AppError {
  const hint = 'is the base URL right?';
  return new AppError('EXCHANGE_UNEXPECTED', `${url} answered ${status}`, hint);
}
