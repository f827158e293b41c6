import { describe, expect, it } from 'vitest';
import { type AlgoTrigger, isAlgoOpen, nextAlgoState } from './algo-order-table.ts';
import type { AlgoOrderState } from './order.ts';

function walk(...triggers: AlgoTrigger[]): AlgoOrderState | 'illegal' {
  let state: AlgoOrderState | 'illegal' = 'planned';
  for (const trigger of triggers) {
    if (state === 'illegal') return state;
    state = nextAlgoState(state, trigger);
  }
  return state;
}

describe('the life of a conditional order', () => {
  it.each<[AlgoOrderState | 'illegal', AlgoTrigger[]]>([
    ['triggered', ['submit', 'accept', 'trigger']],
    ['triggered', ['submit', 'accept', 'trigger', 'partFill']],
    ['finished', ['submit', 'accept', 'trigger', 'fill', 'finish']],
    ['finishedEmpty', ['submit', 'accept', 'trigger', 'finishEmpty']],
    ['rejected', ['submit', 'accept', 'triggerReject']],
    // The fill's frame comes before the trigger's, or before the acknowledgement.
    ['finished', ['submit', 'accept', 'fill', 'trigger', 'finish']],
    ['finished', ['submit', 'fill', 'accept']],
    // Frames lost in a reconnect: only the end is told.
    ['finished', ['submit', 'finish']],
    ['finished', ['submit', 'accept', 'finish']],
    ['finished', ['submit', 'accept', 'cancelRequest', 'finish']],
    // The cancel loses to the trigger, told in either order.
    ['finished', ['submit', 'accept', 'cancelRequest', 'trigger', 'fill', 'cancelReject']],
    ['finished', ['submit', 'accept', 'cancelRequest', 'cancel', 'trigger', 'fill']],
    ['finished', ['submit', 'accept', 'cancelRequest', 'cancel', 'finish']],
    ['unknown', ['submit', 'accept', 'cancelRequest', 'cancelReject']],
    ['denied', ['deny']],
    ['illegal', ['deny', 'submit']],
    ['illegal', ['submit', 'accept', 'trigger', 'fill', 'reject']],
    ['illegal', ['fill']],
  ])('ends %s after %j', (state, triggers) => {
    expect(walk(...triggers)).toBe(state);
  });

  it('is over only when nothing can still fill', () => {
    const open = ['submitted', 'new', 'cancelPending', 'triggering', 'triggered', 'unknown'];
    const over = ['planned', 'denied', 'finished', 'finishedEmpty', 'rejected', 'cancelled'];
    for (const state of open) expect(isAlgoOpen(state as AlgoOrderState)).toBe(true);
    for (const state of over) expect(isAlgoOpen(state as AlgoOrderState)).toBe(false);
  });
});
