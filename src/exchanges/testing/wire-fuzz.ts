import type { EngineEvent, OrderFilled } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import type { AccountPicture } from '../../live/ports.ts';
import { canonicalId } from '../binance/order-id.ts';
import { BinanceRig } from './in-process-binance.ts';
import { MangleRandom, mangle } from './mangle.ts';

export interface FuzzCounts {
  /** Frames and answers that were broken on their way. */
  mangled: number;
  unsupported: number;
  fills: number;
  pictures: number;
  picturesRefused: number;
  orders: number;
}

const SYMBOL = 'BTCUSDT';
/** Of this many frames or answers one is broken. */
const EVERY = 3;

/**
 * An adapter whose every third frame and answer is broken, trading at random. What it tells is held
 * against the venue: a fill has a trade of that id, price, quantity and side; an order that is told
 * to rest has rested; one that has ended does not rest; a picture of the account is the account.
 * @throws Error at the first fact that is not so
 */
export class WireFuzz {
  readonly counts: FuzzCounts = {
    ...{ mangled: 0, unsupported: 0, fills: 0, pictures: 0, picturesRefused: 0, orders: 0 },
  };
  readonly rig: BinanceRig;
  private readonly random: MangleRandom;
  private readonly sent: OrderRequest[] = [];
  private isBroken = true;

  constructor(seed: number) {
    this.random = new MangleRandom(seed);
    this.rig = new BinanceRig({ balance: 1_000_000 });
    this.rig.take();
    const { venue } = this.rig;
    // Limits are another test's matter.
    venue.gateway.limits.limits = {
      ...{ weightPerMinute: 1e9, ordersPer10s: 1e9, ordersPerMinute: 1e9 },
    };
    venue.garbleAnswer = (body) => this.garble(body);
    venue.garbleFrame = (text) => this.garble(text);
  }

  /** Runs until so many messages were broken, then a quiet minute: books and venue must agree. */
  run(mangledMin: number): FuzzCounts {
    while (this.counts.mangled < mangledMin) this.step();
    this.isBroken = false;
    this.rig.binance.exchange.askAboutOpen();
    this.rig.runFor(120_000);
    this.check();
    this.checkEnd();
    this.counts.unsupported = this.rig.binance.exchange.unsupportedCount();
    return this.counts;
  }

  private garble(text: string): string {
    if (!this.isBroken || this.random.below(EVERY) !== 0) return text;
    this.counts.mangled++;
    return mangle(text, this.random);
  }

  private step(): void {
    const { rig, random } = this;
    const { exchange, setup } = rig.binance;
    const { venue } = rig.venue;
    const last = venue.market(SYMBOL).last;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.submit(last);
        break;
      case 4:
      case 5: {
        const order = this.sent[random.below(this.sent.length)];
        if (order === undefined) break;
        const isConditional = order.type === 'stopMarket';
        exchange.cancel({ kind: 'order.cancel', ...nameOf(order), isConditional });
        break;
      }
      case 6: {
        const order = this.sent[random.below(this.sent.length)];
        if (order === undefined) break;
        const isConditional = order.type === 'stopMarket';
        exchange.query({ kind: 'order.query', ...nameOf(order), isConditional });
        break;
      }
      case 7:
        this.readAccount();
        break;
      case 8:
        setup.refresh().catch(() => {});
        break;
      default:
        venue.setPrice(SYMBOL, Math.round(last + random.below(401) - 200));
    }
    rig.runFor(200 + random.below(2_000));
    this.check();
  }

  private submit(last: number): void {
    const { random, rig } = this;
    const side = random.below(2) === 0 ? 'buy' : 'sell';
    const away = (side === 'buy' ? -1 : 1) * random.below(150) * 10;
    const kind = random.below(3);
    const type = (['market', 'limit', 'stopMarket'] as const)[kind];
    const request = {
      ...{ orderId: `qcm-fuzz1-${this.counts.orders.toString(36)}-0${kind === 2 ? 's' : 'e'}` },
      ...{ tradeId: 't', strategyId: 's', symbol: SYMBOL, instrumentVersion: 1, side, type },
      ...{ timeInForce: 'GTC', lots: 2 + random.below(20), closePosition: false },
      ...{ role: kind === 2 ? 'stop' : 'entry', reduceOnly: kind === 2, triggerSource: 'mark' },
      priceTicks: kind === 1 ? Math.round(last) * 10 + away : 0,
      triggerTicks: kind === 2 ? Math.round(last) * 10 - away - (side === 'buy' ? -10 : 10) : 0,
    } as OrderRequest as RiskApproved<OrderRequest>;
    this.sent.push(request);
    if (this.sent.length > 40) this.sent.shift();
    this.counts.orders++;
    rig.binance.exchange.submit(request);
  }

  private readAccount(): void {
    const { rig } = this;
    // What is under way comes to its end first: then the picture must be the account of now.
    this.isBroken = false;
    rig.runFor(15_000);
    this.isBroken = true;
    const atMs = rig.time.nowMs();
    const ask = { symbols: [SYMBOL], fillsAfter: { [SYMBOL]: { fillId: '', atMs } } };
    rig.binance.accounts.readAccount({ ...ask, transfersSinceMs: atMs }, (answer) => {
      if (answer.kind === 'failed') this.counts.picturesRefused++;
      else this.checkPicture(answer.picture);
    });
    rig.runFor(6_000);
  }

  private check(): void {
    for (const event of this.rig.take()) this.checkEvent(event);
  }

  private checkEvent(event: EngineEvent): void {
    const { orders, algos } = this.rig.venue.venue;
    switch (event.kind) {
      case 'order.filled':
        return this.checkFill(event);
      case 'order.accepted':
        return demand(this.hasHad(event.orderId), event);
      case 'order.cancelled':
      case 'order.expired':
      case 'order.rejected':
      case 'stop.finished':
      case 'stop.rejected': {
        const rests = [...orders.open, ...algos.open].some(
          ({ clientId }) => canonicalId(clientId) === event.orderId,
        );
        return demand(!rests, event);
      }
      case 'order.amended':
      case 'position.liquidated':
      case 'feeRates.changed':
      case 'accountConfig.changed':
        return demand(false, event);
      case 'instrument.changed': {
        // A status that nobody knows is read as "does not trade"; nothing else may change.
        const spec = this.rig.facts.instruments[0];
        const { version } = event.spec;
        const plain = { ...spec, version, trading: event.spec.trading };
        return demand(JSON.stringify(event.spec) === JSON.stringify(plain), event);
      }
      default:
    }
  }

  private hasHad(orderId: string): boolean {
    const { orders, algos } = this.rig.venue.venue;
    for (const { clientId } of orders.orders.values()) {
      if (canonicalId(clientId) === orderId) return true;
    }
    for (const { clientId } of algos.algos.values()) {
      if (canonicalId(clientId) === orderId) return true;
    }
    return false;
  }

  private checkFill(fill: OrderFilled): void {
    this.counts.fills++;
    const trade = this.rig.venue.venue.orders.trades.findLast(
      ({ id }) => String(id) === fill.fillId,
    );
    const isSame =
      trade !== undefined &&
      Math.round(trade.price * 10) === fill.priceTicks &&
      Math.round(trade.quantity * 1_000) === fill.lots &&
      (trade.side === 'BUY') === (fill.side === 'buy') &&
      trade.maker === fill.isMaker &&
      // The stream leaves the fee out when there is none; the reconciler compares balances.
      (fill.feeUnits === 0 || Math.abs(trade.commission * 1e8 - fill.feeUnits) < 1);
    demand(isSame, fill);
  }

  private checkPicture(picture: AccountPicture): void {
    this.counts.pictures++;
    const { orders, algos, account } = this.rig.venue.venue;
    const { amount } = account.position(SYMBOL, 'BOTH');
    const held = picture.positions.reduce(
      (sum, { side, lots }) => sum + (side === 'buy' ? lots : -lots),
      0,
    );
    demand(held === Math.round(amount * 1_000), picture.positions);
    const ids = (each: Iterable<{ clientId: string }>) =>
      [...each].map(({ clientId }) => canonicalId(clientId));
    const resting = new Set([...ids(orders.open), ...ids(algos.open)]);
    const told = new Set(picture.orders.map(({ orderId }) => orderId));
    const untold = [...resting].filter((id) => !told.has(id));
    const invented = [...told].filter((id) => !resting.has(id));
    demand(untold.length === 0 && invented.length === 0, { untold, invented });
    for (const each of picture.orders) {
      const all = each.isConditional ? [...algos.open] : [...orders.open];
      const found = all.find(({ clientId }) => canonicalId(clientId) === each.orderId);
      const trigger = found !== undefined && 'triggerPrice' in found ? found.triggerPrice : 0;
      const isSame =
        found !== undefined &&
        Math.round(found.quantity * 1_000) === each.lots &&
        found.reduceOnly === each.reduceOnly &&
        found.closePosition === each.closePosition &&
        Math.round(found.price * 10) === each.priceTicks &&
        Math.round(trigger * 10) === each.triggerTicks &&
        (found.side === 'BUY') === (each.side === 'buy');
      demand(isSame, each);
    }
  }

  /** After the quiet: the adapter follows exactly what rests. */
  private checkEnd(): void {
    const { orders, algos } = this.rig.venue.venue;
    for (const order of this.rig.binance.exchange.orders.open()) {
      const rests = [...orders.open, ...algos.open].some(
        ({ clientId }) => canonicalId(clientId) === order.orderId,
      );
      demand(rests, order);
    }
  }
}

function nameOf({ orderId, symbol }: OrderRequest): { orderId: string; symbol: string } {
  return { orderId, symbol };
}

function demand(isTrue: boolean, what: unknown): void {
  if (!isTrue) throw new Error(`not so at the venue: ${JSON.stringify(what)}`);
}
