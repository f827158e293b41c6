/** Draws the three figures of the page; `data` is what `study-page.ts` gives. Text by textContent only. */
export const STUDY_SCRIPT = `
const NS = 'http://www.w3.org/2000/svg';
function make(name, attributes, text) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
function canvas(id, width, height, label) {
  const svg = make('svg', { viewBox: '0 0 ' + width + ' ' + height, role: 'img', 'aria-label': label });
  document.getElementById(id).append(svg);
  return svg;
}
function short(value) {
  const text = typeof value === 'number' ? String(Number(value.toPrecision(4))) : JSON.stringify(value);
  return text.length > 22 ? text.slice(0, 21) + '…' : text;
}

function drawProgress() {
  const points = data.progress.filter((p) => p.value !== null);
  const svg = canvas('progress', 1000, 220, 'best so far by trial');
  if (points.length === 0) { svg.append(make('text', { x: 20, y: 40 }, 'no trial has figures')); return; }
  const values = points.map((p) => p.value);
  const low = Math.min(...values), high = Math.max(...values);
  const last = Math.max(1, ...data.progress.map((p) => p.number));
  const x = (n) => 60 + (n / last) * 920;
  const y = (v) => 195 - ((v - low) / (high - low || 1)) * 175;
  let best, path = '';
  for (const p of points) {
    svg.append(make('circle', { cx: x(p.number), cy: y(p.value), r: 2, class: 'dot',
      opacity: p.isAllowed ? 0.9 : 0.3 }));
    if (!p.isAllowed || (best !== undefined && p.value <= best)) continue;
    path += best === undefined ? 'M' + x(p.number) + ' ' + y(p.value)
      : 'H' + x(p.number) + 'V' + y(p.value);
    best = p.value;
  }
  if (best !== undefined) svg.append(make('path', { d: path + 'H' + x(last), class: 'step' }));
  for (const v of [low, high]) svg.append(make('text', { x: 4, y: y(v) + 4 }, v.toPrecision(4)));
  svg.append(make('text', { x: 60, y: 214 }, 'trial 0 to ' + last + ': ' + data.objective));
}

function drawImportance() {
  const rows = data.shares;
  if (rows.length === 0) return;
  const svg = canvas('importance', 1000, rows.length * 22 + 10, 'importance of parameters');
  const most = Math.max(0.01, ...rows.map((row) => row.share));
  rows.forEach((row, i) => {
    const top = 5 + i * 22;
    svg.append(make('text', { x: 8, y: top + 14 }, row.path));
    const bar = make('rect', { x: 260, y: top + 3, width: (row.share / most) * 620, height: 14, class: 'bar' });
    const notes = row.groups.map((g) => g.label + ': mean rank ' + g.meanRank.toFixed(2) + ' of ' + g.trials);
    bar.append(make('title', {}, notes.join('\\n')));
    svg.append(bar);
    svg.append(make('text', { x: 270 + (row.share / most) * 620, y: top + 14 },
      (row.share * 100).toFixed(1) + ' % of ' + row.trials + ' trials'));
  });
}

function drawParallel() {
  const axes = data.parameters;
  const width = Math.max(900, axes.length * 105);
  const svg = canvas('parallel', width, 430, 'parallel coordinates of all trials');
  const x = (i) => 50 + (i * (width - 110)) / Math.max(1, axes.length - 1);
  const place = (axis, value) => {
    if (axis.kind === 'choice') {
      const texts = axis.choices.map((c) => JSON.stringify(c));
      return (texts.indexOf(JSON.stringify(value)) + 0.5) / texts.length;
    }
    if (axis.high === axis.low) return 0.5;
    const scale = axis.log ? Math.log : (v) => v;
    return (scale(value) - scale(axis.low)) / (scale(axis.high) - scale(axis.low));
  };
  const y = (share) => 380 - share * 330;
  const ordered = [...data.lines].sort((a, b) => b.place - a.place);
  for (const line of ordered) {
    let path = '';
    axes.forEach((axis, i) => {
      if (!Object.hasOwn(line.values, axis.path)) return;
      path += (path === '' ? 'M' : 'L') + x(i) + ' ' + y(place(axis, line.values[axis.path]));
    });
    const isBest = line.number === data.best;
    const hue = 160 - 150 * line.place;
    const node = make('path', { d: path, class: 'line', stroke: isBest ? 'currentColor' : 'hsl(' + hue + ' 65% 45%)',
      'stroke-width': isBest ? 3 : 1, opacity: isBest ? 1 : line.isAllowed ? 0.55 : 0.12 });
    node.append(make('title', {}, 'trial ' + line.number));
    svg.append(node);
  }
  axes.forEach((axis, i) => {
    svg.append(make('line', { x1: x(i), x2: x(i), y1: 50, y2: 380, class: 'axis' }));
    const [group, ...rest] = axis.path.split('.');
    svg.append(make('text', { x: x(i), y: 16, 'text-anchor': 'middle' }, rest.length > 0 ? group : ''));
    svg.append(make('text', { x: x(i), y: 30, 'text-anchor': 'middle' }, rest.join('.') || group));
    if (axis.kind === 'choice') {
      axis.choices.forEach((choice, c) => svg.append(make('text',
        { x: x(i) + 4, y: y((c + 0.5) / axis.choices.length) + 4 }, short(choice).slice(0, 14))));
      return;
    }
    svg.append(make('text', { x: x(i), y: 396, 'text-anchor': 'middle' }, short(axis.low)));
    svg.append(make('text', { x: x(i), y: 45, 'text-anchor': 'middle' }, short(axis.high)));
  });
}
drawProgress();
drawImportance();
drawParallel();
`;
