import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { composeLiveDaemon, type Daemon } from '../../compose-daemon.ts';
import { loadConfig } from '../../config.ts';
import { Engine } from '../../engine/engine.ts';
import { TEST_SYMBOLS } from '../../engine/testing/engine-fixture.ts';
import type { FakeBinanceServer } from '../../exchanges/fake-binance/server.ts';
import { RealTime } from '../../live/real-time.ts';
import { BufferedStore } from '../../store/buffered-store.ts';
import { type OpenedStore, openStore } from '../../store/open-store.ts';
import type { Committer } from '../../store/store-batch.ts';
import { WorkerCommitter } from '../../store/worker-committer.ts';
import { pointedAt, startStill, stateFolder } from './daemon-rig.ts';
import { FlowScript } from './flow-script.ts';

const KEYS = { apiKey: 'test-key', secret: 'test-secret' };

type RigParts = Pick<LiveRig, 'server' | 'daemon' | 'opened' | 'script' | 'notices'>;

/** Live mode in this process: real sockets, real ccxt, real threads; only the exchange is fake. */
export class LiveRig {
  declare readonly server: FakeBinanceServer;
  declare readonly daemon: Daemon;
  declare readonly opened: OpenedStore;
  readonly script: FlowScript;
  readonly notices: string[];
  private isOver = false;

  private constructor(parts: RigParts) {
    this.server = parts.server;
    this.daemon = parts.daemon;
    this.opened = parts.opened;
    this.script = parts.script;
    this.notices = parts.notices;
  }

  /** `disk` in place of the store's thread. */
  static async start(disk?: (path: string) => Committer): Promise<LiveRig> {
    const server = await startStill();
    const { QCM_BINANCE_REST: restUrl, QCM_BINANCE_WS: wsUrl } = pointedAt(server);
    const opened = openStore(stateFolder());
    const script = new FlowScript();
    const notices: string[] = [];
    const time = new RealTime();
    const daemon = await composeLiveDaemon({
      loaded: loadConfig({ ignoreFile: true, env: {}, sets: ['mode=live'] }),
      address: { restUrl, wsUrl, isElsewhere: true },
      ...{ codeVersion: 'test', events: [], calendarHash: '', opened, time, mode: 'live' },
      store: new BufferedStore(disk?.(opened.path) ?? new WorkerCommitter(opened.path)),
      bootId: 'rig00001',
      observers: [
        { onNotify: ({ level, code, text }) => notices.push(`${level} ${code} ${text}`) },
      ],
      notice: (level, code, text) => notices.push(`${level} ${code} ${text}`),
      keys: KEYS,
      createEngine: () => new Engine({ strategies: [script], rules: [], isStrict: false }),
    });
    const rig = new LiveRig({ server, daemon, opened, script, notices });
    daemon.session.start();
    await rig.until('ready', () => daemon.session.isReady);
    await rig.until('feed', () => server.gateway.hub.connections.size === 3);
    return rig;
  }

  get venue() {
    return this.server.gateway.venue;
  }

  /** What was journalled is on the disk then; the exchange lives on. */
  async stopSession(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await new Promise<void>((resolve) => this.daemon.session.stop(resolve));
    this.daemon.close();
  }

  async stop(): Promise<void> {
    await this.stopSession();
    await this.server.stop();
    this.opened.lock.release();
  }

  /** A trade at the price; the bid lies on it. */
  price(symbol: string, price: number): void {
    this.venue.setPrice(symbol, price);
  }

  position(symbol: string): number {
    return this.venue.account.position(symbol, 'BOTH').amount;
  }

  /** Open conditional orders of a symbol, newest last. */
  stops(symbol: string) {
    return [...this.venue.algos.open].filter((algo) => algo.symbol === symbol);
  }

  orders(symbol: string) {
    return [...this.venue.orders.open].filter((order) => order.symbol === symbol);
  }

  async until(what: string, holds: () => boolean, timeoutMs = 8_000): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (!holds() && performance.now() < untilMs) await sleep(5);
    const stops = [...this.venue.algos.open].map(
      ({ symbol, quantity, closePosition, triggerPrice }) =>
        `${symbol} ${closePosition ? 'all' : quantity} at ${triggerPrice}`,
    );
    const state = { positions: TEST_SYMBOLS.map((symbol) => this.position(symbol)), stops };
    const halts = this.daemon.session.core.engine.inspect().halts;
    const { log } = this.server.gateway;
    const last = log
      .filter(({ route }) => !route.includes('kline'))
      .slice(-12)
      .map(({ route, code }) => `${route} ${code}`);
    const told = JSON.stringify({ ...state, halts, last, notices: this.notices }, null, 1);
    expect(holds(), `${what}: ${told}`).toBe(true);
  }
}
