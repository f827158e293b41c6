import type { Params } from './params.ts';
import type { Venue } from './venue.ts';

export interface RouteContext {
  venue: Venue;
  params: Params;
  /** Which keys exist and who listens; the gateway knows. */
  listenKeys: ListenKeys;
}

export interface ListenKeys {
  create(): string;
  extend(): void;
  close(): void;
}

export interface Route {
  /** Names the route reads, blank-separated; anything else is -1104. */
  params: string;
  /** Default 1. */
  weight?: number | ((params: Params) => number);
  orders?: number;
  /** Default signed; `key` wants only the API key header. */
  access?: 'public' | 'key';
  run: (context: RouteContext) => unknown;
}
