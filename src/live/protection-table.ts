import type { Engine } from '../engine/engine.ts';
import { mainLeg } from '../engine/trade.ts';
import { openingSide } from '../engine/units.ts';
import type { ProtectionRow } from '../store/store-state.ts';

/**
 * What the next start must know before it knows anything else: for every leg of every open package
 * its side, quantity and stop. Legs that are still to be filled are listed with quantity 0: they
 * may be filled while nobody looks.
 */
export function protectionRows(engine: Engine): ProtectionRow[] {
  const { kernel, open } = engine.inspect();
  const rows: ProtectionRow[] = [];
  for (const trade of open.values()) {
    for (const leg of trade.legs) {
      const disaster = kernel.store.get(leg.disasterId)?.request;
      rows.push({
        symbol: leg.symbol,
        tradeId: trade.tradeId,
        strategyId: trade.strategyId,
        side: openingSide(leg.direction),
        lots: leg.lots,
        stopTicks: leg.stopTicks,
        disasterTicks: disaster?.triggerTicks ?? 0,
        instrumentVersion: kernel.instrument(leg.symbol).version,
        isMain: leg === mainLeg(trade),
      });
    }
  }
  return rows;
}
