import { runBacktest } from '../backtests/run.ts';
import { composeBacktest } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { findMarketData } from '../src/market-data.ts';

// Run by main.ts in a process of its own: what one backtest of a folder needs at most.
const [path] = process.argv.slice(2);
const { config, hash } = loadConfig({ ignoreFile: true, env: {} });
const data = await findMarketData({
  path,
  symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
  strict: false,
  simulation: config.simulation,
  onProgress: () => {},
});
const result = runBacktest(
  composeBacktest({
    config,
    data,
    codeVersion: 'bench',
    configHash: hash,
    equityStopOnBreach: 'observe',
  }),
);
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ maxRssMb: maxRSS / 1_024, bars: result.fineBars }));
