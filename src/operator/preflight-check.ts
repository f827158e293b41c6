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
export function checksText(checks: readonly PreflightCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, verdict, found, fix }) => {
    const line = `${verdict.padEnd(6)}${name.padEnd(width)}  ${found}`;
    return fix === undefined ? [line] : [line, `${' '.repeat(width + 8)}-> ${fix}`];
  });
  const reds = checks.filter(({ verdict }) => verdict === 'red').length;
  return [...lines, '', reds === 0 ? 'nothing is red' : `${reds} red`].join('\n');
}

export function preflightText({ mode, checks, isPassed }: PreflightReport): string {
  const verdict = isPassed ? 'passed' : 'NOT passed';
  return `${checksText(checks)}: preflight for ${mode} mode ${verdict}`;
}
