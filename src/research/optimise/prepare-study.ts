import { createHash } from 'node:crypto';
import type { MarketData } from '../../market-data.ts';
import { searchSpan } from '../hold-out.ts';
import { makeSampler, type SamplerName } from '../samplers/make-sampler.ts';
import type { Sampler } from '../samplers/sampler.ts';
import type { LoadedSpace } from '../space/load-space.ts';
import { recordLegs } from '../trial/recording.ts';
import type { Goal } from './objective.ts';
import { dataBefore } from './search-data.ts';
import type { EvaluatorInput } from './trial-evaluator.ts';
import type { StudyIdentity } from './trial-store.ts';

export interface StudySettings {
  sampler: SamplerName;
  seed: number;
  batchSize: number;
  variations: number;
  goal: Goal;
  isPruning: boolean;
  /** Searches the hold-out as well: for measuring speed only. */
  allData: boolean;
  /** Recordings kept a worker; 0: each trial walks all bars. */
  recordings: number;
}

export interface PreparedStudy {
  identity: StudyIdentity;
  /** Of the identity; names the folder. */
  id: string;
  sampler: Sampler;
  /** For workers: bars of the search span alone. */
  input: EvaluatorInput;
  /** Start of the hold-out; undefined when all data is searched. */
  holdOutMs: number | undefined;
}

/** Everything a study needs before its first trial. */
export function prepareStudy(
  loaded: LoadedSpace,
  data: MarketData,
  settings: StudySettings,
  codeVersion: string,
): PreparedStudy {
  const { space, base, sets } = loaded;
  const { goal, sampler, seed, batchSize, variations, isPruning, allData } = settings;
  const span = searchSpan(data.series, base.config.market.symbol);
  const holdOutMs = allData ? undefined : span.searchEndMs;
  const searched = holdOutMs === undefined ? data : dataBefore(data, holdOutMs);
  const identity: StudyIdentity = {
    space: space.declaration.name,
    spaceHash: space.hash,
    configHash: base.hash,
    dataHash: data.dataHash,
    calendarHash: data.calendarHash,
    searchEndMs: holdOutMs ?? null,
    sampler,
    seed,
    batchSize,
    variations,
    objectives: goal.objectives.join(','),
    drawdownMax: goal.drawdownMax,
    tradesMin: goal.tradesMin,
    isPruning,
    codeVersion,
  };
  const input: EvaluatorInput = {
    data: searched,
    legs: recordLegs(base.config, searched),
    preset: space.declaration.preset,
    sets,
    pruneAbove: isPruning ? goal.drawdownMax : undefined,
    // Where books were recorded something may happen at any bar, so all of them are walked.
    recordings: (data.tapes ?? []).length > 0 ? 0 : settings.recordings,
  };
  const id = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12);
  return {
    identity,
    id,
    sampler: makeSampler(sampler, { space, seed, batchSize }),
    input,
    holdOutMs,
  };
}
