import type { PriceActionOptions } from './price-action-concepts.ts';

/** Both tables of the documents name the toolkit's own defaults here, so the two are equal. */
export const PRICE_ACTION_PRESETS: Readonly<Record<'recipe' | 'chart', PriceActionOptions>> = {
  recipe: { internalLength: 5, swingLength: 50, obMitigation: 'close' },
  chart: { internalLength: 5, swingLength: 50, obMitigation: 'close' },
};
