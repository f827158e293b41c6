import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FakeBinanceServer } from '../../exchanges/fake-binance/server.ts';
import { DaemonProcess, pointedAt, startStill, stateFolder } from './daemon-rig.ts';

const CHILD = join(import.meta.dirname, 'live-child.ts');
const KEYS = { QCM_BINANCE_KEY: 'test-key', QCM_BINANCE_SECRET: 'test-secret' };
const ENTRY = 60_000;
const LEGS = [
  { symbol: 'ETHUSDT', price: 2_500, ratio: 0.3 },
  { symbol: 'SOLUSDT', price: 150, ratio: 0.2 },
];
const SYMBOLS = ['BTCUSDT', ...LEGS.map(({ symbol }) => symbol)];

/** Where a kill is aimed in live mode: the last three are seen at the exchange. */
export const LIVE_AIMS = ['filled', 'start', 'hedged', 'order', 'protected'] as const;
export type LiveAim = (typeof LIVE_AIMS)[number];

/** One exchange, one state folder, one hedged trade, and processes that are killed in it. */
export class KillMarket {
  declare readonly server: FakeBinanceServer;
  readonly state = stateFolder();
  declare child: DaemonProcess;
  /** Longest time for which a living process that had protected left something naked. */
  nakedMs = 0;
  btc = ENTRY;
  /** What was seen that must not be. */
  readonly wrong = new Set<string>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly nakedSince = new Map<string, number>();

  private constructor(server: FakeBinanceServer) {
    this.server = server;
  }

  static async start(): Promise<KillMarket> {
    const server = await startStill();
    // So many starts within a minute are no user's: the limits are another test's subject.
    server.gateway.limits.headers = () => ({});
    server.gateway.limits.limits.weightPerMinute = 1e9;
    const market = new KillMarket(server);
    market.timers.push(setInterval(() => market.trade(), 150));
    market.timers.push(setInterval(() => market.watch(), 10));
    return market;
  }

  /** The script's state is in journal and snapshot: it enters once, however often it is started. */
  begin(): void {
    const args = [this.state, 'enter', 'one', 'account.capital=0'];
    this.child = new DaemonProcess(args, { ...pointedAt(this.server), ...KEYS }, CHILD);
    this.nakedSince.clear();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    if (this.child.child.exitCode === null) await this.child.end('SIGKILL');
    await this.server.stop();
  }

  get isProtected(): boolean {
    return this.child.output.includes('PROTECTED: ');
  }

  position(symbol: string): number {
    return this.server.gateway.venue.account.position(symbol, 'BOTH').amount;
  }

  /** Whether the moment has come for a process that lives. */
  isAt(aim: LiveAim): boolean {
    if (aim === 'start') return true;
    // Otherwise most would die while they start.
    if (!this.isProtected) return false;
    if (aim === 'protected') return true;
    if (aim === 'order') return this.opening('BTCUSDT').length > 0;
    if (aim === 'filled') return this.position('BTCUSDT') > 0;
    return LEGS.every(({ symbol }) => this.position(symbol) < 0);
  }

  /** What the exchange shows at a kill. */
  phase(): string {
    if (this.isAt('hedged')) return 'hedged';
    if (LEGS.some(({ symbol }) => this.position(symbol) < 0)) return 'half hedged';
    if (this.position('BTCUSDT') > 0) return this.isProtected ? 'filled' : 'start in a trade';
    if (!this.isProtected) return 'start';
    return this.opening('BTCUSDT').some(({ status }) => status === 'NEW') ? 'order' : 'flat';
  }

  /** Orders that open: those that reduce never do. */
  opening(symbol: string) {
    const { orders } = this.server.gateway.venue.orders;
    const side = symbol === 'BTCUSDT' ? 'BUY' : 'SELL';
    return [...orders.values()].filter(
      (order) => order.symbol === symbol && order.side === side && !order.reduceOnly,
    );
  }

  stops(symbol: string) {
    return [...this.server.gateway.venue.algos.open].filter((algo) => algo.symbol === symbol);
  }

  isFlat(): boolean {
    return SYMBOLS.every((symbol) => this.position(symbol) === 0);
  }

  /** Every position has a working stop of its size; the wide one alone does not count. */
  hasWorkingStops(): boolean {
    return SYMBOLS.every((symbol) => {
      const amount = Math.abs(this.position(symbol));
      const covers = ({
        closePosition: all,
        quantity,
      }: {
        closePosition: boolean;
        quantity: number;
      }) => !all && Math.abs(quantity - amount) < 1e-9;
      return amount === 0 || this.stops(symbol).some(covers);
    });
  }

  rests(): number {
    const { orders, algos } = this.server.gateway.venue;
    return [...orders.open].length + algos.open.size;
  }

  async until(what: string, holds: () => boolean, timeoutMs = 20_000): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (!holds() && performance.now() < untilMs) await sleep(5);
    if (!holds()) expect.fail(`${what}; ${this.told()}; ${this.child.output}`);
  }

  told(): string {
    const orders = [...this.server.gateway.venue.orders.orders.values()].map(
      ({ clientId, symbol, side, quantity, filled, status, price }) =>
        `${clientId} ${symbol} ${side} ${filled} of ${quantity} at ${price} ${status}`,
    );
    const positions = SYMBOLS.map((symbol) => `${symbol} ${this.position(symbol)}`);
    return [...positions, ...orders].join('\n');
  }

  private trade(): void {
    const { venue } = this.server.gateway;
    venue.setPrice('BTCUSDT', this.btc);
    for (const { symbol, price } of LEGS) venue.setPrice(symbol, price);
  }

  private watch(): void {
    this.lookForDoubles();
    const now = performance.now();
    for (const symbol of SYMBOLS) {
      const amount = Math.abs(this.position(symbol));
      const isCovered = this.stops(symbol).some(
        ({ closePosition, quantity }) => closePosition || quantity >= amount - 1e-9,
      );
      const isAlive = this.child?.child.exitCode === null && this.isProtected;
      if (amount === 0 || isCovered || !isAlive) {
        this.nakedSince.delete(symbol);
        continue;
      }
      const since = this.nakedSince.get(symbol) ?? now;
      this.nakedSince.set(symbol, since);
      this.nakedMs = Math.max(this.nakedMs, now - since);
    }
  }

  /** Filled plus resting of everything that opens is never more than was planned. */
  private lookForDoubles(): void {
    const planned = Math.max(0, ...this.opening('BTCUSDT').map(({ quantity }) => quantity));
    this.compare('BTCUSDT', planned);
    for (const { symbol, price, ratio } of LEGS) {
      const { step } = this.server.gateway.venue.market(symbol).instrument;
      this.compare(symbol, ((planned * ENTRY) / price) * ratio * 1.01 + step);
    }
  }

  private compare(symbol: string, most: number): void {
    const sum = this.opening(symbol).reduce(
      (s, { status, filled, quantity }) =>
        s + (status === 'NEW' || status === 'PARTIALLY_FILLED' ? quantity : filled),
      0,
    );
    if (sum > most + 1e-9) this.wrong.add(`${symbol}: ${sum} opened, planned ${most}`);
    const amount = this.position(symbol);
    if (symbol === 'BTCUSDT' ? amount < 0 : amount > 0) this.wrong.add(`${symbol} turned`);
  }
}
