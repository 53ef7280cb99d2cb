import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// For `--import`: writes the URL of each module that the process and its children load into a file, one a line.
const file = process.env['LOADED_MODULES_FILE'] ?? '';

registerHooks({
  load: (url, context, nextLoad) => {
    appendFileSync(file, `${url}\n`);
    return nextLoad(url, context);
  },
});
