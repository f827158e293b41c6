import { Command } from 'commander';
import { censusCommand } from './check-census.ts';
import { lookaheadCommand, replayCommand, resolutionCommand } from './check-runs.ts';
import { warmUpCommand } from './check-warm-up.ts';

/** `qcm check`: measurements that show whether signals and backtests can be trusted. */
export function command(): Command {
  return new Command()
    .description('measurements that show whether signals and backtests can be trusted')
    .addCommand(lookaheadCommand())
    .addCommand(replayCommand())
    .addCommand(resolutionCommand())
    .addCommand(warmUpCommand())
    .addCommand(censusCommand());
}
