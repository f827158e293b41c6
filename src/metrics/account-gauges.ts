import type { Gauge } from 'prom-client';
import type { LiveSession } from '../live/session.ts';

/** What metrics and health read of a session. */
export interface WatchedSession {
  readonly isReady: boolean;
  readonly core: Pick<LiveSession['core'], 'engine' | 'seq' | 'poisoned' | 'dispatcher'>;
}

type MakeGauge = (
  name: string,
  help: string,
  labels: string[],
  collect: (gauge: Gauge) => void,
) => void;

/** Gauges of account, positions and the engine's own state; read at a scrape, nothing is kept. */
export function collectAccount(session: () => WatchedSession | undefined, make: MakeGauge): void {
  const read = (
    name: string,
    help: string,
    collect: (gauge: Gauge, session: WatchedSession) => void,
    labels: string[] = [],
  ) =>
    make(name, help, labels, (gauge) => {
      const now = session();
      if (now !== undefined) collect(gauge, now);
    });
  const money = (name: string, help: string, of: (session: WatchedSession) => number) =>
    read(name, help, (gauge, now) => {
      const value = of(now);
      if (Number.isFinite(value)) gauge.set(value);
    });
  const view = ({ core }: WatchedSession) => core.engine.riskView();
  money('qcm_equity_quote', 'Cash and open profit at the last marks', (now) => view(now).equity);
  money('qcm_equity_midnight_quote', 'Equity at 00:00 UTC', (now) => view(now).equityAtMidnight);
  money('qcm_equity_peak_quote', 'Highest equity so far', (now) => view(now).equityPeak);
  money('qcm_open_risk_quote', 'Loss if every stop is hit now', (now) => view(now).openRisk);
  money('qcm_leverage', 'Leverage in use', (now) => view(now).leverage);
  money('qcm_open_packages', 'Open trades with their legs', (now) => view(now).openPackages);
  money(
    'qcm_closed_trades',
    'Filled trades that ended, over all runs',
    (now) => view(now).closedTrades,
  );
  money('qcm_journal_sequence', 'Number of the last event', ({ core }) => core.seq);
  money('qcm_poisoned_events', 'Events that could not be handled', ({ core }) => core.poisoned);
  money(
    'qcm_session_ready',
    '1 when entries are allowed as far as the start is concerned',
    (now) => (now.isReady ? 1 : 0),
  );
  money(
    'qcm_entries_halted',
    'Reasons for which the engine allows no entry',
    ({ core }) => core.engine.inspect().halts.length,
  );
  money(
    'qcm_open_orders',
    'Orders that may rest at the venue',
    ({ core }) => core.engine.inspect().kernel.store.openOrders().length,
  );
  read(
    'qcm_day_r',
    'Net R of the trades closed since 00:00 UTC',
    (gauge, now) => {
      gauge.set({ side: 'long' }, view(now).dayTradeR(1));
      gauge.set({ side: 'short' }, view(now).dayTradeR(-1));
    },
    ['side'],
  );
  read('qcm_position_quantity', 'Open position, short negative', collectPositions, ['symbol']);
  read(
    'qcm_withheld_requests',
    'Requests that did not leave the process',
    (gauge, { core }) => {
      for (const [reason, count] of Object.entries(core.dispatcher.withheld)) {
        gauge.set({ reason }, count);
      }
    },
    ['reason'],
  );
}

function collectPositions(gauge: Gauge, { core }: WatchedSession): void {
  const { kernel, open } = core.engine.inspect();
  gauge.reset();
  for (const symbol of kernel.instruments.keys()) gauge.set({ symbol }, 0);
  for (const trade of open.values()) {
    for (const { symbol, lots, direction } of trade.legs) {
      gauge.inc({ symbol }, direction * kernel.instrument(symbol).quantity(lots));
    }
  }
}
