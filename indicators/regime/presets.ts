/**
 * Thresholds of the order-flow scalper (source document 003): momentum of 1 and 5 minutes must
 * agree, two positions may be held only while their correlation stays under 0.7. It names regimes,
 * rate of change and exhaustion without numbers; those have this library's defaults.
 */
export const REGIME_SCALPER = {
  timeframeRsi: { barMs: 60_000, timeframesMs: [60_000, 300_000], length: 14, band: 0 },
  correlationMax: 0.7,
} as const;
