import { registerHooks } from 'node:module';

// For `--import`: the packages whose names begin with MISSING_PACKAGE are not there, as after an install that left it out.
const missing = process.env['MISSING_PACKAGE'] ?? '(none)';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.startsWith(missing)) return nextResolve(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
