import { existsSync, readFileSync } from 'node:fs';
import { BTC_ALPHA_SPACES } from '../../../strategy/btc-alpha-hedge/search-spaces.ts';
import type { SearchParameter, SearchSpaceDeclaration } from '../../../strategy/search-space.ts';
import { type LoadedConfig, loadConfig } from '../../config.ts';
import { flatten, type Plain, type Setting } from '../../config-settings.ts';
import { AppError, closestNames } from '../../engine/error.ts';
import { type PointValues, SearchSpace } from './search-space.ts';

/** Every declared space; a strategy adds its own here. */
export const SEARCH_SPACES: readonly SearchSpaceDeclaration[] = [...BTC_ALPHA_SPACES];

/** A space with the configuration that everything unsearched is taken from. */
export interface LoadedSpace {
  space: SearchSpace;
  /** Preset of the space with the user's own settings. */
  base: LoadedConfig;
  /** `key=value`, applied before the searched ones. */
  sets: readonly string[];
}

/**
 * A declared space by its name, or one of a JSON file, checked against the configuration: each path
 * must exist there and take every value that the space may give it.
 * @throws AppError RESEARCH_SPACE_*, CONFIG_*
 */
export function loadSpace(nameOrFile: string, sets: readonly string[] = []): LoadedSpace {
  const declaration = SEARCH_SPACES.find(({ name }) => name === nameOrFile) ?? readFile(nameOrFile);
  const base = configOf(declaration, sets, []);
  const fixed = Object.fromEntries(flatten(base.config as unknown as Plain).map(pathAndValue));
  const space = new SearchSpace(declaration, fixed as PointValues);
  for (const parameter of space.parameters) checkValues(parameter, declaration, sets);
  space.checkPossible();
  return { space, base, sets };
}

/** The complete, validated configuration of a point. @throws AppError CONFIG_* */
export function configOfPoint(
  loaded: { preset: string; sets: readonly string[] },
  values: PointValues,
): LoadedConfig {
  return configOf(loaded, loaded.sets, settingsOf(values));
}

function configOf(
  of: { preset: string },
  sets: readonly string[],
  fixed: readonly Setting[],
): LoadedConfig {
  const mode: Setting = { path: 'mode', value: 'backtest', origin: 'qcm optimise' };
  return loadConfig({
    ignoreFile: true,
    env: {},
    preset: of.preset,
    fixed: [mode, ...setsOf(sets), ...fixed],
  });
}

/** User settings as fixed ones, so that searched values win over them. */
function setsOf(sets: readonly string[]): Setting[] {
  return sets.map((text) => {
    const at = text.indexOf('=');
    if (at <= 0) throw new AppError('USAGE_SET', `"${text}" is not key=value`);
    const raw = text.slice(at + 1);
    return { path: text.slice(0, at).trim(), value: jsonOrText(raw), origin: '--set' };
  });
}

function jsonOrText(raw: string): Plain {
  try {
    return JSON.parse(raw) as Plain;
  } catch {
    // Plain words need no quotes on the command line.
    return raw;
  }
}

function settingsOf(values: PointValues): Setting[] {
  return Object.entries(values).map(([path, value]) => ({
    path,
    value: value as Plain,
    origin: 'search space',
  }));
}

/** The ends of a range, or each choice, must be accepted where nothing else is changed. */
function checkValues(
  parameter: SearchParameter,
  declaration: SearchSpaceDeclaration,
  sets: readonly string[],
): void {
  const values = parameter.kind === 'choice' ? parameter.choices : [parameter.low, parameter.high];
  for (const value of values) {
    configOf(declaration, sets, settingsOf({ [parameter.path]: value }));
  }
}

function pathAndValue({ path, value }: { path: string; value: Plain }): [string, Plain] {
  return [path, value];
}

function readFile(path: string): SearchSpaceDeclaration {
  if (!existsSync(path)) {
    const names = SEARCH_SPACES.map(({ name }) => name);
    const near = closestNames(path, names);
    throw new AppError(
      'RESEARCH_SPACE_UNKNOWN',
      `"${path}" is neither a declared space nor a file`,
      near.length > 0 ? `did you mean ${near.join(', ')}?` : `declared: ${names.join(', ')}`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('USAGE_SPACE', `${path} is not valid JSON: ${why}`);
  }
  return shapeOf(path, parsed);
}

const KINDS = ['float', 'int', 'choice'];
const RELATIONS = ['<', '<=', '>', '>=', '=', '!='];

/** What TypeScript checks for declared spaces, done by hand for those that come from outside. */
function shapeOf(path: string, parsed: unknown): SearchSpaceDeclaration {
  const refuse = (why: string): never => {
    throw new AppError('USAGE_SPACE', `${path}: ${why}`, 'qcm optimise --help shows a space');
  };
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(parsed)) return refuse('it must hold one JSON object');
  const { name = path, note = '', preset = 'sequence', parameters, constraints = [] } = parsed;
  if (!Array.isArray(parameters)) return refuse('"parameters" must be a list');
  for (const each of parameters as unknown[]) {
    if (!isMap(each) || typeof each.path !== 'string') {
      return refuse('every parameter needs a "path"');
    }
    if (!KINDS.includes(String(each.kind))) {
      return refuse(`"${each.path}" has kind "${each.kind}", not one of ${KINDS.join(', ')}`);
    }
    if (each.kind === 'choice' ? !Array.isArray(each.choices) : !isRange(each)) {
      return refuse(
        `"${each.path}" needs ${each.kind === 'choice' ? '"choices"' : 'low and high'}`,
      );
    }
    const { when } = each;
    if (when !== undefined && !(isMap(when) && Array.isArray(when.in))) {
      return refuse(`"${each.path}": "when" needs a "path" and a list "in"`);
    }
  }
  for (const each of Array.isArray(constraints) ? (constraints as unknown[]) : [undefined]) {
    if (isMap(each) && typeof each.left === 'string' && RELATIONS.includes(String(each.is)))
      continue;
    return refuse(`a constraint needs "left", "right" and "is": one of ${RELATIONS.join(' ')}`);
  }
  return { name, note, preset, parameters, constraints } as SearchSpaceDeclaration;
}

function isRange(each: Record<string, unknown>): boolean {
  return typeof each.low === 'number' && typeof each.high === 'number';
}
