// Runs the built program's demo on several versions of Node, each from npm: smoke-test.mjs RESULT_FILE VERSION...
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEADLINE_MS = 60_000;
const [resultFile, ...versions] = process.argv.slice(2);
const main = join(import.meta.dirname, '..', 'dist', 'main.js');
const result = { numPassedTests: 0, numFailedTests: 0 };

for (const version of versions) {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-smoke-'));
  try {
    execFileSync('npm', [
      'install',
      '--silent',
      '--no-audit',
      '--no-fund',
      '--prefix',
      directory,
      `node@${version}`,
    ]);
    await runDemo(join(directory, 'node_modules', '.bin', 'node'));
    console.log(`ok: the demo on Node ${version}`);
    result.numPassedTests += 1;
  } catch (error) {
    console.log(`not ok: the demo on Node ${version}: ${error.message}`);
    result.numFailedTests += 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
writeFileSync(resultFile, JSON.stringify(result));
process.exitCode = result.numFailedTests > 0 ? 1 : 0;

/** Starts the demo, waits until it has read its own range right, ends it with SIGINT and expects exit code 0. */
async function runDemo(node) {
  const child = spawn(node, [main, 'demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let hasRead = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (hasRead || !output.includes('Ctrl-C ends it.')) return;
    hasRead = output.includes('262144 right bytes');
    child.kill('SIGINT');
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(deadline);
  if (!hasRead || code !== 0) throw new Error(`exit code ${code}, output:\n${output}`);
}
