import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../store/open-store.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('backup.sh keeps the newest, and removes nothing when it cannot make one', () => {
  const folder = stateFolder();
  const [state, backups] = [join(folder, 'state'), join(folder, 'backups')];
  openStore(state).lock.release();
  mkdirSync(backups);
  for (const day of ['01', '02', '03']) {
    writeFileSync(join(backups, `qcm-2020-01-${day}T000000Z.db`), '');
  }
  const run = (from: string) =>
    spawnSync(join(ROOT, 'deploy', 'backup.sh'), [from, backups, '2'], {
      encoding: 'utf8',
      env: { ...process.env, QCM_NODE: process.execPath },
    });
  expect(run(join(folder, 'nothing')).status).toBe(1);
  expect(readdirSync(backups)).toHaveLength(3);
  const { status, stderr } = run(state);
  expect([status, stderr]).toEqual([0, '']);
  const left = readdirSync(backups).sort();
  expect(left).toHaveLength(2);
  expect(left[0]).toBe('qcm-2020-01-03T000000Z.db');
});

const registry = spawnSync('npm', ['ping'], { encoding: 'utf8', timeout: 30_000 });
if (registry.status !== 0) console.warn('SKIPPED install.sh: no package registry answers');

test.skipIf(registry.status !== 0)(
  'install.sh makes a bare checkout run, without install scripts or development packages',
  () => {
    const folder = stateFolder();
    const files = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: ROOT,
      },
    );
    // Also what is not committed yet, and nothing that is ignored.
    execFileSync('tar', ['-C', ROOT, '--null', '-T', '-', '-cf', join(folder, 'checkout.tar')], {
      input: files,
    });
    execFileSync('tar', ['-C', folder, '-xf', join(folder, 'checkout.tar')]);
    const { status, stdout, stderr } = spawnSync(join(folder, 'deploy', 'install.sh'), {
      encoding: 'utf8',
      timeout: 110_000,
    });
    expect(status, `${stdout}${stderr}`.slice(-2_000)).toBe(0);
    expect(stdout).toContain(`installed: ${folder}`);
    expect(existsSync(join(folder, 'node_modules', 'vitest'))).toBe(false);
  },
  120_000,
);

const docker = spawnSync('docker', ['info'], { encoding: 'utf8', timeout: 10_000 });
const hasDocker = docker.error === undefined && docker.status === 0;
if (!hasDocker) console.warn('SKIPPED docker build: no docker daemon answers');

test.skipIf(!hasDocker)(
  'the image builds, and its program says what it can do',
  () => {
    const tag = 'quantcloud-matrix:test';
    const build = ['build', '-f', 'deploy/Dockerfile', '-t', tag, '.'];
    const built = spawnSync('docker', build, { cwd: ROOT, encoding: 'utf8' });
    expect(built.status, built.stderr.slice(-2_000)).toBe(0);
    const help = execFileSync('docker', ['run', '--rm', '--network=none', tag, '--help'], {
      encoding: 'utf8',
    });
    expect(help).toContain('qcm');
  },
  600_000,
);
