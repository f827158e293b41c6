import { isWireObject, numberOf, parseJson } from '../../data/binance/wire-fields.ts';
import { AppError } from '../engine/error.ts';
import type { VenueAddress } from '../exchanges/binance/venue-address.ts';
import type { ClockScale } from '../live/scaled-clock.ts';

const SCALE_MAX = 1_000;
const TIMEOUT_MS = 5_000;

/**
 * The clock of a rehearsal, as the fake venue tells it. A real exchange has no such page, so time
 * can never run fast where money is.
 * @throws AppError USAGE_SCALE when the venue is not the fake, or runs at another scale
 */
export async function readClockScale(text: string, address: VenueAddress): Promise<ClockScale> {
  const scale = Number(text);
  if (text.trim() === '' || !(scale >= 1 && scale <= SCALE_MAX)) {
    throw refused(`--clock-scale "${text}" is not a number from 1 to ${SCALE_MAX}`);
  }
  if (!address.isElsewhere) throw refused('--clock-scale is for the fake exchange only');
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${address.restUrl}/control/scale`, { signal });
    body = parseJson(await answer.text());
  } catch {
    body = undefined;
  }
  if (!isWireObject(body)) throw refused(`${address.restUrl} is not the fake exchange`);
  const wallMs = numberOf(body.wallMs);
  const venueMs = numberOf(body.venueMs);
  const its = numberOf(body.scale);
  if (wallMs === undefined || venueMs === undefined || its === undefined) {
    throw refused(`${address.restUrl} is not the fake exchange`);
  }
  if (its === scale) return { scale, wallMs, venueMs };
  throw refused(`the fake exchange runs at scale ${its}, not ${scale}`);
}

function refused(why: string): AppError {
  const hint = 'start qcm fake-binance --clock-scale with the same number, and QCM_BINANCE_* at it';
  return new AppError('USAGE_SCALE', why, hint);
}
