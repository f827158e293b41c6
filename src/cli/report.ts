import { Command } from 'commander';
import { rebuildReport, writeComparison } from '../../backtests/report/write-report.ts';

/** `qcm report`: the page of a run again, or of two runs beside each other. */
export function command(): Command {
  const report = new Command()
    .description('make the HTML report of a finished backtest again, from the files in its folder')
    .argument('<run-dir>', 'folder that qcm backtest wrote')
    .addHelpText('after', HELP)
    .action((folder: string) => {
      process.stdout.write(`report: ${rebuildReport(folder)}\n`);
    });
  report
    .command('compare')
    .description('two runs on one page: figures, equity, settings that differ')
    .argument('<a>', 'folder of the first run')
    .argument('<b>', 'folder of the second run')
    .option('--out <file>', 'page to write', 'compare.html')
    .action((a: string, b: string, options: { out: string }) => {
      process.stdout.write(`report: ${writeComparison({ a, b, out: options.out })}\n`);
    });
  return report;
}

const HELP = `
Examples:
  qcm report backtests/out/2025-01-31-120000-sequence
  qcm report compare backtests/out/first backtests/out/second --out both.html

The page is one file: it loads nothing, and can be opened from disk or sent by mail. The price chart
holds every signal bar of the run; click a trade and the chart jumps to it.
`;
