import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../data/load.ts';
import { sharedPath } from '../../data/testing/shared.ts';
import type { Bar } from '../../indicators/indicator.ts';
import { SIGNAL_PRESETS } from '../presets/signal-presets.ts';
import { tagSetup } from '../presets/tag-setup.ts';
import { conditionIndex } from './conditions.ts';
import { TagPipeline } from './tag-pipeline.ts';
import { SideTrigger } from './triggers.ts';

const golden = sharedPath('golden', 'second-implementation');
const bars = sharedPath('data', 'spot', '3m');
const FIRST_ROW = 2_200;
const BARS = 20_000;

/** Rows of the golden file as text cells by column. */
function readGolden(trade: string): { columns: string[]; rows: string[][] } {
  const path = `${golden}/btc-spot3m.recipe.tags-${trade}.csv.gz`;
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return { columns: lines[0].split(','), rows: lines.slice(1).map((line) => line.split(',')) };
}

async function ourRows(
  columns: readonly string[],
  trade: 'sequence' | 'documents',
): Promise<string[][]> {
  const { series } = await loadDataset({ path: bars ?? '', symbols: ['BTCUSDT'] });
  const [btc] = series;
  const chart = { signalTimeframeMs: 180_000, biasTimeframeMs: 900_000, tickSize: 0.01 };
  const setup = tagSetup({ ...SIGNAL_PRESETS[trade], obMaxAgeBars: 0 }, chart);
  const pipeline = new TagPipeline(setup.pipeline);
  const long = new SideTrigger({ ...setup.trigger, direction: 1 });
  const short = new SideTrigger({ ...setup.trigger, direction: -1 });
  const out: string[][] = [];
  for (let i = 0; i < BARS; i++) {
    const bar: Bar = {
      openTime: btc.openTime[i],
      open: btc.open[i],
      high: btc.high[i],
      low: btc.low[i],
      close: btc.close[i],
      volume: btc.volume[i],
      takerBuyVolume: Number.NaN,
    };
    pipeline.update(bar);
    const up = long.update(pipeline, bar);
    const down = short.update(pipeline, bar);
    const own: Record<string, number> = {
      openTime: bar.openTime,
      alertLong: up === undefined ? 0 : 1,
      alertShort: down === undefined ? 0 : 1,
      entryLong: up?.hasContext ? 1 : 0,
      entryShort: down?.hasContext ? 1 : 0,
    };
    out.push(
      columns.map((name) => {
        const value = own[name] ?? pipeline.value(conditionIndex(name));
        return Number.isNaN(value) ? '' : String(value);
      }),
    );
  }
  return out;
}

describe.skipIf(golden === undefined || bars === undefined)(
  'tags of an independent program',
  () => {
    it.each(['sequence', 'documents'] as const)('%s: every tag, alert and entry', async (trade) => {
      const { columns, rows } = readGolden(trade);
      const ours = await ourRows(columns, trade);
      const differences: Record<string, number> = {};
      for (let i = FIRST_ROW; i < rows.length; i++) {
        for (let c = 0; c < columns.length; c++) {
          if (rows[i][c] === ours[i][c]) continue;
          differences[columns[c]] = (differences[columns[c]] ?? 0) + 1;
        }
      }
      expect(differences).toEqual({});
    });
  },
);
