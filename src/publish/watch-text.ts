import type { WatchPicture } from './watch-reader.ts';

const ALERTS_SHOWN = 3;

/** The picture as a table for a terminal. */
export function watchText(picture: WatchPicture | undefined, prefix: string): string {
  if (picture === undefined) return 'Redis does not answer; trying again\n';
  const { status, symbols, beta, alerts, notices } = picture;
  if (status === null && symbols.length === 0) {
    return `nothing is published under ${prefix}: is a daemon running with this REDIS_URL?\n`;
  }
  const lines = [headline(picture, prefix), ''];
  const rows = symbols.map(({ symbol, price, cvd, tags }) => [
    symbol,
    number(price?.last),
    number(price?.bid),
    number(price?.ask),
    number(price?.mark),
    price?.fundingRate == null ? '-' : `${(price.fundingRate * 100).toFixed(4)} %`,
    cvd === null ? '-' : `${cvd.value.toFixed(1)}`,
    tags === null ? '' : tags.tags.join(' '),
  ]);
  const names = ['symbol', 'last', 'bid', 'ask', 'mark', 'funding', 'CVD day', 'tags'];
  lines.push(...table([names, ...rows]));
  for (const { symbol, beta: value, correlation } of beta?.legs ?? []) {
    lines.push(`beta ${symbol} ${value.toFixed(2)}, correlation ${correlation.toFixed(2)}`);
  }
  lines.push('');
  for (const { time, side, symbol, price } of alerts.slice(-ALERTS_SHOWN)) {
    lines.push(`alert  ${time} ${side} ${symbol} at ${price ?? '-'}`);
  }
  for (const { atMs, level, code, text } of notices.slice(-ALERTS_SHOWN)) {
    lines.push(`${level}  ${iso(Number(atMs))} ${code}: ${text}`);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline({ status }: WatchPicture, prefix: string): string {
  if (status === null) return `${prefix}: THE DAEMON IS SILENT; what follows are its last values`;
  const { label, mode, equity, openPackages, ready, halts, trouble, positions, atMs } = status;
  const held = positions.map(({ symbol, quantity }) => `${symbol} ${quantity}`).join(', ');
  const state = trouble ?? (ready ? 'well' : 'starting');
  return [
    `${label} (${mode}) ${iso(atMs)}: ${state}`,
    `equity ${equity.toFixed(2)}, open ${openPackages}${held === '' ? '' : ` (${held})`}`,
    ...(halts.length > 0 ? [`entries halted: ${halts.join('; ')}`] : []),
  ].join('\n');
}

function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const last = rows[0].length - 1;
  return rows.map((row) =>
    row
      .map((cell, i) => {
        if (i === last) return cell;
        return i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]);
      })
      .join('  ')
      .trimEnd(),
  );
}

function number(value: number | null | undefined): string {
  return value == null ? '-' : String(value);
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19)}Z` : '-';
}
