import type { Bar } from '../../indicators/indicator.ts';
import { PriceActionConcepts } from '../../indicators/price-action-concepts/price-action-concepts.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { BarAggregator, type Bucket } from '../../src/engine/bar-aggregator.ts';
import type { ObSource } from './block-taps.ts';

/**
 * What the signal timeframe looks up on the bias timeframe: internal trend and the middle of the
 * trailing swing extremes, as of the newest bias bar that has closed with or before the signal bar.
 * Bias bars are built from signal bars; one whose last part never came still counts, once a later
 * bar shows it.
 */
export class BiasChart {
  /** -1, 0 or +1 now and on the signal bar before. */
  declare trend: number;
  declare previousTrend: number;
  /** False until the trend is warm (bias bar index 200). */
  declare isTrendKnown: boolean;
  /** NaN until both extremes exist. */
  declare middle: number;
  declare private readonly structure: PriceActionConcepts;
  declare private readonly smc: SmartMoneyConcepts | null;
  declare private readonly aggregator: BarAggregator;
  // A private name, so that it is no part of the saved state.
  readonly #onStale = (bucket: Bucket): void => this.close(bucket);

  constructor(options: {
    signalTimeframeMs: number;
    biasTimeframeMs: number;
    source: ObSource;
    lowFirst?: boolean;
  }) {
    const { signalTimeframeMs: fromMs, biasTimeframeMs: toMs, lowFirst } = options;
    this.trend = 0;
    this.previousTrend = 0;
    this.isTrendKnown = false;
    this.middle = Number.NaN;
    this.structure = new PriceActionConcepts({ parts: ['zones'], barMs: toMs, lowFirst });
    this.smc =
      options.source === 'smc'
        ? new SmartMoneyConcepts({
            internalBlocks: false,
            swingBlocks: false,
            equalLevels: false,
            fairValueGaps: false,
          })
        : null;
    this.aggregator = new BarAggregator({ fromMs, toMs });
  }

  update(bar: Bar): void {
    this.previousTrend = this.trend;
    if (this.aggregator.add(bar, this.#onStale)) this.close(this.aggregator.done);
  }

  private close(bucket: Bucket): void {
    const { structure, smc } = this;
    structure.update(bucket);
    this.middle = structure.parts.zones?.middle ?? Number.NaN;
    if (smc !== null) {
      smc.update(bucket);
      this.trend = smc.internalBreaks.bias;
      this.isTrendKnown = this.trend !== 0;
      return;
    }
    this.isTrendKnown = !Number.isNaN(structure.internalTrend);
    this.trend = this.isTrendKnown ? structure.internalTrend : 0;
  }
}
