import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../engine/journal-codec.ts';
import { lockState } from '../store/state-lock.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const SETTINGS = ['--trade', 'smc-stand-in', '--set', 'simulation.days=4'];

function qcm(...args: string[]) {
  // A folder of its own: no configuration file and no data of this checkout.
  const cwd = mkdtempSync(join(tmpdir(), 'qcm-run-'));
  const env = { ...process.env, QCM_MODE: '', QCM_PRESET: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), 'qcm-state-'));
}

describe('qcm run, replay and journal', () => {
  test('a paper run can be replayed and read; started again it has nothing left to play', () => {
    const state = stateFolder();
    const run = qcm('run', '--data', '--state', state, ...SETTINGS);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/PAPER on bars: SIMULATED market, not real prices/);
    expect(run.stdout).toMatch(/played 5760 bars/);
    const digest = /digest ([0-9a-f]{16})/.exec(run.stdout)?.[1] ?? 'none';
    const replay = qcm('replay', state);
    expect(replay.status).toBe(0);
    expect(replay.stdout).toMatch(new RegExp(`^the same decisions: .*digest ${digest}`));
    const tail = qcm('journal', 'tail', '--state', state, '-n', '3', '--json');
    const records = tail.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ type }) => type)).toEqual(['event', 'event', 'event']);
    const again = qcm('run', '--data', '--state', state, ...SETTINGS);
    expect(again.stdout).toMatch(/played 0 bars .*, 5760 were known from an earlier run/);
    expect(again.stdout).toContain(`digest ${digest}`);
  });

  test('a changed journal is told, with the first decision that differs', () => {
    const state = stateFolder();
    qcm('run', '--data', '--state', state, ...SETTINGS);
    const db = new DatabaseSync(join(state, 'qcm.db'));
    const row = db.prepare('SELECT boot_id, text FROM sessions').get();
    db.close();
    expect(row).toBeDefined();
    // The same events under another risk: written by a run whose configuration got lost.
    const other = stateFolder();
    qcm('run', '--data', '--state', other, ...SETTINGS, '--set', 'risk.perTradePercent=0.1');
    const theirs = new DatabaseSync(join(other, 'qcm.db'));
    const config = theirs.prepare('SELECT text FROM sessions').get();
    theirs.close();
    const mine = new DatabaseSync(join(state, 'qcm.db'));
    mine.prepare('UPDATE sessions SET text = ?').run(withBootId(config, row));
    mine.close();
    const replay = qcm('replay', state);
    expect(replay.status).toBe(1);
    expect(replay.stderr).toMatch(/ENGINE_REPLAY: the first decision that differs is at event \d+/);
    expect(replay.stderr).toMatch(/then:\n[\s\S]*order.submit \S+ entry sell 329 lots[\s\S]*now:/);
    expect(replay.stderr).toMatch(/now:\n[\s\S]*order.submit \S+ entry sell 44 lots/);
  });

  test('mistakes get one clear error each', () => {
    expect(qcm('run', '--mode', 'live')).toMatchObject({ status: 2 });
    expect(qcm('run', '--mode', 'live').stderr).toMatch(/^error USAGE_LIVE/);
    expect(qcm('run', '--mode', 'papr').stderr).toMatch(/^error USAGE_MODE/);
    const missing = qcm('replay', '/no/such/folder');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/^error STORE_MISSING: there is no journal at/);
    const state = stateFolder();
    const lock = lockState(state);
    const second = qcm('run', '--data', '--state', state, ...SETTINGS);
    lock.release();
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/^error STORE_LOCKED/);
  });

  test('a state folder is not continued on other bars', () => {
    const state = stateFolder();
    qcm('run', '--data', '--state', state, ...SETTINGS);
    const other = qcm('run', '--data', '--state', state, '--set', 'simulation.days=5');
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(/^error STORE_OTHER_DATA/);
  });
});

/** The other session's line under this boot id, with a digest that fits. */
function withBootId(other: unknown, own: unknown): string {
  const session = decode(String((other as { text: string }).text)) as { bootId: string };
  return encode({ ...session, bootId: (own as { boot_id: string }).boot_id });
}
