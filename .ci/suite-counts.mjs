// Prints "passed failed skipped" of one vitest report. Runs on any Node.
// usage: node suite-counts.mjs REPORT.json EXIT_STATUS
import { readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
let report;
try {
  report = JSON.parse(readFileSync(path, 'utf8'));
} catch (error) {
  console.error(`no usable report of the run: ${error.message}`);
  console.log('0 1 0');
  process.exit(0);
}
// A file that does not load holds no tests, so the runner counts none of its own.
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
);
let failed = report.numFailedTests + broken.length;
// Errors outside of tests (an unhandled rejection) fail the run without failing a test.
if (failed === 0 && Number(status) !== 0) failed = 1;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} ${failed} ${skipped}`);
