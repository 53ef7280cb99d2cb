const { NODE_COMPILE_CACHE } = process.env;

/** Of the environment of every program that is started: what an earlier one has compiled. */
export const COMPILED: Readonly<Record<string, string>> =
  NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
