import pino from 'pino';

/** Sentences for operators, one JSON line each. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /** Writes out what is still in memory; for the end of the process. */
  flush(): void;
}

export interface LoggerOptions {
  readonly level: string;
  readonly ident: string;
  /** Takes the lines in place of standard output; for tests. */
  readonly destination?: { write(line: string): void } | undefined;
}

/** Secrets never get into a log object; should one slip into an error some day, these names are still blanked. */
const REDACTED_PATHS = [
  'secretAccessKey',
  'sessionToken',
  'authorization',
  'headers',
  'credentials',
  'signature',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export function createLogger(options: LoggerOptions): Logger {
  // Asynchronous, so that a slow reader of the log slows no request.
  const standardOutput =
    options.destination === undefined ? pino.destination({ dest: 1, sync: false }) : undefined;
  const logger = pino(
    {
      level: options.level,
      base: { name: options.ident, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: REDACTED_PATHS,
    },
    options.destination ?? standardOutput,
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    flush: () => standardOutput?.flushSync(),
  };
}
