import { appendFileSync } from 'node:fs';

// Loaded into the daemon of the soak by --import, with --expose-gc. Collects the garbage now and then and writes down
// what is left, so that what is told of memory is what the program holds, and not what V8 has not looked at yet.

const COLLECT_EVERY_MS = 5000;

const { gc } = globalThis;
const file = process.env['SOAK_MEMORY_FILE'];
if (gc === undefined || file === undefined) throw new Error('--expose-gc or SOAK_MEMORY_FILE is missing');

setInterval(() => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, atMs: Date.now(), heapUsed, external })}\n`);
}, COLLECT_EVERY_MS).unref();
