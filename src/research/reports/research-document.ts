/** A report before it has a form: the same content becomes a page, a terminal text, Markdown. */
export interface ResearchDocument {
  title: string;
  /** What data it stands on; begins with SIMULATED where it is. */
  label: string;
  sections: Section[];
}

export interface Section {
  heading: string;
  paragraphs?: string[];
  /** Printed large on the page, bold elsewhere. */
  verdict?: string;
  tables?: Table[];
  charts?: Chart[];
}

export interface Table {
  head: string[];
  rows: string[][];
}

export interface Chart {
  title: string;
  /** Lines share both axes. */
  lines: { name: string; points: { x: number; y: number }[] }[];
  /** How x and y read at the ends of their axes. */
  formatX: (x: number) => string;
  formatY: (y: number) => string;
}

/** Charts are left out: Markdown and terminals have none. */
export function toMarkdown(document: ResearchDocument, options: { level?: number } = {}): string {
  const mark = '#'.repeat(options.level ?? 1);
  const parts = [`${mark} ${document.title}`, document.label];
  for (const section of document.sections) {
    parts.push(`${mark}# ${section.heading}`);
    if (section.verdict !== undefined) parts.push(`**${section.verdict}**`);
    parts.push(...(section.paragraphs ?? []));
    parts.push(...(section.tables ?? []).map(markdownTable));
  }
  return `${parts.join('\n\n')}\n`;
}

function markdownTable({ head, rows }: Table): string {
  const cells = (values: readonly string[]) =>
    `| ${values.map((value) => value.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [cells(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(cells)].join('\n');
}

/** The same for a terminal: columns aligned. */
export function toText(document: ResearchDocument): string {
  const parts = [`${document.title}\n${document.label}`];
  for (const section of document.sections) {
    const lines = [section.heading];
    if (section.verdict !== undefined) lines.push(section.verdict);
    lines.push(...(section.paragraphs ?? []));
    parts.push(lines.join('\n'));
    parts.push(...(section.tables ?? []).map(textTable));
  }
  return `${parts.join('\n\n')}\n`;
}

function textTable({ head, rows }: Table): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) => `  ${row.map((value, i) => value.padEnd(widths[i])).join('  ')}`.trimEnd())
    .join('\n');
}

export function fixed(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits);
}

export function percent(fraction: number | undefined, digits = 1): string {
  return fraction === undefined || !Number.isFinite(fraction)
    ? '-'
    : `${(fraction * 100).toFixed(digits)} %`;
}

export function range(interval: { low: number; high: number } | undefined, digits = 2): string {
  return interval === undefined
    ? 'no interval'
    : `${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)}`;
}

export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
