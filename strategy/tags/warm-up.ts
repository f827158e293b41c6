/**
 * Signal bars after which every tag, alert and entry of a late start equals that of a run over all
 * history; `qcm check warmup` measured 3,853 on the real sets, the table is in docs/FIDELITY.md.
 * Slowest are qualified blocks: the strength of one is its rank among 50 older ones of its side, and
 * a block made while those still differ lives for another `obMaxAgeBars`. Hence the margin.
 */
export const WARM_UP_BARS = 4_500;

/** What a daemon loads before it trades: half as much again. */
export const LIVE_HISTORY_BARS = 1.5 * WARM_UP_BARS;
