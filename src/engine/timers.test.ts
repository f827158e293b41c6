import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { Timers } from './timers.ts';

describe('timers', () => {
  it('fire by time, equal times in the order they were set, moved and cleared, snapshot or not', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      atMs: fc.integer({ min: 0, max: 4 }),
      action: fc.constantFrom('set', 'set', 'clear', 'restart'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let timers = new Timers();
        let model: { id: string; atMs: number }[] = [];
        for (const { id, atMs, action } of steps) {
          if (action === 'restart') {
            const saved = structuredClone(timers.save());
            timers = new Timers();
            timers.load(saved);
            continue;
          }
          const without = model.filter((timer) => timer.id !== id);
          if (action === 'set') {
            timers.set(id, atMs);
            model = [...without, { id, atMs }].sort((a, b) => a.atMs - b.atMs);
          } else {
            expect(timers.clear(id)).toBe(without.length < model.length);
            model = without;
          }
          expect(timers.next()).toEqual(model[0]);
        }
        const fired: string[] = [];
        for (let next = timers.next(); next !== undefined; next = timers.next()) {
          fired.push(next.id);
          timers.clear(next.id);
        }
        expect(fired).toEqual(model.map((timer) => timer.id));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuse %d, which would never fire', (atMs) => {
    expect(() => new Timers().set('a', atMs)).toThrow('has no time');
  });

  it('have a bound', () => {
    const timers = new Timers();
    for (let i = 0; i < LIMITS.timersMax; i++) timers.set(`t${i}`, i);
    // Moving one is not one more.
    timers.set('t0', 5);
    expect(() => timers.set('more', 1)).toThrow('too many timers');
  });
});
