import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { FlowSurge } from './flow-surge.ts';
import { ORDER_FLOW_SCALPER } from './presets.ts';
import { TakerAggression } from './taker-aggression.ts';
import { flatBar, randomBars } from './testing/market.ts';
import { VolumeSurge } from './volume-surge.ts';

const BARS = randomBars(1500, { seed: 5 });
const deltas = BARS.map((bar) => 2 * bar.takerBuyVolume - bar.volume);

describe('FlowSurge', () => {
  it('measures flow against the mean size of the 20 bars before', () => {
    const surge = new FlowSurge(ORDER_FLOW_SCALPER.flowSurge);
    let surges = 0;
    for (const [i, bar] of BARS.entries()) {
      surge.update(bar);
      if (i < 20) continue;
      const ratio = deltas[i] / mean(deltas.slice(i - 20, i).map(Math.abs));
      expect(surge.ratio).toBeCloseTo(ratio, 9);
      expect(surge.direction).toBe(Math.abs(ratio) > 3 ? Math.sign(ratio) : 0);
      surges += Math.abs(surge.direction);
    }
    expect(surges).toBeGreaterThan(10);
  });

  it('leaves a bar of unknown flow out of the mean', () => {
    const surge = new FlowSurge({ length: 2, multiple: 3 });
    const flows = [6, 4, Number.NaN, 4, 10];
    const ratios = flows.map((takerBuyVolume, i) => {
      surge.update(flatBar(i, 100, { volume: 10, takerBuyVolume }));
      return surge.ratio;
    });
    expect(ratios).toEqual([Number.NaN, Number.NaN, Number.NaN, -1, 5]);
    expect(surge.direction).toBe(1);
  });

  it('refuses a multiple that is not positive', () => {
    expect(() => new FlowSurge({ multiple: 0 })).toThrow(RangeError);
    expect(() => new VolumeSurge({ multiple: Number.NaN })).toThrow(RangeError);
  });
});

describe('VolumeSurge', () => {
  it('measures volume against the mean of the 20 bars before', () => {
    const surge = new VolumeSurge(ORDER_FLOW_SCALPER.volumeSurge);
    let surges = 0;
    for (const [i, bar] of BARS.entries()) {
      surge.update(bar);
      if (i < 20) continue;
      const ratio = bar.volume / mean(BARS.slice(i - 20, i).map((other) => other.volume));
      expect(surge.ratio).toBeCloseTo(ratio, 9);
      expect(surge.event).toBe(ratio > 2 ? 1 : 0);
      surges += surge.event;
    }
    expect(surges).toBeGreaterThan(10);
  });

  it('has nothing to compare with after bars without volume', () => {
    const surge = new VolumeSurge({ length: 2 });
    for (const [i, volume] of [10, 0, 0, 50].entries()) surge.update(flatBar(i, 1, { volume }));
    expect([surge.ratio, surge.event]).toEqual([Number.NaN, 0]);
  });
});

describe('TakerAggression', () => {
  it('is the net share of volume in the window', () => {
    const aggression = new TakerAggression({ length: 20 });
    for (const [i, bar] of BARS.entries()) {
      aggression.update(bar);
      if (i < 19) continue;
      const window = BARS.slice(i - 19, i + 1);
      const net = mean(deltas.slice(i - 19, i + 1)) / mean(window.map((other) => other.volume));
      expect(aggression.value).toBeCloseTo(net, 10);
    }
  });

  it('is 1 where only buyers pay the spread and silent where nothing trades', () => {
    const aggression = new TakerAggression({ length: 2 });
    for (let i = 0; i < 3; i++) aggression.update(flatBar(i, 1, { takerBuyVolume: 10 }));
    expect(aggression.value).toBe(1);
    for (let i = 3; i < 5; i++) {
      aggression.update(flatBar(i, 1, { volume: 0, takerBuyVolume: 0 }));
    }
    expect(aggression.value).toBeNaN();
  });
});
