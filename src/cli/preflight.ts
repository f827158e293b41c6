import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Calendar, readCalendar } from '../../data/calendar/calendar.ts';
import { tradedSymbols } from '../compose.ts';
import {
  type Config,
  type Environment,
  loadConfig,
  loadEnvironment,
  processEnvironment,
} from '../config.ts';
import { AppError } from '../engine/error.ts';
import { CcxtRest } from '../exchanges/binance/ccxt-rest.ts';
import { PublicRest } from '../exchanges/binance/public-rest.ts';
import { venueAddress } from '../exchanges/binance/venue-address.ts';
import type { RestPort } from '../exchanges/binance/venue-rest.ts';
import { dryRunMarkets, goLiveEvidence, leverageMax } from '../operator/go-live.ts';
import { goLiveCheck } from '../operator/go-live-check.ts';
import { preflight } from '../operator/preflight.ts';
import {
  type PreflightCheck,
  type PreflightMode,
  preflightText,
} from '../operator/preflight-check.ts';

interface Flags {
  mode: string;
  state?: string;
  config?: string;
  trade?: string;
  set?: string[];
  calendar?: string;
  allowEnv?: string[];
  fakeVenue?: boolean;
  dryRunState?: string[];
  skipDryRun?: boolean;
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
    .option('--dry-run-state <folder...>', 'where paper and demo ran (state/paper, state/demo)')
    .option('--skip-dry-run', 'live: do not ask for 48 hours of paper or demo')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

const HELP = `
Looks at this machine (Node, environment, secrets file, disk, calendar, other instance), at the venue
(clock, latency, filters, funding) and, in demo and live mode, at the account (rights of the key,
position and asset mode, margin, brackets, fees, balance). Live mode also asks for 48 hours of paper
or demo on the live market with the same trading settings since the last protection breach.
Green is right, a note is worth reading, red has to be put right first; each red line says how. Live
mode starts with the same table.

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
  const { rest, restUrl, hasKeys } = await venueOf(mode, flags.fakeVenue === true);
  const report = await preflight({
    ...{ mode, rest, hasKeys },
    stateFolder: flags.state ?? join('state', mode),
    env: processEnvironment(),
    execArgv: process.execArgv,
    nodeVersion: process.versions.node,
    allowedEnv: flags.allowEnv,
    calendar: calendarOf(flags.calendar),
    nowMs: Date.now,
    symbols: tradedSymbols(config),
    leverageMax: leverageMax(config),
    more: mode === 'live' ? [dryRunCheck(flags, config, restUrl)] : [],
  });
  const shown = flags.json === true ? JSON.stringify(report, null, 2) : preflightText(report);
  process.stdout.write(`${shown}\n`);
  if (!report.isPassed) process.exitCode = 1;
}

function dryRunCheck(flags: Flags, config: Config, restUrl: string): PreflightCheck {
  const folders = flags.dryRunState ?? [join('state', 'paper'), join('state', 'demo')];
  const evidence = goLiveEvidence(folders, { config, dataHashes: dryRunMarkets(restUrl) });
  return goLiveCheck(evidence, { isSkipped: flags.skipDryRun === true });
}

function modeOf(text: string): PreflightMode {
  if (text === 'paper' || text === 'demo' || text === 'live') return text;
  throw new AppError('USAGE_MODE', `--mode ${text} is not known`, 'paper, demo or live');
}

/** Without keys, and in paper mode, only what is public can be asked. */
async function venueOf(
  mode: PreflightMode,
  isFakeVenue: boolean,
): Promise<{ rest: RestPort; restUrl: string; hasKeys: boolean }> {
  const { binanceKey, binanceSecret } = keysOf();
  const { restUrl } = venueAddress({
    mode,
    env: processEnvironment(),
    isFakeVenue,
    apiKey: binanceKey,
  });
  const hasKeys = mode !== 'paper' && binanceKey !== undefined && binanceSecret !== undefined;
  if (!hasKeys) return { rest: new PublicRest(restUrl), restUrl, hasKeys };
  return {
    rest: await CcxtRest.load({ apiKey: binanceKey, secret: binanceSecret, restUrl }),
    restUrl,
    hasKeys,
  };
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

function calendarOf(given: string | undefined): Calendar | undefined {
  if (given !== undefined) {
    if (existsSync(given)) return readCalendar(given);
    throw new AppError('DATA_NO_FILE', `${given} does not exist`);
  }
  const shipped = join(import.meta.dirname, '..', '..', 'data', 'calendar');
  const path = [join('data', 'store', 'calendar'), shipped].find((each) => existsSync(each));
  return path === undefined ? undefined : readCalendar(path);
}
