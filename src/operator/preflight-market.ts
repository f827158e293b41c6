import { isWireObject, numberOf, type WireObject } from '../../data/binance/wire-fields.ts';
import type { RestPort } from '../exchanges/binance/venue-rest.ts';
import { readInstrument } from '../exchanges/binance/venue-rows.ts';
import { green, note, type PreflightCheck, type PreflightMode, red } from './preflight-check.ts';
import { askVenue, failureText } from './venue-ask.ts';

/** Signed requests are refused beyond a second ahead; bars would be dated wrong before that. */
const OFFSET_RED_MS = 1_000;
const OFFSET_NOTE_MS = 250;
/** Decision 42: the latency guard halves risk above 350 ms and blocks entries above 1,000. */
const LATENCY_RED_MS = 1_000;
const LATENCY_NOTE_MS = 350;
/** Of the time call, for the median and the p99. */
export const PROBES = 30;
/** Decision 41: entries that pay more than this per 8 hours are refused. */
const FUNDING_NOTE = 0.0006;

export interface MarketOptions {
  mode: PreflightMode;
  rest: RestPort;
  symbols: readonly string[];
  nowMs: () => number;
  probes?: number;
}

/** What the venue says to anybody: its clock, how far it is, filters, funding. */
export async function marketChecks(options: MarketOptions): Promise<PreflightCheck[]> {
  const clock = await clockChecks(options);
  // Without an answer to the simplest question the others would only say it again.
  if (clock.some(({ found }) => found.startsWith('cannot be read'))) return clock;
  return [...clock, ...(await filterChecks(options)), ...(await fundingChecks(options))];
}

async function clockChecks(options: MarketOptions): Promise<PreflightCheck[]> {
  const { rest, nowMs, mode, probes = PROBES } = options;
  const times: number[] = [];
  let offsetMs = Number.NaN;
  for (let i = 0; i < probes; i++) {
    const beforeMs = nowMs();
    const answer = await askVenue(rest, 'fapiPublic', 'time');
    if (!answer.isOk) {
      const fix = 'look at network, DNS and firewall; a ban ends by itself';
      return [red('venue', failureText(answer), fix)];
    }
    const server = isWireObject(answer.body) ? numberOf(answer.body.serverTime) : undefined;
    if (server === undefined) return [red('venue', 'cannot be read: no serverTime', 'try again')];
    // The quickest round trip says most: the venue's time is that of its middle.
    if (answer.tookMs <= Math.min(...times, Number.POSITIVE_INFINITY)) {
      offsetMs = beforeMs + answer.tookMs / 2 - server;
    }
    times.push(answer.tookMs);
  }
  return [offsetCheck(offsetMs), latencyCheck(times, mode)];
}

function offsetCheck(offsetMs: number): PreflightCheck {
  const side = offsetMs >= 0 ? 'ahead of' : 'behind';
  const found = `this clock is ${Math.abs(offsetMs).toFixed(0)} ms ${side} the venue's`;
  const fix = 'let chrony or systemd-timesyncd keep the time, then look at timedatectl';
  if (Math.abs(offsetMs) > OFFSET_RED_MS) return red('clock', found, fix);
  return Math.abs(offsetMs) > OFFSET_NOTE_MS ? note('clock', found, fix) : green('clock', found);
}

function latencyCheck(times: readonly number[], mode: PreflightMode): PreflightCheck {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1];
  const found = `REST time median ${median.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms of ${times.length}`;
  const fix = 'a server nearer to Tokyo; entries are blocked above 1,000 ms';
  if (median > LATENCY_RED_MS && mode !== 'paper') return red('latency', found, fix);
  return median > LATENCY_NOTE_MS ? note('latency', found, fix) : green('latency', found);
}

async function filterChecks({ rest, symbols }: MarketOptions): Promise<PreflightCheck[]> {
  const answer = await askVenue(rest, 'fapiPublic', 'exchangeInfo');
  if (!answer.isOk) return [red('filters', failureText(answer), 'try again')];
  const { body } = answer;
  const rows = isWireObject(body) && Array.isArray(body.symbols) ? body.symbols : [];
  return symbols.map((symbol) => filterCheck(symbol, rows.filter(isWireObject)));
}

function filterCheck(symbol: string, rows: readonly WireObject[]): PreflightCheck {
  const name = `filters ${symbol}`;
  const row = rows.find((each) => each.symbol === symbol);
  const fix = 'trade another symbol (market.symbol, market.legSymbols), or wait';
  if (row === undefined) return red(name, 'not listed', fix);
  const spec = readInstrument(row, 1);
  if (typeof spec === 'string') return red(name, `cannot be used: ${spec}`, fix);
  if (!spec.trading) return red(name, `status ${String(row.status)}: not trading`, fix);
  const { tickSize, stepSize, minNotional } = spec;
  return green(name, `tick ${tickSize}, step ${stepSize}, least ${minNotional} USDT`);
}

async function fundingChecks({ rest, symbols }: MarketOptions): Promise<PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  for (const symbol of symbols) {
    const name = `funding ${symbol}`;
    const answer = await askVenue(rest, 'fapiPublic', 'premiumIndex', { symbol });
    const rate =
      answer.isOk && isWireObject(answer.body) ? numberOf(answer.body.lastFundingRate) : undefined;
    if (rate === undefined) {
      const why = answer.isOk ? 'no lastFundingRate' : failureText(answer);
      checks.push(red(name, why, 'try again; without it the funding filter is blind'));
      continue;
    }
    const found = `${(rate * 100).toFixed(4)} % for the running interval`;
    checks.push(Math.abs(rate) > FUNDING_NOTE ? note(name, found) : green(name, found));
  }
  return checks;
}
