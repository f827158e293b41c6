import { runBacktest } from '../backtests/run.ts';
import { SampleFolder } from './sample-folder.ts';
import { composeFolder } from './whole-run.ts';

// Run by main.ts in a process of its own: what one backtest of three symbols needs from start to
// end, the load from the cache included. `fine` takes the 1m bars.
const [root, kind] = process.argv.slice(2);
const folder = new SampleFolder(root);
const compose = await composeFolder(folder, {
  sets: [],
  preset: 'sequence',
  isHedged: true,
  bars: kind === 'fine' ? 'fine' : 'coarse',
});
const result = runBacktest(compose());
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    maxRssMb: maxRSS / 1_024,
    bars: result.fineBars,
    sinceStartS: performance.now() / 1_000,
    digest: result.effectDigest,
  }),
);
