import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../data/simulated/random.ts';
import { Engine } from '../engine/engine.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { replayJournal } from '../live/replay-journal.ts';
import { openForReading } from '../store/open-store.ts';
import { FlowScript, hedgedPlan } from './testing/flow-script.ts';
import { KillMarket, LIVE_AIMS, type LiveAim } from './testing/kill-market.ts';

/** A fifth of all; the others are in `src/live/kill-series.service.test.ts`. */
const KILLS = Math.ceil(Number(process.env.QCM_KILLS ?? 50) / 5);
const SEED = Number(process.env.QCM_SEED ?? 7);
const KILLS_A_TRADE_MAX = 3;
/** The engine's own limit is 2 s; the rest is this machine's and the watcher's. */
const NAKED_MS_MAX = 3_000;
const DELAY_MS: Record<LiveAim, number> = {
  ...{ start: 1_500, protected: 800, order: 60, filled: 300, hedged: 600 },
};

const series = { kills: 0, trades: 0, held: 0, nakedMs: 0, phases: {} as Record<string, number> };

test(
  `kill -9 of the live process, ${KILLS} times in hedged trades: seed ${SEED}`,
  async () => {
    const fromMs = performance.now();
    await Promise.all([lane(new Random(SEED, 10)), lane(new Random(SEED, 11))]);
    const seconds = ((performance.now() - fromMs) / 1_000).toFixed(0);
    const { kills, trades, held, phases, nakedMs } = series;
    const hit = Object.entries(phases).map(([phase, n]) => `${n} ${phase}`);
    console.info(
      `${kills} kills in ${trades} trades, ${held} held, in ${seconds} s: ${hit.join(', ')}; ` +
        `naked ${nakedMs.toFixed(0)} ms at most`,
    );
    expect(held).toBeGreaterThan(trades / 2);
  },
  60_000 + KILLS * 20_000,
);

async function lane(random: Random): Promise<void> {
  let turn = Math.floor(random.uniform() * LIVE_AIMS.length);
  while (series.kills < KILLS) {
    const market = await KillMarket.start();
    try {
      series.trades++;
      const told: string[] = [];
      const kills = 1 + Math.floor(random.uniform() * KILLS_A_TRADE_MAX);
      for (let i = 0; i < kills && series.kills < KILLS; i++) {
        const aim = LIVE_AIMS[turn++ % LIVE_AIMS.length];
        const delayMs = DELAY_MS[aim] * random.uniform();
        series.kills++;
        const phase = await kill(market, aim, delayMs);
        series.phases[phase] = (series.phases[phase] ?? 0) + 1;
        told.push(`${aim} +${delayMs.toFixed(0)} ms: ${phase}`);
      }
      await comeToAnEnd(market, told.join('; '));
    } finally {
      await market.stop();
    }
  }
}

/** Starts a process and kills it; where its moment does not come, after eight seconds. */
async function kill(market: KillMarket, aim: LiveAim, delayMs: number): Promise<string> {
  market.begin();
  const untilMs = performance.now() + 8_000;
  while (!market.isAt(aim) && performance.now() < untilMs) await sleep(2);
  await sleep(delayMs);
  const phase = market.phase();
  expect(await market.child.end('SIGKILL'), market.child.output).toEqual({
    code: null,
    signal: 'SIGKILL',
  });
  return phase;
}

/** The last process: what is there is protected again, closes at its stop, and the books agree. */
async function comeToAnEnd(market: KillMarket, what: string): Promise<void> {
  market.begin();
  await market.child.says('READY: ', 60_000);
  await market.until(`${what}: an entry`, () => market.opening('BTCUSDT').length > 0);
  await sleep(1_500);
  await market.until(`${what}: stops`, () => market.hasWorkingStops());
  market.btc = 59_000;
  await market.until(`${what}: flat`, () => market.isFlat());
  await market.until(`${what}: nothing rests`, () => market.rests() === 0);
  await sleep(500);
  expect(await market.child.end('SIGTERM'), what).toEqual({ code: 0, signal: null });
  expect([...market.wrong], `${what}; ${market.told()}`).toEqual([]);
  expect(market.nakedMs, what).toBeLessThan(NAKED_MS_MAX);
  series.nakedMs = Math.max(series.nakedMs, market.nakedMs);
  expectBooks(market, what);
}

function expectBooks(market: KillMarket, what: string): void {
  const { venue } = market.server.gateway;
  const [, equity] = /equity ([\d.]+) USDT, open packages 0/.exec(market.child.output) ?? [];
  expect(Number(equity), `${what}; ${market.child.output}`).toBeCloseTo(venue.account.wallet, 1);
  const ids = [...venue.orders.orders.values()].map(({ clientId }) => clientId);
  expect(new Set(ids).size, what).toBe(ids.length);
  const isHeld = market.opening('BTCUSDT').some(({ filled }) => filled > 0);
  if (isHeld) series.held++;
  const db = openForReading(market.state);
  const rows = db.prepare('SELECT text FROM trades').all();
  const trades = rows.map(({ text }) => decode(String(text)) as TradeRecord);
  expect(trades.filter(({ quantity }) => quantity > 0).length, what).toBe(isHeld ? 1 : 0);
  const again = replayJournal(db, { compose: () => scripted() });
  db.close();
  expect(again.difference, what).toBe(undefined);
  expect(again.decisions).toBeGreaterThan(0);
}

function scripted(): Engine {
  const script = new FlowScript();
  script.next({ kind: 'enter', plan: hedgedPlan() });
  return new Engine({ strategies: [script], rules: [], isStrict: false });
}
