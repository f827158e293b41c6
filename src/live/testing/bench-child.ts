import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { LiveMarket } from '../../../data/binance/live-market.ts';
import { openSocket } from '../../../data/binance/venue-socket.ts';
import { RealTime } from '../real-time.ts';
import { BENCH_SYMBOLS, BenchSession, pause, WireClock } from './bench-session.ts';

/** One figure, as bench/live-cases.ts reads it. */
interface LiveFigure {
  name: string;
  value: number;
  unit: 'ms' | '%' | 'MB' | '/s' | 'count';
  goal?: number;
  note?: string;
}

/** Trades, and how many of them come before the compiler has settled; these are shown apart. */
const ROUNDS = 400;
const COLD_ROUNDS = 150;

/** Readings beside the heap, so that they are not counted as what the session keeps. */
class Readings {
  private readonly values = new Float64Array(1_000_000);
  private count = 0;

  push(value: number): void {
    this.values[this.count++] = value;
  }

  clear(): void {
    this.count = 0;
  }

  list(): number[] {
    return [...this.values.subarray(0, this.count)];
  }
}

/** The value below which the share lies; 1 is the largest. Ten minutes are too many for `max`. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The disk alone: as much as a commit writes, then fdatasync. */
function diskMs(folder: string): number[] {
  const path = join(folder, 'sync.bin');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4_096, 1);
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    writeSync(file, block);
    const from = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - from);
  }
  closeSync(file);
  return times;
}

async function orders(port: number): Promise<LiveFigure[]> {
  const clock = new WireClock();
  const bench = await BenchSession.start(port);
  const entryMs: number[] = [];
  const effectMs: number[] = [];
  const stopMs: number[] = [];
  const legsMs: number[] = [];
  const missed: string[] = [];
  const isLegEntry = ({ orderId }: { orderId: string }) => orderId.endsWith('l');
  for (let round = 0; round < ROUNDS; round++) {
    bench.fills.length = 0;
    const before = new Set(clock.writtenMs.keys());
    const barMs = bench.bar(round * 2);
    const isIn = await until(() => bench.fills.filter(isLegEntry).length >= 2);
    await pause(20);
    // On a machine that is too busy an entry is withheld: half a second old is too old.
    if (!isIn) missed.push(...bench.refusals.splice(0));
    const fresh = [...clock.writtenMs].filter(([id]) => !before.has(id));
    const written = (letter: string) =>
      fresh.filter(([id]) => id.endsWith(letter)).map(([, atMs]) => atMs);
    const fill = bench.fills.find(({ orderId }) => orderId.endsWith('e'));
    const frameMs = bench.frameMs.get(fill?.fillId ?? '') ?? Number.NaN;
    const handledMs = bench.handledMs.get(fill?.fillId ?? '') ?? Number.NaN;
    if (isIn) {
      entryMs.push(written('e')[0] - barMs);
      effectMs.push(handledMs - frameMs);
      stopMs.push(written('s')[0] - frameMs);
      legsMs.push(written('l')[1] - frameMs);
    }
    bench.bar(round * 2 + 1);
    if (!(await until(() => bench.openTrades === 0))) throw new Error('a trade did not close');
  }
  const disk = diskMs(bench.folder);
  await new Promise<void>((done) => bench.session.stop(done));
  bench.binance.stop();
  rmSync(bench.folder, { recursive: true });
  const diskP99 = quantile(disk, 0.99);
  const p50 = (values: number[]) => `p50 ${quantile(values, 0.5).toFixed(3)} ms`;
  const p99 = (name: string, values: number[], goal: number): LiveFigure => {
    const [cold, warm] = [values.slice(0, COLD_ROUNDS), values.slice(COLD_ROUNDS)];
    const first = `first ${cold.length}: p50 ${quantile(cold, 0.5).toFixed(3)}, p99 ${quantile(cold, 0.99).toFixed(3)}`;
    const note = `${p50(warm)}, ${warm.length} trades (${first})`;
    return { name, value: quantile(warm, 0.99), unit: 'ms', goal, note };
  };
  return [
    p99('frame in hand -> effects, p99', effectMs, 0.2),
    p99('fill frame -> stop written, p99', stopMs, 1),
    p99('fill frame -> both hedge orders written, p99', legsMs, 1),
    p99('bar -> entry written, p99 (goal 1 ms + the disk)', entryMs, 1 + diskP99),
    { name: 'fdatasync of the same disk alone, p99', value: diskP99, unit: 'ms', note: p50(disk) },
    {
      ...{ name: 'floor: fixed work at the fill of an exit, p99', unit: 'ms' },
      ...{ value: quantile(bench.fixedMs.slice(COLD_ROUNDS), 0.99), note: p50(bench.fixedMs) },
    },
    { name: 'trades not entered', value: missed.length, unit: 'count', note: missed[0] },
  ];
}

/** Public sockets at a rate: how late the event loop is, and what it costs. */
async function flood(
  venue: ChildProcess,
  { port, rate, seconds }: { port: number; rate: number; seconds: number },
): Promise<LiveFigure[]> {
  const sampled = { count: 0 };
  const delays = new Readings();
  const market = new LiveMarket({
    ...{ symbols: BENCH_SYMBOLS, timeframesMs: [], nextOpenTimes: {}, open: openSocket },
    ...{ wsUrl: `ws://127.0.0.1:${port}`, time: new RealTime(), klines: (_ask, done) => done([]) },
    ...{ fundingHours: () => 8, isBusy: () => true, notice: () => {} },
    sink: () => void sampled.count++,
  });
  market.start();
  const facts = openSocket(`ws://127.0.0.1:${port}/private`, {
    ...{ onOpen: () => {}, onLife: () => {}, onClose: () => {} },
    onText: (text) => {
      const { sent } = JSON.parse(text) as { sent: number };
      delays.push(performance.timeOrigin + performance.now() - sent);
    },
  });
  const alone = await idleLags();
  venue.stdin?.write('rate 2000\n');
  await pause(3_000);
  (globalThis as { gc?: () => void }).gc?.();
  const lags = new Readings();
  const heapBefore = process.memoryUsage().heapUsed;
  delays.clear();
  const stopBeat = startBeat(lags);
  const framesBefore = market.counts.frames;
  const cpu = process.cpuUsage();
  const from = performance.now();
  venue.stdin?.write(`rate ${rate}\n`);
  await pause(seconds * 1_000);
  const wallMs = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  const frames = market.counts.frames - framesBefore;
  const heapPeak = process.memoryUsage().heapUsed;
  venue.stdin?.write('rate 0\n');
  stopBeat();
  await pause(1_500);
  (globalThis as { gc?: () => void }).gc?.();
  const heapAfter = process.memoryUsage().heapUsed;
  const late = delays.list();
  const lagged = lags.list();
  market.stop();
  facts.close();
  const isBurst = rate > 50_000;
  const ms = (name: string, value: number, promise?: number, note?: string): LiveFigure => ({
    ...{ name, value, unit: 'ms' },
    ...(promise === undefined ? {} : { goal: promise }),
    ...(note === undefined ? {} : { note }),
  });
  const isPromised = (value: number) => (isBurst ? undefined : value);
  const idle = `idle beforehand: p99 ${quantile(alone, 0.99).toFixed(1)}, max ${quantile(alone, 1).toFixed(1)}`;
  const share = (user + system) / 10 / wallMs;
  const kept = (heapAfter - heapBefore) / 1e6;
  const peak = `${((heapPeak - heapBefore) / 1e6).toFixed(1)} MB more at the end of it`;
  return [
    { ...{ name: 'market frames read', value: frames / (wallMs / 1_000) }, unit: '/s' },
    ms('event-loop lag, p99', quantile(lagged, 0.99), isPromised(4), idle),
    ms('event-loop lag, max', quantile(lagged, 1), isPromised(20)),
    { name: 'share of a core', value: share, unit: '%', ...(isBurst ? {} : { goal: 35 }) },
    { name: 'heap kept afterwards', value: kept, unit: 'MB', goal: 1, note: peak },
    ms('order fact delayed, p99', quantile(late, 0.99)),
    ms(
      'order fact delayed, max',
      quantile(late, 1),
      isBurst ? 20 : undefined,
      `${late.length} facts`,
    ),
    { name: 'samples told to the engine', value: sampled.count, unit: 'count' },
  ];
}

/** Every two milliseconds: how late the event loop comes to it. */
function startBeat(lags: Readings): () => void {
  let isOver = false;
  const beat = (dueMs: number): void => {
    const now = performance.now();
    if (Number.isFinite(dueMs)) lags.push(Math.max(0, now - dueMs));
    if (!isOver) setTimeout(() => beat(now + 2), 2);
  };
  beat(Number.NaN);
  return () => {
    isOver = true;
  };
}

/** The same beat with nothing to do: what the machine itself takes away. */
async function idleLags(): Promise<number[]> {
  const lags = new Readings();
  const stop = startBeat(lags);
  await pause(4_000);
  stop();
  return lags.list();
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let i = 0; i < 1_000 && !isSo(); i++) await pause(5);
  return isSo();
}

// Run by bench/live-cases.ts: the case's name, and seconds where it has a duration.
const [name, seconds] = process.argv.slice(2);
const path = join(import.meta.dirname, 'bench-venue.ts');
const venue = spawn(process.execPath, ['--no-warnings', path], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const ports = await new Promise<{ port: number; floodPort: number }>((done) => {
  createInterface({ input: venue.stdout }).once('line', (line) => done(JSON.parse(line)));
});
try {
  const { port, floodPort } = ports;
  const figures =
    name === 'orders'
      ? await orders(port)
      : await flood(venue, {
          port: floodPort,
          rate: name === 'burst' ? 100_000 : 20_000,
          seconds: Number(seconds),
        });
  process.stdout.write(JSON.stringify(figures));
} finally {
  venue.stdin.write('stop\n');
}
process.exit(0);
