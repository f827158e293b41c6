import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Config, loadConfig } from '../config.ts';
import { encode } from '../engine/journal-codec.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { DATABASE_FILE } from '../store/open-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { goLiveEvidence, tradingHash } from './go-live.ts';
import { goLiveCheck } from './go-live-check.ts';

const HOUR_MS = 3_600_000;
const config = (...sets: string[]) => loadConfig({ ignoreFile: true, env: {}, sets }).config;

interface Run {
  hours: number;
  mode?: string;
  dataHash?: string;
  kept?: Config;
  breachAtHour?: number;
}

/** Sessions one after the other in one state folder. */
function folderOf(...runs: Run[]): string {
  const folder = stateFolder();
  const disk = new SqliteStore(join(folder, DATABASE_FILE));
  const store = new BufferedStore(disk);
  let nowMs = 0;
  for (const [i, run] of runs.entries()) {
    const { hours, mode = 'paper', dataHash = 'live', kept = config(), breachAtHour } = run;
    const rest = { codeVersion: '1', configHash: 'x', config: { config: kept } };
    store.saveSession({ bootId: `b${i}`, startedMs: nowMs, mode, dataHash, ...rest });
    if (breachAtHour !== undefined) {
      const atMs = nowMs + breachAtHour * HOUR_MS;
      store.saveAlert({ atMs, level: 'alarm', code: 'UNPROTECTED', text: '' });
    }
    nowMs += hours * HOUR_MS;
    store.saveSnapshot({ seq: i + 1, atMs: nowMs, text: encode({}) });
  }
  store.commit();
  disk.db.close();
  return folder;
}

function evidence(folders: string[], wanted = config()) {
  return goLiveEvidence(folders, { config: wanted, dataHashes: ['live'] });
}

test('hours of paper and demo on the live market add up over sessions and folders', () => {
  const paper = folderOf({ hours: 20 }, { hours: 10 });
  const demo = folderOf({ hours: 18, mode: 'demo' });
  expect(evidence([paper])).toMatchObject({ hours: 30, isEnough: false, breaches: 0 });
  expect(evidence([paper, demo, stateFolder()])).toMatchObject({ hours: 48, isEnough: true });
});

test('other settings, other markets and live itself do not count', () => {
  const other = folderOf({ hours: 60, kept: config('risk.perTradePercent=0.3') });
  const files = folderOf({ hours: 60, dataHash: 'bars of files' });
  const live = folderOf({ hours: 60, mode: 'live' });
  expect(evidence([other, files, live]).hours).toBe(0);
});

test('mode, account and simulation settings are no other settings', () => {
  expect(tradingHash(config('mode=live', 'account.equity=5', 'simulation.seed=9'))).toBe(
    tradingHash(config()),
  );
  expect(tradingHash(config('entry.mode=taker'))).not.toBe(tradingHash(config()));
});

test('after a protection breach the hours count anew', () => {
  const folder = folderOf({ hours: 60, breachAtHour: 50 });
  expect(evidence([folder])).toMatchObject({ hours: 10, breaches: 1, isEnough: false });
});

test('the gate is red, a note when skipped, green with evidence', () => {
  const short = evidence([folderOf({ hours: 47 })]);
  expect(goLiveCheck(short, { isSkipped: false }).verdict).toBe('red');
  expect(goLiveCheck(short, { isSkipped: true })).toMatchObject({ verdict: 'note' });
  const long = evidence([folderOf({ hours: 48 })]);
  expect(goLiveCheck(long, { isSkipped: false }).verdict).toBe('green');
});
