import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * A page that needs nothing else and loads nothing. Its own policy runs no script but the ones given
 * here, by hash, so that text from elsewhere stays text even where an escape were forgotten.
 * `body` must be escaped already; `data` is read by the scripts from the element `data`.
 */
export function selfContainedPage(page: {
  title: string;
  style: string;
  body: string;
  data?: unknown;
  scripts: readonly string[];
}): string {
  const scripts = page.scripts.map(safeScript);
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.length > 0 ? scripts.map(hashOf).join(' ') : "'none'"}`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data =
    page.data === undefined
      ? ''
      : `<script type="application/json" id="data">${safeJson(page.data)}</script>\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)}</title>
<style>${page.style}</style>
${page.body}
${data}${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</html>
`;
}

/** The source of the chart library, for a script element. */
export function chartLibrary(): string {
  const main = createRequire(import.meta.url).resolve('lightweight-charts/package.json');
  const path = join(dirname(main), 'dist/lightweight-charts.standalone.production.js');
  return readFileSync(path, 'utf8');
}

export function escapeHtml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => named[sign]);
}

/** A script element ends at the first closing tag, wherever that stands. */
function safeScript(source: string): string {
  return source.replace(/<(?=\/script|!--)/gi, '\\x3c');
}

function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

function hashOf(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
