// Adds up the result files of the test runs and ends with the plain line that CI reads. A skipped test is a failure
// here: on this machine every tool is installed.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of process.argv.slice(2)) {
  const result = JSON.parse(readFileSync(file, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests ?? 0;
}
if (skipped > 0) console.log(`${skipped} tests were skipped, which is not allowed here`);
console.log(`${passed} passed, ${failed + skipped} failed`);
process.exitCode = failed + skipped > 0 || passed === 0 ? 1 : 0;
