import { assert } from './assert.ts';

export interface LeaseOwner {
  strategyId: string;
  tradeId: string;
}

/** A symbol belongs to one trade at a time (net position mode); granted all or none. */
export class Leases {
  private readonly owners = new Map<string, LeaseOwner>();

  grant(symbols: readonly string[], owner: LeaseOwner): boolean {
    assert(new Set(symbols).size === symbols.length, 'a package names a symbol twice');
    for (const symbol of symbols) if (this.owners.has(symbol)) return false;
    for (const symbol of symbols) this.owners.set(symbol, owner);
    return true;
  }

  /** Only the owner can release; another trade's call changes nothing. */
  release(symbol: string, tradeId: string): void {
    if (this.owners.get(symbol)?.tradeId === tradeId) this.owners.delete(symbol);
  }

  ownerOf(symbol: string): LeaseOwner | undefined {
    return this.owners.get(symbol);
  }

  save(): unknown {
    return [...this.owners].map(([symbol, owner]) => ({ symbol, ...owner }));
  }

  load(state: unknown): void {
    this.owners.clear();
    for (const { symbol, ...owner } of state as (LeaseOwner & { symbol: string })[]) {
      this.owners.set(symbol, owner);
    }
  }
}
