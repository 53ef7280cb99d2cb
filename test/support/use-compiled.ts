import { inject } from 'vitest';

// For the programs that the tests start. The processes that run the tests began without it: they would write theirs
// when they end, which is while the directory is being removed.
process.env['NODE_COMPILE_CACHE'] = inject('compiled');
