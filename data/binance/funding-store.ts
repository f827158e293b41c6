import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readFunding } from '../funding/funding.ts';
import { readCsvTable } from '../readers/csv-table.ts';
import { readTextBytes } from '../readers/open-file.ts';
import { type Series, storeFolder } from './archive-layout.ts';
import type { FundingRow } from './rest-history.ts';

const HEADER = 'calc_time,funding_interval_hours,last_funding_rate';
const HOUR_MS = 3_600_000;

/** The one table per symbol that the loader finds: everything of the archive and of REST. */
export function fundingTablePath(root: string, symbol: string): string {
  return join(root, 'funding', `${symbol}-funding.csv`);
}

/**
 * Merges the archive's months, the rows kept from before and new REST rows; the archive wins where
 * two tell of the same hour. Returns the number of settlements in the table.
 */
export function mergeFunding(root: string, series: Series, fresh: readonly FundingRow[]): number {
  const path = fundingTablePath(root, series.symbol);
  const lines = new Map<number, string>();
  const add = (time: string | number, interval: string, rate: string) => {
    lines.set(Math.round(Number(time) / HOUR_MS), `${time},${interval},${rate}`);
  };
  const addFile = (file: string) => {
    for (const [time, interval, rate] of readCsvTable(file, readTextBytes(file)).rows) {
      add(time, interval, rate);
    }
  };
  if (existsSync(path)) addFile(path);
  for (const { timeMs, rate } of fresh) add(timeMs, '', rate);
  for (const zip of archiveFiles(storeFolder(root, series))) addFile(zip);
  if (lines.size === 0) return 0;
  const hours = [...lines.keys()].sort((a, b) => a - b);
  const text = `${[HEADER, ...hours.map((hour) => lines.get(hour))].join('\n')}\n`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    mkdirSync(join(root, 'funding'), { recursive: true });
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  }
  // Read back as a run would: a wrong table is found here and not in a backtest.
  return readFunding(path, series.symbol).times.length;
}

function archiveFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.zip'))
    .sort()
    .map((name) => join(folder, name));
}
