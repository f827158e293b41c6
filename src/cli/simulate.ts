import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadDataset } from '../../data/load.ts';
import { parseTimeframe } from '../../data/readers/bar-time.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { momentsReport } from '../../data/simulated/moments-report.ts';
import { writeMarket } from '../../data/simulated/write-market.ts';
import { AppError } from '../engine/error.ts';

const BLOCK_BEGIN = '<!-- moments: begin, written by qcm simulate moments -->';
const BLOCK_END = '<!-- moments: end -->';

interface WriteOptions {
  seed: string;
  days: string;
  timeframe: string;
  start?: string;
  symbols?: string;
  out: string;
}

/** `qcm simulate`: writes a SIMULATED market as files, or its moments beside those of real data. */
export function command(): Command {
  const simulate = new Command()
    .description('write a SIMULATED market as Binance-style CSV files; same seed, same market')
    .option('--seed <n>', 'any integer', '1')
    .option('--days <n>', 'length in days', '30')
    .option('--timeframe <t>', '1m, 3m, 15m ...', '1m')
    .option('--start <date>', 'first day, YYYY-MM-DD')
    .option('--symbols <list>', 'comma-separated, of BTCUSDT,ETHUSDT,SOLUSDT')
    .option('--out <folder>', 'where to write', 'data/store/simulated')
    .action((options: WriteOptions) => write(options));
  simulate
    .command('moments')
    .description('tables of moments: real bars beside simulated ones')
    .requiredOption('--data <folder...>', 'folders of real bars')
    .option('--out <file>', 'Markdown file whose block of tables is replaced')
    .action((options: { data: string[]; out?: string }) => moments(options));
  return simulate;
}

function write(options: WriteOptions): void {
  const startTime = options.start === undefined ? undefined : Date.parse(options.start);
  if (startTime !== undefined && Number.isNaN(startTime)) {
    const text = `--start "${options.start}" is not a date`;
    throw new AppError('USAGE_DATE', text, 'write it as 2025-01-01');
  }
  const market = simulateMarket({
    seed: Number(options.seed),
    days: Number(options.days),
    timeframeMs: parseTimeframe(options.timeframe),
    startTime,
    symbols: options.symbols?.split(',').map((symbol) => symbol.trim().toUpperCase()),
  });
  for (const path of writeMarket(market, options.out)) process.stdout.write(`${path}\n`);
  process.stdout.write(`${market.label}\n`);
}

async function moments(options: { data: string[]; out?: string }): Promise<void> {
  const reports: string[] = [];
  for (const path of options.data) {
    const { series } = await loadDataset({ path });
    const title = path.split(/[\\/]/).filter(Boolean).slice(-2).join('/');
    reports.push(momentsReport({ title, real: series }));
  }
  const block = `${BLOCK_BEGIN}\n\n${reports.join('\n')}\n${BLOCK_END}`;
  if (options.out === undefined) process.stdout.write(`${block}\n`);
  else replaceBlock(options.out, block);
}

/** Prose around the tables stays; a file that does not exist yet gets the tables alone. */
function replaceBlock(path: string, block: string): void {
  if (!existsSync(path)) {
    writeFileSync(path, `${block}\n`);
    return;
  }
  const text = readFileSync(path, 'utf8');
  const begin = text.indexOf(BLOCK_BEGIN);
  const end = text.indexOf(BLOCK_END);
  if (begin < 0 || end < begin) {
    const hint = `put "${BLOCK_BEGIN}" and "${BLOCK_END}" where the tables belong`;
    throw new AppError('DATA_NO_BLOCK', `${path} has no block for the tables`, hint);
  }
  writeFileSync(path, text.slice(0, begin) + block + text.slice(end + BLOCK_END.length));
}
