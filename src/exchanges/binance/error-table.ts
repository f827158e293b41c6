/**
 * What an answer of the venue means for the request that it answers.
 * `done`: already so, a success. `terminal`: refused, will be refused again. `retry`: surely not
 * executed, the same request under the same id may be sent again. `query`: nobody knows whether it
 * was executed; ask by client id, never send again. `gone`: the order is no longer open; ask how it
 * ended. `adopt`: another stop of ours rests already. `resync`: refused because our picture of the
 * position is wrong. `inBand`: a market order finds no price near the mark; an exit is sent as a
 * limit inside the band. `halt`: stop everything and call a human.
 */
export type Reaction =
  | 'done'
  | 'terminal'
  | 'retry'
  | 'query'
  | 'gone'
  | 'adopt'
  | 'resync'
  | 'inBand'
  | 'halt';

export interface ErrorRule {
  code: number;
  reaction: Reaction;
  /** What happens besides; each is one of the adapter's own procedures. */
  also?: 'syncClock' | 'slowDown' | 'newListenKey' | 'rereadFilters' | 'haltEntries' | 'alarm';
  meaning: string;
}

/** By code; sources: the venue's documentation and public reports of 2026. */
export const ERROR_TABLE: readonly ErrorRule[] = [
  { code: -1000, reaction: 'query', meaning: 'unknown error while processing' },
  { code: -1001, reaction: 'query', meaning: 'disconnected inside the venue' },
  { code: -1003, reaction: 'retry', also: 'slowDown', meaning: 'too much request weight' },
  { code: -1006, reaction: 'query', meaning: 'unexpected answer; execution unknown' },
  { code: -1007, reaction: 'query', meaning: 'timeout inside the venue; execution unknown' },
  { code: -1008, reaction: 'retry', also: 'slowDown', meaning: 'throttled by the system' },
  { code: -1015, reaction: 'retry', also: 'slowDown', meaning: 'too many orders' },
  { code: -1021, reaction: 'retry', also: 'syncClock', meaning: 'clock outside the window' },
  { code: -1022, reaction: 'halt', also: 'alarm', meaning: 'signature is wrong' },
  { code: -1102, reaction: 'terminal', also: 'alarm', meaning: 'a parameter is missing' },
  { code: -1104, reaction: 'terminal', also: 'alarm', meaning: 'a parameter too many' },
  { code: -1111, reaction: 'terminal', also: 'rereadFilters', meaning: 'too many digits' },
  { code: -1121, reaction: 'terminal', also: 'alarm', meaning: 'no such symbol' },
  { code: -1125, reaction: 'retry', also: 'newListenKey', meaning: 'listen key is gone' },
  { code: -2010, reaction: 'terminal', meaning: 'new order refused' },
  { code: -2011, reaction: 'gone', meaning: 'cancel of an unknown order' },
  { code: -2013, reaction: 'gone', meaning: 'order does not exist' },
  { code: -2014, reaction: 'halt', also: 'alarm', meaning: 'key has a wrong format' },
  { code: -2015, reaction: 'halt', also: 'alarm', meaning: 'key, address or rights refused' },
  { code: -2018, reaction: 'terminal', meaning: 'balance is too small' },
  { code: -2019, reaction: 'terminal', meaning: 'margin is too small' },
  { code: -2021, reaction: 'terminal', meaning: 'stop would trigger at once: exit now' },
  { code: -2022, reaction: 'resync', meaning: 'reduce-only refused: flat or on the other side' },
  { code: -2023, reaction: 'terminal', also: 'haltEntries', meaning: 'account in liquidation' },
  { code: -2027, reaction: 'terminal', meaning: 'position cap of this leverage' },
  { code: -2028, reaction: 'terminal', meaning: 'margin too small for this leverage' },
  { code: -4014, reaction: 'terminal', also: 'rereadFilters', meaning: 'price off the tick' },
  { code: -4023, reaction: 'terminal', also: 'rereadFilters', meaning: 'quantity off the step' },
  { code: -4028, reaction: 'terminal', meaning: 'leverage is not valid' },
  { code: -4045, reaction: 'terminal', also: 'alarm', meaning: 'too many open stops' },
  { code: -4046, reaction: 'done', meaning: 'margin type is so already' },
  { code: -4047, reaction: 'terminal', meaning: 'margin type: open orders' },
  { code: -4048, reaction: 'terminal', meaning: 'margin type: open position' },
  { code: -4059, reaction: 'done', meaning: 'position mode is so already' },
  { code: -4061, reaction: 'terminal', also: 'haltEntries', meaning: 'position side and mode' },
  { code: -4067, reaction: 'terminal', meaning: 'position mode: open orders' },
  { code: -4068, reaction: 'terminal', meaning: 'position mode: open position' },
  { code: -4105, reaction: 'terminal', also: 'haltEntries', meaning: 'reduce-only regime' },
  { code: -4106, reaction: 'terminal', also: 'haltEntries', meaning: 'reduce-only regime' },
  { code: -4107, reaction: 'terminal', also: 'haltEntries', meaning: 'reduce-only regime' },
  { code: -4108, reaction: 'terminal', also: 'alarm', meaning: 'symbol does not trade' },
  { code: -4116, reaction: 'query', meaning: 'client id is open already: an earlier send arrived' },
  { code: -4118, reaction: 'resync', meaning: 'reduce-only competes with other orders' },
  { code: -4120, reaction: 'terminal', also: 'alarm', meaning: 'conditional order on /order' },
  { code: -4130, reaction: 'adopt', meaning: 'a closePosition stop rests already' },
  { code: -4131, reaction: 'inBand', meaning: 'market order outside the price band' },
  { code: -4137, reaction: 'terminal', also: 'alarm', meaning: 'quantity with closePosition' },
  { code: -4138, reaction: 'terminal', also: 'alarm', meaning: 'reduceOnly with closePosition' },
  { code: -4140, reaction: 'terminal', also: 'alarm', meaning: 'symbol is not to be opened' },
  { code: -4141, reaction: 'terminal', also: 'alarm', meaning: 'symbol is closed' },
  { code: -4161, reaction: 'terminal', meaning: 'leverage is lowered only when flat' },
  { code: -4164, reaction: 'terminal', also: 'rereadFilters', meaning: 'below minimum notional' },
  { code: -4168, reaction: 'terminal', also: 'haltEntries', meaning: 'multi-assets mode is on' },
  { code: -4171, reaction: 'done', meaning: 'multi-assets mode is so already' },
  { code: -4189, reaction: 'terminal', also: 'haltEntries', meaning: 'reduce-only regime' },
  { code: -4202, reaction: 'terminal', meaning: 'leverage needs a verified account' },
  { code: -4203, reaction: 'terminal', meaning: 'leverage needs an older account' },
  { code: -4400, reaction: 'terminal', also: 'haltEntries', meaning: 'trading rules: reduce only' },
  { code: -4401, reaction: 'terminal', also: 'haltEntries', meaning: 'trading rules: reduce only' },
  { code: -4509, reaction: 'terminal', meaning: 'closePosition refused while flat' },
  { code: -4531, reaction: 'terminal', meaning: 'position mode: open orders on the coin side' },
  { code: -5021, reaction: 'terminal', meaning: 'fill-or-kill not possible' },
  { code: -5022, reaction: 'terminal', meaning: 'post-only would take' },
  { code: -5027, reaction: 'done', meaning: 'amend changes nothing' },
  { code: -5028, reaction: 'retry', also: 'syncClock', meaning: 'outside the engine window' },
  { code: -5047, reaction: 'terminal', meaning: 'reduceOnly flag differs from the order' },
];

const BY_CODE = new Map(ERROR_TABLE.map((rule) => [rule.code, rule]));

/** How an HTTP exchange ended badly: with a code of the venue, or with only a status (0: none). */
export interface VenueFailure {
  /** HTTP status; 0 when no answer came. */
  status: number;
  /** The venue's code; 0 when the body had none. */
  code: number;
  message: string;
}

/**
 * The rule of a failure. Status first where it says more than the code; an unlisted code of a 4xx
 * was refused before execution and is terminal with an alarm; everything else is unknown.
 */
export function ruleOf(failure: VenueFailure): ErrorRule {
  const { status, code, message } = failure;
  if (status === 418) return { code, reaction: 'halt', also: 'slowDown', meaning: 'banned' };
  if (status === 429 && code !== -1015) {
    return { code, reaction: 'retry', also: 'slowDown', meaning: 'too much request weight' };
  }
  if (status === 403) {
    return { code, reaction: 'halt', also: 'alarm', meaning: 'refused by the firewall' };
  }
  const rule = BY_CODE.get(code);
  if (rule !== undefined) return rule;
  if (status === 503 && /Service Unavailable/i.test(message)) {
    return { code, reaction: 'retry', also: 'slowDown', meaning: 'not executed, busy' };
  }
  if (code < 0 && status >= 400 && status < 500 && status !== 408) {
    return { code, reaction: 'terminal', also: 'alarm', meaning: 'a code that no table lists' };
  }
  return { code, reaction: 'query', meaning: status === 0 ? 'no answer' : `HTTP ${status}` };
}

/** End of a ban as the text says it, in ms; undefined when it says none. */
export function bannedUntilMs(message: string): number | undefined {
  const match = /banned until (\d{13})/.exec(message);
  return match === null ? undefined : Number(match[1]);
}
