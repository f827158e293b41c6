import type { Config } from '../config.ts';
import type { Preflight, PreflightContext } from '../daemon/account-checks.ts';
import { AppError } from '../engine/error.ts';
import type { VenueLine } from '../exchanges/binance/venue-line.ts';
import {
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
} from '../exchanges/binance/venue-rest.ts';
import { leverageMax } from './go-live.ts';
import { preflight } from './preflight.ts';
import { type PreflightCheck, preflightText } from './preflight-check.ts';
import type { MachineOptions } from './preflight-machine.ts';

const TIMEOUT_MS = 10_000;
/** A start does not wait for the figures that `qcm preflight` takes its time for. */
const PROBES = 8;

export interface DaemonPreflightOptions
  extends Pick<MachineOptions, 'stateFolder' | 'env' | 'execArgv' | 'allowedEnv' | 'calendar'> {
  config: Config;
  nowMs: () => number;
  /** The go-live gate. */
  more: readonly PreflightCheck[];
  /** Something of ours is open: it has to be managed, whatever the table says. */
  isCarryingPositions: boolean;
  /** Called instead of a refusal when positions are carried. */
  onPause: (reason: string) => void;
}

/**
 * The table of `qcm preflight` as the gate of a start with keys. Red refuses the start; with open
 * positions the daemon starts to manage them and takes no new ones.
 */
export function daemonPreflight(options: DaemonPreflightOptions): Preflight {
  const { config, isCarryingPositions, onPause, ...rest } = options;
  return async ({ mode, line, measureClock, symbols, notice }: PreflightContext) => {
    // Signatures carry the venue's time from here on.
    await measureClock();
    const report = await preflight({
      ...rest,
      ...{ mode, symbols, probes: PROBES, isLockHeld: true, hasKeys: true },
      nodeVersion: process.versions.node,
      leverageMax: leverageMax(config),
      rest: new LineRest(line),
    });
    if (report.isPassed) return;
    const reds = report.checks.filter(({ verdict }) => verdict === 'red');
    const text = reds.map(({ name, found }) => `${name}: ${found}`).join('; ');
    if (!isCarryingPositions) {
      const hint = 'qcm preflight shows every line and what to do about it';
      throw new AppError('EXCHANGE_PREFLIGHT', `preflight is red: ${text}`, hint);
    }
    notice('alarm', 'PREFLIGHT', `red, but positions are open: entries stay off; ${text}`);
    notice('info', 'PREFLIGHT', preflightText(report));
    onPause(`preflight is red: ${text}`);
  };
}

/** Requests of the preflight by the adapter's own line, so that its limits count them. */
class LineRest implements RestPort {
  declare private readonly line: VenueLine;

  constructor(line: VenueLine) {
    this.line = line;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    this.line.send(request, { urgency: 'report', timeoutMs: TIMEOUT_MS }, (answer) => {
      if (answer.kind === 'ok') done({ kind: 'ok', body: answer.body, usage: NO_USAGE });
      else done({ kind: 'failed', failure: answer.failure, usage: NO_USAGE });
    });
  }

  syncClock(): void {}

  venueNowMs(): number {
    return Date.now();
  }
}
