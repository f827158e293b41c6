/** One line of the table. `note` is worth reading and stops nothing. */
export interface PreflightCheck {
  name: string;
  verdict: 'green' | 'note' | 'red';
  found: string;
  /** What to do about it. */
  fix?: string;
}

export interface PreflightReport {
  mode: PreflightMode;
  atMs: number;
  checks: PreflightCheck[];
  /** No check is red. */
  isPassed: boolean;
}

export type PreflightMode = 'paper' | 'demo' | 'live';

export function green(name: string, found: string): PreflightCheck {
  return { name, verdict: 'green', found };
}

export function note(name: string, found: string, fix?: string): PreflightCheck {
  return { name, verdict: 'note', found, fix };
}

export function red(name: string, found: string, fix: string): PreflightCheck {
  return { name, verdict: 'red', found, fix };
}

/** The table for people. */
export function preflightText(report: PreflightReport): string {
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  const lines = report.checks.flatMap(({ name, verdict, found, fix }) => {
    const line = `${verdict.padEnd(6)}${name.padEnd(width)}  ${found}`;
    return fix === undefined ? [line] : [line, `${' '.repeat(width + 8)}-> ${fix}`];
  });
  const reds = report.checks.filter(({ verdict }) => verdict === 'red').length;
  const end = report.isPassed ? 'passed' : `NOT passed: ${reds} red`;
  return [...lines, '', `preflight for ${report.mode} mode ${end}`].join('\n');
}
