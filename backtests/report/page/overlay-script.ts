/**
 * Runs in the page: draws what happened over the candles, only for the bars that are visible. One
 * primitive instead of thousands of markers, so that a pan costs the same on any length of run.
 */
export const OVERLAY_SCRIPT = `
function rowsOf(packed, width) {
  const numbers = unpackInts(packed);
  const rows = [];
  let first = 0;
  for (let i = 0; i < numbers.length; i += width) {
    first += numbers[i];
    rows.push([first, ...numbers.slice(i + 1, i + width)]);
  }
  return rows;
}
/** Index of the first row whose key is at or after a bar; rows ascend by key. */
function firstAt(rows, bar, key) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(rows[middle]) < bar) low = middle + 1;
    else high = middle;
  }
  return low;
}
function structureOf(packed, tick) {
  const breaks = rowsOf(packed.breaks, 6).map(([to, span, price, swing, bull, kind]) => (
    { to, from: to - span, price: price * tick, swing, bull, kind }));
  const blocks = rowsOf(packed.blocks, 5).map(([from, span, top, bottom, bull]) => (
    { from, to: from + span, top: top * tick, bottom: bottom * tick, bull }));
  // Blocks live long: the latest end up to each block says where a search may stop.
  let latest = -1;
  for (const block of blocks) block.latest = latest = Math.max(latest, block.to);
  return { breaks, blocks };
}
class Overlay {
  constructor(data, layers) {
    this.layers = layers;
    this.structure = structureOf(data.structure, data.bars.tick);
    this.alerts = data.alerts;
    this.trades = data.trades.map((trade, i) => ({ ...trade, i }))
      .sort((a, b) => a.entryBar - b.entryBar);
    this.longest = Math.max(0, ...this.trades.map((trade) => trade.exitBar - trade.entryBar));
    this.tags = data.tags.map(({ name, turns }) => ({ name, turns: sums(unpackInts(turns)) }));
    this.count = data.bars.count;
    this.selected = -1;
    // Bar of the run that is the chart's first.
    this.base = 0;
    this.colours = {};
    const draw = (target) => target.useMediaCoordinateSpace((scope) => this.draw(scope));
    const below = { renderer: () => ({ draw: (target) =>
      target.useMediaCoordinateSpace((scope) => this.drawBelow(scope)) }), zOrder: () => 'bottom' };
    const above = { renderer: () => ({ draw }), zOrder: () => 'top' };
    this.views = [below, above];
  }
  attached({ chart, series, requestUpdate }) {
    this.chart = chart;
    this.series = series;
    this.update = requestUpdate;
  }
  paneViews() { return this.views; }
  updateAllViews() {}
  /** Bars lie side by side at one distance: two numbers a frame tell where each of them is. */
  x(bar) { return this.left + (bar - this.leftBar) * this.spacing; }
  y(price) { return this.series.priceToCoordinate(price); }
  range() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (!range) return range;
    const from = Math.floor(range.from);
    this.left = scale.logicalToCoordinate(from);
    this.leftBar = from + this.base;
    this.spacing = scale.options().barSpacing;
    return { from: this.leftBar, to: Math.ceil(range.to) + this.base };
  }
  drawBelow({ context: c, mediaSize }) {
    const range = this.range();
    if (!range) return;
    const isFar = range.to - range.from > 1500;
    if (this.layers.blocks) this.drawBlocks(c, range, isFar);
    if (this.layers.structure) this.drawBreaks(c, range, isFar);
    if (this.layers.tags) this.drawTags(c, range, mediaSize);
  }
  drawBlocks(c, { from, to }, isFar) {
    const { blocks } = this.structure;
    for (let i = firstAt(blocks, to, (block) => block.from) - 1; i >= 0; i--) {
      const block = blocks[i];
      if (block.latest < from) break;
      // From afar a short block is no wider than a line.
      if (block.to < from || (isFar && (block.to - block.from) * 200 < to - from)) continue;
      const left = this.x(block.from);
      const top = this.y(block.top);
      const width = this.x(Math.min(block.to, this.count)) - left;
      const height = Math.max(1, this.y(block.bottom) - top);
      c.fillStyle = block.bull ? this.colours.demand : this.colours.supply;
      c.fillRect(left, top, width, height);
    }
  }
  drawBreaks(c, { from, to }, isFar) {
    const { breaks } = this.structure;
    c.font = '10px system-ui, sans-serif';
    c.textAlign = 'center';
    for (let i = firstAt(breaks, from, (line) => line.to); i < breaks.length; i++) {
      const line = breaks[i];
      if (line.from > to && line.to > to + 2000) break;
      if (line.from > to || (isFar && !line.swing)) continue;
      const y = this.y(line.price);
      const [left, right] = [this.x(line.from), this.x(line.to)];
      c.strokeStyle = c.fillStyle = line.bull ? this.colours.up : this.colours.down;
      c.lineWidth = line.swing ? 1.5 : 1;
      c.setLineDash(line.swing ? [] : [3, 3]);
      c.beginPath();
      c.moveTo(left, y);
      c.lineTo(right, y);
      c.stroke();
      const name = ['BOS', 'CHoCH', 'CHoCH+'][line.kind];
      if (right - left > 26) c.fillText(name, (left + right) / 2, y + (line.bull ? -4 : 11));
    }
    c.setLineDash([]);
  }
  drawTags(c, { from, to }, size) {
    const step = 9;
    // Whole bars only: the library knows no place between two of them.
    const half = this.spacing / 2;
    const top = size.height - 10 - this.tags.length * step;
    this.tags.forEach(({ name, turns }, row) => {
      const y = top + row * step;
      c.fillStyle = /BEAR|SUPPLY|DOWN|SELL|PREMIUM|SHORT/.test(name)
        ? this.colours.down : /BULL|DEMAND|UP|BUY|DISCOUNT|LONG/.test(name)
        ? this.colours.up : this.colours.soft;
      c.globalAlpha = 0.55;
      let i = firstAt(turns, from, (bar) => bar);
      if (i % 2 === 1) i--;
      for (; i < turns.length && turns[i] <= to; i += 2) {
        const left = this.x(turns[i]) - half;
        const end = this.x(turns[i + 1] ?? this.count) - half;
        c.fillRect(left, y, Math.max(1, end - left), step - 2);
      }
      c.globalAlpha = 1;
      this.label(c, name, 44, y + 3, this.colours.ink, 8);
    });
  }
  draw({ context: c }) {
    const range = this.range();
    if (!range) return;
    const isFar = range.to - range.from > 1500;
    if (this.layers.alerts && !isFar) this.drawAlerts(c, range);
    if (this.layers.trades) this.drawTrades(c, range, isFar);
  }
  drawAlerts(c, { from, to }) {
    for (let i = firstAt(this.alerts, from, (alert) => alert.bar); i < this.alerts.length; i++) {
      const alert = this.alerts[i];
      if (alert.bar > to) break;
      c.fillStyle = c.strokeStyle = this.colours.accent;
      const y = this.y(alert.price);
      c.lineWidth = 1.2;
      c.beginPath();
      c.arc(this.x(alert.bar), y, 4, 0, 7);
      c.stroke();
    }
  }
  drawTrades(c, { from, to }, isFar) {
    const { trades } = this;
    for (let i = firstAt(trades, from - this.longest, (t) => t.entryBar); i < trades.length; i++) {
      const trade = trades[i];
      if (trade.entryBar > to) break;
      if (trade.exitBar >= from) this.drawTrade(c, trade, isFar);
    }
  }
  drawTrade(c, trade, isFar) {
    const { colours } = this;
    const [left, right] = [this.x(trade.entryBar), this.x(trade.exitBar)];
    const result = trade.net > 0 ? colours.up : colours.down;
    const isOn = trade.i === this.selected;
    const entryY = this.y(trade.entry);
    if (isOn) {
      c.fillStyle = colours.mark;
      c.fillRect(left - 4, 0, Math.max(2, right - left) + 8, 5000);
    }
    c.strokeStyle = result;
    c.lineWidth = isOn ? 2.5 : 1.5;
    c.beginPath();
    c.moveTo(left, entryY);
    c.lineTo(right, this.y(trade.exit));
    c.stroke();
    if (isFar) return;
    this.drawStop(c, trade, right);
    for (const [bar, price, role, side, , maker] of trade.fills) {
      const isEntry = role === 'e';
      const colour = isEntry ? (trade.isLong ? colours.up : colours.down) : colours.exit;
      this.arrow(c, this.x(bar), this.y(price), { side, colour, isHollow: maker === 1 });
    }
    this.drawLegs(c, trade);
    const sign = trade.r > 0 ? '+' : '';
    this.label(c, sign + trade.r.toFixed(2) + ' R ' + trade.reason, right + 6, this.y(trade.exit), result);
  }
  drawStop(c, trade, right) {
    c.strokeStyle = this.colours.stop;
    c.lineWidth = 1.3;
    c.setLineDash([5, 3]);
    c.beginPath();
    trade.stops.forEach(([bar, price], i) => {
      const y = this.y(price);
      if (i === 0) c.moveTo(this.x(bar), y);
      else c.lineTo(this.x(bar), y);
      c.lineTo(i + 1 < trade.stops.length ? this.x(trade.stops[i + 1][0]) : right, y);
    });
    c.stroke();
    c.setLineDash([]);
  }
  drawLegs(c, trade) {
    trade.legs.forEach((leg, row) => {
      const y = 14 + row * 13;
      for (const [bar, , side] of leg.fills) {
        const x = this.x(bar);
        c.fillStyle = side === 1 ? this.colours.up : this.colours.down;
        c.fillRect(x - 3, y - 3, 6, 6);
      }
      if (leg.fills.length === 0) return;
      const text = (leg.isLong ? 'long ' : 'short ') + leg.symbol;
      this.label(c, text, this.x(leg.fills[0][0]) + 6, y, this.colours.soft);
    });
  }
  arrow(c, x, y, { side, colour, isHollow }) {
    const size = 7;
    c.beginPath();
    c.moveTo(x, y + side * 2);
    c.lineTo(x - size / 1.6, y + side * (size + 4));
    c.lineTo(x + size / 1.6, y + side * (size + 4));
    c.closePath();
    c.fillStyle = isHollow ? this.colours.card : colour;
    c.strokeStyle = isHollow ? colour : this.colours.card;
    c.lineWidth = isHollow ? 1.6 : 1;
    c.fill();
    c.stroke();
  }
  label(c, text, x, y, colour, size = 10) {
    c.font = size + 'px system-ui, sans-serif';
    c.textAlign = 'left';
    c.lineWidth = 3;
    c.strokeStyle = this.colours.card;
    c.strokeText(text, x, y + 3);
    c.fillStyle = colour;
    c.fillText(text, x, y + 3);
  }
}
`;
