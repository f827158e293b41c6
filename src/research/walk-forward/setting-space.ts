import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { without } from '../../../backtests/study/arms.ts';
import { ALERT_EXPRESSION, CONTEXT_EXPRESSION } from '../../../strategy/presets/signal-presets.ts';
import { AppError } from '../../engine/error.ts';

/** One setting and the values a search may give it; the first is that of `sequence`. */
export interface SettingChoice {
  path: string;
  values: readonly string[];
}

export type SettingSpace = readonly SettingChoice[];

const EXIT_CHOICES: SettingSpace = [
  choice('stop.kShallow', '0.6', '0.4', '0.9', '1.2'),
  choice('stop.kDeep', '0.75', '0.5', '1', '1.4'),
  choice(
    'targets',
    '[{"atR":1,"fraction":0.3},{"atR":1.5,"fraction":0.3}]',
    '[{"atR":1,"fraction":1}]',
    '[{"atR":1.5,"fraction":0.5},{"atR":2.5,"fraction":0.3}]',
    '[{"atR":2,"fraction":0.5}]',
  ),
  choice('exit.timeoutMinutes', '30', '60', '240'),
  choice('exit.onOppositeChoch', 'true', 'false'),
  choice('exit.breakEvenAfterTarget', '0', '-1'),
  choice('risk.costRMax', '0.5', '0.35', '0.25'),
];

/**
 * Not the window of the sequence nor the least strength: they were chosen by how often signals come,
 * and are never chosen by profit (decision 13).
 */
const SEQUENCE_CHOICES: SettingSpace = [
  choice(
    'signal.alertExpression',
    ALERT_EXPRESSION,
    ...['HTF_BULL', 'BUY_CONF', 'TRAIL_BULL'].map((name) => without(ALERT_EXPRESSION, name)),
  ),
  choice(
    'signal.contextExpression',
    CONTEXT_EXPRESSION,
    without(CONTEXT_EXPRESSION, 'DISCOUNT'),
    without(CONTEXT_EXPRESSION, 'MF_OK_LONG'),
    '',
  ),
  choice('signal.dominanceMinPercent', '60', '0', '75'),
  choice('signal.crossWithinBars', '2', '5', '20'),
  ...EXIT_CHOICES,
];

const STAND_IN_CHOICES: SettingSpace = [
  choice('signal.alertExpression', '{HTF_BULL} AND {OB_DEMAND_HIT}', '{OB_DEMAND_HIT}'),
  choice('signal.obMaxAgeBars', '2000', '50', '200'),
  ...EXIT_CHOICES,
];

/** What research varies for a preset. @throws AppError USAGE_SPACE for a preset without one */
export function spaceOf(preset: string): SettingSpace {
  if (preset === 'smc-stand-in') return STAND_IN_CHOICES;
  if (['sequence', 'overview', 'demo'].includes(preset)) return SEQUENCE_CHOICES;
  throw new AppError(
    'USAGE_SPACE',
    `there is no search space for the preset "${preset}"`,
    'known: sequence, overview, demo, smc-stand-in',
  );
}

/**
 * A fixed random design: `trials` different points of the space, the first of which changes nothing:
 * the preset itself. It never looks at a result, so the statistics of overfitting may use it.
 * @throws AppError USAGE_SPACE when the space has fewer points than that
 */
export function randomDesign(
  space: SettingSpace,
  options: { trials: number; seed: number },
): string[][] {
  const { trials, seed } = options;
  const points = space.reduce((count, { values }) => count * values.length, 1);
  if (trials > points / 2 && trials > 1) {
    throw new AppError(
      'USAGE_SPACE',
      `${trials} trials do not fit a space of ${points} points`,
      `at most ${Math.floor(points / 2)}`,
    );
  }
  const random = mulberry32(seed);
  const keyOf = (point: readonly string[]) => point.join('\n');
  const usual = space.map(({ path, values }) => `${path}=${values[0]}`);
  const seen = new Set([keyOf(usual)]);
  const out: string[][] = [[]];
  while (out.length < trials) {
    const point = space.map(
      ({ path, values }) => `${path}=${values[Math.floor(random() * values.length)]}`,
    );
    if (seen.has(keyOf(point))) continue;
    seen.add(keyOf(point));
    out.push(point);
  }
  return out;
}

function choice(path: string, ...values: string[]): SettingChoice {
  return { path, values };
}
