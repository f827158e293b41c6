import { describe, expect, it } from 'vitest';
import { SequenceMachine } from './sequence.ts';

const CONTEXT = Uint8Array.of(1);
const NO_CONTEXT = Uint8Array.of(0);
const blocks = [
  { id: 7, top: 100, bottom: 98 },
  { id: 8, top: 104, bottom: 102 },
];
const always = () => true;

function machine() {
  return new SequenceMachine({ direction: 1, windowBars: 20, crossWithinBars: 2 });
}

describe('the sequence of one block', () => {
  it('fires on the bar on which everything happens at once', () => {
    const sequence = machine();
    sequence.cancel(10, 101, false);
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.cross(10);
    expect(sequence.fire(always, always)?.id).toBe(7);
    expect(sequence.counts).toMatchObject({ taps: 1, armed: 1, crossed: 1, fired: 1 });
  });

  it('takes a cross up to two bars after the last tap, not the first', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.cross(13);
    expect(sequence.hasCrossed).toBe(false);
    sequence.tap(blocks[0], 12, CONTEXT);
    sequence.cross(14);
    expect(sequence.hasCrossed).toBe(true);
  });

  it('runs its window from the last tap before the cross and ignores later ones', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.cross(11);
    sequence.tap(blocks[0], 15, NO_CONTEXT);
    sequence.cancel(30, 101, false);
    expect(sequence.tracked[0].lastTapBar).toBe(10);
    expect([...sequence.tracked[0].context]).toEqual([1]);
    sequence.cancel(31, 101, false);
    expect(sequence.tracked).toEqual([]);
    expect(sequence.counts.cancelledByWindow).toBe(1);
  });

  it('starts again after the window, but never after an alert', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.cancel(31, 101, false);
    sequence.tap(blocks[0], 31, CONTEXT);
    sequence.cross(31);
    expect(sequence.fire(always, always)?.id).toBe(7);
    sequence.tap(blocks[0], 40, CONTEXT);
    expect(sequence.tracked).toEqual([]);
  });

  it('ends by a close beyond the far edge and by a turn of the bias', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.tap(blocks[1], 10, CONTEXT);
    sequence.cancel(11, 97.9, false);
    expect(sequence.counts.cancelledByClose).toBe(2);
    sequence.tap(blocks[1], 12, CONTEXT);
    sequence.cancel(13, 103, true);
    expect(sequence.counts.cancelledByBias).toBe(1);
  });

  it('waits for the rest to hold', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.cross(10);
    expect(sequence.fire(() => false, always)).toBeUndefined();
    expect(sequence.fire(always, always)?.id).toBe(7);
  });

  it('prefers the nearest block with context and spends all that fired', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.tap(blocks[1], 10, NO_CONTEXT);
    sequence.cross(10);
    const fired = sequence.fire(always, (block) => block.context[0] === 1);
    expect(fired?.id).toBe(7);
    expect(sequence.tracked).toEqual([]);
    expect(sequence.counts.fired).toBe(2);
  });

  it('mirrors for supply', () => {
    const sequence = new SequenceMachine({ direction: -1, windowBars: 20, crossWithinBars: 2 });
    sequence.tap(blocks[0], 10, CONTEXT);
    sequence.tap(blocks[1], 10, CONTEXT);
    sequence.cancel(11, 101, false);
    expect(sequence.counts.cancelledByClose).toBe(1);
    sequence.cross(11);
    expect(sequence.fire(always, always)?.id).toBe(8);
  });

  it('goes on from a snapshot', () => {
    const sequence = machine();
    sequence.tap(blocks[0], 10, CONTEXT);
    const again = machine();
    again.load(structuredClone(sequence.save()));
    again.cross(12);
    expect(again.fire(always, always)?.id).toBe(7);
  });
});
