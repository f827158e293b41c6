import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { zipOf } from '../../testing/zip.ts';
import { archivePath, DAY_MS, type Series } from '../archive-layout.ts';

/** What the server does wrong with a path, `times` times; for ever when left out. */
export interface Fault {
  kind: 'status' | 'truncate' | 'corrupt' | 'slow';
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  times?: number;
}

/** A local server with the layout of Binance's archive and the two REST endpoints of history. */
export class FakeArchive {
  readonly files = new Map<string, Buffer>();
  /** Faults by the end of a path; `/fapi/` ones too. */
  readonly faults = new Map<string, Fault>();
  readonly requests: { path: string; range: string | undefined }[] = [];
  hasRanges = true;
  /** Symbols REST knows and when they were listed. */
  readonly listed = new Map<string, number>();
  url = '';
  private server: Server | undefined;

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** Publishes a month or day of klines and its checksum; returns the zip. */
  addKlines(series: Series, stamp: string, options: { withoutHeader?: boolean } = {}): Buffer {
    const { timeframeMs = 60_000 } = series;
    const startMs = Date.parse(stamp.length === 7 ? `${stamp}-01` : stamp);
    const start = new Date(startMs);
    const endMs =
      stamp.length === 7
        ? Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1)
        : startMs + DAY_MS;
    const lines = options.withoutHeader ? [] : [KLINE_HEADER];
    for (let time = startMs; time < endMs; time += timeframeMs) {
      lines.push(klineRow(time, timeframeMs).join(','));
    }
    return this.add(series, stamp, `${lines.join('\n')}\n`);
  }

  add(series: Series, stamp: string, csv: string): Buffer {
    const path = `/${archivePath(series, stamp)}`;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const zip = Buffer.from(zipOf(name.replace('.zip', '.csv'), csv));
    this.files.set(path, zip);
    const hash = createHash('sha256').update(zip).digest('hex');
    this.files.set(`${path}.CHECKSUM`, Buffer.from(`${hash}  ${name}\n`));
    return zip;
  }

  requestsOf(ending: string): { path: string; range: string | undefined }[] {
    return this.requests.filter(({ path }) => path.endsWith(ending));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push({ path: url.pathname, range: request.headers.range });
    const fault = this.takeFault(url.pathname);
    if (fault?.kind === 'status') {
      response.writeHead(fault.status ?? 500, fault.headers).end(fault.body ?? '');
      return;
    }
    if (url.pathname.startsWith('/fapi/')) {
      this.answerRest(url, response);
      return;
    }
    const file = this.files.get(url.pathname);
    if (file === undefined) response.writeHead(404).end('<Code>NoSuchKey</Code>');
    else await this.send(file, { request, response, fault });
  }

  private takeFault(path: string): Fault | undefined {
    for (const [ending, fault] of this.faults) {
      if (!path.endsWith(ending)) continue;
      if (fault.times !== undefined && --fault.times === 0) this.faults.delete(ending);
      return fault;
    }
    return undefined;
  }

  private async send(
    file: Buffer,
    to: { request: IncomingMessage; response: ServerResponse; fault: Fault | undefined },
  ): Promise<void> {
    const { request, response, fault } = to;
    const match = this.hasRanges ? /^bytes=(\d+)-$/.exec(request.headers.range ?? '') : null;
    const start = match === null ? 0 : Number(match[1]);
    if (start >= file.length && match !== null) {
      response.writeHead(416).end();
      return;
    }
    let body = file.subarray(start);
    if (fault?.kind === 'corrupt') {
      body = Buffer.from(body);
      body[Math.floor(body.length / 2)] ^= 0xff;
    }
    const headers: Record<string, string> = { 'content-length': String(body.length) };
    if (match !== null)
      headers['content-range'] = `bytes ${start}-${file.length - 1}/${file.length}`;
    response.writeHead(match === null ? 200 : 206, headers);
    if (fault?.kind === 'truncate') {
      // The half has to arrive before the cut, or the client sees only the cut.
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
        setTimeout(() => response.destroy(), 150);
      });
    } else if (fault?.kind === 'slow') await trickle(body, response);
    else response.end(body);
  }

  private answerRest(url: URL, response: ServerResponse): void {
    const query = Object.fromEntries(url.searchParams);
    const listed = this.listed.get(query.symbol);
    if (listed === undefined) {
      response.writeHead(400).end('{"code":-1121,"msg":"Invalid symbol."}');
      return;
    }
    const from = Math.max(listed, Number(query.startTime));
    const to = Number(query.endTime ?? Number.POSITIVE_INFINITY);
    const rows: unknown[] = [];
    const isFunding = url.pathname.endsWith('/fundingRate');
    const stepMs = isFunding ? 8 * 3_600_000 : INTERVAL_MS[query.interval];
    for (let time = Math.ceil(from / stepMs) * stepMs; time <= to; time += stepMs) {
      if (rows.length >= Number(query.limit)) break;
      const funding = { symbol: query.symbol, fundingTime: time + 3, fundingRate: '0.00010000' };
      rows.push(isFunding ? funding : klineRow(time, stepMs));
    }
    response.writeHead(200, { 'x-mbx-used-weight-1m': '12' }).end(JSON.stringify(rows));
  }
}

const KLINE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
  'taker_buy_volume,taker_buy_quote_volume,ignore';
const INTERVAL_MS: Record<string, number> = { '1m': 60_000, '3m': 180_000, '1d': DAY_MS };

/** A kline that follows from its time alone, so that any source of it must agree. */
export function klineRow(time: number, timeframeMs: number): (number | string)[] {
  const price = 30_000 + ((time / timeframeMs) % 977);
  const prices = [price, price + 2, price - 2, price + 1].map((value) => value.toFixed(2));
  return [
    time,
    ...prices,
    '12.345',
    time + timeframeMs - 1,
    '370350.00',
    42,
    '6.1',
    '183000.00',
    '0',
  ];
}

/** A hundred small pieces, so that a client can be killed in the middle. */
async function trickle(body: Buffer, response: ServerResponse): Promise<void> {
  const size = Math.ceil(body.length / 100);
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    response.write(body.subarray(at, at + size));
    await sleep(20);
  }
  response.end();
}
