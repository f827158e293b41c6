import {
  booleanOf,
  decimalOf,
  idOf,
  isWireObject,
  numberOf,
  textOf,
  timeOf,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { parseDecimal } from '../../engine/money.ts';
import type {
  AccountAnswer,
  AccountAsk,
  AccountPicture,
  AccountQueryPort,
  AccountUrgency,
  AssetBalance,
  HeldPosition,
  PictureFill,
  RestingOrder,
  Transfer,
} from '../../live/ports.ts';
import { isTwin } from './order-id.ts';
import { PROTECTION_WINDOW_MS } from './order-params.ts';
import type { Urgency } from './request-governor.ts';
import { playScript, type RestScript } from './rest-script.ts';
import type { StreamWitness } from './stream-witness.ts';
import type { TrackedOrders } from './tracked-order.ts';
import { lotsOf } from './user-frame.ts';
import { readUserTrade, sideOf } from './venue-fill.ts';
import type { VenueLine } from './venue-line.ts';
import type { RestRequest } from './venue-rest.ts';

const TIMEOUT_MS = 5_000;
const PAGE = 1_000;
const LINE_URGENCY: Readonly<Record<AccountUrgency, Urgency>> = {
  protection: 'protection',
  start: 'protection',
  doubt: 'doubt',
  routine: 'report',
};
/** Behind the id of a second stop, as long as both are in one list. */
const TWIN_MARK = '\u0000';
const WEEK_MS = 7 * 86_400_000;

export interface AccountReaderOptions {
  line: VenueLine;
  instruments: ReadonlyMap<string, Instrument>;
  orders: TrackedOrders;
  nowMs: () => number;
  /** Holds what is read against the user stream. */
  witness: StreamWitness;
}

/** Reads the whole account for the reconciler; a row that is not clear fails the whole picture. */
export class AccountReader implements AccountQueryPort {
  declare private readonly options: AccountReaderOptions;
  /** Client id behind a venue id: trades name their order by the venue's id only. */
  private readonly clientIds = new Map<string, string>();

  constructor(options: AccountReaderOptions) {
    this.options = options;
  }

  readAccount(ask: AccountAsk, done: (answer: AccountAnswer) => void): void {
    const { urgency = 'routine' } = ask;
    const limits = { urgency: LINE_URGENCY[urgency], timeoutMs: TIMEOUT_MS };
    playScript(this.read(ask), { line: this.options.line, ...limits }, (outcome) => {
      if (outcome.kind === 'done') done({ kind: 'picture', picture: outcome.value });
      else done({ kind: 'failed', ...whyNot(outcome.error) });
    });
  }

  private *read(ask: AccountAsk): RestScript<AccountPicture> {
    const plain = yield* this.rows('fapiPrivate', 'openOrders', {});
    const algo = yield* this.rows('fapiPrivate', 'openAlgoOrders', {});
    const orders = [
      ...plain.flatMap((row) => this.resting(row, false)),
      ...algo.flatMap((row) => this.resting(row, true)),
    ];
    const positions = (yield* this.rows('fapiPrivateV3', 'positionRisk', {})).flatMap((row) =>
      this.position(row),
    );
    if (ask.urgency === 'protection') {
      this.noteTwins(orders);
      const nothing = { balances: [], fills: [], transfers: [] };
      return { orders: withoutDoubles(orders), positions, ...nothing };
    }
    const balances = (yield* this.rows('fapiPrivateV3', 'balance', {})).flatMap(balanceOf);
    const fills: PictureFill[] = [];
    for (const symbol of ask.symbols) {
      if (this.options.instruments.has(symbol)) fills.push(...(yield* this.fillsOf(symbol, ask)));
    }
    fills.sort((a, b) => a.atMs - b.atMs);
    const transfers = yield* this.transfers(ask.transfersSinceMs);
    this.noteTwins(orders);
    return { orders: withoutDoubles(orders), positions, balances, fills, transfers };
  }

  private noteTwins(orders: readonly RestingOrder[]): void {
    const ids = new Set(orders.map(({ orderId }) => orderId));
    for (const { orderId, symbol } of orders) {
      if (!orderId.endsWith(TWIN_MARK)) continue;
      const first = orderId.slice(0, -1);
      const isAlone = !ids.has(first);
      const nowMs = this.options.nowMs();
      this.options.orders.noteTwin({ orderId: first, symbol, isAlone, nowMs });
    }
  }

  private resting(row: WireObject, isConditional: boolean): RestingOrder[] {
    const symbol = textOf(row.symbol);
    const instrument = symbol === undefined ? undefined : this.options.instruments.get(symbol);
    if (symbol === undefined) throw new Error('an open order without a symbol');
    // Other symbols are none of our business.
    if (instrument === undefined) return [];
    const venueId = idOf(isConditional ? row.algoId : row.orderId);
    const clientId = textOf(isConditional ? row.clientAlgoId : row.clientOrderId);
    const side = sideOf(row.side);
    const reduceOnly = booleanOf(row.reduceOnly);
    // The venue makes up an id where nobody gave one: without any the row is broken.
    if (clientId === undefined || venueId === undefined || side === undefined) {
      throw new Error(`an open order on ${symbol} without ids`);
    }
    const quantity = lotsOf(isConditional ? row.quantity : row.origQty, instrument);
    // Who closes the whole position has no quantity, so that one who has need not say so.
    const isSized = row.closePosition === undefined && (quantity ?? 0) > 0;
    const closePosition = isSized ? false : booleanOf(row.closePosition);
    const lots = isConditional && closePosition === true ? 0 : quantity;
    const filledLots = isConditional ? 0 : lotsOf(row.executedQty, instrument);
    const needsPrice = !isConditional || !String(textOf(row.orderType)).endsWith('MARKET');
    const priceTicks = row.price === undefined && !needsPrice ? 0 : ticksOf(row.price, instrument);
    // A trailing stop has no trigger before its activation.
    const isTrailing = row.orderType === 'TRAILING_STOP_MARKET';
    const triggerTicks = isConditional && !isTrailing ? ticksOf(row.triggerPrice, instrument) : 0;
    if (lots === undefined || filledLots === undefined || reduceOnly === undefined) {
      throw new Error(`an open order on ${symbol} that cannot be read`);
    }
    if (closePosition === undefined || priceTicks === undefined || triggerTicks === undefined) {
      throw new Error(`an open order on ${symbol} without its prices`);
    }
    const orderId = this.options.orders.bookId(clientId);
    if (!isConditional) this.clientIds.set(venueId, clientId);
    return [
      {
        orderId: isTwin(clientId) ? orderId + TWIN_MARK : orderId,
        venueId,
        symbol,
        side,
        isConditional,
        ...{ reduceOnly, closePosition, priceTicks, triggerTicks, lots, filledLots },
      },
    ];
  }

  private position(row: WireObject): HeldPosition[] {
    const symbol = textOf(row.symbol);
    const amount = decimalOf(row.positionAmt);
    const entryPrice = numberOf(row.entryPrice);
    if (symbol === undefined || amount === undefined || entryPrice === undefined) {
      throw new Error('a position that cannot be read');
    }
    const instrument = this.options.instruments.get(symbol);
    if (instrument === undefined || Number(amount) === 0) return [];
    if (row.positionSide !== 'BOTH') throw new Error(`${symbol}: hedge mode is on`);
    const lots = lotsOf(amount.replace('-', ''), instrument);
    if (lots === undefined) throw new Error(`${symbol}: a position off the grid`);
    return [{ symbol, side: amount.startsWith('-') ? 'sell' : 'buy', lots, entryPrice }];
  }

  private *fillsOf(symbol: string, ask: AccountAsk): RestScript<PictureFill[]> {
    const instrument = this.options.instruments.get(symbol) as Instrument;
    const cursor = ask.fillsAfter[symbol] ?? { fillId: '', atMs: this.options.nowMs() };
    const out: PictureFill[] = [];
    let fromId = cursor.fillId === '' ? undefined : Number(cursor.fillId) + 1;
    const startTime = Math.max(0, Math.floor(cursor.atMs), this.options.nowMs() - WEEK_MS);
    for (;;) {
      const from: RestRequest['params'] =
        fromId === undefined ? { startTime: Math.floor(startTime) } : { fromId };
      const rows = yield* this.rows('fapiPrivate', 'userTrades', { symbol, limit: PAGE, ...from });
      for (const row of rows) {
        const venueId = idOf(row.orderId);
        const atMs = timeOf(row.time);
        const id = numberOf(row.id);
        if (venueId === undefined || atMs === undefined || id === undefined) {
          throw new Error(`a trade of ${symbol} that cannot be read`);
        }
        const orderId = yield* this.clientIdOf(symbol, venueId);
        const fill = readUserTrade(row, { orderId, instrument, isHistory: true });
        if (typeof fill === 'string') throw new Error(`a trade of ${symbol}: ${fill}`);
        this.options.witness.expectFact(fill, atMs);
        out.push({ atMs, fill: { ...fill, orderId: this.options.orders.bookId(orderId) } });
        fromId = Math.max(fromId ?? 0, id + 1);
      }
      if (rows.length < PAGE) return out;
    }
  }

  private *clientIdOf(symbol: string, venueId: string): RestScript<string> {
    const known = this.clientIds.get(venueId);
    if (known !== undefined) return known;
    const body = yield* this.call('fapiPrivate', 'order', { symbol, orderId: venueId });
    let clientId = isWireObject(body) ? textOf(body.clientOrderId) : undefined;
    if (clientId === undefined) throw new Error(`order ${venueId} of ${symbol} has no client id`);
    // A triggered stop may have another client id; the algo order names its child.
    if (this.options.orders.get(this.options.orders.bookId(clientId)) === undefined) {
      const stops = yield* this.rows('fapiPrivate', 'allAlgoOrders', { symbol, limit: 100 });
      const parent = stops.find((row) => idOf(row.actualOrderId) === venueId);
      clientId = textOf(parent?.clientAlgoId) ?? clientId;
    }
    this.clientIds.set(venueId, clientId);
    return clientId;
  }

  /** By pages: a page that is full is asked on from its last instant, which may be told twice. */
  private *transfers(sinceMs: number): RestScript<Transfer[]> {
    const found = new Map<string, Transfer>();
    let startTime = Math.max(0, Math.floor(sinceMs));
    for (;;) {
      const params = { incomeType: 'TRANSFER', startTime, limit: PAGE };
      const rows = yield* this.rows('fapiPrivate', 'income', params);
      const before = found.size;
      for (const row of rows) {
        const transfer = transferOf(row);
        found.set(transfer.id, transfer);
        startTime = Math.max(startTime, transfer.atMs);
      }
      if (rows.length < PAGE) return [...found.values()];
      // A thousand transfers in one millisecond cannot be paged through; half is not an account.
      if (found.size === before) throw new Error('more transfers in one instant than a page holds');
    }
  }

  private *rows(
    api: RestRequest['api'],
    path: string,
    params: RestRequest['params'],
  ): RestScript<WireObject[]> {
    const body = yield* this.call(api, path, params);
    if (!Array.isArray(body) || !body.every(isWireObject)) throw new Error(`${path} is no list`);
    return body;
  }

  private *call(
    api: RestRequest['api'],
    path: string,
    params: RestRequest['params'],
  ): RestScript<unknown> {
    const answer = yield { method: 'GET', api, path, params, recvWindowMs: PROTECTION_WINDOW_MS };
    if (answer.kind === 'ok') return answer.body;
    const text = `${path}: ${answer.failure.code} ${answer.rule.meaning}`;
    throw answer.heldUntilMs === undefined ? new Error(text) : new Held(text, answer.heldUntilMs);
  }
}

/** A request that a limit of ours held back. */
class Held extends Error {
  declare readonly untilMs: number;

  constructor(text: string, untilMs: number) {
    super(text);
    this.untilMs = untilMs;
  }
}

function whyNot(error: Error): { reason: string; retryAtMs?: number } {
  const { message: reason } = error;
  return error instanceof Held ? { reason, retryAtMs: error.untilMs } : { reason };
}

/** A twin counts for its order only where the order itself does not rest. */
function withoutDoubles(orders: readonly RestingOrder[]): RestingOrder[] {
  const ids = new Set(orders.map(({ orderId }) => orderId));
  return orders
    .filter(({ orderId }) => !(orderId.endsWith(TWIN_MARK) && ids.has(orderId.slice(0, -1))))
    .map((order) => ({ ...order, orderId: order.orderId.replace(TWIN_MARK, '') }));
}

function transferOf(row: WireObject): Transfer {
  const id = idOf(row.tranId);
  const atMs = timeOf(row.time);
  const asset = textOf(row.asset);
  const income = decimalOf(row.income);
  if (id === undefined || atMs === undefined || asset === undefined || income === undefined) {
    throw new Error('a transfer that cannot be read');
  }
  return { id, atMs, asset, cashUnits: parseDecimal(income, 8) };
}

function balanceOf(row: WireObject): AssetBalance[] {
  const asset = textOf(row.asset);
  const balance = decimalOf(row.balance);
  if (asset === undefined || balance === undefined)
    throw new Error('a balance that cannot be read');
  const cashUnits = parseDecimal(balance, 8);
  return cashUnits === 0 ? [] : [{ asset, cashUnits }];
}

function ticksOf(value: unknown, instrument: Instrument): number | undefined {
  const text = decimalOf(value);
  return text === undefined ? undefined : instrument.parseTicks(text);
}
