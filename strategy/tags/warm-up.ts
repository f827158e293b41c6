/**
 * Signal bars after which every tag, alert and entry of a late start equals that of a run over all
 * history; measured by `qcm check warmup` on every real set, the table is in docs/FIDELITY.md.
 */
export const WARM_UP_BARS = 3_000;

/** What a daemon loads before it trades: half as much again. */
export const LIVE_HISTORY_BARS = 1.5 * WARM_UP_BARS;
