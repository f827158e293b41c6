/** Every expected failure of the project: a stable code, what happened, and what to do about it. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  /** What the user can do; printed on its own line. */
  readonly hint: string | undefined;

  constructor(code: AppErrorCode, message: string, hint?: string) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.hint = hint;
  }
}

/**
 * Stable codes, one area a prefix. A code is never reused for another meaning.
 * The prefix decides the exit code of the command line (see `src/cli/main.ts`).
 */
export type AppErrorCode =
  | `USAGE_${string}`
  | `CONFIG_${string}`
  | `DATA_${string}`
  | `ENGINE_${string}`
  | `EXCHANGE_${string}`
  | `STORE_${string}`
  | `CONTROL_${string}`
  | `RESEARCH_${string}`;

/** The names closest to what was typed, best first, for "did you mean". */
export function closestNames(typed: string, known: readonly string[], count = 3): string[] {
  const limit = Math.max(2, Math.floor(typed.length / 2));
  return known
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter((entry) => entry.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map((entry) => entry.name);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost));
    }
    previous = row;
  }
  return previous[b.length];
}
