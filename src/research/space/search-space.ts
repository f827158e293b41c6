import { createHash } from 'node:crypto';
import { exp, ln, Random } from '../../../data/simulated/random.ts';
import type {
  SearchConstraint,
  SearchParameter,
  SearchSpaceDeclaration,
  SettingValue,
} from '../../../strategy/search-space.ts';
import { AppError } from '../../engine/error.ts';
import { isSignalPath } from './signal-paths.ts';

/** Settings of one trial by path; parameters whose condition does not hold are not in it. */
export type PointValues = Readonly<Record<string, SettingValue>>;

/** Draws of which at least one must be allowed, or the space counts as impossible. */
const FEASIBLE_DRAWS = 10_000;
/** Digits of a searched number: more say nothing and read badly. */
const DIGITS = 6;

/**
 * A declared space as a unit cube, one dimension a parameter. Samplers only know the cube; what a
 * point means is decided here, with arithmetic that gives the same on every machine.
 */
export class SearchSpace {
  declare readonly declaration: SearchSpaceDeclaration;
  declare readonly parameters: readonly SearchParameter[];
  /** Values that hold where a path of a constraint is not searched. */
  declare private readonly fixed: PointValues;
  /** Of the declaration: two studies with the same hash ask the same. */
  declare readonly hash: string;

  /** @throws AppError USAGE_SPACE for a declaration that contradicts itself */
  constructor(declaration: SearchSpaceDeclaration, fixed: PointValues) {
    this.declaration = declaration;
    this.parameters = declaration.parameters;
    this.fixed = fixed;
    checkDeclaration(declaration, fixed);
    this.hash = createHash('sha256').update(JSON.stringify(declaration)).digest('hex');
  }

  get dimensions(): number {
    return this.parameters.length;
  }

  /** Dimensions that change signals. */
  get signalDimensions(): number[] {
    return this.parameters.flatMap((parameter, i) => (parameter.executionOnly ? [] : [i]));
  }

  get hasExecutionOnly(): boolean {
    return this.parameters.some((parameter) => parameter.executionOnly === true);
  }

  /** What a point of the unit cube means. */
  decode(unit: ArrayLike<number>): PointValues {
    const values: Record<string, SettingValue> = {};
    for (const [i, parameter] of this.parameters.entries()) {
      if (!isActive(parameter, values)) continue;
      values[parameter.path] = valueAt(parameter, unit[i]);
    }
    return values;
  }

  /** Which dimensions matter at this point. */
  activeAt(unit: ArrayLike<number>): boolean[] {
    const values = this.decode(unit);
    return this.parameters.map((parameter) => Object.hasOwn(values, parameter.path));
  }

  /** Equal for points that raise the same signals. */
  signalKey(values: PointValues): string {
    const signals = this.parameters.filter(({ executionOnly }) => executionOnly !== true);
    return JSON.stringify(signals.map(({ path }) => values[path] ?? null));
  }

  isAllowed(values: PointValues): boolean {
    return (this.declaration.constraints ?? []).every((constraint) =>
      holds(constraint, { ...this.fixed, ...values }),
    );
  }

  /** @throws AppError RESEARCH_SPACE_IMPOSSIBLE when no draw satisfies the constraints */
  checkPossible(): void {
    const random = new Random(1, 0);
    const unit = new Float64Array(this.dimensions);
    for (let draw = 0; draw < FEASIBLE_DRAWS; draw++) {
      for (let i = 0; i < unit.length; i++) unit[i] = random.uniform();
      if (this.isAllowed(this.decode(unit))) return;
    }
    throw new AppError(
      'RESEARCH_SPACE_IMPOSSIBLE',
      `no point of space "${this.declaration.name}" satisfies its constraints`,
      (this.declaration.constraints ?? []).map((c) => `${c.left} ${c.is} ${c.right}`).join('; '),
    );
  }
}

function isActive(parameter: SearchParameter, values: PointValues): boolean {
  const { when } = parameter;
  if (when === undefined) return true;
  const value = values[when.path];
  return value !== undefined && when.in.some((each) => isSame(each, value));
}

function valueAt(parameter: SearchParameter, unit: number): SettingValue {
  const u = Math.min(Math.max(unit, 0), 1 - Number.EPSILON);
  if (parameter.kind === 'choice') {
    return parameter.choices[Math.floor(u * parameter.choices.length)];
  }
  const { low, high, log } = parameter;
  if (parameter.kind === 'int') {
    const value = log ? exp(ln(low) + u * (ln(high + 1) - ln(low))) : low + u * (high + 1 - low);
    return Math.min(high, Math.max(low, Math.floor(value)));
  }
  const value = log ? exp(ln(low) + u * (ln(high) - ln(low))) : low + u * (high - low);
  return Math.min(high, Math.max(low, Number(value.toPrecision(DIGITS))));
}

function holds({ left, is, right }: SearchConstraint, values: PointValues): boolean {
  const a = values[left];
  const b = typeof right === 'number' ? right : values[right];
  if (is === '=') return isSame(a, b);
  if (is === '!=') return !isSame(a, b);
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  if (is === '<') return a < b;
  if (is === '<=') return a <= b;
  return is === '>' ? a > b : a >= b;
}

function isSame(a: SettingValue | undefined, b: SettingValue | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function checkDeclaration(declaration: SearchSpaceDeclaration, fixed: PointValues): void {
  const { name, parameters, constraints = [] } = declaration;
  const refuse = (why: string): never => {
    throw new AppError('USAGE_SPACE', `space "${name}": ${why}`);
  };
  if (parameters.length === 0) refuse('it has no parameters');
  const seen = new Map<string, SearchParameter>();
  for (const parameter of parameters) {
    const { path, when } = parameter;
    if (seen.has(path)) refuse(`"${path}" is declared twice`);
    const why = rangeComplaint(parameter);
    if (why !== undefined) refuse(`"${path}" ${why}`);
    if (when !== undefined && !seen.has(when.path)) {
      refuse(`"${path}" depends on "${when.path}", which is not declared before it`);
    }
    if (parameter.executionOnly && isSignalPath(path)) {
      refuse(`"${path}" changes signals, so it cannot be execution-only`);
    }
    if (when !== undefined && !parameter.executionOnly && seen.get(when.path)?.executionOnly) {
      refuse(`"${path}" changes signals but depends on the execution-only "${when.path}"`);
    }
    seen.set(path, parameter);
  }
  for (const { left, right } of constraints) {
    for (const side of [left, right]) {
      if (typeof side === 'number' || seen.has(side) || Object.hasOwn(fixed, side)) continue;
      refuse(`a constraint names "${side}", which is neither searched nor a setting`);
    }
  }
}

function rangeComplaint(parameter: SearchParameter): string | undefined {
  if (parameter.kind === 'choice') {
    if (parameter.choices.length === 0) return 'has no choices';
    const texts = parameter.choices.map((choice) => JSON.stringify(choice));
    return new Set(texts).size < texts.length ? 'names a choice twice' : undefined;
  }
  const { low, high, log, kind } = parameter;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'needs finite low and high';
  if (low > high) return `has its low ${low} above its high ${high}`;
  if (kind === 'int' && !(Number.isInteger(low) && Number.isInteger(high))) {
    return `needs whole numbers, not ${low} to ${high}`;
  }
  return log && low <= 0 ? `is logarithmic, so its low must be above 0, not ${low}` : undefined;
}
