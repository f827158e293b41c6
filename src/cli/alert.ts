import { Command } from 'commander';
import { pino } from 'pino';
import { loadConfig, loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { deliver } from '../notify/alert-dispatcher.ts';
import { testMessage } from '../notify/alert-message.ts';
import { configuredSinks } from '../notify/compose-sinks.ts';

/** `qcm alert test-fire`. */
export function command(): Command {
  const alert = new Command().description('where alerts go, tried out');
  alert
    .command('test-fire')
    .description('send one alert marked TEST through every configured sink')
    .option('--symbol <name>', 'symbol named in it (default: the traded one)')
    .addHelpText(
      'after',
      `
Sinks: the log, always; a file of JSON lines (QCM_ALERT_FILE); an HTTP POST (QCM_ALERT_URL with
QCM_ALERT_SECRET). deploy/alert-receiver.example.mjs is a receiver that verifies the signature.

Example:
  QCM_ALERT_FILE=alerts.jsonl qcm alert test-fire
`,
    )
    .action((flags: { symbol?: string }) => testFire(flags.symbol));
  return alert;
}

async function testFire(symbol: string | undefined): Promise<void> {
  // Standard output carries the result; the log goes where messages go.
  const logger = pino(pino.destination({ fd: 2, sync: true }));
  const sinks = configuredSinks(loadEnvironment(), logger);
  const message = testMessage(symbol ?? loadConfig().config.market.symbol, Date.now());
  const deliveries = await Promise.all(sinks.map((sink) => deliver(sink, message)));
  for (const { sink, isDelivered, detail } of deliveries) {
    process.stdout.write(`${sink.padEnd(6)}${isDelivered ? 'delivered' : 'FAILED'}: ${detail}\n`);
  }
  const failed = deliveries.filter((delivery) => !delivery.isDelivered).length;
  if (failed === 0) return;
  const text = `${failed} of ${deliveries.length} sinks did not take the TEST alert`;
  throw new AppError('EXCHANGE_ALERT', text, 'see above; .env.example lists the variables');
}
