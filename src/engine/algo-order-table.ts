import type { AlgoOrderState } from './order.ts';

export type AlgoTrigger =
  | 'submit'
  | 'deny'
  | 'accept'
  | 'reject'
  | 'cancelRequest'
  | 'cancel'
  | 'cancelReject'
  | 'expire'
  | 'trigger'
  | 'triggerReject'
  | 'partFill'
  | 'fill'
  | 'finish'
  | 'finishEmpty'
  | 'unknown';

type Row = Partial<Record<AlgoTrigger, AlgoOrderState>>;

/**
 * Conditional orders: triggered is not filled, finished is not filled; only fills are. The market
 * order that a trigger makes is folded into the same record.
 */
const TABLE: Record<AlgoOrderState, Row> = {
  planned: { submit: 'submitted', deny: 'denied' },
  denied: {},
  submitted: {
    accept: 'new',
    reject: 'rejected',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    expire: 'expired',
    // Frames overtake each other: a stop placed at the edge can fire before its acknowledgement.
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    unknown: 'unknown',
  },
  new: {
    accept: 'new',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    cancelReject: 'new',
    // closePosition orders expire when the position is closed otherwise.
    expire: 'expired',
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    // The trigger's frame was lost in a reconnect; the end is told all the same.
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    unknown: 'unknown',
    reject: 'rejected',
  },
  cancelPending: {
    accept: 'cancelPending',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    cancelReject: 'unknown',
    expire: 'expired',
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    reject: 'rejected',
    unknown: 'unknown',
  },
  triggering: {
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    unknown: 'unknown',
  },
  triggered: {
    accept: 'triggered',
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    // Too late to cancel; the venue may still answer either way.
    cancelRequest: 'triggered',
    cancelReject: 'triggered',
    cancel: 'cancelled',
    expire: 'expired',
    unknown: 'unknown',
  },
  unknown: {
    accept: 'new',
    reject: 'rejected',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    cancelReject: 'unknown',
    expire: 'expired',
    trigger: 'triggered',
    triggerReject: 'rejected',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'finishedEmpty',
    unknown: 'unknown',
  },
  finished: {
    accept: 'finished',
    trigger: 'finished',
    finish: 'finished',
    partFill: 'finished',
    fill: 'finished',
    cancelRequest: 'finished',
    cancelReject: 'finished',
    cancel: 'finished',
    expire: 'finished',
    unknown: 'finished',
  },
  finishedEmpty: {
    finishEmpty: 'finishedEmpty',
    cancelRequest: 'finishedEmpty',
    cancelReject: 'finishedEmpty',
    // "Empty" was told too early.
    partFill: 'finished',
    fill: 'finished',
    unknown: 'finishedEmpty',
  },
  rejected: {
    reject: 'rejected',
    triggerReject: 'rejected',
    finishEmpty: 'rejected',
    cancelRequest: 'rejected',
    cancelReject: 'rejected',
    unknown: 'rejected',
    partFill: 'finished',
    fill: 'finished',
  },
  cancelled: {
    accept: 'cancelled',
    cancel: 'cancelled',
    cancelRequest: 'cancelled',
    cancelReject: 'cancelled',
    expire: 'cancelled',
    unknown: 'cancelled',
    // The trigger beat the cancel, and the frames came the other way round.
    trigger: 'triggered',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'cancelled',
  },
  expired: {
    accept: 'expired',
    expire: 'expired',
    cancel: 'expired',
    cancelRequest: 'expired',
    cancelReject: 'expired',
    unknown: 'expired',
    partFill: 'triggered',
    fill: 'finished',
    finish: 'finished',
    finishEmpty: 'expired',
  },
};

export function nextAlgoState(
  state: AlgoOrderState,
  trigger: AlgoTrigger,
): AlgoOrderState | 'illegal' {
  return TABLE[state][trigger] ?? 'illegal';
}

export function isAlgoOpen(state: AlgoOrderState): boolean {
  return (
    state === 'submitted' ||
    state === 'new' ||
    state === 'cancelPending' ||
    state === 'triggering' ||
    state === 'triggered' ||
    state === 'unknown'
  );
}
