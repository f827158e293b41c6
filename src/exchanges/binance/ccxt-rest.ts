import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isWireObject, numberOf } from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import {
  failureOf,
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
  type RestUsage,
} from './venue-rest.ts';

export interface CcxtRestOptions {
  apiKey: string;
  secret: string;
  /** Base of the REST server, e.g. `https://fapi.binance.com`. */
  restUrl: string;
}

/** The part of a ccxt exchange that is used; ccxt's own types describe thousands of methods. */
interface CcxtExchange {
  urls: { api: Record<string, unknown> };
  options: Record<string, unknown>;
  timeout: number;
  handleErrors: (...answer: unknown[]) => unknown;
  request(path: string, api: string, method: string, params: unknown): Promise<unknown>;
  loadTimeDifference(): Promise<number>;
}

/** ccxt gives up itself only long after the adapter has. */
const CCXT_TIMEOUT_MS = 10_000;

/** An answer with a bad status, as the server gave it. */
class VenueAnswerError extends Error {
  declare readonly status: number;
  declare readonly body: string;
  declare readonly usage: RestUsage;

  constructor(status: number, body: string, usage: RestUsage) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.usage = usage;
  }
}

/**
 * REST by ccxt: its signature and its clock difference. Not its throttle: the default one holds an
 * order back 200 ms, the rolling window stops everything, stops included, for up to a minute after
 * a weight of 1,200. The governor keeps below the venue's own counters, and never holds back
 * protection. Requests are the venue's documented ones by `request`,
 * because the unified calls lose the trailing activation price, the closed flag and the algo states.
 * Status and body of every answer are read by us before ccxt turns them into classes, which differ
 * by server address. ccxt is loaded here and nowhere else.
 */
export class CcxtRest implements RestPort {
  declare private readonly exchange: CcxtExchange;
  private usage: RestUsage = NO_USAGE;
  private isSyncing = false;

  private constructor(exchange: CcxtExchange) {
    this.exchange = exchange;
  }

  /** @throws AppError EXCHANGE_KEYS without keys */
  static async load(options: CcxtRestOptions): Promise<CcxtRest> {
    const { apiKey, secret, restUrl } = options;
    if (apiKey === '' || secret === '') {
      const hint = 'set QCM_BINANCE_KEY and QCM_BINANCE_SECRET';
      throw new AppError('EXCHANGE_KEYS', 'no API key and secret are given', hint);
    }
    const Exchange = await loadExchange();
    const exchange = new Exchange({
      apiKey,
      secret,
      enableRateLimit: false,
      timeout: CCXT_TIMEOUT_MS,
      options: { fetchCurrencies: false, adjustForTimeDifference: true },
    });
    pointAt(exchange, restUrl);
    const rest = new CcxtRest(exchange);
    rest.readAnswersFirst();
    return rest;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const { path, api, method, params, recvWindowMs } = request;
    const isSigned = api !== 'fapiPublic' && path !== 'listenKey';
    const sent = isSigned ? { ...params, recvWindow: recvWindowMs } : { ...params };
    this.exchange.request(path, api, method, sent).then(
      (body) => done({ kind: 'ok', body, usage: this.usage }),
      (error: unknown) => done(failed(error)),
    );
  }

  syncClock(): void {
    if (this.isSyncing) return;
    this.isSyncing = true;
    this.measureClock().catch(() => {
      // The next refused timestamp asks again.
    });
  }

  /** Difference of the clocks in ms, ours ahead is positive. */
  async measureClock(): Promise<number> {
    try {
      return await this.exchange.loadTimeDifference();
    } finally {
      this.isSyncing = false;
    }
  }

  private readAnswersFirst(): void {
    this.exchange.handleErrors = (...answer: unknown[]) => {
      const [status, , , , headers, body, parsed] = answer;
      this.usage = usageOf(headers);
      const isBad = typeof status === 'number' && status >= 400;
      const code = isWireObject(parsed) ? numberOf(parsed.code) : undefined;
      if (isBad || (code !== undefined && code < 0)) {
        throw new VenueAnswerError(
          Number(status),
          typeof body === 'string' ? body : '',
          this.usage,
        );
      }
      return true;
    };
  }
}

type CcxtClass = new (options: object) => CcxtExchange;

/**
 * The one class that is used. The package's entry loads a hundred exchanges: 110 MB and 0.9 s
 * against 42 MB and 0.4 s (measured on a busy machine), and a start that protects has 1.5 s.
 */
async function loadExchange(): Promise<CcxtClass> {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const file = join(dirname(entry), '..', 'js', 'src', 'binanceusdm.js');
  if (existsSync(file)) return (await import(pathToFileURL(file).href)).default;
  const { default: ccxt } = await import('ccxt');
  return ccxt.binanceusdm as unknown as CcxtClass;
}

function failed(error: unknown): RestAnswer {
  if (!(error instanceof VenueAnswerError)) {
    // A reset, a timeout, a name that does not resolve: nobody knows what arrived.
    const message = error instanceof Error ? error.message.slice(0, 200) : 'no answer';
    return { kind: 'failed', failure: { status: 0, code: 0, message }, usage: NO_USAGE };
  }
  const { status, body, usage } = error;
  return { kind: 'failed', failure: failureOf(status, body), usage };
}

/** Replaces the origin of every REST address, so that no call can leave for another server. */
function pointAt(exchange: CcxtExchange, restUrl: string): void {
  const { origin } = new URL(restUrl);
  const { api } = exchange.urls;
  for (const [name, url] of Object.entries(api)) {
    if (typeof url !== 'string' || !/^https?:/.test(url)) continue;
    // Account rights lie on the spot server, unless a single server stands for all.
    if (name.startsWith('sapi') && origin === 'https://fapi.binance.com') continue;
    api[name] = url.replace(/^https?:\/\/[^/]+/, origin);
  }
}

function usageOf(headers: unknown): RestUsage {
  if (!isWireObject(headers)) return NO_USAGE;
  const find = (wanted: string): number => {
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() === wanted) return numberOf(value) ?? Number.NaN;
    }
    return Number.NaN;
  };
  return {
    weight1m: find('x-mbx-used-weight-1m'),
    orders10s: find('x-mbx-order-count-10s'),
    orders1m: find('x-mbx-order-count-1m'),
  };
}
