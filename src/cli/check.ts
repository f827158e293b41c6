import { Command } from 'commander';
import { lookaheadCommand, replayCommand, resolutionCommand } from './check-runs.ts';

/** `qcm check`: measurements that show whether signals and backtests can be trusted. */
export function command(): Command {
  return new Command()
    .description('measurements that show whether signals and backtests can be trusted')
    .addCommand(lookaheadCommand())
    .addCommand(replayCommand())
    .addCommand(resolutionCommand());
}
