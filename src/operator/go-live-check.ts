import { green, note, type PreflightCheck, red } from './preflight-check.ts';

export interface GoLiveEvidence {
  /** Paper or demo on the live market with these settings since the last breach. */
  hours: number;
  neededHours: number;
  /** Closed trades in them. */
  trades: number;
  /** p95 of slippage over traded notional, in bps; null without trades. */
  slippageP95Bps: number | null;
  breaches: number;
  isEnough: boolean;
}

/** The gate as a line of the preflight. */
export function goLiveCheck(
  evidence: GoLiveEvidence,
  options: { isSkipped?: boolean } = {},
): PreflightCheck {
  const { hours, neededHours, trades, breaches, slippageP95Bps, isEnough } = evidence;
  const slippage = slippageP95Bps === null ? '' : `, slippage p95 ${slippageP95Bps.toFixed(1)} bps`;
  const found =
    `${hours.toFixed(1)} of ${neededHours} h of paper or demo with these settings since the last ` +
    `protection breach (${breaches} ever), ${trades} trades${slippage}`;
  if (isEnough) return green('dry run', found);
  if (options.isSkipped === true)
    return note('dry run', `${found}; not asked for (--skip-dry-run or a rehearsal)`);
  return red('dry run', found, 'run qcm run --mode paper or demo first, or add --skip-dry-run');
}
