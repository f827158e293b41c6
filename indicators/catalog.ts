import type { IndicatorEntry } from './indicator.ts';
import { ENTRIES as orderFlow } from './order-flow/entries.ts';
import { ENTRIES as oscillatorMatrix } from './oscillator-matrix/entries.ts';
import { ENTRIES as priceActionConcepts } from './price-action-concepts/entries.ts';
import { ENTRIES as regime } from './regime/entries.ts';
import { ENTRIES as signalsOverlays } from './signals-overlays/entries.ts';
import { ENTRIES as smartMoneyConcepts } from './smart-money-concepts/entries.ts';
import { ENTRIES as supertrendAi } from './supertrend-ai/entries.ts';

/**
 * Every indicator that reads bars. The order is part of the configuration's digest: new members go
 * to the end of their module. The contract test runs over all of them, and fails when a folder has
 * an `entries.ts` that is not listed here.
 */
export const INDICATORS: readonly IndicatorEntry[] = [
  ...smartMoneyConcepts,
  ...supertrendAi,
  ...orderFlow,
  ...regime,
  ...oscillatorMatrix,
  ...signalsOverlays,
  ...priceActionConcepts,
];
