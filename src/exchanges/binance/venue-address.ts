import { AppError } from '../../engine/error.ts';

export interface VenueAddress {
  /** Origin of the REST server. */
  restUrl: string;
  /** Base under which `/public`, `/market` and `/private` lie. */
  wsUrl: string;
  /** Another server than Binance's own speaks the same wire. */
  isElsewhere: boolean;
}

const MAIN = { restUrl: 'https://fapi.binance.com', wsUrl: 'wss://fstream.binance.com' };
const DEMO = { restUrl: 'https://demo-fapi.binance.com', wsUrl: 'wss://fstream.binancefuture.com' };

/**
 * Which server a mode talks to. `QCM_BINANCE_REST` and `QCM_BINANCE_WS` point at another one that
 * speaks the same wire; real money never follows an environment variable, so live mode wants
 * `--fake-venue` and test keys besides.
 * @throws AppError CONFIG_VENUE when addresses, mode and keys do not go together
 */
export function venueAddress(options: {
  mode: 'paper' | 'demo' | 'live';
  env: Readonly<Record<string, string | undefined>>;
  isFakeVenue: boolean;
  apiKey?: string;
}): VenueAddress {
  const { mode, env, isFakeVenue, apiKey } = options;
  const rest = env.QCM_BINANCE_REST ?? '';
  const ws = env.QCM_BINANCE_WS ?? '';
  if (rest === '' && ws === '') {
    if (isFakeVenue) {
      throw new AppError(
        'CONFIG_VENUE',
        '--fake-venue is given, but no address',
        'set QCM_BINANCE_REST and QCM_BINANCE_WS to what qcm fake-binance prints',
      );
    }
    return { ...(mode === 'demo' ? DEMO : MAIN), isElsewhere: false };
  }
  if (rest === '' || ws === '') {
    const hint = 'set QCM_BINANCE_REST and QCM_BINANCE_WS both, or neither';
    throw new AppError('CONFIG_VENUE', 'only one of two addresses is set', hint);
  }
  if (mode === 'live' && !isFakeVenue) {
    const hint = 'unset them to trade at Binance, or rehearse with --fake-venue and test keys';
    throw new AppError('CONFIG_VENUE', 'QCM_BINANCE_* is set in live mode', hint);
  }
  if (isFakeVenue && apiKey !== undefined && !apiKey.startsWith('test')) {
    const hint = 'a real key must never reach another server; use one like test-rehearsal';
    throw new AppError('CONFIG_VENUE', 'with --fake-venue keys begin with "test"', hint);
  }
  return {
    restUrl: origin(rest, ['http:', 'https:']),
    wsUrl: origin(ws, ['ws:', 'wss:']) + new URL(ws).pathname.replace(/\/+$/, ''),
    isElsewhere: true,
  };
}

function origin(text: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol)) {
    const hint = `write it like ${protocols[0]}//127.0.0.1:8080`;
    throw new AppError('CONFIG_VENUE', `"${text}" is no address of a server`, hint);
  }
  return `${url.protocol}//${url.host}`;
}
