import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian and other systems put it; `QCM_CHROMIUM` wins. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export type Look = 'light' | 'dark';

/** A real browser for the suites that look at pages. */
export function findChromium(): string | undefined {
  return [process.env.QCM_CHROMIUM ?? '', ...PLACES].find(
    (path) => path !== '' && existsSync(path),
  );
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: apt-get install chromium');
  // As root, as in a container, it starts only without its sandbox.
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** An open page and everything it complained about; requests beside the file itself are listed. */
export interface OpenPage {
  page: Page;
  errors: string[];
  requests: string[];
  /** From the start of navigation to the load event and one frame drawn. */
  openMs: number;
}

export async function openFile(
  browser: Browser,
  path: string,
  options: { width: number; look?: Look },
): Promise<OpenPage> {
  const { width, look = 'light' } = options;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: look });
  const errors: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) requests.push(request.url());
  });
  const from = performance.now();
  await page.goto(url, { waitUntil: 'load' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))');
  return { page, errors, requests, openMs: performance.now() - from };
}

/** Whether the page is wider than the window: on a phone nobody wants to scroll sideways. */
export async function overflowsSideways(page: Page): Promise<boolean> {
  return await page.evaluate('document.documentElement.scrollWidth > window.innerWidth + 1');
}
