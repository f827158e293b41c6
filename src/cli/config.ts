import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { BASE_DEFAULTS, CONFIG_FILE, type ConfigSources, loadConfig } from '../config.ts';
import { flatten, type Plain } from '../config-settings.ts';
import { AppError } from '../engine/error.ts';
import { TRADE_PRESET_NOTES } from '../trade-presets.ts';

/** `qcm config init | check | show`. */
export function command(): Command {
  const config = new Command().description('write, check and show the configuration');
  config
    .command('init')
    .description(`write ${CONFIG_FILE} with the base settings; trade settings come from the preset`)
    .option('--full', 'write every trade setting of the preset as well')
    .option('--trade <preset>', 'trade preset')
    .option('--force', 'replace a file that is there')
    .action((options: InitFlags) => init(options));
  sourced(
    config.command('check').description('read and validate, say what is wrong'),
    (sources) => {
      const { path, hash } = loadConfig(sources);
      print(`${path ?? 'no file, defaults'}: valid, hash ${hash.slice(0, 16)}`);
    },
  );
  sourced(config.command('show').description('effective values, and where each is from'), show);
  config.addHelpText(
    'after',
    `
Trade presets:
${Object.entries(TRADE_PRESET_NOTES)
  .map(([name, note]) => `  ${name.padEnd(14)}${note}`)
  .join('\n')}

Examples:
  qcm config init --trade overview
  qcm config show --trade documents
  qcm config check --config my.json --set entry.mode=taker
`,
  );
  return config;
}

interface InitFlags {
  full?: boolean;
  trade?: string;
  force?: boolean;
}

interface SourceFlags {
  config?: string;
  trade?: string;
  set?: string[];
}

function sourced(command: Command, act: (sources: ConfigSources) => void): void {
  command
    .option('--config <file>', `configuration file (default: ${CONFIG_FILE} if there)`)
    .option('--trade <preset>', 'trade preset')
    .option('--set <key=value...>', 'single values')
    .action((flags: SourceFlags) =>
      act({ path: flags.config, preset: flags.trade, sets: flags.set }),
    );
}

function init(flags: InitFlags): void {
  if (existsSync(CONFIG_FILE) && flags.force !== true) {
    throw new AppError('CONFIG_EXISTS', `${CONFIG_FILE} exists`, 'use --force to replace it');
  }
  // Not from a file that is there: init starts from the defaults.
  const { config } = loadConfig({ preset: flags.trade, ignoreFile: true });
  const base = { ...BASE_DEFAULTS, preset: config.preset };
  const content = flags.full === true ? config : base;
  writeFileSync(CONFIG_FILE, `${JSON.stringify(content, null, 2)}\n`);
  print(`${CONFIG_FILE} written; a key you delete falls back to its default or preset`);
}

function show(sources: ConfigSources): void {
  const { config, origins, path, hash } = loadConfig(sources);
  const preset = `preset ${config.preset}`;
  print(`file: ${path ?? 'none'}   hash: ${hash.slice(0, 16)}`);
  for (const { path: key, value } of flatten(config as unknown as Plain)) {
    const isBase = key.split('.')[0] in BASE_DEFAULTS;
    const origin = origins[key] ?? (isBase ? 'default' : preset);
    print(`${key.padEnd(34)} ${JSON.stringify(value).padEnd(28)} ${origin}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
