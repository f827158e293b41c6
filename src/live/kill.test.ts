import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../data/simulated/random.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';

const MAIN = join(import.meta.dirname, '../cli/main.ts');
/** More with QCM_KILLS; each is a process of its own. */
const KILLS = Number(process.env.QCM_KILLS ?? 3);
const KILLS_A_STATE = 3;
const cwd = mkdtempSync(join(tmpdir(), 'qcm-kill-'));

/** Runs paper on 25 simulated days; kills it hard after so many ms, unless it ends before. */
async function run(state: string, killAfterMs = Number.POSITIVE_INFINITY) {
  const args = [
    'run',
    '--data',
    '--state',
    state,
    '--trade',
    'smc-stand-in',
    '--set',
    'simulation.days=25',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd });
  let text = '';
  let isOver = false;
  child.stdout.on('data', (chunk) => (text += chunk));
  const ended = new Promise<number | null>((done) => {
    child.on('exit', (code) => {
      isOver = true;
      done(code);
    });
  });
  if (Number.isFinite(killAfterMs)) {
    // Counted from the moment it has its state, so that start-up does not eat the time.
    while (!existsSync(join(state, 'qcm.db-wal')) && !isOver) await sleep(5);
    await sleep(killAfterMs);
    child.kill('SIGKILL');
  }
  const code = await ended;
  return { code, equity: /equity ([0-9.]+) USDT/.exec(text)?.[1], text };
}

test('a process killed hard, again and again, ends where an unbroken one does', async () => {
  const whole = await run(stateFolder());
  expect(whole.code).toBe(0);
  const random = new Random(7, 0);
  let killed = 0;
  while (killed < KILLS) {
    const state = stateFolder();
    for (let i = 0; i < KILLS_A_STATE && killed < KILLS; i++) {
      const { code } = await run(state, 20 + random.uniform() * 400);
      // One that had come to its end already ends for good.
      if (code === 0) break;
      expect(code).toBe(null);
      killed++;
    }
    // The lock went with each process, and the store opens to a commit.
    const last = await run(state);
    expect(last.code).toBe(0);
    expect(last.equity).toBe(whole.equity);
  }
}, 600_000);
