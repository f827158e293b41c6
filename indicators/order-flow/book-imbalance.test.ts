import { describe, expect, it } from 'vitest';
import { BookImbalance } from './book-imbalance.ts';

describe('BookImbalance', () => {
  it('compares the quantity of the best levels', () => {
    const book = new BookImbalance({ levels: 2 });
    book.update([100, 3, 99, 3, 98, 50], [101, 1, 102, 1, 103, 70]);
    expect([book.bidQuantity, book.askQuantity, book.value]).toEqual([6, 2, 0.5]);
  });

  it('leans the micro-price towards the side that is about to be used up', () => {
    const book = new BookImbalance();
    book.update(Float64Array.of(100, 3), Float64Array.of(101, 1));
    expect(book.microPrice).toBe(100.75);
    book.update(Float64Array.of(100, 2), Float64Array.of(101, 2));
    expect(book.microPrice).toBe(100.5);
  });

  it('mirrors when the sides are exchanged', () => {
    const book = new BookImbalance();
    book.update([100, 4, 99, 1], [101, 2]);
    const { value } = book;
    book.update([100, 2], [101, 4, 102, 1]);
    expect(book.value).toBe(-value);
  });

  it('is one-sided with one side and silent with none', () => {
    const book = new BookImbalance();
    book.update([100, 1], []);
    expect([book.value, book.microPrice]).toEqual([1, Number.NaN]);
    book.update([], [100, 1]);
    expect(book.value).toBe(-1);
    book.update([], []);
    expect(book.value).toBeNaN();
    book.update([100, 0], [101, 0]);
    expect([book.value, book.microPrice]).toEqual([Number.NaN, Number.NaN]);
  });

  it('refuses quantities that cannot be', () => {
    const book = new BookImbalance();
    for (const quantity of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => book.update([100, quantity], [101, 1])).toThrow(RangeError);
    }
    expect(() => new BookImbalance({ levels: 0 })).toThrow(RangeError);
  });
});
