import type { FlattenQuestion, FlattenReport } from '../operator/operator.ts';
import type { StatusReport } from '../operator/status-report.ts';
import type { OperatorActions } from './operator-actions.ts';

/** What the operator's side understands; every speaker says it in the same words. */
export interface CommandHandler {
  handle(
    request: { command: string; arguments: Record<string, unknown> },
    speaker: string,
  ): unknown;
}

const NOTICES_SHOWN = 3;

/** The operator's commands for a messenger, with answers short enough for a phone. */
export function operatorActions(operator: CommandHandler, speaker: string): OperatorActions {
  const ask = (command: string, given: Record<string, unknown> = {}) =>
    operator.handle({ command, arguments: given }, speaker);
  return {
    status: () => shortStatus(ask('status') as StatusReport),
    pause: (reason) => void ask('pause', { reason }),
    resume: () => void ask('resume'),
    flattenAsk: () => {
      const { code, packages, openOrders } = ask('flatten') as FlattenQuestion;
      const trades = packages.map(({ tradeId }) => tradeId).join(', ');
      const what = packages.length === 0 ? 'nothing is open' : `would be closed: ${trades}`;
      return { code, text: `${what}; ${openOrders} orders rest` };
    },
    flattenConfirm: async (code) => {
      const { isFlat, tookMs, equity, remaining } = (await ask('flatten', {
        code,
      })) as FlattenReport;
      const left = remaining.map(({ tradeId }) => tradeId).join(', ');
      const end = isFlat ? 'Flat' : `NOT FLAT: ${left} still open`;
      return `${end} after ${(tookMs / 1_000).toFixed(1)} s, equity ${equity.toFixed(2)}. Entries are off: /resume`;
    },
  };
}

function shortStatus({
  daemon,
  entries,
  account,
  packages,
  openOrders,
  notices,
}: StatusReport): object {
  const { equity, openRisk, leverage } = account;
  return {
    mode: daemon.mode,
    code: daemon.codeVersion,
    entries: entries.isAllowed ? 'allowed' : `off: ${entries.reasons.join('; ')}`,
    equity: equity.toFixed(2),
    'open risk': openRisk.toFixed(2),
    leverage,
    open: packages.map(({ tradeId, phase, legs }) => `${tradeId} ${phase}, ${legs.length} legs`),
    orders: openOrders,
    notices: notices
      .slice(-NOTICES_SHOWN)
      .map(({ level, code, text }) => `${level} ${code}: ${text}`),
  };
}
