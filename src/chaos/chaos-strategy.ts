import type { Random } from '../../data/simulated/random.ts';
import type { BarClosed } from '../engine/event.ts';
import { type Intent, NO_INTENTS, type TradePlan } from '../engine/plan.ts';
import type { Strategy, StrategyView } from '../engine/strategy.ts';

export const CHAOS_SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const MINUTE_MS = 60_000;

/** What the scripted strategy of one run does, drawn from its seed. */
export interface StrategyScript {
  startMs: number;
  /** The first minute with an entry, and how many minutes lie between tries. */
  firstMinute: number;
  everyMinutes: number;
  /** Nothing opens from here on, and what is open is closed two minutes later. */
  lastMinute: number;
  mode: TradePlan['entry']['mode'];
  direction: 1 | -1;
  /** Working stop of the main leg, as a fraction of the price. */
  stopFraction: number;
  trailFrom: TradePlan['trailFrom'];
  trails: boolean;
  exitAfterMinutes: number;
  onFail: 'exitBtc' | 'keepAtHalfRisk';
  /** Off when left out. */
  prePlace?: 'auto' | 'off';
}

export function drawScript(random: Random, startMs: number): StrategyScript {
  const pick = <T>(list: readonly T[]): T => list[random.next() % list.length];
  return {
    startMs,
    firstMinute: 1 + (random.next() % 2),
    everyMinutes: 2 + (random.next() % 4),
    lastMinute: 23,
    mode: pick(['touch', 'touch', 'taker', 'makerOnly', 'documents', 'pullback'] as const),
    direction: pick([1, -1] as const),
    stopFraction: 0.002 + 0.003 * random.uniform(),
    trailFrom: pick(['entry', 'target1', 'target2'] as const),
    trails: random.uniform() < 0.8,
    exitAfterMinutes: 4 + (random.next() % 8),
    onFail: pick(['exitBtc', 'keepAtHalfRisk'] as const),
  };
}

/**
 * Hedged BTC trades at set minutes, both ways in turn, with ladder, trail and exits. It decides by
 * the bar's time alone and remembers nothing, so that it goes on after any restart.
 */
export class ChaosStrategy implements Strategy {
  readonly id = 'script';
  readonly symbols = CHAOS_SYMBOLS;
  declare private readonly script: StrategyScript;
  private ethClose = Number.NaN;

  constructor(script: StrategyScript) {
    this.script = script;
  }

  onBar(bar: BarClosed, view: StrategyView): readonly Intent[] {
    if (bar.symbol !== 'BTCUSDT') {
      this.ethClose = bar.close;
      return NO_INTENTS;
    }
    if (bar.isWarmUp) return NO_INTENTS;
    const { script } = this;
    const minute = Math.round((bar.openTime - script.startMs) / MINUTE_MS);
    const trade = view.tradeOn('BTCUSDT');
    if (trade === undefined) return this.enter(bar, minute);
    const isLast = minute >= script.lastMinute + 2;
    const ageMs = view.nowMs - trade.firstFillMs;
    if (isLast || ageMs > script.exitAfterMinutes * MINUTE_MS) {
      return [{ kind: 'exit', symbol: 'BTCUSDT', reason: isLast ? 'end of script' : 'age' }];
    }
    if (!script.trails) return NO_INTENTS;
    const stopPrice = bar.close * (1 - trade.direction * script.stopFraction * 0.8);
    return [{ kind: 'trail', symbol: 'BTCUSDT', stopPrice }];
  }

  save(): unknown {
    return this.ethClose;
  }

  load(state: unknown): void {
    this.ethClose = state as number;
  }

  private enter(bar: BarClosed, minute: number): readonly Intent[] {
    const { script, ethClose } = this;
    const round = (minute - script.firstMinute) / script.everyMinutes;
    const isTime = minute <= script.lastMinute && round >= 0 && Number.isInteger(round);
    if (!isTime || Number.isNaN(ethClose)) return NO_INTENTS;
    const direction = round % 2 === 0 ? script.direction : script.direction === 1 ? -1 : 1;
    return [{ kind: 'enter', plan: this.plan(bar.close, direction) }];
  }

  private plan(price: number, direction: 1 | -1): TradePlan {
    const { script, ethClose } = this;
    const risk = price * script.stopFraction;
    const legDirection = direction === 1 ? -1 : 1;
    return {
      strategyId: this.id,
      tag: 'chaos',
      reasons: ['the script says so'],
      symbol: 'BTCUSDT',
      direction,
      entry: {
        mode: script.mode,
        decisionPrice: price,
        midPrice: price - direction * risk * 0.1,
        makerWaitMs: 700,
        iocWorstBps: 6,
        restMs: 100_000,
      },
      stopPrice: price - direction * risk,
      atr: risk / 2,
      disasterMultiple: 2,
      targets: [
        { atR: 0.5, fraction: 0.3 },
        { atR: 1, fraction: 0.3 },
      ],
      breakEven: { afterTarget: 0, capR: 0.5 },
      trailFrom: script.trailFrom,
      timeoutMs: 9 * MINUTE_MS,
      riskPercent: 0.5,
      hedge: {
        legs: [
          {
            symbol: 'ETHUSDT',
            direction: legDirection,
            notionalRatio: 0.3,
            beta: 1,
            correlation: 0.9,
            stopPrice: ethClose * (1 - legDirection * 0.012),
            price: ethClose,
          },
        ],
        makerWaitMs: 1_500,
        onFail: script.onFail,
      },
      context: {},
    };
  }
}
