export const TRADED_BY_HAND = 'operator traded by hand';
/** How the reasons begin for which the adapter wants a person to look: a ban, keys, a regime. */
const VENUE_HALT = 'venue: ';

/** Halts that only a person may end: he has looked, and says so by `resume`. */
export function endsByHand(halt: string): boolean {
  return halt === 'operator' || halt === TRADED_BY_HAND || halt.startsWith(VENUE_HALT);
}
