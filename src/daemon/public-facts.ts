import { decimalOf, isWireObject, numberOf, textOf } from '../../data/binance/wire-fields.ts';
import { AppError } from '../engine/error.ts';
import type { InstrumentSpec } from '../engine/instrument-spec.ts';
import { parseDecimal } from '../engine/money.ts';
import { PROTECTION_WINDOW_MS } from '../exchanges/binance/order-params.ts';
import type { VenueLine } from '../exchanges/binance/venue-line.ts';
import { readInstrument } from '../exchanges/binance/venue-rows.ts';

const TIMEOUT_MS = 10_000;

/** What a venue tells everybody and a session has to know before its first event. */
export interface PublicFacts {
  instruments: InstrumentSpec[];
  /** Hours between fundings where they are not 8. */
  fundingHours: ReadonlyMap<string, number>;
  /** The venue's clock less `nowMs`, at the middle of the request. */
  clockOffsetMs: number;
}

/** @throws AppError EXCHANGE_UNREACHABLE, EXCHANGE_SYMBOL */
export async function readPublicFacts(options: {
  line: VenueLine;
  symbols: readonly string[];
  nowMs: () => number;
}): Promise<PublicFacts> {
  const { line, symbols, nowMs } = options;
  const info = await get(line, 'exchangeInfo');
  const rows = isWireObject(info) && Array.isArray(info.symbols) ? info.symbols : [];
  const instruments = symbols.map((symbol) => {
    const row = rows.filter(isWireObject).find((each) => each.symbol === symbol);
    const spec = row === undefined ? 'not listed' : readInstrument(row, 1);
    if (typeof spec !== 'string') return spec;
    const hint = 'choose another with market.symbol or market.legSymbols';
    throw new AppError('EXCHANGE_SYMBOL', `${symbol} cannot be traded there: ${spec}`, hint);
  });
  const fundingHours = await readFundingHours(line);
  return { instruments, fundingHours, clockOffsetMs: await clockOffset(line, nowMs) };
}

export async function readFundingHours(line: VenueLine): Promise<Map<string, number>> {
  const fundingHours = new Map<string, number>();
  const intervals = await get(line, 'fundingInfo');
  for (const row of Array.isArray(intervals) ? intervals.filter(isWireObject) : []) {
    const symbol = textOf(row.symbol);
    const hours = numberOf(row.fundingIntervalHours);
    if (symbol !== undefined && hours !== undefined) fundingHours.set(symbol, hours);
  }
  return fundingHours;
}

/** USDT in the futures wallet, in 1e-8. @throws AppError EXCHANGE_UNREACHABLE */
export async function walletUnits(line: VenueLine): Promise<number> {
  const rows = await get(line, 'balance', 'fapiPrivateV3');
  const row = (Array.isArray(rows) ? rows.filter(isWireObject) : []).find(
    ({ asset }) => asset === 'USDT',
  );
  const balance = decimalOf(row?.balance);
  if (balance === undefined) throw unreachable('the balance in USDT is not told');
  return parseDecimal(balance, 8);
}

/** The quickest of three answers: its middle is the least in doubt. */
async function clockOffset(line: VenueLine, nowMs: () => number): Promise<number> {
  let best = { tripMs: Number.POSITIVE_INFINITY, offsetMs: Number.NaN };
  for (let i = 0; i < 3; i++) {
    const sentMs = nowMs();
    const body = await get(line, 'time');
    const tripMs = nowMs() - sentMs;
    const serverMs = isWireObject(body) ? numberOf(body.serverTime) : undefined;
    if (serverMs === undefined) throw unreachable('it does not tell the time');
    if (tripMs < best.tripMs) best = { tripMs, offsetMs: serverMs - (sentMs + tripMs / 2) };
  }
  return best.offsetMs;
}

function get(
  line: VenueLine,
  path: string,
  api: 'fapiPublic' | 'fapiPrivateV3' = 'fapiPublic',
): Promise<unknown> {
  const base = { method: 'GET', params: {} } as const;
  const request = { ...base, api, path, recvWindowMs: PROTECTION_WINDOW_MS };
  return new Promise((resolve, reject) => {
    line.send(request, { urgency: 'report', timeoutMs: TIMEOUT_MS }, (answer) => {
      if (answer.kind === 'ok') resolve(answer.body);
      else reject(unreachable(`${path}: ${answer.failure.message} ${answer.rule.meaning}`));
    });
  });
}

function unreachable(why: string): AppError {
  const hint = 'check the network and the address; nothing was traded';
  return new AppError('EXCHANGE_UNREACHABLE', `the exchange could not be read: ${why}`, hint);
}
