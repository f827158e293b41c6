/** Runs in the report: charts from `data`, and trades that can be clicked. */
export const RUN_PAGE_SCRIPT = `
const { createChart, createSeriesMarkers, CandlestickSeries, LineSeries, AreaSeries } =
  LightweightCharts;
const css = getComputedStyle(document.documentElement);
const colour = (name) => css.getPropertyValue(name).trim();
const UP = colour('--up');
const DOWN = colour('--down');
const FAINT = colour('--faint');
const LOOK = {
  autoSize: true,
  layout: { background: { color: colour('--back') }, textColor: colour('--text') },
  grid: { vertLines: { color: colour('--line') }, horzLines: { color: colour('--line') } },
  timeScale: { timeVisible: true, minBarSpacing: 0.005 },
};
const unpack = (text) => {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Int32Array(bytes.buffer);
};
const { tick, digits } = data;
const blocks = unpack(data.blocks);
const breaks = unpack(data.breaks);
const alerts = unpack(data.alerts);
const shown = { blocks: true, structure: true, alerts: true, trades: true };
let chosen = -1;

const chart = createChart(document.getElementById('price'), LOOK);
const candles = chart.addSeries(CandlestickSeries, {
  upColor: UP, downColor: DOWN, wickUpColor: UP, wickDownColor: DOWN, borderVisible: false,
  priceLineVisible: false, priceFormat: { type: 'price', precision: digits, minMove: tick },
});
{
  const columns = ['time', 'open', 'high', 'low', 'close'].map((name) => unpack(data.bars[name]));
  const rows = new Array(data.bars.length);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = {
      time: columns[0][i] * 60,
      open: columns[1][i] * tick,
      high: columns[2][i] * tick,
      low: columns[3][i] * tick,
      close: columns[4][i] * tick,
    };
  }
  candles.setData(rows);
}

/** Draws only what is in view; far out, blocks and lines would be a carpet. */
const BARS_OF_DETAIL = 3000;
const BREAKS = ['BOS', 'CHoCH', 'CHoCH+', 'BOS', 'CHoCH', 'CHoCH+'];
function paint(context, ratio) {
  const scale = chart.timeScale();
  const range = scale.getVisibleLogicalRange();
  if (range === null) return;
  const x = (index) => scale.logicalToCoordinate(index) * ratio.horizontalPixelRatio;
  const y = (price) => candles.priceToCoordinate(price) * ratio.verticalPixelRatio;
  const isNear = range.to - range.from <= BARS_OF_DETAIL;
  const inView = (from, to) => to >= range.from && from <= range.to;
  if (isNear && shown.blocks) paintBlocks(context, x, y, inView);
  if (isNear && shown.structure) paintBreaks(context, x, y, inView, ratio.verticalPixelRatio);
  if (isNear && shown.alerts) paintAlerts(context, x, y, inView, ratio.verticalPixelRatio);
  if (shown.trades) paintTrades(context, x, y, inView, isNear, ratio.verticalPixelRatio);
}
function paintBlocks(context, x, y, inView) {
  for (let i = 0; i < blocks.length; i += 5) {
    if (!inView(blocks[i + 1], blocks[i + 2])) continue;
    const left = x(blocks[i + 1]);
    const top = y(blocks[i + 3] * tick);
    context.globalAlpha = 0.13;
    context.fillStyle = blocks[i] === 1 ? UP : DOWN;
    context.fillRect(left, top, x(blocks[i + 2]) - left, y(blocks[i + 4] * tick) - top);
  }
  context.globalAlpha = 1;
}
function paintBreaks(context, x, y, inView, size) {
  context.font = 10 * size + 'px system-ui, sans-serif';
  context.textAlign = 'center';
  for (let i = 0; i < breaks.length; i += 5) {
    if (!inView(breaks[i + 2], breaks[i + 3])) continue;
    const isSwing = breaks[i] > 2;
    const tint = breaks[i + 1] === 1 ? UP : DOWN;
    const [left, right, level] = [x(breaks[i + 2]), x(breaks[i + 3]), y(breaks[i + 4] * tick)];
    line(context, [left, level, right, level], tint, isSwing ? 1.5 * size : size, !isSwing);
    context.fillStyle = tint;
    const above = breaks[i + 1] === 1 ? -3 : 11;
    context.fillText(BREAKS[breaks[i]], (left + right) / 2, level + above * size);
  }
}
function paintAlerts(context, x, y, inView, size) {
  for (let i = 0; i < alerts.length; i += 3) {
    if (!inView(alerts[i + 1], alerts[i + 1])) continue;
    const row = candles.dataByIndex(alerts[i + 1]);
    if (row === null) continue;
    const isLong = alerts[i] === 1;
    const at = y(isLong ? row.low : row.high) + (isLong ? 8 : -8) * size;
    context.fillStyle = alerts[i + 2] === 1 ? (isLong ? UP : DOWN) : FAINT;
    context.beginPath();
    context.arc(x(alerts[i + 1]), at, 3 * size, 0, 7);
    context.fill();
  }
}
function paintTrades(context, x, y, inView, isNear, size) {
  data.trades.forEach((trade, i) => {
    if (!inView(trade.from, trade.to)) return;
    const tint = trade.side === 1 ? UP : DOWN;
    const [left, right] = [x(trade.from), x(trade.to)];
    const width = (i === chosen ? 3 : 1.5) * size;
    line(context, [left, y(trade.entry), right, y(trade.exit)], tint, width, false);
    if (!isNear) return;
    line(context, [left, y(trade.stop), right, y(trade.stop)], DOWN, size, true);
    if (trade.finalStop !== trade.stop) {
      line(context, [left, y(trade.finalStop), right, y(trade.finalStop)], FAINT, size, true);
    }
    arrow(context, left, y(trade.entry), trade.side, tint, size);
    arrow(context, right, y(trade.exit), -trade.side, FAINT, size);
    if (i !== chosen) return;
    context.font = 12 * size + 'px system-ui, sans-serif';
    context.textAlign = 'left';
    context.fillStyle = colour('--text');
    context.fillText(trade.label, right + 8 * size, y(trade.exit));
  });
}
function line(context, [x1, y1, x2, y2], tint, width, isDotted) {
  context.strokeStyle = tint;
  context.lineWidth = width;
  context.setLineDash(isDotted ? [3 * width, 3 * width] : []);
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
function arrow(context, x, y, direction, tint, size) {
  context.fillStyle = tint;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - 5 * size, y + 9 * size * direction);
  context.lineTo(x + 5 * size, y + 9 * size * direction);
  context.fill();
}
let redraw = () => {};
candles.attachPrimitive({
  attached: ({ requestUpdate }) => { redraw = requestUpdate; },
  updateAllViews: () => {},
  paneViews: () => [{
    zOrder: () => 'top',
    renderer: () => ({
      draw: (target) => target.useBitmapCoordinateSpace((scope) => paint(scope.context, scope)),
    }),
  }],
});

const last = data.bars.length;
chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, last - 400), to: last + 10 });
function showTrade(index) {
  chosen = index;
  const trade = data.trades[index];
  const room = Math.max(40, 2 * (trade.to - trade.from));
  chart.timeScale().setVisibleLogicalRange({ from: trade.from - room, to: trade.to + room });
  redraw();
  document.getElementById('price').scrollIntoView({ block: 'center' });
  for (const row of document.querySelectorAll('tr.chosen')) row.classList.remove('chosen');
  document.querySelector('tr[data-trade="' + index + '"]').classList.add('chosen');
}
document.getElementById('trades').addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-trade]');
  if (row !== null) showTrade(Number(row.dataset.trade));
});
for (const box of document.querySelectorAll('input[data-show]')) {
  box.addEventListener('change', () => {
    shown[box.dataset.show] = box.checked;
    redraw();
  });
}
document.getElementById('whole').addEventListener('click', () => chart.timeScale().fitContent());

if (data.equity.length > 1) {
  const curve = createChart(document.getElementById('equity'), LOOK);
  const options = { color: colour('--ours'), lineWidth: 2, priceLineVisible: false };
  const equity = curve.addSeries(LineSeries, options);
  equity.setData(data.equity.map(([time, value]) => ({ time, value })));
  let peak = -Infinity;
  const fall = curve.addSeries(AreaSeries, {
    lineColor: DOWN, topColor: 'transparent', bottomColor: DOWN + '44', lineWidth: 1,
    priceLineVisible: false, invertFilledArea: true,
    priceFormat: { type: 'custom', formatter: (value) => value.toFixed(2) + ' %' },
  }, 1);
  fall.setData(data.equity.map(([time, value]) => {
    peak = Math.max(peak, value);
    return { time, value: 100 * (value / peak - 1) };
  }));
  curve.timeScale().fitContent();
}
window.qcm = { chart, showTrade };
document.body.dataset.drawn = String(data.bars.length);
`;
