import { AppError } from '../../src/engine/error.ts';
import { timeframeName } from '../readers/bar-time.ts';
import { DAY_MS } from './archive-layout.ts';
import type { PublicHttp } from './public-http.ts';

const KLINES_MAX = 1_500;
const FUNDING_MAX = 1_000;
/** Of 2,400 a minute: beyond this we wait for the next minute and leave the rest to other users. */
const WEIGHT_MAX = 1_800;
const MINUTE_MS = 60_000;

export interface FundingRow {
  timeMs: number;
  rate: string;
}

/** Public REST history of USD-M futures; keeps below the weight limit by the server's own count. */
export class RestHistory {
  private readonly http: PublicHttp;
  private readonly baseUrl: string;

  constructor(http: PublicHttp, baseUrl: string) {
    this.http = http;
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  /**
   * CSV lines of the closed klines that open in [fromMs, toMs), in Binance's 12 columns.
   * @throws AppError DATA_UNKNOWN_SYMBOL, EXCHANGE_*
   */
  async klines(options: {
    symbol: string;
    timeframeMs: number;
    fromMs: number;
    toMs: number;
    nowMs: number;
  }): Promise<string[]> {
    const { symbol, timeframeMs, toMs, nowMs } = options;
    const lines: string[] = [];
    let from = options.fromMs;
    while (from < toMs) {
      const limit = Math.min(KLINES_MAX, Math.ceil((toMs - from) / timeframeMs));
      const query = { symbol, interval: timeframeName(timeframeMs), limit, startTime: from };
      const rows = await this.rows('/fapi/v1/klines', { ...query, endTime: toMs - 1 });
      for (const row of rows) {
        const cells = klineCells(row);
        if (cells[0] < from || cells[0] >= toMs || cells[0] + timeframeMs > nowMs) continue;
        lines.push(cells.join(','));
      }
      if (rows.length < limit) break;
      from = klineCells(rows[rows.length - 1])[0] + timeframeMs;
    }
    return lines;
  }

  /** Open time of the day a symbol was listed. @throws AppError DATA_UNKNOWN_SYMBOL, EXCHANGE_* */
  async firstDay(symbol: string): Promise<number> {
    const query = { symbol, interval: '1d', limit: 1, startTime: 0 };
    const rows = await this.rows('/fapi/v1/klines', query);
    return rows.length === 0 ? Number.POSITIVE_INFINITY : klineCells(rows[0])[0];
  }

  /** Settlements in [fromMs, toMs), ascending. @throws AppError DATA_UNKNOWN_SYMBOL, EXCHANGE_* */
  async funding(options: { symbol: string; fromMs: number; toMs: number }): Promise<FundingRow[]> {
    const settlements: FundingRow[] = [];
    let from = options.fromMs;
    while (from < options.toMs) {
      const range = { startTime: from, endTime: options.toMs - 1, limit: FUNDING_MAX };
      const rows = await this.rows('/fapi/v1/fundingRate', { symbol: options.symbol, ...range });
      for (const row of rows) settlements.push(fundingRow(row));
      if (rows.length < FUNDING_MAX) break;
      from = fundingRow(rows[rows.length - 1]).timeMs + 1;
    }
    return settlements;
  }

  private async rows(path: string, query: Record<string, string | number>): Promise<unknown[]> {
    const parameters = Object.entries(query).map(([key, value]) => [key, String(value)]);
    const url = `${this.baseUrl}${path}?${new URLSearchParams(parameters)}`;
    const { status, body, headers } = await this.http.text(url);
    const parsed = parseJson(body);
    if (status !== 200 || !Array.isArray(parsed)) throw refusal(url, status, parsed ?? body);
    const used = Number(headers.get('x-mbx-used-weight-1m'));
    if (used > WEIGHT_MAX) await this.http.wait(MINUTE_MS - (Date.now() % MINUTE_MS) + 500);
    return parsed;
  }
}

/** Rows a full day has. */
export function rowsPerDay(timeframeMs: number): number {
  return DAY_MS / timeframeMs;
}

function klineCells(row: unknown): [number, ...(string | number)[]] {
  const cells = Array.isArray(row) ? row.slice(0, 12) : [];
  const isKline = cells.length === 12 && cells.every((cell) => Number.isFinite(Number(cell)));
  if (isKline) return cells as [number, ...(string | number)[]];
  throw new AppError('EXCHANGE_UNEXPECTED', `not a kline: ${JSON.stringify(row).slice(0, 100)}`);
}

function fundingRow(row: unknown): FundingRow {
  const { fundingTime, fundingRate } = row as { fundingTime?: unknown; fundingRate?: unknown };
  if (typeof fundingTime === 'number' && Number.isFinite(Number(fundingRate ?? Number.NaN))) {
    return { timeMs: fundingTime, rate: String(fundingRate) };
  }
  const text = `not a settlement: ${JSON.stringify(row).slice(0, 100)}`;
  throw new AppError('EXCHANGE_UNEXPECTED', text);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // The caller shows the text itself.
  }
}

function refusal(url: string, status: number, answer: unknown): AppError {
  const { code, msg } = answer as { code?: number; msg?: string };
  if (code === -1121) {
    const symbol = new URL(url).searchParams.get('symbol');
    const hint = 'names are written as on the exchange: BTCUSDT';
    return new AppError('DATA_UNKNOWN_SYMBOL', `Binance USD-M knows no symbol ${symbol}`, hint);
  }
  const said = msg ?? String(answer).slice(0, 100);
  return new AppError('EXCHANGE_UNEXPECTED', `${url} answered ${status}: ${said}`);
}
