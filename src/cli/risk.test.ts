import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { command as backtestCommand } from './backtest.ts';
import { command } from './risk.ts';

const folder = mkdtempSync(join(tmpdir(), 'qcm-risk-'));

describe('qcm risk explain of a state', () => {
  test('every rule speaks, in the order of the gate', async () => {
    const text = await explain('--state', 'equity=9700', 'equityPeak=10000', 'costR=0.6');
    const rules = text.match(/^ *\d+ {2}\w+/gm)?.map((line) => line.trim().split(/\s+/)[1]);
    expect(rules).toEqual([
      'circuitBreaker',
      'equityStop',
      'maxPackages',
      'leverageRamp',
      'directionBreaker',
      'costGate',
      'flashGuard',
      'volatilityGuard',
      'eventGuard',
      'fundingFilter',
      'correlationThrottle',
      'latencyGuard',
      'drawdownThrottle',
      'valueAtRisk',
      'dayBudget',
    ]);
    expect(text).toMatch(/costGate +refuse +0\.750 % +costs of 0\.60 R are over 0\.5 R/);
    // 3 % below the peak: 0.75 x (1 - 3/8).
    expect(text).toMatch(/drawdownThrottle +shrink +0\.469 %/);
    expect(text).toContain('refused by costGate');
  });

  test('a file and single values; shorts count their own losses', async () => {
    const file = join(folder, 'state.json');
    writeFileSync(file, JSON.stringify({ side: 'short', dayShortR: -3.2, stopBps: 40 }));
    const json = JSON.parse(await explain('--file', file, '--json'));
    expect(json.outcome).toBe('refused by directionBreaker');
    const long = JSON.parse(await explain('--file', file, '--state', 'side=long', '--json'));
    expect(long.outcome).toBe('allowed with 0.750 % risk');
  });

  test.each([
    [['--state', 'equty=1'], 'USAGE_STATE', 'did you mean equity?'],
    [['--state', 'equity'], 'USAGE_STATE', 'known: at'],
    [['--state', 'equity=much'], 'USAGE_STATE', undefined],
    [['--state', 'side=up'], 'USAGE_STATE', undefined],
    [['--state', 'at=soon'], 'USAGE_DATE', undefined],
    [['--file', 'nowhere.json'], 'DATA_NO_FILE', undefined],
    [['--at', '2025-01-01T00:00'], 'USAGE_STATE', undefined],
    [['--run', 'nowhere', '--at', '2025-01-01T00:00'], 'DATA_NO_FILE', undefined],
    [['--run', folder], 'USAGE_DATE', undefined],
  ] as const)('%j is refused with one clear error', async (args, code, hint) => {
    const error = await explain(...args).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    if (hint !== undefined) expect((error as { hint: string }).hint).toContain(hint);
  });
});

test('a moment of a run: what the rules said when they refused', async () => {
  const days = ['--set', 'simulation.days=4', 'risk.costRMax=0.01'];
  const out = join(folder, 'run');
  const flags = ['--trade', 'smc-stand-in', '--no-compare', '--out', out];
  await text(() => backtestCommand().parseAsync([...days, ...flags], { from: 'user' }));
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  expect(summary.refusals.costGate).toBeGreaterThan(0);
  const middle = new Date((Date.parse(summary.span.from) + Date.parse(summary.span.to)) / 2);
  const none = await explain('--run', out, '--at', middle.toISOString().slice(0, 16));
  expect(none).toContain('costGate              refuse');
  const late = await explain('--run', out, '--at', '2099-01-01T00:00').catch((e: unknown) => e);
  expect(late).toMatchObject({ code: 'USAGE_DATE' });
  writeFileSync(
    join(out, 'summary.json'),
    JSON.stringify({ ...summary, fingerprints: { ...summary.fingerprints, dataHash: 'x' } }),
  );
  const other = await explain('--run', out, '--at', summary.span.to.slice(0, 16)).catch(
    (e: unknown) => e,
  );
  expect(other).toMatchObject({ code: 'DATA_CHANGED' });
});

function explain(...args: string[]): Promise<string> {
  return text(() =>
    command()
      .exitOverride()
      .parseAsync(['explain', ...args], { from: 'user' }),
  );
}

async function text(run: () => Promise<unknown>): Promise<string> {
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    await run();
  } finally {
    spy.mockRestore();
  }
  return printed;
}
