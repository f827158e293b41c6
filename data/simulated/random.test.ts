import { describe, expect, it } from 'vitest';
import { exp, ln, Random } from './random.ts';

describe('exp and ln', () => {
  it('agree with the built-in functions to 1e-13 over the range in use', () => {
    for (let x = -30; x <= 30; x += 0.0137) {
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
    }
    for (let x = 1e-10; x < 1e7; x *= 1.083) {
      expect(Math.abs(ln(x) - Math.log(x))).toBeLessThan(1e-13 * Math.max(1, Math.abs(ln(x))));
    }
    expect(exp(0)).toBe(1);
    expect(ln(1)).toBe(0);
  });
});

describe('Random', () => {
  it('has the moments of the laws it draws from', () => {
    const random = new Random(5, 0);
    const count = 200_000;
    const sums = { u: 0, uu: 0, n: 0, nn: 0, nnnn: 0, e: 0, ee: 0 };
    for (let i = 0; i < count; i++) {
      const u = random.uniform();
      const n = random.normal();
      const e = random.exponential();
      sums.u += u;
      sums.uu += u * u;
      sums.n += n;
      sums.nn += n * n;
      sums.nnnn += n * n * n * n;
      sums.e += e;
      sums.ee += e * e;
    }
    expect(sums.u / count).toBeCloseTo(0.5, 2);
    expect(sums.uu / count).toBeCloseTo(1 / 3, 2);
    expect(sums.n / count).toBeCloseTo(0, 1);
    expect(sums.nn / count).toBeCloseTo(1, 1);
    expect(sums.nnnn / count).toBeCloseTo(3, 0);
    expect(sums.e / count).toBeCloseTo(1, 1);
    expect(sums.ee / count).toBeCloseTo(2, 1);
  });

  it('has streams of one seed that do not follow each other', () => {
    const a = new Random(9, 0);
    const b = new Random(9, 1);
    let product = 0;
    for (let i = 0; i < 50_000; i++) product += a.normal() * b.normal();
    expect(Math.abs(product / 50_000)).toBeLessThan(0.02);
  });
});
