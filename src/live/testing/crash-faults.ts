import type { CrashRig } from './crash-rig.ts';
import type { Script } from './crash-scripts.ts';

/** What must hold at the end, whatever happened on the way. */
export function faults(rig: CrashRig, script: Script): string[] {
  const out: string[] = [];
  const say = (text: string) => out.push(text);
  const { positions, orders, fills } = rig.picture();
  const { kernel, open, halts } = rig.session.core.engine.inspect();
  if (positions.length > 0) say(`held at the end: ${JSON.stringify(positions)}`);
  if (orders.length > 0) say(`resting at the end: ${orders.map((order) => order.orderId)}`);
  if (open.size > 0) say('a package is open at the end');
  if (halts.length > 0) say(`halted at the end: ${halts.join('; ')}`);
  if (!rig.session.isReady) say('the last start never got ready');
  const cash = rig.venue.exchange.portfolio.cashUnits();
  if (kernel.portfolio.cashUnits() !== cash) say('the books hold other cash than the venue');
  const ids = rig.submitted.map(({ orderId }) => orderId);
  if (new Set(ids).size !== ids.length) say('an order id was sent twice');
  if (rig.nakedMsMax > 2_000) say(`naked for ${rig.nakedMsMax} ms`);
  // One trade was asked for; whatever opens beyond its size was opened twice.
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
    const own = fills.filter(({ fill }) => fill.symbol === symbol).map(({ fill }) => fill);
    const direction = symbol === 'BTCUSDT' ? script.plan.direction : -script.plan.direction;
    const opened = own
      .filter((fill) => (fill.side === 'buy' ? 1 : -1) === direction)
      .reduce((sum, fill) => sum + fill.lots, 0);
    const asked = rig.submitted
      .filter((request) => request.symbol === symbol && !request.reduceOnly)
      .filter((request) => !request.closePosition);
    const largest = Math.max(0, ...asked.map((request) => request.lots));
    if (opened > largest) say(`${symbol}: ${opened} lots opened, ${largest} were wanted`);
  }
  return out;
}
