import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { barsFeed, Feed } from '../../exchanges/fake-binance/feed.ts';
import { emptyKline } from '../../exchanges/fake-binance/market.ts';
import { FakeBinanceServer } from '../../exchanges/fake-binance/server.ts';

/** As users start it: with compiled code kept between runs. */
const MAIN = join(import.meta.dirname, '..', '..', '..', 'bin', 'qcm.mjs');
const MINUTE_MS = 60_000;

/** A fake exchange in this process whose market goes on by itself. */
export async function startMarket(options: {
  seed: number;
  days: number;
  historyMinutes: number;
  clockScale?: number;
}): Promise<FakeBinanceServer> {
  const { seed, days, historyMinutes, clockScale } = options;
  const keys = { apiKey: 'test-key', secret: 'test-secret' };
  const server = await FakeBinanceServer.start({ port: 0, balance: 10_000, clockScale, ...keys });
  const { series } = simulateMarket({ seed, days, timeframeMs: MINUTE_MS });
  new Feed(server.gateway.venue, barsFeed(series, historyMinutes)).start();
  return server;
}

/** An exchange whose prices stand still until they are moved; it has traded for two hours. */
export async function startStill(): Promise<FakeBinanceServer> {
  const keys = { apiKey: 'test-key', secret: 'test-secret' };
  const server = await FakeBinanceServer.start({ port: 0, balance: 10_000, ...keys });
  const { venue } = server.gateway;
  const nowMs = venue.clock.now - (venue.clock.now % MINUTE_MS);
  for (const market of venue.markets.values()) {
    for (let i = 120; i > 0; i--) {
      market.minutes.push(emptyKline(nowMs - i * MINUTE_MS, market.last, market.nextTradeId));
    }
  }
  return server;
}

export function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), 'qcm-daemon-'));
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

/** `qcm` in a process of its own, in an empty folder, pointed at a fake exchange. */
export class DaemonProcess {
  readonly child: ChildProcess;
  output = '';
  private readonly over: Promise<Exit>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, main = MAIN) {
    const cwd = mkdtempSync(join(tmpdir(), 'qcm-cwd-'));
    const clean = { PATH: process.env.PATH ?? '', HOME: cwd };
    this.child = spawn(process.execPath, ['--expose-gc', main, ...args], {
      cwd,
      env: { ...clean, ...env },
    });
    const hear = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
    this.over = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Waits for a text; everything that was said is in the error when it does not come. */
  async says(text: string | RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    const wanted = typeof text === 'string' ? new RegExp(quoted(text)) : text;
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const found = wanted.exec(this.output);
      if (found !== null) return found;
      const isOver = this.child.exitCode !== null;
      if (isOver || performance.now() > untilMs) {
        throw new Error(
          `${wanted} was not said${isOver ? ' before the end' : ''}:\n${this.output}`,
        );
      }
      await sleep(20);
    }
  }

  end(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.over;
  }

  exit(): Promise<Exit> {
    return this.over;
  }
}

export function pointedAt(server: FakeBinanceServer): Record<string, string> {
  const at = `127.0.0.1:${server.port}`;
  return { QCM_BINANCE_REST: `http://${at}`, QCM_BINANCE_WS: `ws://${at}` };
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
