import type { SimulatedExchange } from '../../backtests/exchange/simulated-exchange.ts';
import type { Bars } from '../../data/bars/bars.ts';
import type { OrderAmend, OrderCancel, OrderQuery } from '../engine/effect.ts';
import type { OrderFact, OrderFilled } from '../engine/event.ts';
import { isConditional, type OrderRequest } from '../engine/order.ts';
import type { ExchangePort } from '../engine/ports.ts';
import type { RiskApproved } from '../engine/risk-gate.ts';
import type {
  AccountAnswer,
  AccountAsk,
  AccountPicture,
  AccountQueryPort,
  EventSink,
  RestingOrder,
  TimePort,
  WakeUp,
} from './ports.ts';

/** The venue's facts come before everything else of their instant. */
export const VENUE_RANK = 0;
/** Fills kept for account pictures. */
const FILLS_MAX = 1_000;
const PICTURE_DELAY_MS = 20;

interface ToldOrder {
  request: OrderRequest;
  venueId: string;
  filledLots: number;
}

/**
 * The simulated exchange as a venue of the live core: it wakes up when something happens there,
 * tells it as an event, and answers account queries from what it has told.
 */
export class PaperVenue implements ExchangePort, AccountQueryPort {
  declare readonly exchange: SimulatedExchange;
  declare private readonly time: TimePort;
  /** Nobody hears while the process is down; the venue goes on. */
  sink: EventSink | undefined;
  declare private readonly quoteAsset: string;
  private readonly sent = new Map<string, OrderRequest>();
  private readonly resting = new Map<string, ToldOrder>();
  private readonly net = new Map<string, number>();
  private fills: { atMs: number; fill: OrderFilled }[] = [];
  private alarm: WakeUp | undefined;
  private alarmMs = Number.POSITIVE_INFINITY;

  constructor(options: { exchange: SimulatedExchange; time: TimePort; quoteAsset: string }) {
    this.exchange = options.exchange;
    this.time = options.time;
    this.quoteAsset = options.quoteAsset;
  }

  submit(request: RiskApproved<OrderRequest>): void {
    this.sent.set(request.orderId, request);
    this.pass(() => this.exchange.submit(request));
  }

  amend(request: OrderAmend): void {
    this.pass(() => this.exchange.amend(request));
  }

  cancel(request: OrderCancel): void {
    this.pass(() => this.exchange.cancel(request));
  }

  query(request: OrderQuery): void {
    this.pass(() => this.exchange.query(request));
  }

  setBar(symbol: string, bars: Bars, index: number): void {
    this.exchange.setBar(symbol, bars, index);
    this.arm();
  }

  /** The market as it happens, where prices come one by one. */
  tellTrade(symbol: string, price: number): void {
    if (!(price > 0)) return;
    this.exchange.market(symbol).tellTrade(this.time.nowMs(), price);
    this.arm();
  }

  readAccount(ask: AccountAsk, done: (answer: AccountAnswer) => void): void {
    const { time } = this;
    time.wake(time.nowMs() + PICTURE_DELAY_MS, () => {
      const picture = this.pictureNow();
      const fills = picture.fills.filter(({ atMs, fill }) => {
        const after = ask.fillsAfter[fill.symbol];
        return after !== undefined && atMs >= after.atMs;
      });
      done({ kind: 'picture', picture: { ...picture, fills } });
    });
  }

  /** The account as told so far, with all fills that are remembered. */
  pictureNow(): AccountPicture {
    const positions = [...this.net].filter(([, lots]) => lots !== 0);
    const cashUnits = this.exchange.portfolio.cashUnits();
    return {
      orders: [...this.resting.values()].map(restingOrder),
      positions: positions.map(([symbol, lots]) => ({
        symbol,
        side: lots > 0 ? 'buy' : 'sell',
        lots: Math.abs(lots),
        entryPrice: Number.NaN,
      })),
      balances: [{ asset: this.quoteAsset, cashUnits }],
      fills: this.fills,
      transfers: [],
    };
  }

  save(): unknown {
    return structuredClone({
      exchange: this.exchange.save(),
      sent: [...this.sent],
      resting: [...this.resting],
      net: [...this.net],
      fills: this.fills,
    });
  }

  load(state: unknown): void {
    const saved = structuredClone(state) as {
      exchange: unknown;
      sent: [string, OrderRequest][];
      resting: [string, ToldOrder][];
      net: [string, number][];
      fills: { atMs: number; fill: OrderFilled }[];
    };
    this.exchange.load(saved.exchange);
    for (const [id, request] of saved.sent) this.sent.set(id, request);
    for (const [id, order] of saved.resting) this.resting.set(id, order);
    for (const [symbol, lots] of saved.net) this.net.set(symbol, lots);
    this.fills = saved.fills;
    this.arm();
  }

  private pass(call: () => void): void {
    this.exchange.setTime(this.time.nowMs());
    call();
    this.arm();
  }

  private arm(): void {
    const dueMs = this.exchange.nextMs();
    if (dueMs === this.alarmMs) return;
    this.alarm?.cancel();
    this.alarmMs = dueMs;
    this.alarm = Number.isFinite(dueMs)
      ? this.time.wake(dueMs, () => this.happen(), VENUE_RANK)
      : undefined;
  }

  private happen(): void {
    this.alarmMs = Number.POSITIVE_INFINITY;
    if (this.exchange.nextMs() <= this.time.nowMs()) {
      const fact = this.exchange.step();
      if (fact !== undefined) {
        this.note(fact as OrderFact);
        this.sink?.(fact);
      }
    }
    this.arm();
  }

  private note(fact: OrderFact): void {
    switch (fact.kind) {
      case 'order.accepted': {
        const request = this.sent.get(fact.orderId);
        if (request === undefined || request.timeInForce === 'IOC') return;
        const { venueId } = fact;
        if (this.resting.has(fact.orderId)) return;
        this.resting.set(fact.orderId, { request, venueId, filledLots: 0 });
        return;
      }
      case 'order.filled':
        this.noteFill(fact);
        return;
      case 'order.amended':
      case 'order.cancelRejected':
      case 'order.unknown':
        return;
      default:
        // Every other fact about an order is its end, as far as resting goes.
        this.resting.delete(fact.orderId);
    }
  }

  private noteFill(fill: OrderFilled): void {
    const { symbol, side, lots, orderId } = fill;
    // An order that is asked about is told anew; its fills count once.
    if (this.fills.some((each) => each.fill.fillId === fill.fillId)) return;
    this.net.set(symbol, (this.net.get(symbol) ?? 0) + (side === 'buy' ? lots : -lots));
    this.fills.push({ atMs: this.time.nowMs(), fill });
    if (this.fills.length > FILLS_MAX) this.fills.shift();
    const order = this.resting.get(orderId);
    if (order === undefined) return;
    order.filledLots += lots;
    if (order.filledLots >= order.request.lots) this.resting.delete(orderId);
  }
}

function restingOrder({ request, venueId, filledLots }: ToldOrder): RestingOrder {
  const { orderId, symbol, side, reduceOnly, closePosition } = request;
  const { priceTicks, triggerTicks, lots } = request;
  return {
    orderId,
    venueId,
    symbol,
    side,
    isConditional: isConditional(request),
    reduceOnly,
    closePosition,
    priceTicks,
    triggerTicks,
    lots,
    filledLots,
  };
}
