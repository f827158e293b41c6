import { SMC_EVENTS } from '../../indicators/smart-money-concepts/event-sink.ts';
import type { OrderBlocks } from '../../indicators/smart-money-concepts/order-blocks.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { numberSetting, type SeriesModule, type SeriesSettings } from './series-module.ts';

type Read = (smc: SmartMoneyConcepts) => number;

const NONE = Number.NaN;

/** Values at the end of a bar; a pivot's bar and mark are 0 while it has no level. */
const COLUMNS: Readonly<Record<string, Read>> = {
  internalTrend: (s) => s.internalBreaks.bias,
  swingTrend: (s) => s.swingBreaks.bias,
  iHigh: (s) => s.internal.highLevel,
  iHighIdx: (s) => s.internal.highBar,
  iHighX: (s) => s.internal.highBroken,
  iLow: (s) => s.internal.lowLevel,
  iLowIdx: (s) => s.internal.lowBar,
  iLowX: (s) => s.internal.lowBroken,
  sHigh: (s) => s.swing.highLevel,
  sHighIdx: (s) => s.swing.highBar,
  sHighX: (s) => s.swing.highBroken,
  sLow: (s) => s.swing.lowLevel,
  sLowIdx: (s) => s.swing.lowBar,
  sLowX: (s) => s.swing.lowBroken,
  eHigh: (s) => s.equal?.highLevel ?? NONE,
  eLow: (s) => s.equal?.lowLevel ?? NONE,
  trailTop: (s) => s.trailing.top,
  trailBottom: (s) => s.trailing.bottom,
  trailTopTime: (s) => s.trailing.topTime,
  trailBottomTime: (s) => s.trailing.bottomTime,
  trailBarIdx: (s) => s.trailing.pivotBar,
  atr200: (s) => s.atr?.value ?? NONE,
  highVol: (s) => s.parsed?.highVolatility ?? 0,
  iObCount: (s) => s.internalBlocks?.count ?? 0,
  sObCount: (s) => s.swingBlocks?.count ?? 0,
  iOb0Top: (s) => newest(s.internalBlocks, 'high'),
  iOb0Bottom: (s) => newest(s.internalBlocks, 'low'),
  iOb0Bias: (s) => newest(s.internalBlocks, 'bias'),
  sOb0Top: (s) => newest(s.swingBlocks, 'high'),
  sOb0Bottom: (s) => newest(s.swingBlocks, 'low'),
  sOb0Bias: (s) => newest(s.swingBlocks, 'bias'),
  fvgCount: (s) => s.gaps?.count ?? 0,
  strongHigh: (s) => Number(s.swingBreaks.bias === -1),
  strongLow: (s) => Number(s.swingBreaks.bias === 1),
  premiumBottom: (s) => s.trailing.premiumBottom(),
  eqTop: (s) => s.trailing.equilibriumTop(),
  equilibrium: (s) => s.trailing.equilibrium(),
  eqBottom: (s) => s.trailing.equilibriumBottom(),
  discountTop: (s) => s.trailing.discountTop(),
  drawTop: (s) => s.trailing.drawnTop,
  drawBottom: (s) => s.trailing.drawnBottom,
  drawStrongHigh: (s) => Number(s.drawnBias === -1),
  drawStrongLow: (s) => Number(s.drawnBias === 1),
};

/** Smart Money Concepts exactly as published: what a chart shows, with `pineCompat` on. */
export const smcModule: SeriesModule = {
  name: 'smc',
  summary: 'Smart Money Concepts: structure, order blocks, equal levels, gaps, zones',
  presets: [],
  options: [
    {
      name: 'mitigation',
      summary: 'what breaks an order block',
      default: 'highLow',
      choices: ['highLow', 'close'],
    },
    {
      name: 'filter',
      summary: 'what a tall bar is measured against',
      default: 'atr',
      choices: ['atr', 'cumulativeMeanRange'],
    },
    {
      name: 'confluence',
      summary: 'internal breaks only where wicks agree',
      default: 'off',
      choices: ['off', 'on'],
    },
    { name: 'internal', summary: 'internal size', default: '5', min: 1, integer: true },
    { name: 'swing', summary: 'swing size', default: '50', min: 1, integer: true },
    { name: 'equal', summary: 'equal levels size', default: '3', min: 1, integer: true },
    { name: 'threshold', summary: 'equal levels, in ATR(200)', default: '0.1' },
    {
      name: 'pineCompat',
      summary: 'off = the clean form that trades',
      default: 'on',
      choices: ['on', 'off'],
    },
    {
      name: 'obMaxAgeBars',
      summary: 'bars until a block expires, 0 = never',
      default: '0',
      integer: true,
    },
  ],
  openSeries: (settings) => {
    const smc = createSmc(settings);
    const columns = Object.keys(COLUMNS);
    const reads = Object.values(COLUMNS);
    return {
      columns,
      update: (bar, row) => {
        smc.update(bar);
        for (let c = 0; c < reads.length; c++) row[c] = reads[c](smc);
      },
    };
  },
  openEvents: (settings) => {
    const smc = createSmc(settings);
    return {
      columns: ['code', 'structure', 'side', 'kind', 'a', 'b', 'refBar', 'refTime'],
      update: (bar, tell) =>
        smc.update(bar, {
          event: (code, a, b, refBar, refTime) =>
            tell([code, ...SMC_EVENTS[code], a, b, refBar, refTime]),
        }),
    };
  },
};

function createSmc(settings: SeriesSettings): SmartMoneyConcepts {
  const { values } = settings;
  return new SmartMoneyConcepts({
    internalSize: numberSetting(settings, 'internal'),
    swingSize: numberSetting(settings, 'swing'),
    equalSize: numberSetting(settings, 'equal'),
    equalThreshold: numberSetting(settings, 'threshold'),
    mitigation: values.mitigation === 'close' ? 'close' : 'highLow',
    volatilityFilter: values.filter === 'atr' ? 'atr' : 'cumulativeMeanRange',
    confluenceFilter: values.confluence === 'on',
    pineCompat: values.pineCompat === 'on',
    obMaxAgeBars: numberSetting(settings, 'obMaxAgeBars'),
  });
}

function newest(blocks: OrderBlocks | null, field: 'high' | 'low' | 'bias'): number {
  return blocks === null || blocks.count === 0 ? NONE : blocks[field][blocks.count - 1];
}
