import type { DaemonOptions } from '../compose-daemon.ts';
import { processEnvironment } from '../config.ts';
import { checkAccount, type Preflight } from '../daemon/account-checks.ts';
import { daemonPreflight } from '../operator/daemon-preflight.ts';
import { dryRunMarkets, goLiveEvidence } from '../operator/go-live.ts';
import { goLiveCheck } from '../operator/go-live-check.ts';
import { dryRunFolders } from '../operator/status-sections.ts';
import type { RunFlags } from './run.ts';

/**
 * What a start with keys has to pass: the account's hard limits, then the whole table with the
 * go-live gate. A rehearsal against a fake is no dry run and asks for none.
 */
export function startPreflight(
  flags: RunFlags & { state: string },
  options: DaemonOptions,
  onPause: (reason: string) => void,
): Preflight {
  const { loaded, address, opened, time, events } = options;
  const { config } = loaded;
  return async (context) => {
    await checkAccount(context);
    const dataHashes = dryRunMarkets(address.restUrl);
    const evidence = goLiveEvidence(dryRunFolders(flags.state), { config, dataHashes });
    const isSkipped = flags.skipDryRun === true || address.isElsewhere;
    const gate = context.mode === 'live' ? [goLiveCheck(evidence, { isSkipped })] : [];
    const check = daemonPreflight({
      config,
      stateFolder: flags.state,
      env: processEnvironment(),
      execArgv: process.execArgv,
      allowedEnv: flags.allowEnv,
      calendar: { events, paths: [] },
      nowMs: () => time.nowMs(),
      more: gate,
      isCarryingPositions: opened.state.protection.length > 0,
      onPause,
    });
    await check(context);
  };
}
