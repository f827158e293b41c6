import { Random } from '../../../data/simulated/random.ts';
import type { TradePlan } from '../../engine/plan.ts';
import { testPlan } from '../../engine/testing/engine-fixture.ts';
import { barsThrough, CrashPoint, CrashRig, type Disturbance } from './crash-rig.ts';
import type { Script } from './crash-scripts.ts';

const BTC = 100_000;
const ETH = 4_000;
const MINUTES = 45;
/** Nothing disturbs the end, so that what is left can be looked at. */
const CALM_FROM_MINUTE = 36;
const MINUTE = 60_000;

/** One market, one plan and everything that goes wrong, from a seed; the same seed, the same run. */
export function randomRun(seed: number): { rig: CrashRig; script: Script; hasOutage: boolean } {
  const random = new Random(seed, 1);
  const script = randomScript(random, seed);
  const startMs = script.bars[0].openTime[0];
  const calmMs = startMs + CALM_FROM_MINUTE * MINUTE;
  const trouble = new Trouble(random, calmMs);
  const rig = new CrashRig({ ...script, crash: trouble.nextCrash(), disturbance: trouble });
  trouble.nowMs = () => rig.time.nowMs();
  const outageAt = random.uniform() < 0.5 ? 2 + Math.floor(random.uniform() * 20) : -1;
  rig.onMinute = (minute) => {
    if (random.uniform() < 0.1 && minute < CALM_FROM_MINUTE) rig.session.onClockStep(30_000);
    if (minute !== outageAt) return;
    const endMs = rig.time.nowMs() + random.uniform() * 2 * MINUTE;
    trouble.outageEndMs = endMs;
    // The adapter reconnects and has the account looked at.
    rig.time.wake(endMs, () => rig.session.reconcile());
  };
  return { rig, script, hasOutage: outageAt >= 0 };
}

class Trouble implements Disturbance {
  outageEndMs = 0;
  nowMs: () => number = () => 0;
  private readonly random: Random;
  private readonly calmMs: number;
  private crashes: number;
  private readonly late: number;
  private readonly doubled: number;
  private readonly slow: number;

  constructor(random: Random, calmMs: number) {
    this.random = random;
    this.calmMs = calmMs;
    this.crashes = Math.floor(random.uniform() * 4);
    this.late = random.uniform() < 0.5 ? 0.2 : 0;
    this.doubled = random.uniform() < 0.5 ? 0.1 : 0;
    this.slow = random.uniform() < 0.3 ? 0.1 : 0;
  }

  arrivals = (atMs: number): readonly number[] => {
    if (atMs < this.outageEndMs) return [];
    if (!this.isTroubled()) return [0];
    const out = [this.chance(this.late) ? 1 + Math.floor(this.random.uniform() * 400) : 0];
    if (this.chance(this.doubled)) out.push(1 + Math.floor(this.random.uniform() * 2_000));
    return out;
  };

  disk = (): number | string => {
    if (!this.isTroubled() || !this.chance(this.slow)) return 1;
    return this.chance(0.2) ? 'no space left on device' : this.random.uniform() * 6_000;
  };

  accountFails = (): boolean => this.isTroubled() && this.chance(0.1);

  portThrows = (): boolean => this.isTroubled() && this.chance(0.02);

  nextCrash = (): CrashPoint => {
    if (this.crashes-- <= 0) return new CrashPoint(0, 'before');
    const at = 1 + Math.floor(this.random.uniform() * 150);
    return new CrashPoint(at, this.chance(0.5) ? 'before' : 'after');
  };

  private isTroubled(): boolean {
    return this.nowMs() < this.calmMs;
  }

  private chance(share: number): boolean {
    return this.random.uniform() < share;
  }
}

function randomScript(random: Random, seed: number): Script {
  const pick = <T>(list: readonly T[]): T => list[random.next() % list.length];
  const walk = (start: number, stepShare: number): number[] => {
    const closes = [start, start];
    while (closes.length < MINUTES) {
      const last = closes[closes.length - 1];
      closes.push(Math.round(last * (1 + random.normal() * stepShare)));
    }
    return closes;
  };
  const direction = pick([1, -1] as const);
  const isHedged = random.uniform() < 0.6;
  const plan: TradePlan = testPlan({
    direction,
    stopPrice: BTC - direction * 500,
    timeoutMs: 20 * MINUTE,
    entry: {
      mode: pick(['touch', 'taker', 'pullback', 'makerOnly', 'documents']),
      decisionPrice: BTC,
      midPrice: BTC - direction * 100,
      makerWaitMs: 700,
      iocWorstBps: 6,
      restMs: 5 * MINUTE,
    },
    hedge: isHedged
      ? {
          legs: [
            {
              symbol: 'ETHUSDT',
              direction: direction === 1 ? -1 : 1,
              notionalRatio: 0.3,
              beta: 1,
              correlation: 0.9,
              stopPrice: ETH + direction * 60,
              price: ETH,
            },
          ],
          makerWaitMs: 1_500,
          onFail: pick(['exitBtc', 'keepAtHalfRisk']),
        }
      : undefined,
  });
  const bars = [
    barsThrough('BTCUSDT', walk(BTC, 0.0015)),
    barsThrough('ETHUSDT', walk(ETH, 0.003)),
  ];
  return { name: `seed ${seed}`, plan, bars };
}
