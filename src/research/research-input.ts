import { tradedSymbols } from '../compose.ts';
import { type ConfigSources, loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { findMarketData, type MarketData } from '../market-data.ts';
import { type SearchSpan, searchSpan } from './hold-out.ts';
import { configOf } from './market-run.ts';

/** Data and settings of a research command, with the part that searches may see. */
export interface ResearchInput {
  data: MarketData;
  base: ConfigSources;
  /** Trade preset that the settings start from. */
  preset: string;
  mainSymbol: string;
  riskPercent: number;
  startEquity: number;
  span: SearchSpan;
}

export interface ResearchRequest {
  path?: string;
  base: ConfigSources;
  onProgress?: (text: string) => void;
}

export async function researchInput(request: ResearchRequest): Promise<ResearchInput> {
  const { base } = request;
  const { config } = configOf({ base });
  const data = await findMarketData({
    path: request.path,
    symbols: tradedSymbols(config),
    strict: false,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: request.onProgress ?? (() => {}),
  });
  return {
    data,
    base,
    preset: config.preset,
    mainSymbol: config.market.symbol,
    riskPercent: config.risk.perTradePercent,
    startEquity: config.account.equity,
    span: searchSpan(data.series, config.market.symbol),
  };
}

/** "90d" or "90" -> 90. @throws AppError USAGE_NUMBER */
export function daysFlag(name: string, text: string): number {
  const days = /^\d+(\.\d+)?d?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (days >= 1 && days <= 3_660) return days;
  throw new AppError('USAGE_NUMBER', `${name} "${text}" is no number of days`, 'for example 90d');
}
