import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Calendar, readCalendar } from '../../data/calendar/calendar.ts';
import { tradedSymbols } from '../compose.ts';
import { rampOf } from '../compose-rules.ts';
import {
  type Config,
  type Environment,
  loadConfig,
  loadEnvironment,
  processEnvironment,
} from '../config.ts';
import { AppError } from '../engine/error.ts';
import { CcxtRest } from '../exchanges/binance/ccxt-rest.ts';
import { venueAddress } from '../exchanges/binance/venue-address.ts';
import type { RestPort } from '../exchanges/binance/venue-rest.ts';
import { preflight } from '../operator/preflight.ts';
import { type PreflightMode, preflightText } from '../operator/preflight-check.ts';

interface Flags {
  mode: string;
  state?: string;
  config?: string;
  trade?: string;
  set?: string[];
  calendar?: string;
  allowEnv?: string[];
  fakeVenue?: boolean;
  json?: boolean;
}

/** `qcm preflight`. */
export function command(): Command {
  return new Command()
    .description('is everything right before a daemon may trade? reads only, changes nothing')
    .option('--mode <mode>', 'paper, demo or live', 'live')
    .option('--state <folder>', 'state folder (default: state/<mode>)')
    .option('--config <file>', 'configuration file (default: qcm.config.json if there)')
    .option('--trade <preset>', 'trade preset')
    .option('--set <key=value...>', 'single settings')
    .option('--calendar <path>', 'economic calendar (default: the imported, else the shipped one)')
    .option('--allow-env <name...>', 'accept an environment trap by its name')
    .option('--fake-venue', 'the addresses are those of qcm fake-binance')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

const HELP = `
Looks at this machine (Node, environment, secrets file, disk, calendar, other instance), at the venue
(clock, latency, filters, funding) and, in demo and live mode, at the account (rights of the key,
position and asset mode, margin, brackets, fees, balance). Green is right, a note is worth reading,
red has to be put right first; each red line says how. Live mode starts with the same table.

Keys: QCM_BINANCE_KEY and QCM_BINANCE_SECRET, from the environment or from the file of mode 600 that
QCM_SECRETS_FILE names.

Examples:
  qcm preflight --mode paper
  qcm preflight
  qcm preflight --mode live --json

Exit codes: 0 nothing red, 1 something is red, 2 wrong usage, 4 configuration refused.
`;

async function run(flags: Flags): Promise<void> {
  const mode = modeOf(flags.mode);
  const { config } = loadConfig({ path: flags.config, preset: flags.trade, sets: flags.set });
  const report = await preflight({
    mode,
    stateFolder: flags.state ?? join('state', mode),
    env: processEnvironment(),
    execArgv: process.execArgv,
    nodeVersion: process.versions.node,
    allowedEnv: flags.allowEnv,
    calendar: calendarOf(flags.calendar),
    nowMs: Date.now,
    symbols: tradedSymbols(config),
    leverageMax: leverageMax(config),
    ...(await restOf(mode, flags.fakeVenue === true)),
  });
  const shown = flags.json === true ? JSON.stringify(report, null, 2) : preflightText(report);
  process.stdout.write(`${shown}\n`);
  if (!report.isPassed) process.exitCode = 1;
}

function modeOf(text: string): PreflightMode {
  if (text === 'paper' || text === 'demo' || text === 'live') return text;
  throw new AppError('USAGE_MODE', `--mode ${text} is not known`, 'paper, demo or live');
}

/** Without keys, and in paper mode, only what is public can be asked. */
async function restOf(
  mode: PreflightMode,
  isFakeVenue: boolean,
): Promise<{ rest: RestPort; hasKeys: boolean }> {
  const { binanceKey, binanceSecret } = keysOf();
  const { restUrl } = venueAddress({
    mode,
    env: processEnvironment(),
    isFakeVenue,
    apiKey: binanceKey,
  });
  const hasKeys = mode !== 'paper' && binanceKey !== undefined && binanceSecret !== undefined;
  const apiKey = hasKeys ? binanceKey : 'none';
  const secret = hasKeys ? binanceSecret : 'none';
  return { rest: await CcxtRest.load({ apiKey, secret, restUrl }), hasKeys };
}

/** A file of secrets that is refused is a line of the table, not the end of it. */
function keysOf(): Partial<Environment> {
  try {
    return loadEnvironment();
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_SECRETS') return {};
    throw error;
  }
}

function leverageMax(config: Config): number {
  return Math.max(...rampOf(config).map(({ leverage }) => leverage));
}

function calendarOf(given: string | undefined): Calendar | undefined {
  if (given !== undefined) {
    if (existsSync(given)) return readCalendar(given);
    throw new AppError('DATA_NO_FILE', `${given} does not exist`);
  }
  const shipped = join(import.meta.dirname, '..', '..', 'data', 'calendar');
  const path = [join('data', 'store', 'calendar'), shipped].find((each) => existsSync(each));
  return path === undefined ? undefined : readCalendar(path);
}
