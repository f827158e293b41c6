import { AppError, closestNames } from '../../src/engine/error.ts';
import { oscillatorMatrixModule } from './oscillator-matrix.ts';
import { priceActionModule } from './price-action.ts';
import type { SeriesModule } from './series-module.ts';
import { signalsOverlaysModule } from './signals-overlays.ts';
import { smcModule } from './smc.ts';
import { supertrendAiModule } from './supertrend-ai.ts';
import { tagsModule } from './tags.ts';

/** Every module of `qcm series` and `qcm events`, in the order they are listed. */
export const SERIES_MODULES: readonly SeriesModule[] = [
  smcModule,
  supertrendAiModule,
  priceActionModule,
  oscillatorMatrixModule,
  signalsOverlaysModule,
  tagsModule,
];

/** @throws AppError USAGE_UNKNOWN_MODULE with the closest names */
export function findModule(name: string): SeriesModule {
  const found = SERIES_MODULES.find((module) => module.name === name);
  if (found !== undefined) return found;
  const known = SERIES_MODULES.map((module) => module.name);
  const near = closestNames(name, known);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${known.join(', ')}`;
  throw new AppError('USAGE_UNKNOWN_MODULE', `unknown module "${name}"`, hint);
}
