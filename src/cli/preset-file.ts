import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Calibration } from '../../backtests/tradingview/calibrate.ts';
import { AppError } from '../engine/error.ts';

/** Settings of one module, as `qcm calibrate` writes them. */
export interface PresetFile {
  kind: 'qcm-indicator-preset';
  module: string;
  preset: string;
  set: Record<string, string>;
}

export function writePresetFile(path: string, found: Calibration, source: string): void {
  const { module, preset, set, before, after, evaluations, undecided } = found;
  const file: PresetFile & Record<string, unknown> = {
    kind: 'qcm-indicator-preset',
    module,
    preset,
    set,
    source,
    scores: { before, after },
    undecided,
    evaluations,
  };
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * `--preset NAME` or `--preset FILE.json`: the preset's name and the settings that come with it,
 * those of the command line after them.
 * @throws AppError USAGE_PRESET for a file that is none, or is of another module
 */
export function withPresetFile<T extends { preset?: string; set?: string[]; module?: string }>(
  flags: T,
): T {
  const { preset: path } = flags;
  if (path === undefined || !path.endsWith('.json')) return flags;
  const file = readPresetFile(path);
  if (flags.module !== undefined && flags.module !== file.module) {
    throw new AppError(
      'USAGE_PRESET',
      `${path} is a preset of ${file.module}, not ${flags.module}`,
    );
  }
  const set = Object.entries(file.set).map(([name, value]) => `${name}=${value}`);
  const { preset, module } = file;
  return { ...flags, module, preset, set: [...set, ...(flags.set ?? [])] };
}

function readPresetFile(path: string): PresetFile {
  const hint = 'qcm calibrate writes preset files';
  if (!existsSync(path)) throw new AppError('USAGE_PRESET', `${path} does not exist`, hint);
  let content: Partial<PresetFile>;
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as Partial<PresetFile>;
  } catch (error) {
    throw new AppError('USAGE_PRESET', `${path} is no JSON: ${(error as Error).message}`, hint);
  }
  const { kind, module, preset, set } = content;
  const isSet = typeof set === 'object' && set !== null;
  const isPreset = kind === 'qcm-indicator-preset' && typeof module === 'string';
  if (!isPreset || typeof preset !== 'string' || !isSet) {
    throw new AppError('USAGE_PRESET', `${path} is no preset file`, hint);
  }
  const values = Object.entries(set).map(([name, value]) => [name, String(value)]);
  return { kind, module, preset, set: Object.fromEntries(values) };
}
