import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../data/simulated/random.ts';
import { encode } from '../engine/journal-codec.ts';
import { BufferedStore } from './buffered-store.ts';
import { DATABASE_FILE, openStore } from './open-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import { eventRecord, stateFolder } from './testing/store-fixture.ts';

const COMMITS = 60;
const PER_COMMIT = 5;
const FILES = [DATABASE_FILE, `${DATABASE_FILE}-wal`];

/** A store as it lies on disk while in use: part in the database, part in the log. */
let source = '';

beforeAll(() => {
  source = stateFolder();
  const work = stateFolder();
  const sqlite = new SqliteStore(join(work, DATABASE_FILE));
  const store = new BufferedStore(sqlite);
  for (let seq = 1; seq <= COMMITS * PER_COMMIT; seq++) {
    store.append(eventRecord(seq));
    if (seq % PER_COMMIT !== 0) continue;
    if (seq % 50 === 0) store.saveSnapshot({ seq, atMs: seq, text: encode({ seq }) });
    else store.commit();
    if (seq === 150) sqlite.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
  for (const name of readdirSync(work)) {
    if (FILES.includes(name)) copyFileSync(join(work, name), join(source, name));
  }
  sqlite.db.close();
});

/** Opens a damaged copy and says how far it goes; throws when what it holds is not a prefix. */
function reopen(damage: (read: (name: string) => Buffer) => Map<string, Buffer>): number {
  const folder = stateFolder();
  const files = damage((name) => readFileSync(join(source, name)));
  for (const name of FILES) {
    const bytes = files.get(name) ?? readFileSync(join(source, name));
    writeFileSync(join(folder, name), bytes);
  }
  const opened = openStore(folder);
  const { snapshot, suffix, lastSeq } = opened.state;
  expect(snapshot === undefined || (snapshot.state as { seq: number }).seq === snapshot.seq).toBe(
    true,
  );
  // Whatever is left is whole, without holes, and ends on a commit.
  const from = snapshot?.seq ?? 0;
  expect(suffix).toEqual(
    Array.from({ length: Math.max(0, lastSeq - from) }, (_, i) => eventRecord(from + 1 + i)),
  );
  expect(lastSeq % PER_COMMIT).toBe(0);
  // And the store works on.
  const store = new BufferedStore(new SqliteStore(opened.path));
  store.append(eventRecord(lastSeq + 1));
  let failure: string | undefined = 'not answered';
  store.commit((why) => (failure = why));
  expect(failure).toBe(undefined);
  store.close(() => {});
  opened.lock.release();
  const again = openStore(folder);
  expect(again.damage).toEqual([]);
  expect(again.state.lastSeq).toBe(lastSeq + 1);
  again.lock.release();
  return lastSeq;
}

describe('power loss: whatever is left on the disk opens to a commit', () => {
  test('undamaged, everything is there', () => {
    expect(existsSync(join(source, FILES[1]))).toBe(true);
    expect(reopen(() => new Map())).toBe(COMMITS * PER_COMMIT);
  });

  test('the log cut at any byte keeps what was committed before the cut', () => {
    const random = new Random(11, 0);
    const found = new Set<number>();
    for (let i = 0; i < 40; i++) {
      found.add(reopen((read) => new Map([[FILES[1], cut(read(FILES[1]), random)]])));
    }
    // Cuts at different places keep different amounts, never less than the checkpoint.
    expect(found.size).toBeGreaterThan(5);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(150);
  });

  test('flipped bytes in the log end it there', () => {
    const random = new Random(12, 0);
    for (let i = 0; i < 40; i++) {
      const kept = reopen((read) => new Map([[FILES[1], flipped(read(FILES[1]), random)]]));
      expect(kept).toBeGreaterThanOrEqual(150);
    }
  });

  test.each([
    ['cut', cut, 21],
    ['with flipped bytes', flipped, 22],
  ])('the database %s is put aside and what is whole is kept', (_, damage, seed) => {
    const random = new Random(seed, 0);
    for (let i = 0; i < 40; i++) {
      const kept = reopen((read) => {
        const files = new Map([[FILES[0], damage(read(FILES[0]), random)]]);
        // Half of the time the log is gone as well.
        return random.uniform() < 0.5 ? files : files.set(FILES[1], Buffer.alloc(0));
      });
      expect(kept).toBeGreaterThanOrEqual(0);
    }
  });
});

function cut(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, Math.floor(random.uniform() * bytes.length));
}

function flipped(bytes: Buffer, random: Random): Buffer {
  const out = Buffer.from(bytes);
  const count = 1 + Math.floor(random.uniform() * 4);
  for (let i = 0; i < count; i++) {
    out[Math.floor(random.uniform() * out.length)] ^= 1 + Math.floor(random.uniform() * 255);
  }
  return out;
}
