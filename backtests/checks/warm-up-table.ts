import { type WarmUpOfColumn, warmUpText } from './warm-up.ts';

/** The worst of all series of one subject. */
export interface SubjectWarmUp {
  name: string;
  columns: readonly WarmUpOfColumn[];
}

/** One row a subject for what converges, one for what never does, one for what had no data. */
export function indicatorTable(subjects: readonly SubjectWarmUp[]): string {
  const rows = subjects.map(({ name, columns }) => {
    const named = (text: string) =>
      columns.filter((column) => warmUpText(column) === text).map((column) => column.column);
    const closed = columns.filter((column) => Number.isFinite(Number(warmUpText(column))));
    const slowest = closed.reduce((a, b) => (b.bars > a.bars ? b : a), closed[0]);
    const converge = slowest === undefined ? '' : `${slowest.bars} (${slowest.column})`;
    const cells = [
      String(closed.length),
      converge,
      named('never').join(', '),
      named('no data').join(', '),
    ];
    return row([name, ...cells]);
  });
  const titles = ['indicator', 'outputs that converge', 'slowest, bars', 'never', 'no data'];
  return [row(titles), row(titles.map(() => '---')), ...rows].join('\n');
}

/** One row a tag, one column a variant. */
export function tagTable(variants: readonly SubjectWarmUp[]): string {
  const [first] = variants;
  const titles = ['tag', ...variants.map((variant) => variant.name)];
  const rows = first.columns.map(({ column }, c) =>
    row([column, ...variants.map((variant) => warmUpText(variant.columns[c]))]),
  );
  return [row(titles), row(titles.map(() => '---')), ...rows].join('\n');
}

/** Bars that the slowest tag of any variant needs; infinite when one never converges. */
export function slowestTag(variants: readonly SubjectWarmUp[]): number {
  const columns = variants.flatMap((variant) => variant.columns);
  if (columns.some((column) => column.isOpen)) return Number.POSITIVE_INFINITY;
  return Math.max(...columns.map((column) => column.bars));
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
