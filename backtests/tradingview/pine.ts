import type { ChartDrawings } from '../chart-drawings.ts';
import type { ListedTrade } from './read-trades.ts';

/** Drawings of one kind that a script may show; TradingView keeps 500, some room is left. */
const DRAWINGS_MAX = 450;
/** Characters of one text literal; TradingView's limit is 4,096. */
const LITERAL_MAX = 3_800;

export interface PineOptions {
  /** Shown in the title; letters, digits, dots and minus signs are kept. */
  symbol: string;
  timeframe: string;
  drawings: ChartDrawings;
  trades: readonly ListedTrade[];
  /** Bars of the chart, for blocks that still live: they end here. */
  endMs: number;
  /** Decimals of prices. */
  digits: number;
}

/** One drawing as numbers: kind, minutes since the base, price, minutes, price. */
export type PineRow = readonly [
  kind: number,
  fromMin: number,
  price: number,
  toMin: number,
  price2: number,
];

/** Codes of the rows; the script's `switch` has the same. */
export const PINE_KIND = {
  alertLong: 0,
  alertShort: 1,
  entryLong: 2,
  entryShort: 3,
  demand: 10,
  supply: 11,
  internalBos: 20,
  internalChoch: 21,
  internalChochPlus: 22,
  swingBos: 23,
  swingChoch: 24,
  swingChochPlus: 25,
  tradeLong: 30,
  tradeShort: 31,
} as const;

const MINUTE_MS = 60_000;

/**
 * Pine v6 scripts that draw our alerts, order blocks, structure and trades on a chart of the user's
 * own. Nothing is computed there: every drawing is a row of numbers in a text. Split into as many
 * scripts as TradingView's limits of drawings ask for. Not compiled by us: TradingView's compiler
 * runs on its site only.
 */
export function pineScripts(options: PineOptions): string[] {
  const rows = pineRows(options);
  const baseMs = Math.min(...rows.map((row) => row[1])) * MINUTE_MS;
  const parts = split(rows);
  return parts.map((part, i) => {
    const name = `${safe(options.symbol)} ${safe(options.timeframe)}`;
    const title = parts.length === 1 ? name : `${name}, part ${i + 1} of ${parts.length}`;
    return script(title, Number.isFinite(baseMs) ? baseMs : 0, part, options.digits);
  });
}

/** The part of a script that is the same in all of them. */
const FUNCTIONS = `timeAt(string cell) =>
    BASE + int(str.tonumber(cell)) * 60000

mark(int t, float p, string caption, bool isUp, color tint) =>
    label.new(t, p, caption, xloc = xloc.bar_time, color = tint, textcolor = color.white,
          style = isUp ? label.style_label_up : label.style_label_down, size = size.small)

level(int t1, int t2, float p, string caption, bool isSwing) =>
    line.new(t1, p, t2, p, xloc = xloc.bar_time, color = color.gray,
          style = isSwing ? line.style_solid : line.style_dotted)
    label.new(t2, p, caption, xloc = xloc.bar_time, color = color.new(color.gray, 100),
          textcolor = color.gray, style = label.style_label_down, size = size.tiny)

draw(string row) =>
    array<string> cells = str.split(row, ",")
    int kind = int(str.tonumber(array.get(cells, 0)))
    int t1 = timeAt(array.get(cells, 1))
    float p1 = str.tonumber(array.get(cells, 2))
    int t2 = timeAt(array.get(cells, 3))
    float p2 = str.tonumber(array.get(cells, 4))
    if kind < 10 and showAlerts
        string alertName = kind == 0 ? "alert long" : "alert short"
        string entryName = kind == 2 ? "LONG" : "SHORT"
        string caption = kind < 2 ? alertName : entryName
        bool isUp = kind == 0 or kind == 2
        mark(t1, p1, caption, isUp, kind < 2 ? color.gray : isUp ? UP : DOWN)
    if kind >= 10 and kind < 20 and showBlocks
        color tint = kind == 10 ? UP : DOWN
        box.new(t1, p1, t2, p2, xloc = xloc.bar_time,
              border_color = color.new(tint, 60), bgcolor = color.new(tint, 88))
    if kind >= 20 and kind < 23 and showInternal
        level(t1, t2, p1, kind == 20 ? "BOS" : kind == 21 ? "CHoCH" : "CHoCH+", false)
    if kind >= 23 and kind < 30 and showSwing
        level(t1, t2, p1, kind == 23 ? "BOS" : kind == 24 ? "CHoCH" : "CHoCH+", true)
    if kind >= 30 and showTrades
        bool isLong = kind == 30
        line.new(t1, p1, t2, p2, xloc = xloc.bar_time, color = isLong ? UP : DOWN, width = 2)
        mark(t1, p1, isLong ? "buy" : "sell", isLong, isLong ? UP : DOWN)
        mark(t2, p2, "exit", not isLong, color.gray)

`;

/** Rows in order of time. */
export function pineRows({ drawings, trades, endMs }: PineOptions): PineRow[] {
  const rows: PineRow[] = [];
  const minute = (ms: number) => Math.round(ms / MINUTE_MS);
  for (const { side, top, bottom, fromMs, toMs } of drawings.blocks) {
    const kind = side === 1 ? PINE_KIND.demand : PINE_KIND.supply;
    rows.push([kind, minute(fromMs), top, minute(Number.isNaN(toMs) ? endMs : toMs), bottom]);
  }
  for (const { kind, isSwing, price, fromMs, toMs } of drawings.breaks) {
    const place = ['BOS', 'CHoCH', 'CHoCH+'].indexOf(kind);
    const code = (isSwing ? PINE_KIND.swingBos : PINE_KIND.internalBos) + place;
    rows.push([code, minute(fromMs), price, minute(toMs), price]);
  }
  for (const { side, atMs, price, isEntry } of drawings.alerts) {
    const code = (isEntry ? PINE_KIND.entryLong : PINE_KIND.alertLong) + (side === 1 ? 0 : 1);
    rows.push([code, minute(atMs), price, minute(atMs), price]);
  }
  for (const { side, entryMs, exitMs, entryPrice, exitPrice } of trades) {
    const isOpen = Number.isNaN(exitMs);
    const code = side === 'long' ? PINE_KIND.tradeLong : PINE_KIND.tradeShort;
    const exit = isOpen ? entryPrice : exitPrice;
    rows.push([code, minute(entryMs), entryPrice, minute(isOpen ? endMs : exitMs), exit]);
  }
  return rows.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
}

/** Consecutive rows, so many that no kind of drawing passes its limit. */
function split(rows: readonly PineRow[]): PineRow[][] {
  const parts: PineRow[][] = [[]];
  let used = { boxes: 0, lines: 0, labels: 0 };
  for (const row of rows) {
    const cost = costOf(row[0]);
    const isFull =
      used.boxes + cost.boxes > DRAWINGS_MAX ||
      used.lines + cost.lines > DRAWINGS_MAX ||
      used.labels + cost.labels > DRAWINGS_MAX;
    if (isFull) {
      parts.push([]);
      used = { boxes: 0, lines: 0, labels: 0 };
    }
    parts[parts.length - 1].push(row);
    used.boxes += cost.boxes;
    used.lines += cost.lines;
    used.labels += cost.labels;
  }
  return parts;
}

/** Drawings that a row makes. */
export function costOf(kind: number): { boxes: number; lines: number; labels: number } {
  if (kind < 10) return { boxes: 0, lines: 0, labels: 1 };
  if (kind < 20) return { boxes: 1, lines: 0, labels: 0 };
  return { boxes: 0, lines: 1, labels: kind < 30 ? 1 : 2 };
}

function script(title: string, baseMs: number, rows: readonly PineRow[], digits: number): string {
  const texts = literals(rows, baseMs, digits);
  const pushes = texts.map((text) => `    array.push(packed, "${text}")`);
  return `//@version=6
// Drawn by QuantCloud Matrix. Independent, not affiliated, not financial advice.
// Paste into the Pine editor on a chart of the same symbol and timeframe, then "Add to chart".
indicator("QCM ${title}", overlay = true,
      max_labels_count = 500, max_lines_count = 500, max_boxes_count = 500)

bool showAlerts = input.bool(true, "Alerts and entries")
bool showBlocks = input.bool(true, "Order blocks")
bool showInternal = input.bool(true, "Internal structure")
bool showSwing = input.bool(true, "Swing structure")
bool showTrades = input.bool(true, "Trades")

int BASE = ${baseMs}
color UP = color.teal
color DOWN = color.maroon

${FUNCTIONS}var array<string> packed = array.new<string>()
var bool isDrawn = false
if barstate.isfirst
${pushes.length === 0 ? '    array.clear(packed)' : pushes.join('\n')}

if barstate.islast and not isDrawn
    isDrawn := true
    if array.size(packed) > 0
        for i = 0 to array.size(packed) - 1
            array<string> rows = str.split(array.get(packed, i), ";")
            for j = 0 to array.size(rows) - 1
                draw(array.get(rows, j))
`;
}

/** Rows joined by ";" in texts that fit a literal. */
function literals(rows: readonly PineRow[], baseMs: number, digits: number): string[] {
  const base = Math.round(baseMs / MINUTE_MS);
  const texts: string[] = [];
  let text = '';
  for (const [kind, fromMin, price, toMin, price2] of rows) {
    const times = [fromMin - base, toMin - base];
    const prices = [price, price2].map((value) => value.toFixed(digits));
    const row = `${kind},${times[0]},${prices[0]},${times[1]},${prices[1]}`;
    if (text.length + row.length + 1 > LITERAL_MAX) {
      texts.push(text);
      text = '';
    }
    text += text === '' ? row : `;${row}`;
  }
  return text === '' ? texts : [...texts, text];
}

/** Nothing that could leave a text literal or a comment. */
function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '').slice(0, 24);
}
