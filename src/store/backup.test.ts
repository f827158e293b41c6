import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backupStore, restoreStore } from './backup.ts';
import { BufferedStore } from './buffered-store.ts';
import { DATABASE_FILE, openStore } from './open-store.ts';
import { STORE_VERSION } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import { eventRecord, stateFolder } from './testing/store-fixture.ts';

function writing(events: number) {
  const folder = stateFolder();
  const opened = openStore(folder);
  const disk = new SqliteStore(opened.path);
  const store = new BufferedStore(disk);
  let seq = 0;
  const write = (count: number) => {
    for (let i = 0; i < count; i++) {
      store.append(eventRecord(++seq));
      store.commit();
    }
  };
  write(events);
  const end = () => {
    disk.db.close();
    opened.lock.release();
  };
  return { folder, write, end };
}

test('a backup of a store that is being written holds everything committed by then', () => {
  const { folder, write, end } = writing(50);
  const out = join(stateFolder(), 'daily', 'qcm.db');
  const report = backupStore(folder, out);
  write(50);
  end();
  expect(report).toMatchObject({ path: out, lastSeq: 50, version: STORE_VERSION });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(existsSync(`${out}.part`)).toBe(false);
  expect(existsSync(`${out}-wal`)).toBe(false);
});

test('restored, a daemon starts from it, and what was there is kept', () => {
  const { folder, write, end } = writing(10);
  const out = join(stateFolder(), 'backup.db');
  backupStore(folder, out);
  write(5);
  end();
  const { aside } = restoreStore(folder, out);
  const opened = openStore(folder);
  expect([opened.damage, opened.state.lastSeq]).toEqual([[], 10]);
  opened.lock.release();
  expect(aside).toBe(join(folder, `${DATABASE_FILE}.before-restore-1`));
  const before = new SqliteStore(String(aside));
  expect(before.db.prepare('SELECT max(last_seq) AS seq FROM journal').get()).toEqual({ seq: 15 });
  before.db.close();
});

test('a backup never replaces a file', () => {
  const { folder, end } = writing(1);
  end();
  const out = join(stateFolder(), 'backup.db');
  writeFileSync(out, 'precious');
  expect(() => backupStore(folder, out)).toThrow(`${out} exists`);
  expect(readFileSync(out, 'utf8')).toBe('precious');
});

test('nothing is restored under a running daemon, nor from a damaged file', () => {
  const { folder, end } = writing(20);
  const out = join(stateFolder(), 'backup.db');
  backupStore(folder, out);
  expect(() => restoreStore(folder, out)).toThrow(
    expect.objectContaining({ code: 'STORE_LOCKED' }),
  );
  end();
  const bytes = readFileSync(out);
  bytes.fill(0xff, 4_096, 12_000);
  writeFileSync(out, bytes);
  expect(() => restoreStore(folder, out)).toThrow(
    expect.objectContaining({ code: 'STORE_DAMAGED' }),
  );
  writeFileSync(out, 'no database');
  expect(() => restoreStore(folder, out)).toThrow(
    expect.objectContaining({ code: 'STORE_DAMAGED' }),
  );
  expect(openStore(folder).state.lastSeq).toBe(20);
});
