import type { Effect } from '../engine/effect.ts';
import type { Envelope } from '../engine/event.ts';
import type { JournalRecord } from '../store/journal-record.ts';

/** One line a record, for people; `--json` has everything. */
export function recordText(record: JournalRecord): string {
  switch (record.type) {
    case 'event':
      return eventText(record.envelope);
    case 'effects':
      return record.effects.map((effect) => `  -> ${effectText(effect)}`).join('\n');
    case 'sent':
      return `  .. ${time(record.atMs)} sent ${record.action} ${record.orderId}`;
    case 'withheld':
      return `  .. ${time(record.atMs)} not sent ${record.orderId}: ${record.reason}`;
    case 'poisoned':
      return `  !! event ${record.seq} could not be handled: ${record.reason}`;
    case 'rewound':
      return `  !! events ${record.toSeq + 1} to ${record.fromSeq} were taken back (paper restart)`;
  }
}

export function eventText({ seq, atMs, source, event }: Envelope): string {
  return `${String(seq).padStart(8)} ${time(atMs)} ${source.padEnd(10)} ${fields(event)}`;
}

export function effectText(effect: Effect): string {
  if (effect.kind !== 'order.submit') return fields(effect);
  const { orderId, role, symbol, side, type, lots, priceTicks, triggerTicks } = effect.request;
  const price = priceTicks > 0 ? ` at ${priceTicks} ticks` : '';
  const trigger = triggerTicks > 0 ? ` trigger ${triggerTicks} ticks` : '';
  const what = `${role} ${side} ${lots} lots ${symbol} ${type}${price}${trigger}`;
  return `order.submit ${orderId} ${what}`;
}

function fields(value: { kind: string }): string {
  const { kind, ...rest } = value;
  const parts = Object.entries(rest).map(([key, each]) =>
    typeof each === 'object' && each !== null ? `${key}=...` : `${key}=${each}`,
  );
  return [kind, ...parts].join(' ');
}

function time(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
}
