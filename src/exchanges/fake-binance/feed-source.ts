import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadDataset } from '../../../data/load.ts';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { AppError } from '../../engine/error.ts';
import { barsFeed, type FeedSource, recordedFeed } from './feed.ts';

const HISTORY_BARS = 3_000;
const SIMULATED_DAYS = 10;

/**
 * `simulated`, `simulated:<seed>`, `bars:<folder or file>`, `l2:<file.gz>`.
 * @throws AppError USAGE_FEED for anything else, DATA_* for a source that cannot be read
 */
export async function parseFeed(text: string): Promise<FeedSource> {
  const [kind, ...rest] = text.split(':');
  const path = rest.join(':');
  if (kind === 'simulated') {
    const seed = Number(path === '' ? '1' : path);
    const market = simulateMarket({ seed, days: SIMULATED_DAYS, timeframeMs: 60_000 });
    return barsFeed(market.series, HISTORY_BARS);
  }
  if (kind === 'bars' && path !== '') {
    const { series } = await loadDataset({ path });
    return barsFeed(series, HISTORY_BARS);
  }
  if (kind === 'l2' && path !== '') return recordedFeed(path, lines(path));
  throw new AppError(
    'USAGE_FEED',
    `--feed "${text}" is no source`,
    'simulated, simulated:<seed>, bars:<folder> or l2:<file.gz>',
  );
}

function lines(path: string): string[] {
  try {
    const bytes = readFileSync(path);
    const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    return text.toString('utf8').split('\n');
  } catch (error) {
    throw new AppError('DATA_FILE', `cannot read ${path}: ${(error as Error).message}`);
  }
}
