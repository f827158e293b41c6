import { PROTECTION_WINDOW_MS } from '../exchanges/binance/order-params.ts';
import type { Notice, VenueLine } from '../exchanges/binance/venue-line.ts';
import type { LiveCore } from '../live/live-core.ts';

const TIMEOUT_MS = 10_000;

/**
 * The ramp at the exchange: after enough closed trades the leverage is set anew, when all is flat.
 * The engine hears of it from the private stream, like of any other change.
 */
export class LiveLeverage {
  declare private readonly options: {
    core: () => LiveCore;
    line: VenueLine;
    symbols: readonly string[];
    leverageAfter: (closedTrades: number) => number;
    notice: Notice;
  };
  private closedTrades = 0;
  private asked = 0;

  constructor(options: LiveLeverage['options']) {
    this.options = options;
  }

  /** Call after events; does nothing unless a package has ended since. */
  onHandled(): void {
    const { core, leverageAfter, symbols, line, notice } = this.options;
    const { closedTrades, engine } = core();
    if (closedTrades === this.closedTrades) return;
    const { kernel, open } = engine.inspect();
    if (open.size > 0) return;
    this.closedTrades = closedTrades;
    const leverage = leverageAfter(kernel.watch.closedTrades);
    if (leverage === kernel.leverage || leverage === this.asked) return;
    this.asked = leverage;
    for (const symbol of symbols) {
      const base = { method: 'POST', api: 'fapiPrivate', path: 'leverage' } as const;
      const request = { ...base, params: { symbol, leverage }, recvWindowMs: PROTECTION_WINDOW_MS };
      line.send(request, { urgency: 'report', timeoutMs: TIMEOUT_MS }, (answer) => {
        if (answer.kind === 'ok' || answer.rule.reaction === 'done') return;
        this.asked = 0;
        const why = `${symbol}: leverage ${leverage} was refused: ${answer.rule.meaning}`;
        notice('warning', 'LEVERAGE', why);
      });
    }
  }
}
