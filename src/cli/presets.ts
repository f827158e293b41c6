import { Command } from 'commander';
import {
  INDICATOR_PRESET_NOTES,
  type IndicatorPresetName,
  indicatorPreset,
} from '../../strategy/presets/indicator-presets.ts';
import { SIGNAL_NOTES } from '../../strategy/presets/signal-presets.ts';
import { CONDITION_NOTES } from '../../strategy/tags/conditions.ts';
import { loadConfig } from '../config.ts';
import { flatten, type Plain } from '../config-settings.ts';
import { AppError, closestNames } from '../engine/error.ts';
import {
  TRADE_PRESET_NOTES,
  TRADE_PRESETS,
  type TradePreset,
  type TradePresetName,
} from '../trade-presets.ts';

/** `qcm presets`: what there is, and what each one holds. */
export function command(): Command {
  return new Command()
    .description('list the presets of indicators and of trading, or show one with every value')
    .argument('[name]', 'a preset, or `conditions` for the names that expressions may use')
    .option('--set <key=value...>', 'show a trade preset with these settings on top')
    .addHelpText(
      'after',
      `
Examples:
  qcm presets
  qcm presets documents
  qcm presets sequence --set hedge.mode=off
  qcm presets conditions
`,
    )
    .action((name: string | undefined, flags: { set?: string[] }) => {
      print(name === undefined ? overview() : describe(name, flags.set ?? []));
    });
}

function overview(): string {
  const list = (notes: Readonly<Record<string, string>>) =>
    Object.entries(notes).map(([name, note]) => `  ${name.padEnd(14)}${note}`);
  return [
    'Trade presets (--trade)',
    ...list(TRADE_PRESET_NOTES),
    '',
    'Indicator presets (--preset)',
    ...list(INDICATOR_PRESET_NOTES),
    '',
    'qcm presets <name> shows one; single values: --set path=value',
  ].join('\n');
}

function describe(name: string, sets: readonly string[]): string {
  if (name === 'conditions') return conditions();
  if (name in INDICATOR_PRESET_NOTES) {
    if (sets.length > 0) {
      throw new AppError('USAGE_SET', '--set works on trade presets', `leave it out with ${name}`);
    }
    return indicators(name as IndicatorPresetName);
  }
  if (name in TRADE_PRESETS) return trade(name as TradePresetName, sets);
  const known = [...Object.keys(TRADE_PRESETS), ...Object.keys(INDICATOR_PRESET_NOTES)];
  const near = closestNames(name, [...known, 'conditions']);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${known.join(', ')}`;
  throw new AppError('CONFIG_UNKNOWN_PRESET', `unknown preset "${name}"`, hint);
}

/** Every value, a star where it differs from `sequence`, the default of trading. */
function trade(name: TradePresetName, sets: readonly string[]): string {
  const { config } = loadConfig({ preset: name, sets, ignoreFile: true });
  const base = TRADE_PRESETS.sequence;
  const groups = Object.keys(base) as (keyof TradePreset)[];
  const lines = [`${name}: ${TRADE_PRESET_NOTES[name]}`, ''];
  for (const group of groups) {
    const before = new Map(
      flatten(base[group] as unknown as Plain, group).map(({ path, value }) => [
        path,
        JSON.stringify(value),
      ]),
    );
    for (const { path, value } of flatten(config[group] as unknown as Plain, group)) {
      const text = JSON.stringify(value);
      const mark = before.get(path) === text ? ' ' : '*';
      lines.push(`${mark} ${path.padEnd(34)} ${text.padEnd(18)}${noteOf(path)}`.trimEnd());
    }
  }
  lines.push('', '* differs from `sequence`');
  return lines.join('\n');
}

function noteOf(path: string): string {
  const [group, key] = path.split('.');
  const note = group === 'signal' ? (SIGNAL_NOTES as Record<string, string>)[key] : undefined;
  return note === undefined ? '' : `  ${note}`;
}

function indicators(name: IndicatorPresetName): string {
  const lines = [`${name}: ${INDICATOR_PRESET_NOTES[name]}`, ''];
  for (const { path, value } of flatten(indicatorPreset(name) as unknown as Plain)) {
    lines.push(`  ${path.padEnd(40)} ${JSON.stringify(value)}`);
  }
  return lines.join('\n');
}

function conditions(): string {
  const lines = [
    'Conditions of the alert and the context expression; shorts use their mirrors',
    '',
  ];
  for (const { name, summary, whyTrue, whyFalse, isContext } of CONDITION_NOTES) {
    lines.push(`${name}${isContext ? '  (read at the tap)' : ''}: ${summary}`);
    lines.push(`    true:  ${whyTrue}`, `    false: ${whyFalse}`);
  }
  return lines.join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
