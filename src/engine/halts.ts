export const TRADED_BY_HAND = 'operator traded by hand';
export const FEED_GAP = 'feed gap ';
/** How the reasons begin for which the adapter wants a person to look: a ban, keys, a regime. */
const VENUE_HALT = 'venue: ';

/** Halts that only a person may end: he has looked, and says so by `resume`. */
export function endsByHand(halt: string): boolean {
  return halt === 'operator' || halt === TRADED_BY_HAND || halt.startsWith(VENUE_HALT);
}

/** A feed that starts anew brings the whole history: gaps of the one before it are closed. */
export function endsWithFeed(halt: string): boolean {
  return halt.startsWith(FEED_GAP);
}
