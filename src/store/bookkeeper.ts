import type { DecisionRecord } from '../engine/effect.ts';
import type { Envelope, OrderFilled } from '../engine/event.ts';
import { Instrument } from '../engine/instrument.ts';
import { encode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { CASH_SCALE, DAY_MS } from '../engine/units.ts';
import type { JournalRecord } from './journal-record.ts';
import type { StoreWrite } from './store-batch.ts';

/** A fill as bookkeeping wants it: decimals as they were traded, not ticks and lots. */
export interface FillRow {
  orderId: string;
  fillId: string;
  symbol: string;
  side: 'buy' | 'sell';
  price: string;
  quantity: string;
  /** Price times quantity, quote asset. */
  notional: number;
  /** Positive is paid. */
  fee: number;
  feeAsset: string;
  isMaker: boolean;
  origin: OrderFilled['origin'];
}

/** Money that moved without a trade. */
export type CashFlowRow =
  | {
      kind: 'funding';
      symbol: string;
      rate: number;
      intervalHours: number;
      mark: number;
      /** What the venue booked; NaN where the engine computed it from position, rate and mark. */
      amount: number;
    }
  | { kind: 'transfer'; asset: string; amount: number; balance: number };

/** Rules whose refusal is a state of the system, not a judgement of one trade. */
const BREAKERS: ReadonlySet<string> = new Set([
  'circuitBreaker',
  'equityStop',
  'directionBreaker',
  'dayBudget',
  'flashGuard',
  'volatilityGuard',
  'eventGuard',
  'fundingFilter',
  'latencyGuard',
  'leverageRamp',
]);

/**
 * Rows for bookkeeping and review out of the journal's own records, so that they are in the same
 * commit and outlive its pruning. Knows the filters from the session's first event on.
 */
export class Bookkeeper {
  private readonly instruments = new Map<string, Instrument>();
  /** Breakers that refuse, with the day they were last written down. */
  private readonly tripped = new Map<string, number>();
  private atMs = 0;
  private quoteAsset = '';

  rowsOf(record: JournalRecord): StoreWrite[] {
    switch (record.type) {
      case 'event':
        return this.rowsOfEvent(record.envelope);
      case 'effects':
        return record.effects.flatMap((effect) => {
          if (effect.kind === 'decision.record') return this.breakers(record.seq, effect);
          if (effect.kind !== 'alert.raise') return [];
          const { symbol, side } = effect;
          const text = encode(effect);
          return [{ table: 'signals', seq: record.seq, atMs: this.atMs, symbol, side, text }];
        });
      case 'rewound':
        return [{ table: 'rewound', toSeq: record.toSeq, fromSeq: record.fromSeq }];
      default:
        return [];
    }
  }

  private rowsOfEvent({ seq, atMs, event }: Envelope): StoreWrite[] {
    this.atMs = atMs;
    switch (event.kind) {
      case 'session.started':
        this.quoteAsset = event.quoteAsset;
        for (const spec of event.instruments)
          this.instruments.set(spec.symbol, new Instrument(spec));
        return [];
      case 'instrument.changed':
        this.instruments.set(event.spec.symbol, new Instrument(event.spec));
        return [];
      case 'order.filled':
        return this.fill(seq, atMs, event);
      case 'funding.settled': {
        const { kind: _, bookedUnits, ...rest } = event;
        const amount = bookedUnits === undefined ? Number.NaN : bookedUnits / CASH_SCALE;
        return [cashFlow(seq, atMs, { kind: 'funding', ...rest, amount })];
      }
      case 'account.reported': {
        if (event.transferUnits === 0) return [];
        const amount = event.transferUnits / CASH_SCALE;
        const { asset = this.quoteAsset } = event;
        const balance = event.cashUnits / CASH_SCALE;
        return [cashFlow(seq, atMs, { kind: 'transfer', asset, amount, balance })];
      }
      default:
        return [];
    }
  }

  private fill(seq: number, atMs: number, fill: OrderFilled): StoreWrite[] {
    const { orderId, fillId, symbol, side, feeAsset, isMaker, origin, priceTicks, lots } = fill;
    const instrument = this.instruments.get(symbol);
    // A symbol that no session names cannot be one of ours.
    if (instrument === undefined) return [];
    const row: FillRow = {
      ...{ orderId, fillId, symbol, side, feeAsset, isMaker, origin },
      price: instrument.formatTicks(priceTicks),
      quantity: instrument.formatLots(lots),
      notional: instrument.notional(priceTicks, lots) / CASH_SCALE,
      fee: fill.feeUnits / CASH_SCALE,
    };
    return [{ table: 'fills', seq, atMs, symbol, fillId, text: encode(row) }];
  }

  /** A breaker is written down when it begins to refuse, each day that it still does, and its end. */
  private breakers(seq: number, { decision, reasons }: DecisionRecord): StoreWrite[] {
    const { atMs, tripped } = this;
    if (decision === 'enter') {
      const released = [...tripped.keys()];
      tripped.clear();
      return released.map((rule) => breaker({ seq, atMs, rule, change: 'released', text: '' }));
    }
    if (!decision.startsWith('declined') && decision !== 'exit') return [];
    const reason = reasons.at(-1) ?? '';
    const rule = reason.slice(0, Math.max(0, reason.indexOf(':')));
    const day = Math.floor(atMs / DAY_MS);
    if (!BREAKERS.has(rule) || tripped.get(rule) === day) return [];
    tripped.set(rule, day);
    const text = reason.slice(rule.length + 2);
    return [breaker({ seq, atMs, rule, change: 'tripped', text })];
  }
}

/** The betas that a package was hedged by. */
export function betaRows(seq: number, trade: TradeRecord): StoreWrite[] {
  return trade.legs.flatMap(({ symbol, beta, correlation }) =>
    Number.isFinite(beta)
      ? [{ table: 'betas' as const, seq, atMs: trade.decidedMs, symbol, beta, correlation }]
      : [],
  );
}

function cashFlow(seq: number, atMs: number, row: CashFlowRow): StoreWrite {
  const { kind } = row;
  const name = row.kind === 'funding' ? row.symbol : row.asset;
  return { table: 'cashFlows', seq, atMs, kind, name, text: encode(row) };
}

function breaker(row: Omit<Extract<StoreWrite, { table: 'breakers' }>, 'table'>): StoreWrite {
  return { table: 'breakers', ...row };
}
