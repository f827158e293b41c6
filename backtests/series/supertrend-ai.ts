import { type FactorCluster, SuperTrendAi } from '../../indicators/supertrend-ai/supertrend-ai.ts';
import {
  EVENT_COLUMNS,
  numberSetting,
  type SeriesModule,
  type SeriesSettings,
} from './series-module.ts';

type Read = (ai: SuperTrendAi) => number;

/** SuperTrend AI with the state of every factor and cluster. */
export const supertrendAiModule: SeriesModule = {
  name: 'supertrend-ai',
  summary: 'SuperTrend AI: factors, clusters, trailing stop and adaptive average',
  presets: [],
  options: [
    {
      name: 'cluster',
      summary: 'which factors are followed',
      default: 'best',
      choices: ['best', 'average', 'worst'],
    },
    {
      name: 'atr',
      summary: 'length of the average true range',
      default: '10',
      min: 1,
      integer: true,
    },
    { name: 'min', summary: 'smallest factor', default: '1' },
    { name: 'max', summary: 'largest factor', default: '3' },
    { name: 'step', summary: 'between factors', default: '0.5' },
    { name: 'memory', summary: 'bars of the performance average', default: '10', min: 2 },
  ],
  openSeries: (settings) => {
    const ai = createAi(settings);
    const columns = columnsOf(ai.factors.length);
    const reads = Object.values(columns);
    return {
      columns: Object.keys(columns),
      update: (bar, row) => {
        ai.update(bar);
        for (let c = 0; c < reads.length; c++) row[c] = reads[c](ai);
      },
    };
  },
  openEvents: (settings) => {
    const ai = createAi(settings);
    let bars = 0;
    return {
      columns: EVENT_COLUMNS,
      update: (bar, tell) => {
        ai.update(bar);
        const at = bars++;
        if (ai.buy + ai.sell === 0) return;
        const side = ai.buy === 1 ? 'bull' : 'bear';
        tell(['supertrend-ai', 'FLIP', side, ai.stop, ai.targetFactor, at, bar.openTime]);
      },
    };
  },
};

function columnsOf(factors: number): Record<string, Read> {
  const columns: Record<string, Read> = {};
  for (let j = 0; j < 3; j++) {
    columns[`n${j}`] = (ai) => ai.clusters.counts[j];
    columns[`mask${j}`] = (ai) => ai.clusters.members[j];
    columns[`c${j}`] = (ai) => ai.clusters.means[j];
  }
  for (let k = 0; k < factors; k++) {
    columns[`perf_${k}`] = (ai) => ai.performance[k];
    columns[`trend_${k}`] = (ai) => ai.trend[k];
    columns[`out_${k}`] = (ai) => ai.out[k];
  }
  columns.target_factor = (ai) => ai.targetFactor;
  columns.perf_idx = (ai) => ai.performanceIndex;
  columns.perf_ama = (ai) => ai.performanceAma;
  columns.upper = (ai) => ai.upper;
  columns.lower = (ai) => ai.lower;
  columns.ts = (ai) => ai.stop;
  columns.os = (ai) => ai.side;
  columns.atr = (ai) => ai.atr.value;
  columns.den = (ai) => ai.scale.value;
  return columns;
}

function createAi(settings: SeriesSettings): SuperTrendAi {
  return new SuperTrendAi({
    cluster: settings.values.cluster as FactorCluster,
    atrLength: numberSetting(settings, 'atr'),
    factorMin: numberSetting(settings, 'min'),
    factorMax: numberSetting(settings, 'max'),
    factorStep: numberSetting(settings, 'step'),
    memory: numberSetting(settings, 'memory'),
  });
}
