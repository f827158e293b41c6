import type { RestPort } from '../exchanges/binance/venue-rest.ts';
import { accountChecks } from './preflight-account.ts';
import { type PreflightCheck, type PreflightReport, red } from './preflight-check.ts';
import { type MachineOptions, machineChecks } from './preflight-machine.ts';
import { marketChecks } from './preflight-market.ts';

export interface PreflightOptions extends MachineOptions {
  symbols: readonly string[];
  /** Highest leverage of the ramp. */
  leverageMax: number;
  /** Undefined where no venue is reached, which is red in every mode. */
  rest: RestPort | undefined;
  /** Whether `rest` can sign. */
  hasKeys: boolean;
  /** How often the venue's time is asked for. */
  probes?: number;
  /** Further checks of the caller, such as the go-live gate. */
  more?: readonly PreflightCheck[];
}

const KEYS_FIX = 'QCM_BINANCE_KEY and QCM_BINANCE_SECRET, or a file named by QCM_SECRETS_FILE';

/**
 * Everything that has to be right before a daemon may trade, read only: nothing at the venue is
 * changed. Paper mode asks for no account. Never throws for what it finds; red lines say it.
 */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const { mode, rest, hasKeys, nowMs, more = [] } = options;
  const atMs = nowMs();
  const checks = machineChecks(options);
  if (rest === undefined) {
    checks.push(red('venue', 'no connection is configured', 'see qcm preflight --help'));
  } else {
    // Signatures carry the venue's time: measured while the clock probes run.
    if (hasKeys) rest.syncClock();
    const market = await marketChecks({ ...options, rest });
    checks.push(...market);
    const isReached = market.length > 1;
    if (mode !== 'paper' && !hasKeys) {
      checks.push(red('keys', 'no API key and secret', KEYS_FIX));
    } else if (mode !== 'paper' && isReached) {
      checks.push(...(await accountChecks({ ...options, rest })));
    }
  }
  checks.push(...more);
  return { mode, atMs, checks, isPassed: checks.every(({ verdict }) => verdict !== 'red') };
}
