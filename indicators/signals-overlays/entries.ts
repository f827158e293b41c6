import type { IndicatorEntry, Output } from '../indicator.ts';
import { SIGNALS_OVERLAYS_PRESETS } from './presets.ts';
import { SignalsOverlays } from './signals-overlays.ts';

type Overlays = SignalsOverlays;

/** The parts warm up one after the other, so each may be empty after the first value of another. */
const sparse = true;

/**
 * The columns of `qcm series --module signals-overlays`, in order. Signals and the lines below
 * start from an arbitrary side, so they mirror only after a while; their own tests measure that.
 */
export const SIGNALS_OVERLAYS_OUTPUTS: readonly Output<Overlays>[] = [
  { name: 'confirmation', unit: 'direction', read: (s) => s.confirmation },
  { name: 'strong', unit: 'flag', read: (s) => s.strong },
  { name: 'rating', unit: 'ratio', read: (s) => s.rating, sparse },
  { name: 'exitBull', unit: 'event', read: (s) => s.exitBull, mirrorOf: 'exitBear' },
  { name: 'exitBear', unit: 'event', read: (s) => s.exitBear, mirrorOf: 'exitBull' },
  { name: 'sensitivity', unit: 'ratio', read: (s) => s.sensitivity, sparse },
  { name: 'smartTrail', unit: 'price', read: (s) => s.smartTrail, sparse, mirrorValue: false },
  {
    name: 'smartTrailExtremity',
    unit: 'price',
    read: (s) => s.smartTrailExtremity,
    sparse,
    mirrorValue: false,
  },
  {
    name: 'smartTrailDir',
    unit: 'direction',
    read: (s) => s.smartTrailDir,
    mirrorValue: false,
  },
  { name: 'catcherDir', unit: 'direction', read: (s) => s.catcherDir },
  { name: 'tracerDir', unit: 'direction', read: (s) => s.tracerDir },
  { name: 'neoLead', unit: 'price', read: (s) => s.neoLead, sparse },
  { name: 'neoLag', unit: 'price', read: (s) => s.neoLag, sparse },
  { name: 'trendStrength', unit: 'ratio', read: (s) => s.trendStrength, sparse },
];

const STATES: readonly Output<Overlays>[] = [
  { name: 'buyConf', unit: 'flag', read: (s) => s.buyConf, mirrorValue: false },
  { name: 'sellConf', unit: 'flag', read: (s) => s.sellConf, mirrorValue: false },
];

/** Levels and zones that the chart shows beside the columns. */
const LINES: readonly Output<Overlays>[] = [
  zone('rzR3', 'rzS3', (s) => s.parts.zones.r3),
  zone('rzR2', 'rzS2', (s) => s.parts.zones.r2),
  zone('rzR1', 'rzS1', (s) => s.parts.zones.r1),
  zone('rzAverage', 'rzAverage', (s) => s.parts.zones.average),
  zone('rzS1', 'rzR1', (s) => s.parts.zones.s1),
  zone('rzS2', 'rzR2', (s) => s.parts.zones.s2),
  zone('rzS3', 'rzR3', (s) => s.parts.zones.s3),
  zone('takeProfit', 'takeProfit', (s) => s.parts.levels.takeProfit),
  zone('stopLoss', 'stopLoss', (s) => s.parts.levels.stopLoss),
  { name: 'barColor', unit: 'direction', read: (s) => s.parts.signals.barColor },
];

function zone(name: string, mirrorOf: string, read: (s: Overlays) => number): Output<Overlays> {
  return { name, unit: 'price', read, mirrorOf, sparse };
}

function entry(preset: 'recipe' | 'chart'): IndicatorEntry {
  const options = SIGNALS_OVERLAYS_PRESETS[preset];
  return {
    name: `signals-overlays-${preset}`,
    module: 'signals-overlays',
    summary: `Confirmations, exits, trails, cloud, zones, trend strength (preset ${preset})`,
    create: (tickSize) => new SignalsOverlays({ ...options, tickSize }),
    outputs: [...SIGNALS_OVERLAYS_OUTPUTS, ...STATES, ...LINES],
    // Autopilot compares returns, which are relative to price and differ on the other side.
    mirror: preset === 'chart' ? 'exact' : 'none',
  } as IndicatorEntry<Overlays> as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [entry('recipe'), entry('chart')];
