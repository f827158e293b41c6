import { AppError } from '../engine/error.ts';

export interface VenueKeys {
  apiKey: string;
  secret: string;
}

/**
 * Keys as `loadEnvironment` found them, in the environment or in the file of secrets. The message
 * never holds a value.
 * @throws AppError EXCHANGE_KEYS without keys
 */
export function venueKeys(environment: {
  binanceKey: string | undefined;
  binanceSecret: string | undefined;
}): VenueKeys {
  const { binanceKey: apiKey = '', binanceSecret: secret = '' } = environment;
  if (apiKey !== '' && secret !== '') return { apiKey, secret };
  const missing = apiKey === '' ? 'QCM_BINANCE_KEY' : 'QCM_BINANCE_SECRET';
  const hint =
    'set QCM_BINANCE_KEY and QCM_BINANCE_SECRET, or QCM_SECRETS_FILE to a file with both';
  throw new AppError('EXCHANGE_KEYS', `${missing} is not set`, hint);
}
