import { describe, expect, it } from 'vitest';
import { emptyBarRow, readBarInto } from '../data/bars/bars.ts';
import { resampleBars } from '../data/bars/resample.ts';
import { simulateMarket } from '../data/simulated/market.ts';
import { SmcSource } from '../strategy/btc-alpha-hedge/smc-source.ts';
import { SIGNAL_PRESETS, type SignalSettings } from '../strategy/presets/signal-presets.ts';
import { collectDrawings } from './chart-drawings.ts';
import { TagRun } from './series/tags.ts';

const MINUTE = 60_000;
const chart = { signalTimeframeMs: 3 * MINUTE, biasTimeframeMs: 15 * MINUTE };
const [fine] = simulateMarket({
  seed: 3,
  days: 40,
  timeframeMs: MINUTE,
  symbols: ['BTCUSDT'],
}).series;
const bars = resampleBars(fine, chart.signalTimeframeMs);

interface Tapped {
  atMs: number;
  side: 1 | -1;
  top: number;
  bottom: number;
}

/** Block of each alert, from the tags themselves. */
function tappedBy(signal: SignalSettings): Tapped[] {
  const run = new TagRun({ signal, ...chart, tickSize: 0.1 });
  const bar = emptyBarRow();
  const out: Tapped[] = [];
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    run.update(bar);
    for (const alert of [run.alertLong, run.alertShort]) {
      if (alert === undefined) continue;
      const { direction: side, blockTop: top, blockBottom: bottom } = alert;
      out.push({ atMs: bar.openTime, side, top, bottom });
    }
  }
  return out;
}

function tappedByStandIn(): Tapped[] {
  const signal = SIGNAL_PRESETS['smc-stand-in'];
  const { alertExpression: expression, obMaxAgeBars } = signal;
  const source = new SmcSource({ ...chart, expression, obMaxAgeBars });
  const out: Tapped[] = [];
  for (let i = 0; i < bars.length; i++) {
    const bar = { ...emptyBarRow(), kind: 'bar.closed' as const, symbol: 'BTCUSDT' };
    readBarInto(bar, bars, i);
    const found = source.onBar({ ...bar, timeframeMs: bars.timeframeMs, isWarmUp: false });
    if (found === undefined) continue;
    const { direction: side, blockTop: top, blockBottom: bottom } = found;
    out.push({ atMs: bar.openTime, side, top, bottom });
  }
  return out;
}

/** No memory: the block lives on the very bar of the alert. */
const ALERTING: SignalSettings = {
  ...SIGNAL_PRESETS.documents,
  alertExpression: '{OB_DEMAND_HIT} AND {HTF_BULL}',
  tapMemoryBars: 0,
};

describe('blocks on the chart', () => {
  it.each([
    ['pac', ALERTING, tappedBy],
    ['smc', { ...ALERTING, obSource: 'smc' }, tappedBy],
    ['either', { ...ALERTING, obSource: 'either' }, tappedBy],
    ['stand-in', SIGNAL_PRESETS['smc-stand-in'], tappedByStandIn],
  ] as const)(
    '%s: each block that raised an alert is drawn, alive when it did',
    (_, signal, of) => {
      const tapped = of(signal);
      expect(tapped.length).toBeGreaterThan(20);
      const span = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
      const { blocks } = collectDrawings(bars, { signal, ...chart, tickSize: 0.1, ...span });
      for (const { atMs, side, top, bottom } of tapped) {
        const drawn = blocks.find(
          (block) =>
            block.side === side &&
            block.top === top &&
            block.bottom === bottom &&
            block.fromMs <= atMs &&
            !(block.toMs <= atMs),
        );
        expect(drawn, `block ${bottom}..${top} at ${atMs}`).toBeDefined();
      }
    },
  );

  it('draws nothing of the indicator that is not used', () => {
    const span = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
    const drawn = (signal: SignalSettings) =>
      new Set(
        collectDrawings(bars, { signal, ...chart, tickSize: 0.1, ...span }).blocks.map(
          ({ fromMs, top }) => `${fromMs} ${top}`,
        ),
      );
    const pac = drawn(ALERTING);
    const smc = drawn({ ...ALERTING, obSource: 'smc' });
    const either = drawn({ ...ALERTING, obSource: 'either' });
    expect(either).toEqual(new Set([...pac, ...smc]));
    expect(pac).not.toEqual(smc);
  });
});
