import type { OrderState } from './order.ts';

export type OrderTrigger =
  | 'submit'
  | 'deny'
  | 'accept'
  | 'reject'
  | 'partFill'
  | 'fill'
  | 'cancelRequest'
  | 'cancel'
  | 'cancelReject'
  | 'expire'
  | 'amend'
  | 'unknown';

type Row = Partial<Record<OrderTrigger, OrderState>>;

/**
 * Plain orders. Facts race: a fill can arrive before the acknowledgement, lose to or beat a cancel,
 * or come after the end. Everything that a venue may really say is listed; the rest is illegal.
 */
const TABLE: Record<OrderState, Row> = {
  planned: { submit: 'submitted', deny: 'denied' },
  denied: {},
  submitted: {
    accept: 'accepted',
    reject: 'rejected',
    // The fill's frame may overtake the acknowledgement.
    partFill: 'partlyFilled',
    fill: 'filled',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    expire: 'expired',
    unknown: 'unknown',
  },
  accepted: {
    accept: 'accepted',
    partFill: 'partlyFilled',
    fill: 'filled',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    // Post-only orders could once be accepted and expired at once; an answer may repeat.
    expire: 'expired',
    reject: 'rejected',
    amend: 'accepted',
    unknown: 'unknown',
    cancelReject: 'accepted',
  },
  partlyFilled: {
    accept: 'partlyFilled',
    partFill: 'partlyFilled',
    fill: 'filled',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    expire: 'expired',
    amend: 'partlyFilled',
    unknown: 'unknown',
    cancelReject: 'partlyFilled',
  },
  cancelPending: {
    accept: 'cancelPending',
    partFill: 'cancelPending',
    // The cancel lost the race.
    fill: 'filled',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'rejected',
    // Mostly "already gone": the end itself is still to come, or has to be asked for.
    cancelReject: 'unknown',
    amend: 'cancelPending',
    cancelRequest: 'cancelPending',
    unknown: 'unknown',
  },
  unknown: {
    accept: 'accepted',
    reject: 'rejected',
    partFill: 'partlyFilled',
    fill: 'filled',
    cancelRequest: 'cancelPending',
    cancel: 'cancelled',
    expire: 'expired',
    unknown: 'unknown',
    cancelReject: 'unknown',
    amend: 'accepted',
  },
  filled: {
    accept: 'filled',
    cancelReject: 'filled',
    cancelRequest: 'filled',
    unknown: 'filled',
    // The stream may close a filled order once more by way of a late cancel answer.
    cancel: 'filled',
    expire: 'filled',
    amend: 'filled',
  },
  cancelled: {
    accept: 'cancelled',
    cancel: 'cancelled',
    cancelReject: 'cancelled',
    cancelRequest: 'cancelled',
    // Late fills: matched before the cancel, told after it. They count.
    partFill: 'cancelled',
    fill: 'filled',
    expire: 'cancelled',
    unknown: 'cancelled',
    amend: 'cancelled',
  },
  expired: {
    accept: 'expired',
    expire: 'expired',
    cancel: 'expired',
    cancelReject: 'expired',
    cancelRequest: 'expired',
    partFill: 'expired',
    fill: 'filled',
    unknown: 'expired',
  },
  rejected: {
    reject: 'rejected',
    cancelReject: 'rejected',
    cancelRequest: 'rejected',
    unknown: 'rejected',
    // A "reject" made up from a lost answer is refuted by a fill; the fill is the truth.
    partFill: 'unknown',
    fill: 'filled',
  },
};

/** The state after a trigger, or `illegal` for a pair that is not listed. */
export function nextOrderState(state: OrderState, trigger: OrderTrigger): OrderState | 'illegal' {
  return TABLE[state][trigger] ?? 'illegal';
}

export function isOrderOpen(state: OrderState): boolean {
  return (
    state === 'submitted' ||
    state === 'accepted' ||
    state === 'partlyFilled' ||
    state === 'cancelPending' ||
    state === 'unknown'
  );
}
