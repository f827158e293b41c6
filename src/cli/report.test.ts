import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from './main.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'qcm-compare-'));
const [A, B] = [join(FOLDER, 'a'), join(FOLDER, 'b')];

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await main(args);
  const text = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  const result = { code, out: text(out), err: text(err) };
  out.mockRestore();
  err.mockRestore();
  return result;
}

describe('two runs of a SIMULATED market that differ in one setting', () => {
  beforeAll(async () => {
    const bars = join(FOLDER, 'bars');
    await run('simulate', '--days', '12', '--seed', '3', '--out', bars);
    const common = ['backtest', '--data', bars, '--trade', 'smc-stand-in', '--no-page'];
    const off = ['--set', 'hedge.mode=off'];
    expect((await run(...common, '--out', A, ...off)).code).toBe(0);
    expect((await run(...common, '--out', B, ...off, 'exit.timeoutMinutes=60')).code).toBe(0);
  });

  test('names the setting, the figures, and says SIMULATED', async () => {
    const page = join(FOLDER, 'compare.html');
    const { code, out } = await run('report', 'compare', A, B, '--out', page);
    expect(code).toBe(0);
    expect(out).toMatch(/config\.exit\.timeoutMinutes\s+30\s+60/);
    expect(out).toMatch(/trades\s+\d+\s+\d+/);
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('SIMULATED');
    expect(text).toContain('config.exit.timeoutMinutes');
  });

  test('a run beside itself differs in nothing', async () => {
    const page = join(FOLDER, 'same.html');
    const { out } = await run('report', 'compare', A, A, '--out', page);
    expect(out).toMatch(/nothing\s+the same\s+the same/);
  });

  test('a folder that holds no run is refused', async () => {
    const { code, err } = await run('report', 'compare', A, FOLDER);
    expect(code).toBe(3);
    expect(err).toContain('summary.json does not exist');
    const broken = mkdtempSync(join(tmpdir(), 'qcm-broken-'));
    writeFileSync(join(broken, 'summary.json'), '{');
    expect((await run('report', 'compare', A, broken)).err).toContain('is no JSON');
  });
});
