import type { Market } from './market.ts';
import type { PositionSide, Side } from './model.ts';
import { isMultipleOf } from './numbers.ts';
import { VenueError } from './venue-error.ts';

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

/** A number on the grid, or the refusal the venue gives. */
export function checkQuantity(market: Market, quantity: number, type: 'LIMIT' | 'MARKET'): void {
  const { instrument } = market;
  if (!(quantity > 0)) throw new VenueError(-4003);
  if (!isMultipleOf(quantity, instrument.step)) throw new VenueError(-1111);
  const most = type === 'MARKET' ? instrument.marketMaxQuantity : instrument.maxQuantity;
  if (quantity > most) throw new VenueError(-4005);
}

export function checkTick(market: Market, price: number): void {
  if (!(price > 0)) throw new VenueError(-4014);
  if (!isMultipleOf(price, market.instrument.tick)) throw new VenueError(-4014);
}

/** PERCENT_PRICE: a buy must not lie above the cap, a sell not below the floor. */
export function checkBand(market: Market, side: Side, price: number): void {
  const { percentUp, percentDown } = market.instrument;
  if (side === 'BUY' && price > market.mark * percentUp) throw new VenueError(-4016);
  if (side === 'SELL' && price < market.mark * percentDown) throw new VenueError(-4024);
}

export function checkNotional(market: Market, notional: number): void {
  const least = market.instrument.minNotional;
  if (notional < least - 1e-9) {
    throw new VenueError(
      -4164,
      400,
      `Order's notional must be no smaller than ${least} (unless you choose reduce only).`,
    );
  }
}

export function checkClientId(id: string): void {
  if (!CLIENT_ID.test(id)) throw new VenueError(-4015);
}

/** Statuses under which orders meet each other; under any other one what rests only rests. */
const MATCHING: ReadonlySet<string> = new Set(['TRADING', 'PRE_SETTLE']);

export function isMatching({ instrument }: Market): boolean {
  return MATCHING.has(instrument.status);
}

/** What the venue takes besides `TRADING`: before a settlement whatever reduces, later nothing. */
export function checkTrading(market: Market, reduces: boolean): void {
  const { status } = market.instrument;
  if (status === 'TRADING') return;
  if (status === 'CLOSE') throw new VenueError(-4141);
  if (!isMatching(market)) throw new VenueError(-4108);
  if (!reduces) throw new VenueError(-4140);
}

export function checkSides(options: {
  side: string;
  positionSide: PositionSide;
  hedgeMode: boolean;
  reduceOnlySent: boolean;
}): void {
  if (options.side !== 'BUY' && options.side !== 'SELL') throw new VenueError(-1117);
  const matches = options.hedgeMode
    ? options.positionSide !== 'BOTH'
    : options.positionSide === 'BOTH';
  if (!matches) throw new VenueError(-4061);
  if (options.hedgeMode && options.reduceOnlySent) {
    throw new VenueError(-1106, 400, "Parameter 'reduceonly' sent when not required.");
  }
}
