import { once } from 'node:events';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { CONTROLS } from '../exchanges/fake-binance/control.ts';
import { Feed } from '../exchanges/fake-binance/feed.ts';
import { parseFeed } from '../exchanges/fake-binance/feed-source.ts';
import { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';

interface Options {
  port: string;
  balance: string;
  key: string;
  secret: string;
  feed?: string;
  speed: string;
  clockScale: string;
}

/** `qcm fake-binance`: the fake exchange on loopback until it is interrupted. */
export function command(): Command {
  return new Command()
    .description('a fake Binance USD-M futures exchange on 127.0.0.1; no real money, no network')
    .option('--port <n>', 'port on 127.0.0.1; 0 takes a free one', '8899')
    .option('--balance <usdt>', 'what the account holds at the start', '10000')
    .option('--key <text>', 'API key it accepts', 'test-key')
    .option('--secret <text>', 'secret it checks signatures with', 'test-secret')
    .option('--feed <source>', 'prices: simulated[:seed], bars:<folder>, l2:<file.gz>')
    .option('--speed <x>', 'feed seconds per second', '1')
    .option('--clock-scale <n>', 'its clock runs n times as fast; qcm run needs the same', '1')
    .addHelpText('after', help())
    .action((options: Options) => run(options));
}

function help(): string {
  const lines = Object.entries(CONTROLS).map(([name, { help: text }]) => `  ${name} ${text}`);
  return `
It speaks the wire of Binance: /fapi/v1 and /fapi/v3 over HTTP, /public, /market and /private
websockets. Without --feed prices stand still until you move them:

  curl -d '{"symbol":"BTCUSDT","price":60500}' http://127.0.0.1:8899/control/price
  curl http://127.0.0.1:8899/control/state          everything the exchange holds

Lose the answer of the next order although it is executed:

  curl -d '{"match":"POST /fapi/v1/order","kind":"reset","executed":true}' \\
    http://127.0.0.1:8899/control/fault

Controls, POST /control/<name> with a JSON body:
${lines.join('\n')}
`;
}

async function run(options: Options): Promise<void> {
  const speed = atLeast('--speed', options.speed, 1e-6);
  const port = atLeast('--port', options.port, 0);
  if (!Number.isInteger(port) || port > 65_535) {
    throw new AppError('USAGE_NUMBER', `--port ${options.port} is no port`, '0 to 65535');
  }
  const clockScale = atLeast('--clock-scale', options.clockScale, 1);
  const source = options.feed === undefined ? undefined : await parseFeed(options.feed);
  const server = await FakeBinanceServer.start({
    port,
    balance: atLeast('--balance', options.balance, 0),
    apiKey: options.key,
    secret: options.secret,
    clockScale,
  });
  const { venue } = server.gateway;
  if (source !== undefined) new Feed(venue, source, speed).start();
  process.stdout.write(
    `fake Binance (no real exchange) on http://127.0.0.1:${server.port}\n` +
      `websockets ws://127.0.0.1:${server.port}/{public,market,private}\n` +
      `key ${options.key}; controls: GET /control; stop with Ctrl-C\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.stop();
}

function atLeast(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  throw new AppError('USAGE_NUMBER', `${name} "${text}" is not a number of at least ${least}`);
}
