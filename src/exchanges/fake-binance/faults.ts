/** What goes wrong with one request. */
export interface RequestFault {
  /** `POST /fapi/v1/order`, or a part of it; the first fault that fits is used up. */
  match: string;
  /**
   * `hang`: no answer; `reset`: the socket dies; `answer`: the given status and body instead.
   */
  kind: 'hang' | 'reset' | 'answer';
  /** True: the venue does the work, only its answer is lost. */
  executed: boolean;
  status?: number;
  /** Venue code of the body; without one `body` is sent as it is. */
  code?: number;
  body?: string;
  headers?: Record<string, string>;
  count?: number;
}

/** What goes wrong with frames of a stream. */
export interface StreamFault {
  category: 'public' | 'market' | 'private';
  /** Part of the frame's text, such as `ORDER_TRADE_UPDATE` or `btcusdt@kline_1m`. */
  match?: string;
  /** `reorder` holds a frame back until the next one went out; `half` cuts it in two. */
  kind: 'drop' | 'duplicate' | 'reorder' | 'half' | 'silence';
  count?: number;
}

/** Queues of faults; each is used up after `count` hits (default 1), `silence` stays on. */
export class Faults {
  readonly requests: RequestFault[] = [];
  readonly streams: StreamFault[] = [];

  forRequest(route: string): RequestFault | undefined {
    return useUp(this.requests, (fault) => route.includes(fault.match));
  }

  forFrame(category: string, text: string): StreamFault['kind'] | undefined {
    const fits = (fault: StreamFault) =>
      fault.category === category && (fault.match === undefined || text.includes(fault.match));
    const silent = this.streams.some((fault) => fault.kind === 'silence' && fits(fault));
    if (silent) return 'silence';
    return useUp(this.streams, fits)?.kind;
  }

  clear(): void {
    this.requests.length = 0;
    this.streams.length = 0;
  }
}

function useUp<T extends { count?: number }>(
  faults: T[],
  fits: (fault: T) => boolean,
): T | undefined {
  const i = faults.findIndex(fits);
  if (i < 0) return undefined;
  const fault = faults[i];
  const left = (fault.count ?? 1) - 1;
  if (left <= 0) faults.splice(i, 1);
  else fault.count = left;
  return fault;
}
