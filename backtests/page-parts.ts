import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PageOptions {
  title: string;
  /** Of the page itself; the colours of `PAGE_STYLE` come first. */
  style: string;
  /** Trusted markup: hostile text must have gone through `escapeHtml`. */
  body: string;
  /** Given to the script as `data`; anything that JSON can hold. */
  data: unknown;
  /** Runs in the page after the chart library; text goes in by `textContent` only. */
  script: string;
}

/** Light and dark, as the reader's system says. Colours of gain and loss differ in lightness too. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --panel: #f5f7fa; --text: #1c2330;
  --faint: #667085; --line: #dde2ea; --up: #0f766e; --down: #b42318; --theirs: #c2410c;
  --ours: #1d4ed8; --warn: #92400e; --warn-back: #fef3c7; }
@media (prefers-color-scheme: dark) {
  :root { --back: #10141b; --panel: #181e28; --text: #e3e7ee; --faint: #98a2b3; --line: #2a3342;
    --up: #2dd4bf; --down: #f97066; --theirs: #fb923c; --ours: #7ea6ff; --warn: #fde68a;
    --warn-back: #422006; }
}
* { box-sizing: border-box; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 1500px;
  background: var(--back); color: var(--text); overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
pre { background: var(--panel); padding: .75rem; overflow: auto; }
.chart { height: 360px; margin-bottom: 1.5rem; }
`;

/**
 * One HTML file that needs nothing else: the chart library is in it and nothing is loaded from
 * anywhere. Its own policy runs no script but the two whose hashes it names, so that hostile text
 * which slipped through would still not run.
 */
export function htmlPage(options: PageOptions): string {
  const library = safeScript(chartLibrary());
  const draw = safeScript(`'use strict';\nconst data = JSON.parse(document.getElementById('data')
  .textContent);\n${options.script}`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(library)} ${hashOf(draw)}`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<title>${escapeHtml(options.title)}</title>
<style>${PAGE_STYLE}${options.style}</style>
<body>
${options.body}
<script type="application/json" id="data">${safeJson(options.data)}</script>
<script>${library}</script>
<script>${draw}</script>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => named[sign]);
}

function chartLibrary(): string {
  const main = createRequire(import.meta.url).resolve('lightweight-charts/package.json');
  const path = join(dirname(main), 'dist/lightweight-charts.standalone.production.js');
  return readFileSync(path, 'utf8');
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
