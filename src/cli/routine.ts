import { Command } from 'commander';
import { type RoutineFlags, routineFromFlags, withRoutineFlags } from './research-flags.ts';
import { dailyRoutine } from './routine-daily.ts';

/** `qcm routine daily | weekly | monthly | quarterly`. */
export function command(): Command {
  const routine = new Command()
    .description('the routines of the operator, as real measurements')
    .addHelpText('after', HELP);
  routine.addCommand(dailyRoutine());
  routine.addCommand(
    withRoutineFlags(new Command('weekly'))
      .description('the live preset over the last 7, 30 and 90 days; drift of the betas')
      .action((flags: RoutineFlags) => routineFromFlags('weekly', flags)),
  );
  routine.addCommand(
    withRoutineFlags(new Command('monthly'))
      .description('re-optimise, walk forward, stress, compare with the live preset, recommend')
      .action((flags: RoutineFlags) => routineFromFlags('monthly', flags)),
  );
  routine.addCommand(
    withRoutineFlags(new Command('quarterly'))
      .description('the monthly one, and hedge, funding, random entries, worth of each tag')
      .action((flags: RoutineFlags) => routineFromFlags('quarterly', flags)),
  );
  return routine;
}

const HELP = `
daily looks at the running daemon. The others write one HTML page and its figures as JSON each. None
changes anything: settings are changed by you.
What the reports mean: docs/RESEARCH.md.

Examples:
  qcm routine weekly --data my/bars
  qcm routine monthly --data my/bars --config qcm.config.json --trials 300
`;
