import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { calendarAlarm, readCalendar } from '../../data/calendar/calendar.ts';
import { describeBars, hashFiles, loadDataset } from '../../data/load.ts';
import { command as pullCommand } from './data-pull.ts';

/** `qcm data`: look at, check and fetch market data. */
export function command(): Command {
  const data = new Command().description('look at, check and fetch market data');
  data
    .command('list')
    .description('symbols, timeframes, spans and gaps of a data folder')
    .argument('[path]', 'folder or file', 'data/store')
    .action((path: string) => list(path));
  data
    .command('check')
    .description('read every file again, verify every row, print hashes and findings')
    .argument('<path>', 'folder or file')
    .option('--strict', 'refuse what could be repaired')
    .action((path: string, options: { strict?: boolean }) => check(path, options.strict ?? false));
  const calendar = data.command('calendar').description('the economic calendar');
  calendar
    .command('import')
    .description('verify a calendar (time_utc,event,source) and keep it for runs and the daemon')
    .argument('<file>')
    .option('--out <folder>', 'where to keep it', join('data', 'store', 'calendar'))
    .action((file: string, options: { out: string }) => importCalendar(file, options.out));
  data.addCommand(pullCommand());
  return data;
}

async function list(path: string): Promise<void> {
  const dataset = await loadDataset({ path });
  for (const bars of dataset.series) print(describeBars(bars));
  for (const finding of dataset.findings) print(`  ${finding.policy}: ${finding.text}`);
  for (const table of dataset.funding) {
    print(`${table.symbol} funding  ${table.times.length} settlements, ${table.gaps.length} gaps`);
  }
  for (const note of dataset.notes) print(`note: ${note}`);
}

async function check(path: string, strict: boolean): Promise<void> {
  const dataset = await loadDataset({ path, strict, useCache: false });
  for (const file of hashFiles(dataset.files)) {
    print(`${file.sha256}  ${String(file.bytes).padStart(10)}  ${basename(file.path)}`);
  }
  for (const bars of dataset.series) print(describeBars(bars));
  if (dataset.findings.length === 0) print('no findings');
  for (const { kind, count, policy, text } of dataset.findings) {
    print(`${policy.padEnd(7)}${kind} x ${count}: ${text}`);
  }
  for (const note of dataset.notes) print(`note: ${note}`);
}

function importCalendar(file: string, out: string): void {
  const calendar = readCalendar(file);
  mkdirSync(out, { recursive: true });
  const target = join(out, basename(file));
  copyFileSync(file, target);
  print(`${calendar.events.length} releases (${calendar.ignored} others left out) -> ${target}`);
  const alarm = calendarAlarm(calendar, Date.now());
  if (alarm !== undefined) print(`ALARM: ${alarm}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
