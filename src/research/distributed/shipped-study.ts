import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import { AppError } from '../../engine/error.ts';
import type { MarketData } from '../../market-data.ts';
import type { EvaluatorInput } from '../optimise/trial-evaluator.ts';
import { hashOfBytes, type PackedData, packData, unpackData } from './pack-data.ts';

/** Everything of a study but its data. */
export type StudyCard = Omit<EvaluatorInput, 'data' | 'legs'> & { data: string };

const KEEP_S = 7 * 86_400;
const CHUNK_BYTES = 4 * 1_048_576;

const dataKey = (hash: string) => `qcm:data:${hash}`;
const studyKey = (id: string) => `qcm:study:${id}`;

/** Puts study and data into Redis; data that is there already is not sent again. */
export class StudyShipper {
  declare private readonly redis: Redis;
  declare private readonly id: string;
  declare private readonly packed: PackedData;
  declare private readonly card: StudyCard;
  /** Bytes sent so far, compressed. */
  sentBytes = 0;

  constructor(redis: Redis, id: string, input: EvaluatorInput) {
    const { data, legs: _legs, ...rest } = input;
    this.redis = redis;
    this.id = id;
    this.packed = packData(data);
    this.card = { ...rest, data: this.packed.hash };
  }

  async ship(): Promise<void> {
    const { redis, packed } = this;
    const key = dataKey(packed.hash);
    if ((await redis.exists(key)) === 0) {
      const bytes = gzipSync(packed.bytes, { level: 1 });
      this.sentBytes += bytes.length;
      // Under another name until it is whole: nobody must fetch a half.
      const part = `${key}:part:${process.pid}`;
      await redis.del(part);
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        await redis.rpush(part, bytes.subarray(at, at + CHUNK_BYTES));
      }
      await redis.rename(part, key);
    }
    await redis.expire(key, KEEP_S);
    await redis.set(studyKey(this.id), JSON.stringify(this.card), 'EX', KEEP_S);
  }
}

/** @throws AppError RESEARCH_DATA when Redis does not have it, or not whole */
export async function fetchStudy(
  redis: Redis,
  id: string,
  cacheFolder: string,
): Promise<{ card: StudyCard; data: MarketData }> {
  const text = await redis.get(studyKey(id));
  if (text === null) throw new AppError('RESEARCH_DATA', `study ${id} is not in Redis`);
  const card = JSON.parse(text) as StudyCard;
  return { card, data: unpackData(await fetchData(redis, card.data, cacheFolder)) };
}

/** From the folder when it was fetched before, by its hash either way. */
async function fetchData(redis: Redis, hash: string, cacheFolder: string): Promise<Buffer> {
  const path = join(cacheFolder, `${hash}.qcmdata`);
  if (existsSync(path)) {
    const kept = readFileSync(path);
    if (hashOfBytes(kept) === hash) return kept;
  }
  const chunks = await redis.lrangeBuffer(dataKey(hash), 0, -1);
  if (chunks.length === 0) throw new AppError('RESEARCH_DATA', `data ${hash} is not in Redis`);
  const bytes = gunzipSync(Buffer.concat(chunks));
  if (hashOfBytes(bytes) !== hash) {
    throw new AppError('RESEARCH_DATA', `data ${hash} arrived damaged`);
  }
  mkdirSync(cacheFolder, { recursive: true });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, bytes);
  renameSync(part, path);
  return bytes;
}
