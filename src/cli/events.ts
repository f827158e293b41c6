import type { Command } from 'commander';
import { writeEvents } from '../../backtests/series/write-series.ts';
import { moduleCommand } from './series.ts';

/** `qcm events`: what happened, one row an event, as CSV. */
export function command(): Command {
  return moduleCommand({
    summary: 'what happened in an indicator module, one CSV row per event in order',
    noun: 'events',
    examples: [
      'qcm events --bars BTCUSDT-3m.csv.gz --module smc --out events.csv',
      'qcm events --bars data/1m --timeframe 15m --module supertrend-ai --set cluster=worst',
    ],
    run: writeEvents,
  });
}
