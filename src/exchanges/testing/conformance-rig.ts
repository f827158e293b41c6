import type {
  ConformanceAction,
  ConformanceVenue,
} from '../../../backtests/exchange/testing/conformance.ts';
import type { EngineEvent } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { ExchangePort } from '../../engine/ports.ts';
import { BinanceRig } from './in-process-binance.ts';
import type { InProcessVenueOptions } from './in-process-venue.ts';

/** Longer than recvWindow + 2 s, so that even "does not exist" is final. */
const SETTLE_MS = 20_000;
const SYMBOL = 'BTCUSDT';

/** The suite's short ids as ids of ours, which is all that the adapter takes for its own. */
export function wireId(orderId: string): string {
  return `qcm-conf1-${Buffer.from(orderId).toString('hex')}-0e`;
}

function scriptId(orderId: string): string {
  const hex = /^qcm-conf1-([0-9a-f]+)-0e$/.exec(orderId)?.[1];
  return hex === undefined ? orderId : Buffer.from(hex, 'hex').toString();
}

/** Adapter and fake venue behind the suite's door. */
export class BinanceConformance implements ConformanceVenue {
  private readonly rig: BinanceRig;
  private last = 60_000;

  constructor(cash: number, options: Partial<InProcessVenueOptions> = {}) {
    this.rig = new BinanceRig({ ...options, balance: cash });
    this.rig.take();
  }

  act(action: ConformanceAction): EngineEvent[] {
    const { rig } = this;
    if (action.kind === 'trade') this.trade(action.price);
    else this.send(rig.binance.exchange, action);
    rig.runFor(SETTLE_MS);
    const facts = rig.take().filter(isNews);
    return facts.map((fact) =>
      'orderId' in fact ? { ...fact, orderId: scriptId(fact.orderId) } : fact,
    );
  }

  close(): void {
    this.rig.binance.stop();
  }

  /** Mark, then the trade, then a deep book a tick around it, as the suite wants it. */
  private trade(price: number): void {
    const { venue } = this.rig.venue;
    const buyerIsMaker = price < this.last;
    this.last = price;
    venue.setQuote(SYMBOL, {
      bid: price - 0.1,
      ask: price + 0.1,
      bidQuantity: 1_000,
      askQuantity: 1_000,
    });
    venue.setMark(SYMBOL, price);
    venue.trade(SYMBOL, { price, quantity: 10, buyerIsMaker });
  }

  private send(port: ExchangePort, action: Exclude<ConformanceAction, { kind: 'trade' }>): void {
    if (action.kind === 'submit') {
      const { request } = action;
      const sent = { ...request, orderId: wireId(request.orderId) };
      return port.submit(sent as OrderRequest as Parameters<ExchangePort['submit']>[0]);
    }
    const sent = { ...action, orderId: wireId(action.orderId) };
    if (sent.kind === 'order.amend') port.amend(sent);
    else if (sent.kind === 'order.cancel') port.cancel(sent);
    else port.query(sent);
  }
}

function isNews({ kind }: EngineEvent): boolean {
  return kind.startsWith('order.') || kind.startsWith('stop.') || kind === 'position.liquidated';
}
