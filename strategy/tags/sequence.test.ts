import { describe, expect, it } from 'vitest';
import { SequenceMachine } from './sequence.ts';
import { TapBuffer } from './tap-buffer.ts';

const CONTEXT = 1;
const NO_CONTEXT = 0;
const taps = new TapBuffer();
for (const [id, top, bottom] of [
  [7, 100, 98],
  [8, 104, 102],
]) {
  const place = taps.add();
  taps.id[place] = id;
  taps.top[place] = top;
  taps.bottom[place] = bottom;
  taps.createdBar[place] = id;
}
const always = () => true;

function machine() {
  return new SequenceMachine({ direction: 1, windowBars: 20, crossWithinBars: 2 });
}

describe('the sequence of one block', () => {
  it('fires on the bar on which everything happens at once', () => {
    const sequence = machine();
    sequence.cancel(10, 101, false);
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.cross(10);
    expect(sequence.fire(always, always)?.id).toBe(7);
    expect(sequence.counts).toMatchObject({ taps: 1, armed: 1, crossed: 1, fired: 1 });
  });

  it('takes a cross up to two bars after the last tap, not the first', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.cross(13);
    expect(sequence.hasCrossed).toBe(false);
    sequence.tap(taps, 0, { bar: 12, context: CONTEXT });
    sequence.cross(14);
    expect(sequence.hasCrossed).toBe(true);
  });

  it('runs its window from the last tap before the cross and ignores later ones', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.cross(11);
    sequence.tap(taps, 0, { bar: 15, context: NO_CONTEXT });
    sequence.cancel(30, 101, false);
    expect(sequence.tracked[0].lastTapBar).toBe(10);
    expect(sequence.tracked[0].context).toBe(1);
    sequence.cancel(31, 101, false);
    expect(sequence.tracked).toEqual([]);
    expect(sequence.counts.cancelledByWindow).toBe(1);
  });

  it('starts again after the window, but never after an alert', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.cancel(31, 101, false);
    sequence.tap(taps, 0, { bar: 31, context: CONTEXT });
    sequence.cross(31);
    expect(sequence.fire(always, always)?.id).toBe(7);
    sequence.tap(taps, 0, { bar: 40, context: CONTEXT });
    expect(sequence.tracked).toEqual([]);
  });

  it('ends by a close beyond the far edge and by a turn of the bias', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.tap(taps, 1, { bar: 10, context: CONTEXT });
    sequence.cancel(11, 97.9, false);
    expect(sequence.counts.cancelledByClose).toBe(2);
    sequence.tap(taps, 1, { bar: 12, context: CONTEXT });
    sequence.cancel(13, 103, true);
    expect(sequence.counts.cancelledByBias).toBe(1);
  });

  it('waits for the rest to hold', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.cross(10);
    expect(sequence.fire(() => false, always)).toBeUndefined();
    expect(sequence.fire(always, always)?.id).toBe(7);
  });

  it('prefers the nearest block with context and spends all that fired', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.tap(taps, 1, { bar: 10, context: NO_CONTEXT });
    sequence.cross(10);
    const fired = sequence.fire(always, (block) => block.context === 1);
    expect(fired?.id).toBe(7);
    expect(sequence.tracked).toEqual([]);
    expect(sequence.counts.fired).toBe(2);
  });

  it('mirrors for supply', () => {
    const sequence = new SequenceMachine({ direction: -1, windowBars: 20, crossWithinBars: 2 });
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    sequence.tap(taps, 1, { bar: 10, context: CONTEXT });
    sequence.cancel(11, 101, false);
    expect(sequence.counts.cancelledByClose).toBe(1);
    sequence.cross(11);
    expect(sequence.fire(always, always)?.id).toBe(8);
  });

  it('goes on from a snapshot', () => {
    const sequence = machine();
    sequence.tap(taps, 0, { bar: 10, context: CONTEXT });
    const again = machine();
    again.load(structuredClone(sequence.save()));
    again.cross(12);
    expect(again.fire(always, always)?.id).toBe(7);
  });
});
