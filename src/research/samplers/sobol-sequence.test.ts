import { describe, expect, it } from 'vitest';
import { Random } from '../../../data/simulated/random.ts';
import {
  directionNumbers,
  hasPropertyA,
  primitivePolynomials,
  SobolSequence,
} from './sobol-sequence.ts';

const DIMENSIONS = 24;

describe('Sobol sequence', () => {
  it('knows how many primitive polynomials of each degree there are: phi(2^n - 1) / n', () => {
    const degrees = primitivePolynomials(30).map((p) => 31 - Math.clz32(p));
    const counts = [1, 2, 3, 4, 5, 6, 7].map((n) => degrees.filter((d) => d === n).length);
    expect(counts.slice(0, 6)).toEqual([1, 1, 2, 2, 6, 6]);
    expect(primitivePolynomials(4)).toEqual([0b11, 0b111, 0b1011, 0b1101]);
  });

  it('begins as every Sobol sequence: 0, 1/2, then quarters in both first dimensions', () => {
    const sequence = new SobolSequence({ dimensions: 2 });
    const points = Array.from({ length: 4 }, () => [...sequence.next()]);
    expect(points[0]).toEqual([0, 0]);
    expect(points[1]).toEqual([0.5, 0.5]);
    expect(points.map(([x]) => x).sort()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(points.map(([, y]) => y).sort()).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('puts one of each aligned 2^k points into each 2^-k of every axis, shifted or not', () => {
    for (const seed of [undefined, 7]) {
      const sequence = new SobolSequence({ dimensions: DIMENSIONS, seed });
      for (let block = 0; block < 4; block++) {
        const points = Array.from({ length: 64 }, () => sequence.next());
        for (let i = 0; i < DIMENSIONS; i++) {
          expect(new Set(points.map((p) => Math.floor(p[i] * 64))).size).toBe(64);
        }
      }
    }
  });

  it('has property A: one of 2^d points in each corner, for the first dimensions together', () => {
    const directions = directionNumbers(DIMENSIONS);
    for (let d = 1; d <= DIMENSIONS; d++) expect(hasPropertyA(directions.slice(0, d))).toBe(true);
    const sequence = new SobolSequence({ dimensions: 8, seed: 1 });
    const corners = new Set(
      Array.from({ length: 256 }, () =>
        [...sequence.next()].map((x) => (x < 0.5 ? 0 : 1)).join(''),
      ),
    );
    expect(corners.size).toBe(256);
  });

  it('integrates a product of 8 factors ten times as well as random points', () => {
    const error = (next: () => ArrayLike<number>) => {
      let sum = 0;
      for (let i = 0; i < 4_096; i++) {
        sum += Array.from(next()).reduce((product, x) => product * (1 + (x - 0.5)), 1);
      }
      return Math.abs(sum / 4_096 - 1);
    };
    const worst = (make: (seed: number) => () => ArrayLike<number>) =>
      Math.max(...[1, 2, 3, 4, 5].map((seed) => error(make(seed))));
    const sobol = worst((seed) => {
      const sequence = new SobolSequence({ dimensions: 8, seed });
      return () => sequence.next();
    });
    const random = worst((seed) => {
      const numbers = new Random(seed, 0);
      return () => Array.from({ length: 8 }, () => numbers.uniform());
    });
    expect(sobol).toBeLessThan(random / 10);
  });
});
