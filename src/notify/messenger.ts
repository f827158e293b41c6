import type { AlertRaise, DecisionRecord, Effect, OperatorNotify } from '../engine/effect.ts';
import type { Envelope } from '../engine/event.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { DAY_MS } from '../engine/units.ts';
import { dailySummary } from './daily-summary.ts';
import { NOTICE_LEVELS, type NoticeLevel, type OutMessage } from './outbox.ts';

/** Trades of the last moments of a day are on the disk by then. */
const SUMMARY_DELAY_MS = 5_000;

/** A way out: Telegram, a webhook. `offer` takes no time and never throws. */
export interface Channel {
  readonly name: string;
  offer(message: OutMessage): void;
}

/** Decisions worth a message of their own, beside what the engine tells the operator. */
const TOLD_DECISIONS: readonly string[] = ['enter', 'exit', 'closed', 'hedge leg failed'];

/**
 * What people hear of: notices from the chosen level on, at level info also alerts, entries and ends
 * of trades; starts and stops, and the summary of each UTC day.
 */
export class Messenger {
  declare private readonly channels: readonly Channel[];
  declare private readonly rank: number;
  declare private readonly label: string;
  declare private readonly trades: () => readonly TradeRecord[];
  declare private readonly equity: () => number;
  declare private readonly onFailure: (why: string) => void;
  private day = Number.NaN;
  private lastMs = 0;

  constructor(options: {
    channels: readonly Channel[];
    /** Lowest level that is told. */
    level: NoticeLevel;
    /** Which daemon speaks, e.g. "paper". */
    label: string;
    /** Closed trades, oldest first: all, or at least the last thousands. */
    trades: () => readonly TradeRecord[];
    equity: () => number;
    onFailure: (why: string) => void;
  }) {
    this.channels = options.channels;
    this.rank = NOTICE_LEVELS.indexOf(options.level);
    this.label = options.label;
    this.trades = options.trades;
    this.equity = options.equity;
    this.onFailure = options.onFailure;
  }

  onNotify({ level, code, text }: OperatorNotify, atMs: number): void {
    if (NOTICE_LEVELS.indexOf(level) >= this.rank) this.tell({ level, code, text, atMs });
  }

  onAlert({ side, symbol, price, stopPrice, tags }: AlertRaise, atMs: number): void {
    if (this.rank > 0) return;
    const text = `${side} ${symbol} at ${price}, stop ${stopPrice}: ${tags.join(' ')}`;
    this.tell({ level: 'info', code: 'ALERT', text, atMs });
  }

  onEffect(effect: Effect, atMs: number): void {
    if (this.rank > 0 || effect.kind !== 'decision.record') return;
    if (!TOLD_DECISIONS.includes(effect.decision)) return;
    this.tell({ level: 'info', code: '', text: decisionText(effect), atMs });
  }

  onHandled({ atMs, event }: Envelope): void {
    this.lastMs = atMs;
    if (event.kind === 'session.started') {
      const { mode, codeVersion, bootId } = event;
      const text = `${this.label}: session ${bootId} started, mode ${mode}, code ${codeVersion}`;
      this.tell({ level: 'info', code: '', text, atMs });
    }
    const day = Math.floor((atMs - SUMMARY_DELAY_MS) / DAY_MS);
    if (day === this.day) return;
    const last = this.day;
    this.day = day;
    if (last < day) this.summarise(last, atMs);
  }

  onStopped(): void {
    const text = `${this.label}: session stopped`;
    this.tell({ level: 'info', code: '', text, atMs: this.lastMs });
  }

  private summarise(day: number, atMs: number): void {
    try {
      const facts = { dayStartMs: day * DAY_MS, equity: this.equity(), label: this.label };
      const text = dailySummary(this.trades(), facts);
      this.tell({ level: 'info', code: '', text, atMs });
    } catch (error) {
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  private tell(message: OutMessage): void {
    for (const channel of this.channels) channel.offer(message);
  }
}

function decisionText({ decision, symbol, tradeId, reasons }: DecisionRecord): string {
  return `${symbol} ${decision} (${tradeId}): ${reasons.join('; ')}`;
}
