import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testPlan } from '../engine/testing/engine-fixture.ts';
import { CoreRig } from '../live/testing/core-rig.ts';
import { Operator } from '../operator/operator.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';

const rig = new CoreRig();
const folder = stateFolder();
const daemon = {
  pid: process.pid,
  mode: 'paper',
  codeVersion: 'test',
  configHash: 'f00dfeed',
  preset: 'sequence',
  startedMs: rig.time.nowMs(),
};
const { core, time } = rig;
const operator = new Operator({ stateFolder: folder, daemon, time }, () => ({
  core,
  isReady: true,
}));

beforeAll(async () => {
  await operator.listen();
  rig.strategy.next({ kind: 'enter', plan: testPlan() });
  rig.bar(100_000);
  rig.venue(rig.fillOf(rig.submitted[0], 'f1', 100_000));
});

afterAll(() => operator.stop());

function qcm(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['bin/qcm.mjs', ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
}

describe('commands to a running daemon', () => {
  test('status shows mode, equity and the open trade', async () => {
    const { status, out } = await qcm('status', '--state', folder);
    expect(status).toBe(0);
    expect(out).toMatch(/^PAPER {2}preset sequence/);
    expect(out).toContain('BTCUSDT long');
    expect(out).toContain('NOT ACKNOWLEDGED');
  });

  test('pause and resume change what status says', async () => {
    expect((await qcm('pause', '--state', folder)).out).toContain('OFF: operator');
    const { out } = await qcm('resume', '--state', folder, '--json');
    expect(JSON.parse(out)).toMatchObject({ entries: { isAllowed: true } });
  });

  test('flatten needs the code it gave', async () => {
    const asked = await qcm('flatten', '--state', folder);
    const code = /--confirm ([A-Z0-9]{5})/.exec(asked.out)?.[1] ?? '';
    expect(asked.out).toContain(`--state ${folder}`);
    const wrong = await qcm('flatten', '--confirm', '00000', '--state', folder);
    expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('CONTROL_CODE')]);
    expect(code).not.toBe('');
    expect(rig.submitted.some(({ role }) => role === 'exit')).toBe(false);
  });
});

test('without a daemon there is one clear message and no stack', async () => {
  const { status, err } = await qcm('status', '--state', stateFolder());
  expect(status).toBe(1);
  expect(err).toMatch(/^error CONTROL_NO_DAEMON: no daemon runs on .*\nhint: start one/);
  expect(err).not.toContain('    at ');
});
