import { escapeHtml } from '../../page-parts.ts';

/** Figures of a summary read back from JSON are null where they do not exist. */
export type Figure = number | undefined | null;

export function fixed(value: Figure, digits: number): string {
  if (!isKnown(value)) return '–';
  const text = value.toFixed(digits);
  // "-0.00" would say that there is a loss.
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

export function percent(value: Figure, digits = 1): string {
  return isKnown(value) ? `${fixed(value * 100, digits)} %` : '–';
}

/** Thousands apart by narrow spaces, so that columns stay readable in any language. */
export function money(value: Figure): string {
  if (!isKnown(value)) return '–';
  return fixed(value, 2).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

export function isKnown(value: Figure): value is number {
  return value !== undefined && value !== null && Number.isFinite(value);
}

/** Class of a figure that is good above zero. */
export function tone(value: Figure): string {
  if (!isKnown(value) || value === 0) return '';
  return value > 0 ? 'good' : 'bad';
}

export interface Cell {
  text: string;
  tone?: string;
  /** Strength of the background, 0 to 1, of a heat map. */
  heat?: number;
}

/** A table that scrolls inside itself when it is too wide. All text is escaped here. */
export function dataTable(
  titles: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  left: readonly number[] = [0],
): string {
  const isLeft = new Set(left);
  const open = (tag: string, i: number, cell?: Cell) => {
    const classes = [isLeft.has(i) ? 'l' : '', cell?.tone ?? '', cell?.heat ? 'heat' : ''];
    const names = classes.filter(Boolean).join(' ');
    const style = cell?.heat ? ` style="--heat:${Math.round(cell.heat * 100)}%"` : '';
    return `<${tag}${names === '' ? '' : ` class="${escapeHtml(names)}"`}${style}>`;
  };
  const head = titles.map((title, i) => `${open('th', i)}${escapeHtml(title)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((each, i) => {
      const cell = typeof each === 'string' ? { text: each } : each;
      return `${open('td', i, cell)}${escapeHtml(cell.text)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

/** A titled block of the page; the label stands in every one of a simulated run. */
export function section(options: {
  title: string;
  note?: string;
  body: string;
  isSimulated: boolean;
  id?: string;
  isWide?: boolean;
}): string {
  const { title, note, body, isSimulated, id, isWide } = options;
  const badge = isSimulated ? '<span class="sim">SIMULATED</span>' : '';
  const idText = id === undefined ? '' : ` id="${escapeHtml(id)}"`;
  return `<section${idText}${isWide ? ' class="wide"' : ''}><h2>${escapeHtml(title)}${badge}</h2>${
    note === undefined ? '' : `<p class="note">${escapeHtml(note)}</p>`
  }${body}</section>`;
}
