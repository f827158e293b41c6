import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateFolder } from '../store/testing/store-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

/** Ways in which the source names the code of a notice. */
const CODE_FORMS = [
  /'(?:info|warning|alarm)',\s*'([A-Z][A-Z_]{2,})'/g,
  /\bcode: '([A-Z][A-Z_]{2,})', text/g,
  /\balarm(?:Once)?\(\s*'([A-Z][A-Z_]{2,})'/g,
];

function noticeCodes(folder: string, codes = new Set<string>()): Set<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'testing') noticeCodes(path, codes);
    } else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) {
      const source = readFileSync(path, 'utf8');
      for (const form of CODE_FORMS) {
        for (const [, code] of source.matchAll(form)) codes.add(code);
      }
    }
  }
  return codes;
}

describe('docs/RUNBOOK.md', () => {
  const runbook = read('docs', 'RUNBOOK.md');
  const told = new Set([...runbook.matchAll(/^\| ([A-Z][A-Z_]+) \|/gm)].map(([, code]) => code));
  const codes = noticeCodes(join(ROOT, 'src'), noticeCodes(join(ROOT, 'data')));

  test('explains every code that the program can notify', () => {
    expect(codes.size).toBeGreaterThan(40);
    expect([...codes].filter((code) => !told.has(code)).sort()).toEqual([]);
  });

  test('explains none that it cannot', () => {
    expect([...told].filter((code) => !codes.has(code)).sort()).toEqual([]);
  });

  test('names only commands that exist', async () => {
    const { COMMANDS } = await import('../cli/commands.ts');
    const named = [...runbook.matchAll(/\bqcm ([a-z][a-z-]+)/g)].map(([, name]) => name);
    // "qcm qcm": the name of the user, then that of his folder or group.
    expect(named.filter((name) => name !== 'qcm' && !(name in COMMANDS))).toEqual([]);
  });
});

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

const noSystemd = !isInstalled('systemd-analyze');
if (noSystemd) console.warn('SKIPPED unit checks: systemd-analyze is not installed');

describe.skipIf(noSystemd)('the systemd units', () => {
  /** With the program of this machine in place of the installed one, which verify wants to see. */
  function unitFolder(): string {
    const folder = stateFolder();
    for (const name of readdirSync(join(ROOT, 'deploy'))) {
      if (!/\.(service|timer)$/.test(name)) continue;
      const text = read('deploy', name)
        .replaceAll('/opt/qcm/current/node_modules/.bin/node', process.execPath)
        .replaceAll('/opt/qcm/current', ROOT);
      writeFileSync(join(folder, name.replace('@.', '@paper.')), text);
    }
    return folder;
  }

  test('verify without a word', () => {
    const folder = unitFolder();
    const units = readdirSync(folder).map((name) => join(folder, name));
    const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', ...units], {
      encoding: 'utf8',
    });
    const own = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('qcm'));
    expect({ own, status }).toEqual({ own: [], status: 0 });
  });

  test('leave less open than 2 of 10', () => {
    const folder = unitFolder();
    for (const name of ['qcm@paper.service', 'qcm-backup@paper.service']) {
      const args = ['security', '--offline=true', '--threshold=20', join(folder, name)];
      const { stdout, status } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
      expect(stdout).toMatch(/Overall exposure level for qcm.*: \d/);
      expect(status, stdout.split('\n').at(-2)).toBe(0);
    }
  });
});

describe('the image', () => {
  const steps = read('deploy', 'Dockerfile')
    .split('\n')
    .filter((line) => line.startsWith('RUN '));

  test('is made by the script that CI runs, and ends without rights', () => {
    expect(steps[0]).toBe('RUN deploy/install.sh');
    expect(steps.slice(1)).toEqual(['RUN mkdir -p /state && chown node:node /state']);
    expect(read('deploy', 'Dockerfile')).toMatch(/\nUSER node\n[\s\S]*\nENTRYPOINT/);
  });

  test('takes no secrets, state or backups in', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', 'state', 'backups', 'node_modules']));
  });

  test('install scripts of packages never run', () => {
    expect(read('deploy', 'install.sh')).toContain('npm ci --ignore-scripts');
  });
});

test.each(['install.sh', 'backup.sh', 'qcm'])('deploy/%s can be run and parses', (name) => {
  const path = join(ROOT, 'deploy', name);
  accessSync(path, constants.X_OK);
  const shell = name === 'qcm' ? 'sh' : 'bash';
  expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' }).stderr).toBe('');
});
