import type { Config } from '../../config.ts';

/** Groups and single settings that decide what signals there are; all else only trades them. */
const SIGNAL_GROUPS = ['signal', 'tuning', 'market'];
const SIGNAL_SETTINGS = ['guards.fundingMaxPercent8h', 'guards.fundingMode', 'preset', 'mode'];

export function isSignalPath(path: string): boolean {
  return SIGNAL_SETTINGS.includes(path) || SIGNAL_GROUPS.includes(path.split('.')[0]);
}

/** Equal for two configurations that raise the same signals on the same bars. */
export function signalKeyOf(config: Config): string {
  const { signal, tuning, market, guards } = config;
  return JSON.stringify([signal, tuning, market, guards.fundingMaxPercent8h, guards.fundingMode]);
}
