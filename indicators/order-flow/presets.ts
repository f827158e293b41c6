/**
 * Thresholds of the order-flow scalper (source document 003, "Entry signal architecture"): net
 * order flow above three times its average, volume above twice the average of 20 periods. It gives
 * no period for the flow (taken as the same 20) and none of the rest; the value area's 70 % is
 * Market Profile's own convention.
 */
export const ORDER_FLOW_SCALPER = {
  flowSurge: { length: 20, multiple: 3 },
  volumeSurge: { length: 20, multiple: 2 },
  volumeProfile: { valueAreaShare: 0.7 },
} as const;
