import type { GuardStatus } from './guard-status.ts';

/** `qcm status` for people. */
export function guardText(guards: GuardStatus): string[] {
  const { breakers, day, equityStop, ramp, latencyP95Ms, calendar, capital } = guards;
  const next = ramp.nextAtTrades === null ? 'last step' : `next at ${ramp.nextAtTrades} trades`;
  const when =
    calendar.atMs === null ? '' : ` ${new Date(calendar.atMs).toISOString().slice(0, 16)}Z`;
  const stop = equityStop.onBreach === 'observe' ? ' (only observed)' : '';
  return [
    `day       ${day.pnlR.toFixed(2)} R, budget -${day.budgetR} R, all closed at -${day.breakerR} R`,
    `peak      equity stop at ${equityStop.floor.toFixed(2)} (${equityStop.reference}), ` +
      `${equityStop.roomR.toFixed(2)} R away${stop}`,
    `ramp      ${ramp.leverage} x of ${ramp.allowed} x allowed after ${ramp.closedTrades} trades, ${next}`,
    `latency   ${latencyP95Ms === null ? 'under 30 samples' : `p95 ${latencyP95Ms.toFixed(0)} ms`}`,
    `calendar  ${calendar.next}${when}${calendar.isBlocking ? ', NO ENTRIES around it' : ''}`,
    `capital   ${capital === null ? 'the whole account' : `at most ${capital}`}`,
    ...breakers.map(
      ({ rule, side, outcome, reason }) => `breaker   ${rule} (${side}): ${outcome}, ${reason}`,
    ),
  ];
}
