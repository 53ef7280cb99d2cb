// Loaded into the program by --import: writes down every file that Node loads, with the process it is loaded into.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const file = process.env['MODULES_FILE'];
if (file === undefined) throw new Error('MODULES_FILE is missing');

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('node:')) appendFileSync(file, `${process.pid} ${url}\n`);
    return nextLoad(url, context);
  },
});
