import { defineConfig } from 'vitest/config';

// Service, browser and chaos suites end in `.service.test.ts`, `.browser.test.ts` and
// `.chaos.test.ts` and have commands of their own: `npm test` needs no service and no network.
const suite = process.env.QCM_SUITE ?? 'unit';
const special = ['service', 'browser', 'chaos'];

export default defineConfig({
  test: {
    include:
      suite === 'unit'
        ? ['{src,indicators,strategy,data,backtests,bench}/**/*.test.ts', '.ci/**/*.test.ts']
        : [`{src,indicators,strategy,data,backtests}/**/*.${suite}.test.ts`],
    exclude: [
      'node_modules/**',
      'dist/**',
      ...(suite === 'unit' ? special.map((s) => `**/*.${s}.test.ts`) : []),
    ],
    pool: 'forks',
    // Daemons, exchanges and servers that keep time: two files at once only disturb each other.
    fileParallelism: suite !== 'service',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: `.cache/vitest-${suite}.json` },
  },
});
