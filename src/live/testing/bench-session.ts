import { mkdtempSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSocket } from '../../../data/binance/venue-socket.ts';
import { Engine } from '../../engine/engine.ts';
import type { BarClosed, Envelope } from '../../engine/event.ts';
import type { Intent, TradePlan } from '../../engine/plan.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { CcxtRest } from '../../exchanges/binance/ccxt-rest.ts';
import { type Binance, connectBinance } from '../../exchanges/binance/connect.ts';
import { BufferedStore } from '../../store/buffered-store.ts';
import { openStore } from '../../store/open-store.ts';
import { WorkerCommitter } from '../../store/worker-committer.ts';
import type { EventSink } from '../ports.ts';
import { RealTime } from '../real-time.ts';
import { LiveSession } from '../session.ts';

export const BENCH_SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

/** Enters on one bar, with both hedge legs, and leaves on the next. */
class InAndOut implements Strategy {
  readonly id = 'bench';
  readonly symbols = BENCH_SYMBOLS;

  onBar(bar: BarClosed): readonly Intent[] {
    if (bar.symbol !== 'BTCUSDT') return [];
    const isEntry = (bar.openTime / 180_000) % 2 === 0;
    return isEntry
      ? [{ kind: 'enter', plan: plan() }]
      : [{ kind: 'exit', symbol: 'BTCUSDT', reason: 'bench' }];
  }

  save(): unknown {
    return undefined;
  }

  load(): void {}
}

function plan(): TradePlan {
  const leg = (symbol: string, price: number) => ({
    ...{ symbol, direction: -1 as const, notionalRatio: 0.3, beta: 1.1, correlation: 0.8 },
    ...{ stopPrice: price * 1.03, price },
  });
  const legs = [leg('ETHUSDT', 2_500), leg('SOLUSDT', 150)];
  return {
    ...{ strategyId: 'bench', tag: 'bench', reasons: [], symbol: 'BTCUSDT', direction: 1 },
    entry: {
      ...{ mode: 'taker', decisionPrice: 60_000, midPrice: 60_000, makerWaitMs: 700 },
      ...{ iocWorstBps: 6, restMs: 540_000 },
    },
    ...{ stopPrice: 59_000, atr: 200, disasterMultiple: 2, trailFrom: 'target2' },
    targets: [{ atR: 1, fraction: 0.3 }],
    breakEven: { afterTarget: 0, capR: 0.5 },
    ...{ timeoutMs: 1_800_000, riskPercent: 0.05, context: {} },
    hedge: { makerWaitMs: 60, onFail: 'exitBtc', legs },
  };
}

/** Times in ms of this process, by order id: a whole request stands in the socket's buffer. */
export class WireClock {
  readonly writtenMs = new Map<string, number>();

  constructor() {
    const { writtenMs } = this;
    const plain = Socket.prototype.write;
    // The moment in which the text of the request is handed to the operating system.
    Socket.prototype.write = function write(this: Socket, ...args: never[]) {
      const [chunk] = args as unknown[];
      const text = typeof chunk === 'string' ? chunk : (chunk as Buffer).toString('latin1');
      const id = /(?:newClientOrderId|clientAlgoId)=(qcm-[0-9a-z.-]+)/.exec(text)?.[1];
      if (id !== undefined && !writtenMs.has(id)) writtenMs.set(id, performance.now());
      return plain.apply(this, args as never);
    } as typeof plain;
  }
}

/** A whole session with keys against the fake venue, on the machine's own time. */
export class BenchSession {
  readonly session: LiveSession;
  readonly binance: Binance;
  /** When a frame with this fill was in hand, and when its effects were known. */
  readonly frameMs = new Map<string, number>();
  readonly handledMs = new Map<string, number>();
  /** How long a fixed piece of work takes at the fill of an exit, when as many threads are busy. */
  readonly fixedMs: number[] = [];
  readonly fills: Extract<Envelope['event'], { kind: 'order.filled' }>[] = [];
  readonly refusals: string[] = [];
  readonly folder: string;
  private sink: EventSink = () => {};

  private constructor(parts: { binance: Binance; folder: string; time: RealTime; facts: object }) {
    this.binance = parts.binance;
    this.folder = parts.folder;
    const opened = openStore(parts.folder);
    const info = {
      ...{ mode: 'live', bootId: 'bench001', codeVersion: 'bench', configHash: 'bench' },
      ...{ dataHash: 'bench', calendarHash: 'bench', seed: 1, cashUnits: 10_000_000e8 },
      ...{ quoteAsset: 'USDT', leverage: 10, ...parts.facts },
    };
    const { exchange, accounts } = parts.binance;
    this.session = new LiveSession({
      ...{ state: opened.state, damage: opened.damage, config: {} },
      info: info as ConstructorParameters<typeof LiveSession>[0]['info'],
      store: new BufferedStore(new WorkerCommitter(opened.path)),
      createEngine: () => this.timedEngine(),
      ...{ time: parts.time, exchange, accounts, deadMan: exchange, symbols: BENCH_SYMBOLS },
      feed: {
        start: ({ sink, onWarm }) => {
          this.sink = sink;
          setImmediate(onWarm);
        },
        stop: () => {},
      },
      observers: [{ onHandled: (envelope) => this.onHandled(envelope) }],
    });
  }

  static async start(port: number): Promise<BenchSession> {
    const keys = { apiKey: 'test-key', secret: 'test-secret' };
    const time = new RealTime();
    const at = `127.0.0.1:${port}`;
    let bench: BenchSession | undefined;
    const binance = connectBinance({
      rest: await CcxtRest.load({ ...keys, restUrl: `http://${at}` }),
      ...{ time, wsUrl: `ws://${at}`, symbols: BENCH_SYMBOLS, leverage: 10 },
      sink: (event) => bench?.session.onVenue(event),
      notice: () => {},
      onReconcile: () => bench?.session.reconcile(),
      open: (url, handlers) =>
        openSocket(url, {
          ...handlers,
          onText: (text) => {
            bench?.onFrame(text);
            handlers.onText(text);
          },
        }),
    });
    const facts = await binance.setup.prepare();
    const folder = mkdtempSync(join(tmpdir(), 'qcm-bench-live-'));
    bench = new BenchSession({ binance, folder, time, facts });
    binance.stream.start();
    bench.session.start();
    for (let i = 0; i < 500 && !bench.session.isReady; i++) await pause(10);
    if (!bench.session.isReady) throw new Error('the session did not become ready');
    return bench;
  }

  bar(index: number): number {
    const now = performance.now();
    const prices = { open: 60_000, high: 60_000, low: 60_000, close: 60_000 };
    this.sink({
      ...{ kind: 'bar.closed', symbol: 'BTCUSDT', timeframeMs: 180_000, openTime: index * 180_000 },
      ...{ ...prices, volume: 1, takerBuyVolume: 1, isWarmUp: false },
    });
    return now;
  }

  get openTrades(): number {
    return this.session.core.engine.inspect().open.size;
  }

  /** What the event leads to is known when `handle` returns; carrying it out comes after. */
  private timedEngine(): Engine {
    const engine = new Engine({ strategies: [new InAndOut()], rules: [], isStrict: false });
    const handle = engine.handle.bind(engine);
    engine.handle = (envelope) => {
      const effects = handle(envelope);
      if (envelope.event.kind === 'order.filled') {
        this.handledMs.set(envelope.event.fillId, performance.now());
      }
      return effects;
    };
    return engine;
  }

  private onFrame(text: string): void {
    if (!text.includes('"x":"TRADE"')) return;
    const id = /"t":(\d+)/.exec(text)?.[1];
    if (id !== undefined) this.frameMs.set(id, performance.now());
  }

  private onHandled({ event }: Envelope): void {
    if (event.kind === 'order.rejected') this.refusals.push(`${event.code} ${event.reason}`);
    if (event.kind !== 'order.filled') return;
    this.fills.push(event);
    if (!event.orderId.endsWith('x')) return;
    const from = performance.now();
    fixedWork();
    this.fixedMs.push(performance.now() - from);
  }
}

/** A third of a millisecond on a quiet core, without memory: only the machine can make it longer. */
function fixedWork(): number {
  let sum = 0;
  for (let i = 1; i < 300_000; i++) sum += 1 / i;
  return sum;
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
