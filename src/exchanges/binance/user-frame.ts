import {
  decimalOf,
  idOf,
  isWireObject,
  numberOf,
  parseJson,
  shownOf,
  textOf,
  timeOf,
  UnknownFields,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import type { EngineEvent } from '../../engine/event.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { isOwnId, originOf } from './order-id.ts';
import { accountEvents, configEvents, marginCallText } from './user-account-frame.ts';
import { readFill } from './venue-fill.ts';

/** What a frame of the user stream says. Nothing is guessed: what is not clear is unsupported. */
export interface UserReading {
  kind: 'order' | 'algo' | 'account' | 'config' | 'marginCall' | 'keyExpired' | 'lite' | 'other';
  /** Time of the event at the venue; NaN where it says none. */
  eventMs: number;
  /** Client id as sent; empty where the frame is about no order. */
  clientId: string;
  symbol: string;
  events: EngineEvent[];
  /** Why it, or a part of it, is not understood; worth an alarm. */
  unsupported: string | undefined;
  /** Worth telling the operator although it is understood. */
  alarm: string | undefined;
  /** The venue says that nothing of the order is left. */
  isFilled: boolean;
  /** Something moved that only a look at the whole account explains. */
  needsReconcile: boolean;
}

const ORDER_FIELDS = names(
  's c S o f q p ap sp x X i l z L N n T t b a m R wt ot ps cp AP cr pP si ss rp V pm gtd er W',
);
const ALGO_FIELDS = names(
  'caid aid at o s S ps f q X ai ap aq act tp p V wt pm cp pP R tt gtd rm ia cr AP',
);
const CHILDREN_MAX = 1_000;
const CONDITIONAL = names('STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET');
const CHILD_STATES = names('NEW CANCELED EXPIRED');

/**
 * Reads frames of the private stream into facts. Ids stay as sent, twins included; an order that a
 * trigger made is known by the conditional order's id.
 */
export class UserFrameReader {
  readonly unknownFields = new UnknownFields();
  declare private readonly instruments: ReadonlyMap<string, Instrument>;
  /** Venue's id of a triggered order, to the client id of the conditional one. */
  private readonly children = new Map<string, string>();

  /** The map may change under way: filters are read again each day. */
  constructor(instruments: ReadonlyMap<string, Instrument>) {
    this.instruments = instruments;
  }

  read(text: string): UserReading {
    const reading: UserReading = {
      kind: 'other',
      eventMs: Number.NaN,
      clientId: '',
      symbol: '',
      events: [],
      unsupported: undefined,
      alarm: undefined,
      isFilled: false,
      needsReconcile: false,
    };
    const parsed = parseJson(text);
    const frame = isWireObject(parsed) && isWireObject(parsed.data) ? parsed.data : parsed;
    if (!isWireObject(frame)) return unsupported(reading, 'no JSON object');
    reading.eventMs = timeOf(frame.E) ?? Number.NaN;
    switch (frame.e) {
      case 'ORDER_TRADE_UPDATE':
        return this.order(frame.o, reading);
      case 'ALGO_UPDATE':
        return this.algo(frame.o, reading);
      case 'ACCOUNT_UPDATE':
        return accountEvents(frame.a, reading, this.instruments);
      case 'ACCOUNT_CONFIG_UPDATE':
        return configEvents(frame, reading);
      case 'MARGIN_CALL':
        reading.kind = 'marginCall';
        reading.alarm = marginCallText(frame.p);
        return reading;
      case 'listenKeyExpired':
        reading.kind = 'keyExpired';
        return reading;
      case 'TRADE_LITE':
        // The same trade comes with its fee as ORDER_TRADE_UPDATE; this one is only a sign of life.
        reading.kind = 'lite';
        return reading;
      default:
        return unsupported(reading, `event ${shownOf(frame.e)}`);
    }
  }

  /** The client id behind a triggered order; undefined when no trigger told it. */
  parentOf(venueId: string): string | undefined {
    return this.children.get(venueId);
  }

  /** A query can tell the pair before the stream does. */
  noteChild(venueId: string, clientId: string): void {
    if (venueId === '') return;
    if (this.children.size >= CHILDREN_MAX) {
      const oldest = this.children.keys().next().value;
      if (oldest !== undefined) this.children.delete(oldest);
    }
    this.children.set(venueId, clientId);
  }

  private order(order: unknown, reading: UserReading): UserReading {
    reading.kind = 'order';
    if (!isWireObject(order)) return unsupported(reading, 'order is no object');
    this.unknownFields.note('order', order, ORDER_FIELDS);
    const venueId = idOf(order.i);
    const sentId = textOf(order.c);
    const symbol = textOf(order.s);
    if (venueId === undefined || sentId === undefined || symbol === undefined) {
      return unsupported(reading, 'order without ids');
    }
    const orderId = isOwnId(sentId) ? sentId : (this.children.get(venueId) ?? sentId);
    reading.clientId = orderId;
    reading.symbol = symbol;
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) return reading;
    if (order.ps !== 'BOTH') {
      reading.needsReconcile = true;
      return unsupported(reading, `position side ${shownOf(order.ps)}`);
    }
    // What a trigger made is no order of our books: only its fills count there, and the
    // conditional order's own FINISHED tells the end with its quantity.
    const isChild = this.children.has(venueId) || CONDITIONAL.has(textOf(order.ot) ?? '');
    if (isChild && CHILD_STATES.has(textOf(order.x) ?? '')) return reading;
    switch (order.x) {
      case 'NEW':
        return tell(reading, { kind: 'order.accepted', orderId, venueId });
      case 'CANCELED':
        return tell(reading, { kind: 'order.cancelled', orderId });
      case 'EXPIRED':
        return tell(reading, { kind: 'order.expired', orderId });
      case 'AMENDMENT':
        return amendment(order, { orderId, instrument }, reading);
      case 'TRADE':
      case 'CALCULATED':
        return trade(order, { orderId, instrument }, reading);
      default:
        return unsupported(reading, `execution type ${shownOf(order.x)}`);
    }
  }

  private algo(order: unknown, reading: UserReading): UserReading {
    reading.kind = 'algo';
    if (!isWireObject(order)) return unsupported(reading, 'algo order is no object');
    this.unknownFields.note('algo', order, ALGO_FIELDS);
    const orderId = textOf(order.caid);
    const venueId = idOf(order.aid);
    const symbol = textOf(order.s);
    if (orderId === undefined || venueId === undefined || symbol === undefined) {
      return unsupported(reading, 'algo order without ids');
    }
    reading.clientId = orderId;
    reading.symbol = symbol;
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) return reading;
    if (order.ps !== 'BOTH') return unsupported(reading, `position side ${shownOf(order.ps)}`);
    this.noteChild(idOf(order.ai) ?? '', orderId);
    switch (order.X) {
      case 'NEW':
        return tell(reading, { kind: 'order.accepted', orderId, venueId });
      case 'CANCELED':
        return tell(reading, { kind: 'order.cancelled', orderId });
      case 'EXPIRED':
        return tell(reading, { kind: 'order.expired', orderId });
      case 'TRIGGERING':
        // The trigger has been seen, the order is not made yet: nothing has changed for us.
        return reading;
      case 'TRIGGERED':
        return tell(reading, { kind: 'stop.triggered', orderId });
      case 'REJECTED': {
        const reason = textOf(order.rm) ?? 'no reason given';
        return tell(reading, { kind: 'stop.rejected', orderId, reason });
      }
      case 'FINISHED': {
        const lots = lotsOf(order.aq, instrument);
        if (lots === undefined) return unsupported(reading, 'finished without a quantity');
        return tell(reading, { kind: 'stop.finished', orderId, lots });
      }
      default:
        return unsupported(reading, `algo status ${shownOf(order.X)}`);
    }
  }
}

function trade(
  order: WireObject,
  context: { orderId: string; instrument: Instrument },
  reading: UserReading,
): UserReading {
  // Liquidations are announced, and sometimes ended, by frames without a quantity.
  if (numberOf(order.l) === 0) return reading;
  const fill = readFill(
    {
      tradeId: order.t === 0 ? undefined : order.t,
      price: order.L,
      quantity: order.l,
      side: order.S,
      fee: order.n,
      feeAsset: order.N,
      isMaker: order.m,
      time: order.T,
    },
    context,
  );
  if (typeof fill === 'string') {
    reading.needsReconcile = true;
    return unsupported(reading, fill);
  }
  reading.events.push(fill);
  reading.isFilled = order.X === 'FILLED';
  if (fill.origin === 'liquidation') {
    reading.events.push({ kind: 'position.liquidated', symbol: fill.symbol });
  }
  if (fill.origin !== 'own' && fill.origin !== 'user') {
    reading.alarm = `${fill.symbol}: closed by the venue (${fill.origin})`;
  }
  return reading;
}

function amendment(
  order: WireObject,
  { orderId, instrument }: { orderId: string; instrument: Instrument },
  reading: UserReading,
): UserReading {
  const lots = lotsOf(order.q, instrument);
  const price = decimalOf(order.p);
  const priceTicks = price === undefined ? undefined : onGrid(() => instrument.parseTicks(price));
  if (lots === undefined || priceTicks === undefined) return unsupported(reading, 'amendment');
  return tell(reading, { kind: 'order.amended', orderId, priceTicks, lots });
}

/** Only orders of ours have states in the engine; a stranger's order is the reconciler's matter. */
function tell(reading: UserReading, event: Extract<EngineEvent, { orderId: string }>): UserReading {
  if (isOwnId(event.orderId)) reading.events.push(event);
  else if (originOf(event.orderId) === 'user') reading.needsReconcile = true;
  return reading;
}

/** Lots of a decimal text; undefined when it is none or lies off the grid. */
export function lotsOf(value: unknown, instrument: Instrument): number | undefined {
  const text = decimalOf(value);
  return text === undefined ? undefined : onGrid(() => instrument.parseLots(text));
}

function onGrid(parse: () => number): number | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function unsupported(reading: UserReading, reason: string): UserReading {
  reading.unsupported = reason;
  return reading;
}

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
