import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ResearchDocument, toMarkdown, toText } from './research-document.ts';
import { researchPage } from './research-page.ts';
import { writeResearch } from './write-research.ts';

const hostile = '<img src=x onerror=alert(1)> | a';
const document: ResearchDocument = {
  title: 'Title',
  label: 'SIMULATED market, seed 1',
  sections: [
    {
      heading: 'First',
      verdict: 'INSUFFICIENT',
      paragraphs: [hostile],
      tables: [
        {
          head: ['name', 'value'],
          rows: [
            [hostile, '1'],
            ['b', '-'],
          ],
        },
      ],
      charts: [
        {
          title: 'line',
          lines: [{ name: 'a', points: [1, 3, 2].map((y, x) => ({ x, y })) }],
          formatX: String,
          formatY: (y) => y.toFixed(1),
        },
        { title: 'empty', lines: [], formatX: String, formatY: String },
      ],
    },
  ],
};

describe('a research report', () => {
  it('as a page loads nothing, escapes all text and warns of simulated data', () => {
    const page = researchPage(document, {});
    expect(page).toContain('<p class="simulated">SIMULATED market, seed 1</p>');
    expect(page).not.toContain('<img');
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('line: from 1.0 to\n3.0');
    expect(page).toContain('empty: nothing to draw');
  });

  it('of real data has no such warning', () => {
    const page = researchPage({ ...document, label: '3m: BTCUSDT' }, {});
    expect(page).toContain('<p class="label">3m: BTCUSDT</p>');
  });

  it('as Markdown keeps its tables whole', () => {
    const text = toMarkdown(document, { level: 2 });
    expect(text).toMatch(/^## Title\n\nSIMULATED/);
    expect(text).toContain('### First\n\n**INSUFFICIENT**');
    expect(text).toContain('onerror=alert(1)> \\| a | 1 |');
  });

  it('as text aligns its columns', () => {
    const lines = toText(document).split('\n');
    const head = lines.find((line) => line.includes('name'));
    const row = lines.find((line) => line.endsWith(' -'));
    expect(head?.indexOf('value')).toBe(row?.indexOf('-'));
  });

  it('is written as a page and as figures, and a disk that refuses is named', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'qcm-report-')), 'below');
    const [html, json] = writeResearch(document, { folder, name: 'x', data: { a: 1 } });
    expect(readFileSync(html, 'utf8')).toContain('<title>Title</title>');
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      label: document.label,
      data: { a: 1 },
    });
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => writeResearch(document, { folder: file, name: 'x', data: {} })).toThrow(
      /the report cannot be written/,
    );
  });
});
