import type { DatabaseSync } from 'node:sqlite';
import type { FundingRow } from '../../backtests/run-options.ts';
import { type Bars, createBars, writeBar } from '../../data/bars/bars.ts';
import type { SessionConfig } from '../compose-live.ts';
import type { DecisionRecord } from '../engine/effect.ts';
import { AppError } from '../engine/error.ts';
import type { BarClosed, Envelope, SessionStarted } from '../engine/event.ts';
import { decode } from '../engine/journal-codec.ts';
import { fromCash } from '../engine/money.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { eventsThatNeverCounted } from '../live/replay-journal.ts';
import { readJournal, readSessions } from '../store/store-state.ts';

/** What a journal tells of the time up to the end of a day, under one configuration. */
export interface JournalSpan {
  series: Bars[];
  funding: FundingRow[];
  kept: SessionConfig;
  session: SessionStarted;
  configHash: string;
  /** First bar that was decided on under this configuration. */
  fromMs: number;
  /** Quote currency at `fromMs`, as far as trades and transfers tell. */
  startEquity: number;
  decisions: { atMs: number; record: DecisionRecord }[];
  trades: TradeRecord[];
  /** Main-symbol signal bars of the day that came as history: nothing was decided on them. */
  undecidedBars: number;
}

/**
 * Bars, funding, decisions and trades up to `toMs`, for the configuration that ran on the day.
 * @throws AppError STORE_DAY when the journal has no session or no decided bar then
 */
export function readJournalSpan(
  db: DatabaseSync,
  day: { fromMs: number; toMs: number },
): JournalSpan {
  const heard = new Heard(day);
  const skip = eventsThatNeverCounted(db);
  let atMs = 0;
  for (const record of readJournal(db)) {
    if (record.type === 'event') {
      atMs = record.envelope.atMs;
      if (atMs >= day.toMs) break;
      if (!skip.has(record.envelope.seq)) heard.event(record.envelope);
    } else if (record.type === 'effects' && !skip.has(record.seq)) {
      for (const effect of record.effects) {
        if (effect.kind === 'decision.record') heard.decisions.push({ atMs, record: effect });
      }
    }
  }
  const { session, fromMs } = heard;
  const stored = readSessions(db).find(({ bootId }) => bootId === session?.bootId);
  if (session === undefined || stored === undefined || !Number.isFinite(fromMs)) {
    const hint = 'qcm journal tail shows from when to when it reaches; old bars are pruned';
    throw new AppError('STORE_DAY', 'the journal holds no decided bar of that day', hint);
  }
  const rows = db.prepare('SELECT text FROM trades ORDER BY closed_ms').all();
  const trades = rows.map(({ text }) => decode(String(text)) as TradeRecord);
  const before = trades.filter(({ closedMs }) => closedMs < fromMs);
  return {
    series: heard.series(),
    funding: heard.funding,
    kept: stored.config as SessionConfig,
    session,
    configHash: session.configHash,
    fromMs,
    startEquity:
      heard.firstCash +
      heard.transfersBefore(fromMs) +
      before.reduce((sum, { netPnl }) => sum + netPnl, 0),
    decisions: heard.decisions.filter((each) => each.atMs >= day.fromMs),
    trades: trades.filter(({ decidedMs }) => decidedMs >= day.fromMs && decidedMs < day.toMs),
    undecidedBars: heard.undecidedBars,
  };
}

class Heard {
  session: SessionStarted | undefined;
  firstCash = Number.NaN;
  fromMs = Number.NaN;
  undecidedBars = 0;
  readonly funding: FundingRow[] = [];
  readonly decisions: { atMs: number; record: DecisionRecord }[] = [];
  private readonly bars = new Map<string, Map<number, BarClosed>>();
  private readonly transfers: { atMs: number; amount: number }[] = [];
  declare private readonly day: { fromMs: number; toMs: number };

  constructor(day: { fromMs: number; toMs: number }) {
    this.day = day;
  }

  event({ atMs, event }: Envelope): void {
    switch (event.kind) {
      case 'session.started':
        if (this.session === undefined) this.firstCash = fromCash(event.cashUnits);
        // What another configuration decided is no measure of this one.
        if (this.session?.configHash !== event.configHash) this.fromMs = Number.NaN;
        this.session = event;
        return;
      case 'bar.closed':
        return this.bar(event);
      case 'funding.settled': {
        const { symbol, rate, intervalHours } = event;
        this.funding.push({ symbol, atMs, rate, intervalHours });
        return;
      }
      case 'account.reported':
        this.transfers.push({ atMs, amount: fromCash(event.transferUnits) });
    }
  }

  series(): Bars[] {
    return [...this.bars].map(([symbol, byTime]) => {
      const rows = [...byTime.values()].sort((a, b) => a.openTime - b.openTime);
      // The finest; coarser ones are made from them.
      const timeframeMs = Math.min(...rows.map((row) => row.timeframeMs));
      const fine = rows.filter((row) => row.timeframeMs === timeframeMs);
      const source = { kind: 'file', names: ['journal'] } as const;
      const bars = createBars({ symbol, timeframeMs, length: fine.length, source });
      for (const [i, row] of fine.entries()) writeBar(bars, i, row);
      return bars;
    });
  }

  transfersBefore(ms: number): number {
    return this.transfers.reduce((sum, { atMs, amount }) => sum + (atMs < ms ? amount : 0), 0);
  }

  private bar(event: BarClosed): void {
    const { symbol, timeframeMs, openTime, isWarmUp } = event;
    const byTime = this.bars.get(symbol) ?? new Map<number, BarClosed>();
    this.bars.set(symbol, byTime);
    // A bar that comes again as history after a restart was decided on the first time.
    const known = byTime.get(openTime);
    if (known === undefined || timeframeMs < known.timeframeMs) byTime.set(openTime, event);
    if (!isWarmUp && Number.isNaN(this.fromMs)) this.fromMs = openTime;
    const isToday = openTime >= this.day.fromMs && openTime < this.day.toMs;
    if (isWarmUp && isToday && known === undefined && openTime > this.fromMs) this.undecidedBars++;
  }
}
