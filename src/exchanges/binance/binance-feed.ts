import { LiveMarket, type LiveMarketOptions } from '../../../data/binance/live-market.ts';
import { type KlineBar, klineRow } from '../../../data/binance/market-frame.ts';
import { type OpenSocket, openSocket } from '../../../data/binance/venue-socket.ts';
import type { UnknownFields } from '../../../data/binance/wire-fields.ts';
import type { EventSink, FeedPort } from '../../live/ports.ts';
import { PROTECTION_WINDOW_MS } from './order-params.ts';
import type { VenueLine } from './venue-line.ts';
import type { EdgeTime, RestRequest } from './venue-rest.ts';

const PAGE = 1_000;
const RETRY_MS = 2_000;
const INTERVALS: Readonly<Record<number, string>> = { 180000: '3m', 900000: '15m' };

export interface BinanceFeedOptions
  extends Pick<LiveMarketOptions, 'symbols' | 'timeframesMs' | 'wsUrl' | 'isBusy' | 'notice'> {
  line: VenueLine;
  time: EdgeTime;
  /** Hours between fundings; 8 where the venue lists nothing else. */
  fundingHours?: (symbol: string) => number;
  open?: OpenSocket;
}

/** Warm-up bars by the venue's list, then the public sockets, without a hole in between. */
export class BinanceFeed implements FeedPort {
  declare private readonly options: BinanceFeedOptions;
  private market: LiveMarket | undefined;
  private isStopped = false;

  constructor(options: BinanceFeedOptions) {
    this.options = options;
  }

  start(start: Parameters<FeedPort['start']>[0]): void {
    const { symbols, timeframesMs } = this.options;
    const jobs = timeframesMs.flatMap((timeframeMs) =>
      symbols.map((symbol) => ({ symbol, timeframeMs })),
    );
    const nextOpenTimes: Record<string, number> = {};
    const next = (): void => {
      const job = jobs.shift();
      if (this.isStopped) return;
      if (job === undefined) return this.goLive(start, nextOpenTimes);
      const since = start.sinceMs[job.symbol] ?? this.options.time.nowMs();
      // A bar that closed after `since` opened after `since` less one bar.
      const from = Math.floor(since / job.timeframeMs) * job.timeframeMs;
      this.warmUp({ ...job, startTime: from }, start.sink, (nextOpenTime) => {
        nextOpenTimes[`${job.symbol}:${job.timeframeMs}`] = nextOpenTime;
        next();
      });
    };
    next();
  }

  stop(): void {
    this.isStopped = true;
    this.market?.stop();
  }

  /** Fields of the market streams that no reader knows; undefined before the streams run. */
  unknownFields(): UnknownFields | undefined {
    return this.market?.reader.unknownFields;
  }

  private warmUp(
    job: { symbol: string; timeframeMs: number; startTime: number },
    sink: EventSink,
    done: (nextOpenTime: number) => void,
  ): void {
    const { symbol, timeframeMs, startTime } = job;
    const { time } = this.options;
    this.klines({ symbol, interval: INTERVALS[timeframeMs], startTime }, (rows) => {
      if (this.isStopped) return;
      if (rows === undefined) {
        time.wake(time.nowMs() + RETRY_MS, () => this.warmUp(job, sink, done));
        return;
      }
      let nextOpenTime = startTime;
      for (const bar of rows) {
        if (bar.openTime + timeframeMs > time.nowMs()) break;
        sink({ kind: 'bar.closed', symbol, timeframeMs, ...bar, isWarmUp: true });
        nextOpenTime = bar.openTime + timeframeMs;
      }
      if (rows.length < PAGE) done(nextOpenTime);
      else this.warmUp({ ...job, startTime: nextOpenTime }, sink, done);
    });
  }

  private goLive(
    { sink, onWarm }: Parameters<FeedPort['start']>[0],
    nextOpenTimes: Record<string, number>,
  ): void {
    const { fundingHours = () => 8, open = openSocket, ...rest } = this.options;
    const klines: LiveMarketOptions['klines'] = (ask, done) => this.klines(ask, done);
    this.market = new LiveMarket({ ...rest, nextOpenTimes, open, klines, fundingHours, sink });
    onWarm();
    this.market.start();
  }

  private klines(
    ask: { symbol: string; interval: string; startTime: number },
    done: (rows: readonly KlineBar[] | undefined) => void,
  ): void {
    const params = { ...ask, limit: PAGE };
    const base = { method: 'GET', api: 'fapiPublic', path: 'klines' } as const;
    const request: RestRequest = { ...base, params, recvWindowMs: PROTECTION_WINDOW_MS };
    this.options.line.send(request, { urgency: 'report', timeoutMs: 5_000 }, (answer) => {
      if (answer.kind === 'failed' || !Array.isArray(answer.body)) return done(undefined);
      const rows = answer.body.map(klineRow);
      // One row that cannot be read makes the list worthless: bars are never skipped.
      done(rows.every((row) => row !== undefined) ? (rows as KlineBar[]) : undefined);
    });
  }
}
