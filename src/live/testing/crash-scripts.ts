import type { Bars } from '../../../data/bars/bars.ts';
import type { HedgePlan, TradePlan } from '../../engine/plan.ts';
import { testPlan } from '../../engine/testing/engine-fixture.ts';
import { barsThrough } from './crash-rig.ts';

export interface Script {
  name: string;
  plan: TradePlan;
  bars: readonly Bars[];
}

const BTC = 100_000;
const ETH = 4_000;
const LENGTH = 40;

/** Closes of BTCUSDT after the entry at 100,000; the stop lies 500 below, 1 R is 500. */
const PATHS: Readonly<Record<string, readonly number[]>> = {
  stop: [99_900, 99_700, 99_400, 99_300],
  'gap through the stop': [99_900, 97_000],
  'target, then break-even': [100_200, 100_600, 100_400, 99_900, 99_800],
  'both targets, then break-even': [100_300, 100_600, 100_900, 100_500, 99_900],
  'time-out': [100_050, 100_100, 100_050],
};

/** Every path, long and short, with and without a hedge leg: 20 life cycles. */
export function crashScripts(): Script[] {
  const scripts: Script[] = [];
  for (const [path, closes] of Object.entries(PATHS)) {
    for (const direction of [1, -1] as const) {
      for (const isHedged of [false, true]) {
        const name = `${path}, ${direction === 1 ? 'long' : 'short'}${isHedged ? ', hedged' : ''}`;
        scripts.push({ name, ...script(closes, direction, isHedged) });
      }
    }
  }
  return scripts;
}

function script(
  closes: readonly number[],
  direction: 1 | -1,
  isHedged: boolean,
): Omit<Script, 'name'> {
  const last = closes[closes.length - 1];
  const rest = Array.from({ length: LENGTH - 2 - closes.length }, () => last);
  const long = [BTC, BTC, ...closes, ...rest];
  const btc = long.map((price) => (direction === 1 ? price : 2 * BTC - price));
  const eth = long.map((_, i) => ETH + (i % 2));
  const plan = testPlan({
    direction,
    stopPrice: BTC - direction * 500,
    entry: {
      // Both ways in: maker first where it is hedged, taker at once where it is not.
      mode: isHedged ? 'touch' : 'taker',
      decisionPrice: BTC,
      midPrice: BTC - direction * 100,
      makerWaitMs: 700,
      iocWorstBps: 6,
      restMs: 540_000,
    },
    hedge: isHedged ? hedge(direction) : undefined,
  });
  return { plan, bars: [barsThrough('BTCUSDT', btc), barsThrough('ETHUSDT', eth)] };
}

function hedge(direction: 1 | -1): HedgePlan {
  return {
    legs: [
      {
        symbol: 'ETHUSDT',
        direction: direction === 1 ? -1 : 1,
        notionalRatio: 0.3,
        beta: 1,
        correlation: 0.9,
        stopPrice: ETH + direction * 120,
        price: ETH,
      },
    ],
    makerWaitMs: 1_500,
    onFail: 'exitBtc',
  };
}
