import type { OrderFilled } from '../../engine/event.ts';
import { ORDER_TAG } from '../../engine/kernel.ts';

/** Ids of ours begin with the tag and carry boot id and sequence. */
const OWN = new RegExp(`^${ORDER_TAG}-[0-9a-z]+-[0-9a-z-]+\\.?[a-z]$`);

export function isOwnId(clientId: string): boolean {
  return clientId.length <= 36 && OWN.test(clientId);
}

/**
 * The second stop that may be sent when the first one's answer does not come in time. It is made
 * from the first id alone, so that a restart recognises it without any memory.
 */
export function twinId(orderId: string): string {
  return `${orderId.slice(0, -1)}.${orderId.slice(-1)}`;
}

export function isTwin(clientId: string): boolean {
  return clientId.at(-2) === '.' && isOwnId(clientId);
}

/** The id in our books: a twin stands for the order that it doubles. */
export function canonicalId(clientId: string): string {
  return isTwin(clientId) ? clientId.slice(0, -2) + clientId.slice(-1) : clientId;
}

/** Who is behind a fill: ours, the venue's own closing orders, or a person. */
export function originOf(clientId: string): OrderFilled['origin'] {
  if (isOwnId(clientId)) return 'own';
  if (clientId.startsWith('adl_autoclose')) return 'adl';
  if (clientId.startsWith('autoclose-')) return 'liquidation';
  if (/^(settlement|delivery)_autoclose/.test(clientId)) return 'settlement';
  return 'user';
}
