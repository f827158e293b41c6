import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from './archive-layout.ts';
import { PublicHttp } from './public-http.ts';
import { RestHistory } from './rest-history.ts';
import { FakeArchive } from './testing/fake-archive.ts';

const LISTED_MS = Date.parse('2023-05-01');
const MINUTE_MS = 60_000;

const server = new FakeArchive();
let rest: RestHistory;
beforeAll(async () => {
  server.listed.set('BTCUSDT', LISTED_MS);
  await server.start();
  rest = new RestHistory(new PublicHttp({ backoffMs: 1 }), `${server.url}/`);
});
afterAll(() => server.stop());

/** Answers with a text instead of asking anybody; keeps the waits it was told to make. */
class CannedHttp extends PublicHttp {
  readonly waits: number[] = [];
  private readonly canned: { status: number; body: string; weight: string };

  constructor(canned: { status: number; body: string; weight: string }) {
    super();
    this.canned = canned;
  }

  override async text() {
    const headers = new Headers({ 'x-mbx-used-weight-1m': this.canned.weight });
    return { status: this.canned.status, body: this.canned.body, headers };
  }

  override async wait(ms: number): Promise<void> {
    this.waits.push(ms);
  }
}

const KLINE = '[[1682899200000,"1","2","0.5","1.5","10",1682899259999,"15",3,"4","6","0"]]';
const ask = (http: PublicHttp) =>
  new RestHistory(http, 'http://localhost').klines({
    symbol: 'BTCUSDT',
    timeframeMs: MINUTE_MS,
    fromMs: LISTED_MS,
    toMs: LISTED_MS + DAY_MS,
    nowMs: LISTED_MS + DAY_MS,
  });

describe('klines over REST', () => {
  it('come in pages without a hole or a double, closed ones only', async () => {
    server.requests.length = 0;
    const nowMs = LISTED_MS + 3 * DAY_MS - 30_000;
    const range = { fromMs: LISTED_MS, toMs: LISTED_MS + 3 * DAY_MS, nowMs };
    const lines = await rest.klines({ symbol: 'BTCUSDT', timeframeMs: MINUTE_MS, ...range });
    const times = lines.map((line) => Number(line.split(',')[0]));
    expect(times).toEqual(Array.from({ length: 4_319 }, (_, i) => LISTED_MS + i * MINUTE_MS));
    expect(server.requests).toHaveLength(3);
    expect(lines[0].split(',')).toHaveLength(12);
  });

  it('wait for the next minute when the weight of this one is nearly used', async () => {
    const light = new CannedHttp({ status: 200, body: KLINE, weight: '1500' });
    expect(await ask(light)).toHaveLength(1);
    expect(light.waits).toEqual([]);
    const heavy = new CannedHttp({ status: 200, body: KLINE, weight: '2100' });
    expect(await ask(heavy)).toHaveLength(1);
    expect(heavy.waits).toHaveLength(1);
    expect(heavy.waits[0]).toBeLessThanOrEqual(60_500);
    expect(heavy.waits[0]).toBeGreaterThanOrEqual(500);
  });

  it.each([
    [200, '<html>', /answered 200: <html>/],
    [200, '{"msg":"hello"}', /answered 200: hello/],
    [200, '[[1,"2"]]', /not a kline: \[1,"2"\]/],
    [200, '[["x","1","2","0.5","1.5","10",1,"15",3,"4","6","0"]]', /not a kline/],
    [400, '{"code":-1120,"msg":"Invalid interval."}', /answered 400: Invalid interval/],
    [451, '', /answered 451/],
  ])('of a wrong kind are refused: %i %s', async (status, body, message) => {
    const http = new CannedHttp({ status, body, weight: '1' });
    await expect(ask(http)).rejects.toMatchObject({
      code: 'EXCHANGE_UNEXPECTED',
      message: expect.stringMatching(message),
    });
  });
});

describe('the first day of a symbol', () => {
  it('is when it was listed, and an unknown symbol has none', async () => {
    expect(await rest.firstDay('BTCUSDT')).toBe(LISTED_MS);
    await expect(rest.firstDay('NOPEUSDT')).rejects.toMatchObject({ code: 'DATA_UNKNOWN_SYMBOL' });
  });
});

describe('funding over REST', () => {
  it('comes in pages of a thousand', async () => {
    const toMs = LISTED_MS + 400 * DAY_MS;
    const rows = await rest.funding({ symbol: 'BTCUSDT', fromMs: LISTED_MS, toMs });
    expect(rows).toHaveLength(1_200);
    expect(new Set(rows.map(({ timeMs }) => timeMs)).size).toBe(1_200);
    expect(rows[0]).toEqual({ timeMs: LISTED_MS + 3, rate: '0.00010000' });
  });
});
