import { expect, test, vi } from 'vitest';
import { command } from './check.ts';

const SMALL = ['--trade', 'smc-stand-in', '--set', 'simulation.days=4'];

test('look-ahead, replay and resolution pass on the simulated market', async () => {
  const ahead = await check('lookahead', ...SMALL, '--cuts', '2');
  expect(ahead).toMatch(/^PASS {2}smc-stand-in {2}on SIMULATED market/);
  expect(ahead.match(/the same/g)).toHaveLength(4);
  expect(await check('replay', ...SMALL)).toMatch(/digest (\w+), replayed \1, resumed \1/);
  const resolution = await check('resolution', ...SMALL);
  expect(resolution).toMatch(/3m bars: \d+ trades/);
  expect(resolution).toMatch(/unexplained -?\d(\.\d)?e[-+]\d+ R/);
});

test('JSON has one entry a preset', async () => {
  const json = JSON.parse(await check('replay', ...SMALL, '--json'));
  expect(json['smc-stand-in'].isClean).toBe(true);
});

test.each([
  [['lookahead', '--trade', 'nothing'], 'CONFIG_UNKNOWN_PRESET'],
  [['lookahead', '--cuts', '0'], 'USAGE_NUMBER'],
  [['replay', '--data', 'nowhere'], 'DATA_NO_FILE'],
  [['replay', ...SMALL, '--days', 'x'], 'USAGE_NUMBER'],
  [['resolution', ...SMALL, 'market.signalMinutes=1'], 'DATA_TIMEFRAME'],
])('%j is refused with one clear error', async (args, code) => {
  await expect(check(...args)).rejects.toMatchObject({ code });
});

async function check(...args: string[]): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await command().exitOverride().parseAsync(args, { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return text;
}
