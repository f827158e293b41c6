/** A member of the strategy catalogue; the order is part of the configuration. */
export interface StrategyEntry {
  id: string;
  summary: string;
  /** Folder below `strategy/` that it lives in. */
  folder: string;
}

/** Every strategy there is; a test scans the folders and fails when one is not listed. */
export const STRATEGIES: readonly StrategyEntry[] = [
  {
    id: 'btcalpha',
    summary: 'BTC-alpha: composite tags on BTC, hedged with ETH and SOL',
    folder: 'btc-alpha-hedge',
  },
];
