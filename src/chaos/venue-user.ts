import { ORDER_TAG } from '../engine/kernel.ts';
import { signatureOf } from '../exchanges/fake-binance/signature.ts';
import { CHAOS_KEYS } from './chaos-process.ts';

/** Until the account has been looked at again. */
export const FOREIGN_AFTER_MS = 65_000;

import type { ChaosWorld } from './chaos-world.ts';

/** Somebody else with access to the account: a person at the venue's own page, a second daemon. */
export class VenueUser {
  declare private readonly world: ChaosWorld;
  /** Strange orders that rest, or whose position is still there. */
  private readonly strange = new Set<string>();

  constructor(world: ChaosWorld) {
    this.world = world;
  }

  /** A market order; the sign of the quantity is its side. */
  /** The venue's HTTP status. */
  trade(symbol: string, quantity: number): number {
    const { instrument } = this.world.venue.market(symbol);
    const steps = Math.round(Math.abs(quantity) / instrument.step);
    if (steps === 0) return 200;
    if (symbol === 'BTCUSDT') this.world.ledger.mainByHand += Math.abs(quantity);
    return this.request('POST', 'order', {
      symbol,
      side: quantity > 0 ? 'BUY' : 'SELL',
      type: 'MARKET',
      quantity: (steps * instrument.step).toFixed(3),
      newClientOrderId: this.ownId(),
    });
  }

  /** An order far from the market; it is taken away again later. */
  placeStrange(who: 'person' | 'secondInstance', lengthMs: number): void {
    const { world } = this;
    const symbol = 'BTCUSDT';
    const newClientOrderId =
      who === 'person' ? this.ownId() : `${ORDER_TAG}-boot9999-${world.steps}-0e`;
    world.ledger.strange.add(newClientOrderId);
    const { last, instrument } = world.venue.market(symbol);
    const price = Math.round((last * 0.97) / instrument.tick) * instrument.tick;
    const kind = { type: 'LIMIT', timeInForce: 'GTC', side: 'BUY', quantity: '0.010' };
    const order = { symbol, ...kind, price: price.toFixed(1), newClientOrderId };
    if (this.request('POST', 'order', order) !== 200) return;
    const end = (): void => {
      const gone = this.request('DELETE', 'order', { symbol, origClientOrderId: newClientOrderId });
      // The market came to it: who left it there closes what it bought.
      if (gone !== 200) this.close(symbol, 0.01);
      world.setForeign(symbol, world.nowMs() + FOREIGN_AFTER_MS);
      this.strange.delete(newClientOrderId);
    };
    this.strange.add(newClientOrderId);
    world.time.wake(world.nowMs() + lengthMs, end, 0);
  }

  /** A strange order was filled: the position is not, or not only, the daemon's. */
  hasPosition(symbol: string): boolean {
    if (this.strange.size === 0) return false;
    return this.world.venue.orders.trades.some(({ orderId, symbol: traded }) => {
      const clientId = this.world.venue.orders.orders.get(orderId)?.clientId ?? '';
      return traded === symbol && this.strange.has(clientId);
    });
  }

  /** Closes what is left of an own position of this size, as soon as the symbol trades. */
  close(symbol: string, quantity: number): void {
    const { amount } = this.world.venue.account.position(symbol, 'BOTH');
    if (amount * quantity <= 0) return;
    const left = Math.min(Math.abs(quantity), Math.abs(amount));
    if (this.trade(symbol, -Math.sign(quantity) * left) === 200) return;
    const againMs = this.world.nowMs() + 1_000;
    this.world.setForeign(symbol, againMs + FOREIGN_AFTER_MS);
    this.world.time.wake(againMs, () => this.close(symbol, quantity), 0);
  }

  /** Closes whatever is left on a symbol. */
  flatten(symbol: string): void {
    const { amount } = this.world.venue.account.position(symbol, 'BOTH');
    if (amount !== 0) this.trade(symbol, -amount);
  }

  private ownId(): string {
    return `web_${this.world.nowMs()}_${this.world.steps}`;
  }

  /** Never disturbed by faults: they are meant for the daemon. */
  private request(
    method: 'POST' | 'DELETE',
    path: string,
    params: Readonly<Record<string, string>>,
  ): number {
    const { gateway, note } = { gateway: this.world.gateway, note: this.world.note };
    const all = { ...params, timestamp: String(gateway.venue.clock.now) };
    let text = new URLSearchParams(all).toString();
    text += `&signature=${signatureOf(CHAOS_KEYS.secret, text)}`;
    const { bannedUntil } = gateway.limits;
    gateway.limits.bannedUntil = 0;
    const answer = gateway.request({
      method,
      path: `/fapi/v1/${path}`,
      query: method === 'DELETE' ? text : '',
      body: method === 'POST' ? text : '',
      apiKey: CHAOS_KEYS.apiKey,
    });
    gateway.limits.bannedUntil = bannedUntil;
    const shown = Object.values(params).join(' ');
    note.call(this.world, `by hand: ${method} ${shown} < ${answer.status} ${answer.body}`);
    return answer.status;
  }
}
