import { AppError } from '../../src/engine/error.ts';

export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'iso';

const UNIT_MS: Record<Exclude<TimeUnit, 'iso'>, number> = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };

/** The unit of a number of about today's size; ISO text otherwise. */
export function timeUnitOf(text: string): TimeUnit | undefined {
  if (/^\d{4}-\d\d-\d\d/.test(text)) return 'iso';
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (value >= 1e8 && value < 1e11) return 's';
  if (value >= 1e11 && value < 1e14) return 'ms';
  if (value >= 1e14 && value < 1e17) return 'us';
  if (value >= 1e17 && value < 1e20) return 'ns';
  return undefined;
}

/** ms UTC of a cell; ISO text without a zone is UTC. NaN when it is no time. */
export function parseTimeMs(text: string, unit: TimeUnit): number {
  if (unit !== 'iso') return Math.round(Number(text) * UNIT_MS[unit]);
  const spaced = text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  const hasZone = /(Z|[+-]\d\d:\d\d)$/.test(spaced);
  const isDateOnly = /^\d{4}-\d\d-\d\d$/.test(spaced);
  return Date.parse(hasZone || isDateOnly ? spaced : `${spaced}Z`);
}

const NAMES: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** "3m" -> 180000. @throws AppError USAGE_TIMEFRAME */
export function parseTimeframe(text: string): number {
  const match = /^(\d+)([smhdw])$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * NAMES[match[2]];
  if (ms > 0) return ms;
  throw new AppError('USAGE_TIMEFRAME', `"${text}" is not a timeframe`, 'write 1m, 3m, 15m, 1h');
}

export function timeframeName(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    if (ms % NAMES[unit] === 0) return `${ms / NAMES[unit]}${unit}`;
  }
  return `${ms}ms`;
}
