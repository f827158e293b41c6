import { goLiveCheck } from './go-live-check.ts';
import { guardText } from './guard-text.ts';
import type { FlattenQuestion, FlattenReport } from './operator.ts';
import type { LegStatus, PackageStatus, StatusReport } from './status-report.ts';
import type { StatusSections } from './status-sections.ts';

/** `qcm status` for people; `--json` has everything. */
export function statusText(status: StatusReport & Partial<StatusSections>): string {
  const { daemon, entries, account, packages, openOrders, feeds, notices } = status;
  const up = duration(daemon.nowMs - daemon.startedMs);
  const quote = account.quoteAsset;
  const dayPnl = account.equity - account.equityAtMidnight;
  const lines = [
    `${daemon.mode.toUpperCase()}  preset ${daemon.preset}, up ${up}, pid ${daemon.pid}, ` +
      `version ${daemon.codeVersion}, configuration ${daemon.configHash.slice(0, 12)}`,
    `time      ${iso(daemon.nowMs)}`,
    `entries   ${entries.isAllowed ? 'allowed' : `OFF: ${entries.reasons.join('; ')}`}`,
    `equity    ${money(account.equity)} ${quote}, today ${signed(dayPnl)}, ` +
      `peak ${money(account.equityPeak)}, closed trades ${account.closedTrades}`,
    `margin    free ${money(account.freeMargin)}, leverage ${account.leverage} x, ` +
      `open risk ${money(account.openRisk)}`,
    ...(status.guards === undefined ? [] : guardText(status.guards)),
    ...(status.goLive === undefined ? [] : [`dry run   ${goLiveCheck(status.goLive).found}`]),
    ...feeds.map((feed) => `feed      ${feed.symbol} ${feedText(feed)}`),
    `orders    ${openOrders} open`,
    ...packagesText(packages),
  ];
  if (status.incomplete !== undefined) lines.push(`INCOMPLETE ${status.incomplete}`);
  const refused = Object.entries(entries.refusals).map(([rule, count]) => `${rule} ${count}`);
  if (refused.length > 0) lines.push(`refused   ${refused.join(', ')}`);
  const withheld = Object.entries(entries.withheld).map(([why, count]) => `${why} ${count}`);
  if (withheld.length > 0) lines.push(`withheld  ${withheld.join(', ')}`);
  if (entries.poisonedEvents > 0) lines.push(`poisoned  ${entries.poisonedEvents} events`);
  for (const { atMs, level, code, text } of notices.slice(-5)) {
    lines.push(`notice    ${iso(atMs)} ${level} ${code}: ${text}`);
  }
  return lines.join('\n');
}

/** One line, for `systemctl status`. */
export function statusLine({ entries, account, packages }: StatusReport): string {
  const allowed = entries.isAllowed ? 'entries allowed' : `entries off: ${entries.reasons[0]}`;
  return `${allowed}, ${packages.length} open, equity ${money(account.equity)}`;
}

export function packagesText(packages: readonly PackageStatus[]): string[] {
  if (packages.length === 0) return ['trades    none open'];
  return packages.flatMap(({ tradeId, tag, phase, legs }) => [
    `trade     ${tradeId} ${tag}, ${phase}`,
    ...legs.map((leg) => `          ${legText(leg)}`),
  ]);
}

export function questionText({ packages, openOrders }: FlattenQuestion): string {
  return [
    'This would be closed at market, after entries are stopped:',
    ...packagesText(packages),
    `orders    ${openOrders} open`,
  ].join('\n');
}

export function flattenText(report: FlattenReport): string {
  const { isFlat, tookMs, equity, remaining } = report;
  const after = `after ${(tookMs / 1000).toFixed(1)} s`;
  const tail = `equity ${money(equity)}; entries stay off until qcm resume`;
  if (isFlat) return `flat ${after}; ${tail}`;
  return [`NOT FLAT ${after}:`, ...packagesText(remaining), tail].join('\n');
}

function legText(leg: LegStatus): string {
  const entry = leg.entryPrice === null ? '' : ` at ${leg.entryPrice.toFixed(2)}`;
  const stop = leg.quantity === 0 ? '' : `, stop ${leg.stopPrice}${stopMark(leg)}`;
  const open = leg.openPnl === null || leg.quantity === 0 ? '' : `, open ${signed(leg.openPnl)}`;
  return `${leg.symbol} ${leg.side} ${leg.quantity}${entry}${stop}${open}`;
}

function stopMark({ isStopAcknowledged }: LegStatus): string {
  return isStopAcknowledged ? '' : ' (NOT ACKNOWLEDGED)';
}

function feedText(feed: StatusReport['feeds'][number]): string {
  if (feed.lastBarMs === 0) return 'no bar yet';
  const rate = feed.fundingRate;
  const funding =
    rate === null ? '' : `, funding ${(rate * 100).toFixed(4)} % / ${feed.fundingIntervalHours} h`;
  return `last bar ${duration(feed.ageMs)} ago${funding}`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function money(value: number): string {
  return value.toFixed(2);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`;
}
