import { linearRegression, sampleCorrelation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { gaussian, seededRandom } from '../order-flow/testing/market.ts';
import { loadState, saveState } from '../state.ts';
import { RollingBeta } from './rolling-beta.ts';

/** Returns of a leg that moves 1.4 times the main symbol, with noise of its own. */
function pairs(count: number, { drift = 0, seed = 2 } = {}): [number, number][] {
  const normal = gaussian(seededRandom(seed));
  return Array.from({ length: count }, () => {
    const x = drift + 0.001 * normal();
    return [x, drift + 1.4 * (x - drift) + 0.0008 * normal()];
  });
}

function expectOracle(beta: RollingBeta, window: readonly [number, number][]): void {
  const xs = window.map(([x]) => x);
  const ys = window.map(([, y]) => y);
  const slope = linearRegression(window.map((pair) => [...pair])).m;
  expect(Math.abs(beta.beta - slope)).toBeLessThan(1e-9);
  expect(Math.abs(beta.correlation - sampleCorrelation(xs, ys))).toBeLessThan(1e-9);
}

describe('RollingBeta', () => {
  it('gives slope and correlation of a case done by hand', () => {
    const beta = new RollingBeta(3);
    for (const [x, y] of [
      [9, 9],
      [1, 2],
      [2, 2],
      [3, 5],
    ])
      beta.update(x, y);
    // Means 2 and 3; products 1 + 0 + 2 = 3, squares of x 2, of y 1 + 1 + 4 = 6.
    expect(beta.beta).toBeCloseTo(1.5, 14);
    expect(beta.correlation).toBeCloseTo(3 / Math.sqrt(12), 14);
  });

  it('equals a fresh regression of its window, across exact recounts', () => {
    const beta = new RollingBeta(60);
    const all = pairs(3500);
    for (const [i, [x, y]] of all.entries()) {
      beta.update(x, y);
      if (i < 59) expect(beta.beta).toBeNaN();
      else if (i % 13 === 0) expectOracle(beta, all.slice(i - 59, i + 1));
    }
    expect(beta.beta).toBeGreaterThan(1);
  });

  it('forgets a jump a million times larger than a return within two windows', () => {
    const beta = new RollingBeta(30);
    const calm = pairs(300, { seed: 4 });
    for (const [x, y] of [...calm.slice(0, 100), [1000, 900] as const]) beta.update(x, y);
    for (const [x, y] of calm.slice(0, 29)) beta.update(x, y);
    expect(beta.beta).toBeCloseTo(0.9, 4);
    for (const [x, y] of calm.slice(29, 60)) beta.update(x, y);
    expectOracle(beta, calm.slice(30, 60));
  });

  it('is not disturbed by a mean far above the spread', () => {
    const beta = new RollingBeta(60);
    const all = pairs(900, { drift: 5 });
    for (const [x, y] of all) beta.update(x, y);
    expectOracle(beta, all.slice(840));
  });

  it('is one, and minus one, for a symbol against itself and its mirror', () => {
    const same = new RollingBeta(20);
    const mirror = new RollingBeta(20);
    for (const [x] of pairs(700)) {
      same.update(x, x);
      mirror.update(x, -x);
      if (Number.isNaN(same.beta)) continue;
      expect(same.beta).toBeCloseTo(1, 12);
      expect(same.correlation).toBeCloseTo(1, 12);
      expect(mirror.beta).toBeCloseTo(-1, 12);
      expect(mirror.correlation).toBeCloseTo(-1, 12);
    }
  });

  it('is silent where the main symbol did not move, and has no correlation to a flat leg', () => {
    const flatMain = new RollingBeta(10);
    const flatLeg = new RollingBeta(10);
    const noise = pairs(50);
    for (const [x, y] of noise) {
      flatMain.update(x, y);
      flatLeg.update(x, y);
    }
    for (const [x, y] of noise.slice(0, 10)) {
      flatMain.update(0, y);
      flatLeg.update(x, 0);
    }
    expect([flatMain.beta, flatMain.correlation]).toEqual([Number.NaN, Number.NaN]);
    expect([flatLeg.beta, flatLeg.correlation]).toEqual([0, Number.NaN]);
    for (const [x, y] of noise.slice(0, 10)) flatMain.update(x, y);
    expectOracle(flatMain, noise.slice(0, 10));
  });

  it('ignores a pair with a NaN in it', () => {
    const plain = new RollingBeta(10);
    const holed = new RollingBeta(10);
    for (const [x, y] of pairs(40)) {
      plain.update(x, y);
      holed.update(x, y);
      holed.update(x, Number.NaN);
      holed.update(Number.NaN, y);
    }
    expect(saveState(holed)).toEqual(saveState(plain));
  });

  it('goes on after a restore', () => {
    const first = new RollingBeta(60);
    const second = new RollingBeta(60);
    const all = pairs(400);
    for (const [x, y] of all.slice(0, 150)) first.update(x, y);
    loadState(second, saveState(first));
    for (const [x, y] of all.slice(150)) {
      first.update(x, y);
      second.update(x, y);
      expect([second.beta, second.correlation]).toEqual([first.beta, first.correlation]);
    }
  });

  it('needs a window of at least two pairs', () => {
    expect(() => new RollingBeta(1)).toThrow(RangeError);
    expect(() => new RollingBeta(2.5)).toThrow(RangeError);
  });
});
