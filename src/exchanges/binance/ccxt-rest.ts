import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isWireObject, numberOf } from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import { type HttpAnswer, RestConnections } from './rest-connections.ts';
import {
  failureOf,
  NO_USAGE,
  PRECEDENCE,
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
  fetch(
    url: string,
    method: string,
    headers?: Record<string, string>,
    body?: string,
  ): Promise<unknown>;
  hmac(text: Uint8Array, secret: Uint8Array): string;
  parseJson(text: string): unknown;
  request(path: string, api: string, method: string, params: unknown): Promise<unknown>;
  loadTimeDifference(): Promise<number>;
}

const USER_AGENT = 'quantcloud-matrix';

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
 * REST by ccxt: its addresses, its signed text and its clock difference. Not its throttle: the
 * default one holds an order back 200 ms, the rolling window stops everything, stops included, for
 * up to a minute after a weight of 1,200. The governor keeps below the venue's own counters, and
 * never holds back protection. Requests are the venue's documented ones by `request`, because the
 * unified calls lose the trailing activation price, the closed flag and the algo states. Its way to
 * the socket is replaced: it awaits eight times before the first byte, so that a stop would leave
 * after everything else that one fill leads to; status and body reach us before ccxt turns them
 * into classes, which differ by server address; and its HMAC in JavaScript takes ten times Node's.
 * ccxt is loaded here and nowhere else.
 */
export class CcxtRest implements RestPort {
  declare private readonly exchange: CcxtExchange;
  private readonly connections = new RestConnections();
  private readonly queue: { precedence: number; leave: () => void }[] = [];
  private isLeaving = false;
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
      options: { fetchCurrencies: false, adjustForTimeDifference: true },
    });
    pointAt(exchange, restUrl);
    const rest = new CcxtRest(exchange);
    exchange.hmac = (text, secret) => createHmac('sha256', secret).update(text).digest('hex');
    exchange.fetch = (url, method, headers, body) => rest.exchangeText(url, method, headers, body);
    return rest;
  }

  /**
   * One fill leads to ten requests. They leave one by one when the event at hand has been dealt
   * with, each as soon as the one before it is written, the stop before all others.
   */
  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const { precedence = PRECEDENCE.later } = request;
    const before = this.queue.findLastIndex((each) => each.precedence <= precedence);
    this.queue.splice(before + 1, 0, { precedence, leave: () => this.sendNow(request, done) });
    if (this.isLeaving) return;
    this.isLeaving = true;
    process.nextTick(() => this.leave());
  }

  private leave(): void {
    const next = this.queue.shift();
    this.isLeaving = next !== undefined;
    if (next === undefined) return;
    try {
      next.leave();
    } finally {
      // Behind the connection's own turn, which the line above has put into the same list.
      process.nextTick(() => this.leave());
    }
  }

  private sendNow(request: RestRequest, done: (answer: RestAnswer) => void): void {
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

  venueNowMs(): number {
    return Date.now() - (numberOf(this.exchange.options.timeDifference) ?? 0);
  }

  /** Difference of the clocks in ms, ours ahead is positive. */
  async measureClock(): Promise<number> {
    try {
      return await this.exchange.loadTimeDifference();
    } finally {
      this.isSyncing = false;
    }
  }

  /** In the place of ccxt's own: up to the request's last byte nothing is awaited. */
  private async exchangeText(
    url: string,
    method: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<unknown> {
    const isLong = method === 'GET';
    const sent = {
      ...{ 'User-Agent': USER_AGENT, ...headers },
      ...(isLong ? { 'Accept-Encoding': 'gzip' } : {}),
    };
    return this.read(await this.connections.send({ url, method, headers: sent, body }));
  }

  private read({ status, headers, body }: HttpAnswer): unknown {
    const usage = usageOf(headers);
    this.usage = usage;
    // Its reader keeps the digits of numbers beyond 2^53.
    const parsed = this.exchange.parseJson(body);
    const code = isWireObject(parsed) ? numberOf(parsed.code) : undefined;
    if (status >= 300 && status < 400) throw new Error(`HTTP ${status}: a redirect`);
    if (status >= 400 || (code !== undefined && code < 0)) {
      throw new VenueAnswerError(status, body, usage);
    }
    return parsed;
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

function usageOf(headers: HttpAnswer['headers']): RestUsage {
  const find = (name: string): number => numberOf(headers[name]) ?? Number.NaN;
  return {
    weight1m: find('x-mbx-used-weight-1m'),
    orders10s: find('x-mbx-order-count-10s'),
    orders1m: find('x-mbx-order-count-1m'),
  };
}
