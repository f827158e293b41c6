import { AppError } from './engine/error.ts';
import type { TradePreset } from './trade-presets.ts';

/** Values a word may have, by path; a wrong one is refused with the list. */
const WORDS: Record<string, readonly string[]> = {
  'signal.trigger': ['sequence', 'coincidence', 'smc'],
  'signal.indicators': ['recipe', 'chart'],
  'signal.obSource': ['pac', 'smc', 'either'],
  'signal.obInterval': ['originToBreak', 'originToPreBreak', 'origin'],
  'signal.obSplit': ['polarity', 'clv', 'taker'],
  'signal.obMitigation': ['close', 'wick', 'average'],
  'signal.strengthRule': ['percentile', 'shareSide', 'shareBoth'],
  'signal.overflowScope': ['any', 'sameSide'],
  'entry.mode': ['touch', 'pullback', 'documents', 'taker', 'makerOnly'],
  'entry.cvdEntry': ['off', 'on'],
  'stop.prePlace': ['auto', 'off'],
  'exit.trailFrom': ['entry', 'target1', 'target2'],
  'hedge.mode': ['proportional', 'minVariance', 'literal', 'off'],
  'hedge.onFail': ['exitBtc', 'keepAtHalfRisk'],
  'risk.equityStopReference': ['ath', 'high20d'],
  'risk.equityStopUnit': ['r', 'percent'],
  'risk.equityStopOnBreach': ['latch', 'rearm', 'observe'],
  'guards.fundingMode': ['signed', 'unsigned'],
};

/**
 * Refuses a preset that cannot be meant: unknown words, fractions that sum above one, risk beyond
 * what the documents know, breakers that can never act.
 * @throws AppError CONFIG_VALUE naming the path
 */
export function checkTradePreset(preset: TradePreset): void {
  for (const [path, words] of Object.entries(WORDS)) {
    const [group, key] = path.split('.') as [keyof TradePreset, string];
    const value = (preset[group] as unknown as Record<string, unknown>)[key] as string;
    if (words.includes(value)) continue;
    refuse(path, `"${value}" is not one of ${words.join(', ')}`);
  }
  const { risk, stop, targets, leverage, exit, hedge } = preset;
  checkTuning(preset.tuning);
  range('risk.perTradePercent', risk.perTradePercent, 0.01, 5);
  range('risk.costRMax', risk.costRMax, 0.01, 10);
  range('risk.dayBudgetR', risk.dayBudgetR, 0.1, 100);
  range('risk.throttleFloor', risk.throttleFloor, 0.01, 1);
  range('risk.packagesMax', risk.packagesMax, 1, 10);
  range('stop.kShallow', stop.kShallow, 0, 10);
  range('stop.kDeep', stop.kDeep, 0, 10);
  range('stop.disasterMultiple', stop.disasterMultiple, 1.01, 20);
  range('hedge.rebalanceDrift', hedge.rebalanceDrift, 0, 100);
  range('exit.timeoutMinutes', exit.timeoutMinutes, 1, 1_440);
  const total = targets.reduce((sum, target) => sum + target.fraction, 0);
  if (total > 1 + 1e-9) refuse('targets', `the fractions sum to ${total}, more than the position`);
  for (const target of targets) {
    if (!(target.atR > 0) || !(target.fraction > 0))
      refuse('targets', 'atR and fraction must be > 0');
  }
  if (leverage.ramp.length === 0) refuse('leverage.ramp', 'at least one step is needed');
  for (const step of leverage.ramp) range('leverage.ramp', step.leverage, 1, 125);
}

/** 0 leaves the indicator preset's own number. */
function checkTuning(tuning: TradePreset['tuning']): void {
  for (const [name, value] of Object.entries(tuning)) {
    const isFactor = name === 'trailFactorMax';
    if (value === 0) continue;
    range(`tuning.${name}`, value, isFactor ? 1 : 2, isFactor ? 20 : 500);
    if (isFactor || name === 'sensitivity' || Number.isInteger(value)) continue;
    refuse(`tuning.${name}`, `${value} is not a whole number`);
  }
}

function range(path: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  refuse(path, `${value} is outside ${low} to ${high}`);
}

function refuse(path: string, why: string): never {
  throw new AppError('CONFIG_VALUE', `${path}: ${why}`);
}
