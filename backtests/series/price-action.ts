import type {
  BlockInterval,
  VolumeSplit,
} from '../../indicators/price-action-concepts/block-intervals.ts';
import { PRICE_ACTION_OUTPUTS } from '../../indicators/price-action-concepts/entries.ts';
import { PRICE_ACTION_PRESETS } from '../../indicators/price-action-concepts/presets.ts';
import {
  PriceActionConcepts,
  type PriceActionOptions,
} from '../../indicators/price-action-concepts/price-action-concepts.ts';
import type {
  BlockList,
  StrengthRule,
} from '../../indicators/price-action-concepts/volumetric-order-blocks.ts';
import type { Mitigation } from '../../indicators/price-action-concepts/zone-list.ts';
import {
  EVENT_COLUMNS,
  numberSetting,
  type SeriesModule,
  type SeriesSettings,
} from './series-module.ts';

const NAME = 'price-action';

type Tell = (kind: string, side: number, cells: { a: number; b: number; ref: number }) => void;

const MITIGATIONS: readonly Mitigation[] = ['close', 'wick', 'average'];
const WHOLE = { integer: true } as const;

/** Price Action Concepts, every column of the reference. */
export const priceActionModule: SeriesModule = {
  name: NAME,
  summary: 'structure, volumetric order blocks, grabs, equal levels, imbalances',
  presets: ['chart', 'recipe'],
  options: [
    { name: 'internal', summary: 'internal length', default: '5', min: 1, ...WHOLE },
    { name: 'swing', summary: 'swing length', default: '50', min: 1, ...WHOLE },
    {
      name: 'obInterval',
      summary: 'bars whose volume a block owns',
      default: 'originToBreak',
      choices: ['originToBreak', 'originToPreBreak', 'origin'],
    },
    {
      name: 'obSplit',
      summary: 'how volume is divided into bought and sold',
      default: 'polarity',
      choices: ['polarity', 'clv', 'taker'],
    },
    {
      name: 'strength',
      summary: 'what strength compares a block with',
      default: 'percentile',
      choices: ['percentile', 'shareSide', 'shareBoth'],
    },
    { name: 'mitigation', summary: 'ends a block', default: 'close', choices: MITIGATIONS },
    {
      name: 'obMaxAgeBars',
      summary: 'bars until a block expires, 0 = never',
      default: '0',
      ...WHOLE,
    },
    { name: 'threshold', summary: 'equal levels, in ATR(200)', default: '0.1' },
    { name: 'fvgThreshold', summary: 'least height of a gap, in ATR(200)', default: '0' },
    {
      name: 'fvgMitigation',
      summary: 'ends a gap',
      default: 'close',
      choices: [...MITIGATIONS, 'none'],
    },
    {
      name: 'tick',
      summary: 'price step (BTC, ETH, SOL against USDT: spot 0.01; USD-M 0.1, 0.01, 0.01)',
      default: '0.01',
    },
  ],
  openSeries: (settings) => {
    const pac = createPriceAction(settings);
    return {
      columns: PRICE_ACTION_OUTPUTS.map((output) => output.name),
      update: (bar, row) => {
        pac.update(bar);
        PRICE_ACTION_OUTPUTS.forEach((output, c) => {
          row[c] = output.read(pac);
        });
      },
    };
  },
  openEvents: (settings) => {
    const pac = createPriceAction(settings);
    const times: number[] = [];
    return {
      columns: EVENT_COLUMNS,
      update: (bar, tell) => {
        pac.update(bar);
        times.push(bar.openTime);
        // After a restart the module counts its bars anew.
        const first = times.length - pac.bars;
        const told: Tell = (kind, side, { a, b, ref }) => {
          const refBar = first + ref;
          const name = side === 1 ? 'bull' : 'bear';
          tell([NAME, kind, side === 0 ? '' : name, a, b, refBar, times[refBar]]);
        };
        tellBreaks(pac, told);
        tellBlocks(pac, told);
        tellLiquidity(pac, told);
      },
    };
  },
};

/** a = the broken level, b = the pivot of that side before it, ref = the bar of the pivot. */
function tellBreaks(pac: PriceActionConcepts, tell: Tell): void {
  const { internal, swing } = pac.parts;
  const kinds = [
    ['I_BOS', pac.iBos, internal],
    ['I_CHOCH', pac.iChoch, internal],
    ['I_CHOCH_PLUS', pac.iChochPlus, internal],
    ['S_BOS', pac.sBos, swing],
    ['S_CHOCH', pac.sChoch, swing],
    ['S_CHOCH_PLUS', pac.sChochPlus, swing],
  ] as const;
  for (const [kind, side, structure] of kinds) {
    if (structure === null || Math.abs(side) !== 1) continue;
    const { pivots } = structure;
    if (side === 1) {
      const { highLevel: a, highPreviousLevel: b, highBar: ref } = pivots;
      tell(kind, side, { a, b, ref });
    } else {
      const { lowLevel: a, lowPreviousLevel: b, lowBar: ref } = pivots;
      tell(kind, side, { a, b, ref });
    }
  }
}

/** OB_CREATED: a = top, b = bottom, ref = origin. OB_MITIGATED: a = how many. */
function tellBlocks(pac: PriceActionConcepts, tell: Tell): void {
  const { blocks } = pac.parts;
  const now = pac.bars - 1;
  if (blocks === null) return;
  const sides = [
    [1, blocks.demand, pac.bullObCreated, pac.bullObMitigated, pac.enteredBullOb],
    [-1, blocks.supply, pac.bearObCreated, pac.bearObMitigated, pac.enteredBearOb],
  ] as const;
  for (const [side, list, created, mitigated, entered] of sides) {
    if (mitigated > 0) tell('OB_MITIGATED', side, { a: mitigated, b: Number.NaN, ref: now });
    if (created > 0) {
      const at = list.newestBelow(Number.POSITIVE_INFINITY);
      tell('OB_CREATED', side, {
        a: list.top(at),
        b: list.bottom(at),
        ref: list.originBar[at],
      });
    }
    if (entered === 1) {
      const at = nearestTapped(list, now);
      tell('OB_ENTERED', side, { a: list.top(at), b: list.bottom(at), ref: list.originBar[at] });
    }
  }
}

/** Grabs, equal levels and imbalances. */
function tellLiquidity(pac: PriceActionConcepts, tell: Tell): void {
  const { equalShort, imbalances } = pac.parts;
  const now = pac.bars - 1;
  const none = Number.NaN;
  if (pac.bullGrab === 1) tell('GRAB', 1, { a: none, b: none, ref: now });
  if (pac.bearGrab === 1) tell('GRAB', -1, { a: none, b: none, ref: now });
  if (equalShort !== null) {
    const { highLevel, highPreviousLevel, highBar, lowLevel, lowPreviousLevel, lowBar } =
      equalShort.pivots;
    if (pac.eqh === 1) tell('EQH', 0, { a: highLevel, b: highPreviousLevel, ref: highBar });
    if (pac.eql === 1) tell('EQL', 0, { a: lowLevel, b: lowPreviousLevel, ref: lowBar });
  }
  if (imbalances === null) return;
  const { bulls, bears } = imbalances;
  for (const [side, list, created, mitigated] of [
    [1, bulls, pac.bullFvg, pac.bullFvgMitigated],
    [-1, bears, pac.bearFvg, pac.bearFvgMitigated],
  ] as const) {
    if (mitigated > 0) tell('FVG_MITIGATED', side, { a: mitigated, b: none, ref: now });
    if (created === 1) {
      let at = list.count - 1;
      while (list.createdBar[at] !== now) at--;
      tell('FVG_CREATED', side, { a: list.top(at), b: list.bottom(at), ref: now - 1 });
    }
  }
}

function nearestTapped(list: BlockList, bar: number): number {
  let at = list.count - 1;
  while (at >= 0 && !list.isTapped(at, bar)) at--;
  return at;
}

function createPriceAction(settings: SeriesSettings): PriceActionConcepts {
  const { values } = settings;
  const options: PriceActionOptions = {
    ...PRICE_ACTION_PRESETS[settings.preset as 'recipe' | 'chart'],
    internalLength: numberSetting(settings, 'internal'),
    swingLength: numberSetting(settings, 'swing'),
    obInterval: values.obInterval as BlockInterval,
    obSplit: values.obSplit as VolumeSplit,
    obStrength: values.strength as StrengthRule,
    obMitigation: values.mitigation as Exclude<Mitigation, 'none'>,
    obMaxAgeBars: numberSetting(settings, 'obMaxAgeBars'),
    equalThreshold: numberSetting(settings, 'threshold'),
    fvgThreshold: numberSetting(settings, 'fvgThreshold'),
    fvgMitigation: values.fvgMitigation as Mitigation,
    tickSize: numberSetting(settings, 'tick'),
    barMs: settings.timeframeMs,
  };
  return new PriceActionConcepts(options);
}
