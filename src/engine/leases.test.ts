import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Leases } from './leases.ts';

describe('leases', () => {
  it('are granted all or none, to one owner', () => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
    const wish = fc.record({
      want: fc.uniqueArray(fc.constantFrom(...symbols), { minLength: 1 }),
      trade: fc.constantFrom('t1', 't2'),
      isRelease: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), (wishes) => {
        const leases = new Leases();
        const owner = new Map<string, string>();
        for (const { want, trade, isRelease } of wishes) {
          if (isRelease) {
            for (const symbol of want) {
              leases.release(symbol, trade);
              if (owner.get(symbol) === trade) owner.delete(symbol);
            }
          } else {
            const isFree = want.every((symbol) => !owner.has(symbol));
            expect(leases.grant(want, { strategyId: trade, tradeId: trade })).toBe(isFree);
            if (isFree) for (const symbol of want) owner.set(symbol, trade);
          }
          for (const symbol of symbols) {
            expect(leases.ownerOf(symbol)?.tradeId).toBe(owner.get(symbol));
          }
        }
      }),
    );
  });

  it('survive a snapshot', () => {
    const leases = new Leases();
    leases.grant(['BTCUSDT', 'ETHUSDT'], { strategyId: 's', tradeId: 't1' });
    const again = new Leases();
    again.load(structuredClone(leases.save()));
    expect(again.grant(['ETHUSDT', 'SOLUSDT'], { strategyId: 's', tradeId: 't2' })).toBe(false);
    expect(again.ownerOf('BTCUSDT')).toEqual({ strategyId: 's', tradeId: 't1' });
    expect(again.ownerOf('SOLUSDT')).toBeUndefined();
  });

  it('refuse a package that names a symbol twice', () => {
    const owner = { strategyId: 's', tradeId: 't1' };
    expect(() => new Leases().grant(['BTCUSDT', 'BTCUSDT'], owner)).toThrow('twice');
  });
});
