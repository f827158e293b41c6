/** Runs in the page: the price chart, its layers, and the lists that jump into it. */
export const CHART_SCRIPT = `
const byId = (id) => document.getElementById(id);
const bars = unpackBars(data.bars);
const layers = { blocks: true, structure: true, tags: true, alerts: true, trades: true };
const narrow = matchMedia('(max-width: 900px)').matches;
const dark = matchMedia('(prefers-color-scheme: dark)');
const box = byId('chart');
const { createChart, createTextWatermark, CandlestickSeries } = LightweightCharts;
const chart = createChart(box, { autoSize: true, crosshair: { mode: 0 },
  kineticScroll: { touch: false, mouse: false },
  timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 8, barSpacing: 6 } });
const price = { type: 'price', precision: data.bars.digits, minMove: data.bars.tick };
const candles = chart.addSeries(CandlestickSeries, { priceFormat: price, priceLineVisible: false });
candles.priceScale().applyOptions({ scaleMargins: { top: 0.1,
  bottom: (data.tags.length * 9 + 20) / box.clientHeight } });
const overlay = new Overlay(data, layers);
candles.attachPrimitive(overlay);
const mark = (color) => ({ horzAlign: 'center', vertAlign: 'center', lines: data.isSimulated
  ? [{ text: 'SIMULATED', color, fontSize: narrow ? 34 : 64, fontStyle: 'bold' }] : [] });
const watermark = createTextWatermark(chart.panes()[0], mark('transparent'));
function paint() {
  const css = getComputedStyle(document.documentElement);
  const of = (name) => css.getPropertyValue('--' + name).trim();
  const [up, down, ink, soft, line, card] = ['up', 'down', 'ink', 'soft', 'line', 'card'].map(of);
  overlay.colours = { up, down, ink, soft, card, accent: of('accent'), demand: up + '22',
    supply: down + '22', stop: dark.matches ? '#ffb347' : '#b45309', exit: of('accent'),
    mark: of('accent') + '1c' };
  chart.applyOptions({ layout: { background: { color: card }, textColor: soft },
    grid: { vertLines: { color: line + '66' }, horzLines: { color: line + '66' } },
    rightPriceScale: { borderColor: line }, timeScale: { borderColor: line } });
  candles.applyOptions({ upColor: up + '99', downColor: down + '99', wickUpColor: up + '99',
    wickDownColor: down + '99', borderVisible: false });
  watermark.applyOptions(mark(soft + '2e'));
}
dark.addEventListener('change', paint);
// Options first: each change of them would visit every bar again.
paint();
// The library gets a window of the bars: what it does with each of them costs half a second for a
// year of them, and no screen shows more than a part. The window follows the view.
const WINDOW_MIN = 3000;
const MARGIN = 200;
const scale = chart.timeScale();
let size = WINDOW_MIN;
function isNearEdge(from, to) {
  const { base } = overlay;
  return (base > 0 && from < base + MARGIN) ||
    (base + size < bars.length && to > base + size - MARGIN);
}
/** Ahead of a view that moves on, around one that has jumped. */
function moveWindow(from, to) {
  const { base } = overlay;
  const isJump = to < base || from > base + size;
  const isForward = from + to > 2 * base + size;
  size = Math.max(WINDOW_MIN, Math.ceil((to - from) * 2.5));
  const start = isJump ? (from + to - size) / 2
    : isForward ? from - 2 * MARGIN : to + 2 * MARGIN - size;
  overlay.base = Math.min(Math.max(0, bars.length - size), Math.max(0, Math.round(start)));
  candles.setData(bars.slice(overlay.base, overlay.base + size));
}
function show(from, to) {
  if (isNearEdge(from, to)) moveWindow(from, to);
  scale.setVisibleLogicalRange({ from: from - overlay.base, to: to - overlay.base });
}
// Not while a pointer drags: the library counts a drag from where it began.
let isDragging = false;
let isDue = false;
function follow() {
  if (isDragging || isDue) return;
  const range = scale.getVisibleLogicalRange();
  if (!range || !isNearEdge(range.from + overlay.base, range.to + overlay.base)) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    const now = scale.getVisibleLogicalRange();
    if (now && !isDragging) show(now.from + overlay.base, now.to + overlay.base);
  });
}
scale.subscribeVisibleLogicalRangeChange(follow);
box.addEventListener('pointerdown', () => { isDragging = true; }, true);
for (const name of ['pointerup', 'pointercancel']) {
  addEventListener(name, () => { isDragging = false; setTimeout(follow); }, true);
}
moveWindow(bars.length, bars.length);

const time = (ms) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const signed = (value, digits) => (value > 0 ? '+' : '') + value.toFixed(digits);
function showBars(from, to) {
  const room = Math.max(narrow ? 25 : 60, (to - from) * (narrow ? 0.6 : 1.5));
  show(from - room, to + room);
}
function say(trade) {
  const costs = 'gross ' + trade.gross.toFixed(2) + ', hedge ' + trade.hedge.toFixed(2) +
    ', fees ' + (-trade.fees).toFixed(2) + ', slippage inside gross ' + (-trade.slippage).toFixed(2) +
    ', funding ' + trade.funding.toFixed(2) + ' = net ' + signed(trade.net, 2);
  const legs = trade.legs.map((leg) => (leg.isLong ? 'long ' : 'short ') + leg.symbol + ' ' +
    leg.outcome + ' ' + leg.net.toFixed(2)).join(', ');
  byId('hint').textContent = [trade.id, trade.tag, costs, legs, trade.reasons].filter(Boolean).join(' | ');
}
function choose(i, isFromList) {
  const trade = data.trades[i];
  if (!trade) return;
  overlay.selected = i;
  showBars(trade.entryBar, trade.exitBar);
  document.body.dataset.selected = String(i);
  byId('where').textContent = 'trade ' + (i + 1) + ' of ' + data.trades.length;
  say(trade);
  renderRows();
  if (isFromList) box.scrollIntoView({ block: 'center', behavior: 'auto' });
}
for (const button of document.querySelectorAll('button[data-layer]')) {
  button.addEventListener('click', () => {
    const name = button.dataset.layer;
    layers[name] = !layers[name];
    button.setAttribute('aria-pressed', String(layers[name]));
    overlay.update();
  });
}
byId('next').addEventListener('click', () => choose(overlay.selected + 1));
byId('previous').addEventListener('click', () => choose(Math.max(0, overlay.selected - 1)));

const PAGE = 50;
let page = 0;
let shown = [];
const filters = {
  all: () => true, long: (t) => t.isLong, short: (t) => !t.isLong,
  winners: (t) => t.r > 0, losers: (t) => t.r <= 0, ambiguous: (t) => t.isAmbiguous,
  hedged: (t) => t.legs.length > 0,
};
const orders = {
  time: (a, b) => data.trades[a].filledMs - data.trades[b].filledMs,
  best: (a, b) => data.trades[b].r - data.trades[a].r,
  worst: (a, b) => data.trades[a].r - data.trades[b].r,
};
function cell(row, text, className) {
  const td = document.createElement('td');
  td.textContent = text;
  if (className) td.className = className;
  row.append(td);
}
function renderRows() {
  const body = byId('trades').tBodies[0];
  body.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map((i) => {
    const t = data.trades[i];
    const row = document.createElement('tr');
    row.tabIndex = 0;
    row.dataset.trade = String(i);
    if (i === overlay.selected) row.className = 'on';
    const digits = data.bars.digits;
    cell(row, String(i + 1), 'l');
    cell(row, time(t.filledMs), 'l');
    cell(row, t.isLong ? 'long' : 'short', 'l');
    cell(row, String(Number(t.quantity.toPrecision(6))));
    for (const value of [t.entry, t.stop, t.exit]) cell(row, value.toFixed(digits));
    cell(row, t.reason + (t.isAmbiguous ? ' *' : ''), 'l');
    cell(row, ((t.closedMs - t.filledMs) / 60000).toFixed(0));
    cell(row, t.mae.toFixed(2) + ' / ' + t.mfe.toFixed(2));
    cell(row, (t.fees + t.slippage).toFixed(2));
    cell(row, t.legs.length ? t.hedge.toFixed(2) : '');
    cell(row, signed(t.net, 2), t.net > 0 ? 'good' : 'bad');
    cell(row, signed(t.r, 2), t.r > 0 ? 'good' : 'bad');
    return row;
  }));
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  byId('count').textContent = shown.length + ' trades, page ' + (page + 1) + ' of ' + pages;
}
function list() {
  shown = data.trades.map((_, i) => i).filter((i) => filters[byId('filter').value](data.trades[i]))
    .sort(orders[byId('order').value]);
  page = 0;
  renderRows();
}
const turn = (by) => {
  page = Math.min(Math.max(0, page + by), Math.max(0, Math.ceil(shown.length / PAGE) - 1));
  renderRows();
};
byId('filter').addEventListener('change', list);
byId('order').addEventListener('change', list);
byId('older').addEventListener('click', () => turn(-1));
byId('newer').addEventListener('click', () => turn(1));
const pick = (event) => {
  const row = event.target.closest('tr[data-trade]');
  if (row) choose(Number(row.dataset.trade), true);
};
byId('trades').addEventListener('click', pick);
byId('trades').addEventListener('keydown', (event) => { if (event.key === 'Enter') pick(event); });

let logPage = 0;
function renderLog(by) {
  const pages = Math.max(1, Math.ceil(data.log.length / PAGE));
  logPage = Math.min(Math.max(0, logPage + by), pages - 1);
  byId('log').tBodies[0].replaceChildren(...data.log.slice(logPage * PAGE, (logPage + 1) * PAGE)
    .map(({ atMs, rule, text }) => {
      const row = document.createElement('tr');
      cell(row, time(atMs), 'l');
      cell(row, rule, 'l');
      cell(row, text, 'l');
      return row;
    }));
  byId('logcount').textContent = data.log.length + ' lines, page ' + (logPage + 1) + ' of ' + pages;
}
byId('logolder').addEventListener('click', () => renderLog(-1));
byId('lognewer').addEventListener('click', () => renderLog(1));
renderLog(0);
list();
const last = data.trades[data.trades.length - 1];
if (last) choose(data.trades.length - 1);
else if (bars.length > 0) showBars(Math.max(0, bars.length - 200), bars.length - 1);
// For tests and for scripts of the reader.
window.qcmReport = { bars, show, range: () => {
  const range = scale.getVisibleLogicalRange();
  return { from: range.from + overlay.base, to: range.to + overlay.base };
} };
document.body.dataset.ready = '1';
`;
