import type { BacktestOptions } from '../backtests/run-options.ts';
import { composeBacktest } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { findMarketData } from '../src/market-data.ts';
import type { SampleFolder } from './sample-folder.ts';

/** Makes options for run after run over one sample folder; legs only where there is a hedge. */
export async function composeFolder(
  folder: SampleFolder,
  of: {
    sets: readonly string[];
    preset: string;
    isHedged: boolean;
    bars: 'coarse' | 'fine';
  },
): Promise<() => BacktestOptions> {
  const hedge = `hedge.mode=${of.isHedged ? 'proportional' : 'off'}`;
  const sets = [hedge, ...of.sets];
  const { config, hash } = loadConfig({ ignoreFile: true, preset: of.preset, sets, env: {} });
  const data = await findMarketData({
    path: of.bars === 'fine' ? folder.fine : folder.coarse,
    symbols: of.isHedged ? ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] : ['BTCUSDT'],
    strict: false,
    simulation: config.simulation,
    cacheFolder: folder.path('cache'),
    onProgress: () => {},
  });
  return () =>
    composeBacktest({
      config,
      data,
      codeVersion: 'bench',
      configHash: hash,
      equityStopOnBreach: 'observe',
    });
}
