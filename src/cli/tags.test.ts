import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TAG_COLUMNS } from '../../backtests/series/tags.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { AppError } from '../engine/error.ts';
import { command as presetsCommand } from './presets.ts';
import { command as tagsCommand } from './tags.ts';

const DAYS = 10;
let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-tags-'));
  file = join(folder, 'BTCUSDT-3m.csv');
  const [bars] = simulateMarket({ seed: 3, days: DAYS, timeframeMs: 180_000 }).series;
  const rows = Array.from({ length: bars.length }, (_, i) =>
    [bars.openTime[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]].join(
      ',',
    ),
  );
  writeFileSync(file, ['open_time,open,high,low,close,volume', ...rows, ''].join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('qcm tags', () => {
  test('prints alerts a day beside the documents, and the funnel', async () => {
    const text = await run('tags', ['--bars', file]);
    expect(text).toMatch(/alerts a day +\d+\.\d\d +\(one a block; the documents: 5-10\)/);
    expect(text).toContain('FUNDING_OK is always true');
    expect(text).toMatch(/crossed in time +\d/);
    expect(text).toMatch(/BUY_CONF +[\d.]+ % +[\d.]+ % +\d+/);
  });

  test('says so when there are too few', async () => {
    const text = await run('tags', ['--bars', file, '--set', 'signal.dominanceMinPercent=100']);
    expect(text).toContain('NOT ENOUGH SIGNALS');
    const often = ['--set', 'signal.alertExpression={OB_DEMAND_HIT}', 'signal.contextExpression='];
    expect(await run('tags', ['--bars', file, ...often])).not.toContain('NOT ENOUGH SIGNALS');
  });

  test('writes every column of every bar, and the counts agree with the text', async () => {
    const out = join(folder, 'tags.csv');
    const json = join(folder, 'tags.json');
    const text = await run('tags', ['--bars', file, '--out', out, '--json', json]);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe(`openTime,${TAG_COLUMNS.join(',')}`);
    expect(lines.length).toBe(1 + DAYS * 480);
    const sum = (name: string) => {
      const at = TAG_COLUMNS.indexOf(name) + 1;
      return lines.slice(1).reduce((total, line) => total + Number(line.split(',')[at]), 0);
    };
    const reports = JSON.parse(readFileSync(json, 'utf8'));
    expect([sum('alertLong'), sum('alertShort')]).toEqual(
      reports.map((report: { alerts: number }) => report.alerts),
    );
    const perDay = ((sum('alertLong') + sum('alertShort')) / DAYS).toFixed(2);
    expect(text).toContain(`alerts a day   ${perDay}`);
  });

  test('refuses what it cannot mean', async () => {
    await expect(run('tags', ['--bars', file, '--trade', 'sequense'])).rejects.toThrow(/sequense/);
    const wrong = ['--set', 'signal.alertExpression={HTF_BUL}'];
    const error = await run('tags', ['--bars', file, ...wrong]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error.code).toBe('CONFIG_EXPRESSION');
    expect(error.hint).toContain('HTF_BULL');
    await expect(run('tags', ['--bars', file, '--timeframe', '2m'])).rejects.toThrow(/2m/);
    await expect(run('tags', ['--bars', file, '--preset', 'chrt'])).rejects.toThrow(/chrt/);
  });
});

describe('qcm presets', () => {
  test('lists all of them', async () => {
    const text = await run('presets', []);
    for (const name of ['sequence', 'documents', 'overview', 'demo', 'recipe', 'chart']) {
      expect(text).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    }
  });

  test('shows one with what differs from the default, and settings on top', async () => {
    const text = await run('presets', ['documents', '--set', 'hedge.factor=0.5']);
    expect(text).toMatch(/^\* signal\.trigger +"coincidence"/m);
    expect(text).toMatch(/^\* hedge\.factor +0\.5/m);
    expect(text).toMatch(/^ {2}stop\.kDeep +0\.75/m);
    expect(await run('presets', ['chart'])).toMatch(/hyperwaveLength +7/);
  });

  test('explains every condition, and knows what was meant', async () => {
    const text = await run('presets', ['conditions']);
    expect(text).toMatch(/OB_EDGE_REFINED.*read at the tap/);
    await expect(run('presets', ['recipee'])).rejects.toMatchObject({
      hint: expect.stringContaining('recipe'),
    });
  });
});

/** Runs a command in this process; returns what it printed. */
async function run(name: 'tags' | 'presets', args: string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  const notes = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const command = name === 'tags' ? tagsCommand() : presetsCommand();
    await command.parseAsync(args, { from: 'user' });
    return text;
  } finally {
    write.mockRestore();
    notes.mockRestore();
  }
}
