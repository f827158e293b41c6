import { type Bars, readBarInto } from '../../data/bars/bars.ts';
import type { Bar } from '../../indicators/indicator.ts';
import type { SignalSettings } from '../../strategy/presets/signal-presets.ts';
import { conditionIndex } from '../../strategy/tags/conditions.ts';
import { Funnel, type FunnelReport } from '../../strategy/tags/funnel.ts';
import { TagRun } from '../series/tags.ts';
import { differences, packInts } from './page/pack-ints.ts';

/** When one tag held: bars at which it turned, beginning with off, packed as differences. */
export interface TagStrip {
  name: string;
  turns: string;
}

/** Tags of the alert expression, long side first, over the bars of the page, and their funnel. */
export function tagStrips(
  bars: Bars,
  options: {
    signal: SignalSettings;
    signalTimeframeMs: number;
    biasTimeframeMs: number;
    tickSize: number;
    from: number;
    to: number;
    /** Sees the pipeline after each bar, so that the page needs one pass over the bars only. */
    look?: (run: TagRun, bar: Bar, index: number) => void;
  },
): { strips: TagStrip[]; funnel: FunnelReport[] } {
  const { from, to } = options;
  const run = new TagRun(options);
  const funnels = [new Funnel(run.long), new Funnel(run.short)];
  const names = [...new Set([...run.long.alertRule.names, ...run.short.alertRule.names])];
  const places = names.map((name) => conditionIndex(name));
  const turns: number[][] = names.map(() => []);
  const isOn = names.map(() => false);
  const bar: Bar = {
    openTime: 0,
    open: 0,
    high: 0,
    low: 0,
    close: 0,
    volume: 0,
    takerBuyVolume: 0,
  };
  for (let i = 0; i < to; i++) {
    readBarInto(bar, bars, i);
    run.update(bar, (pipeline) => {
      if (i < from) return;
      for (const funnel of funnels) funnel.bar(pipeline, bar.openTime);
    });
    options.look?.(run, bar, i);
    if (i < from) continue;
    for (let t = 0; t < places.length; t++) {
      const holds = run.pipeline.value(places[t]) === 1;
      if (holds === isOn[t]) continue;
      isOn[t] = holds;
      turns[t].push(i - from);
    }
  }
  return {
    strips: names.map((name, t) => ({ name, turns: packInts(differences(turns[t])) })),
    funnel: funnels.map((funnel) => funnel.report()),
  };
}
