import pino from 'pino';

/** Sentences for operators, one JSON line each. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /**
   * Writes one line of a closed record, whose fields are known to hold no secret: many times quicker than a sentence, and
   * up to FLUSH_INTERVAL_MS later.
   */
  record(level: RecordLevel, fields: object, message: string): void;
  /** Writes out what is still in memory; for the end of the process. */
  flush(): void;
}

export type RecordLevel = 'info' | 'warn' | 'error';

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

const FLUSH_INTERVAL_MS = 100;
/** A write of up to 4096 bytes into a pipe is one piece (pipe(7)), so the lines of several workers stay whole. */
const LARGEST_WRITE_BYTES = 4096;
/** Enough for one write to carry several lines. */
const LEAST_WRITE_BYTES = 3072;

export function createLogger(options: LoggerOptions): Logger {
  const { level, ident } = options;
  const standardOutput = options.destination === undefined ? openStandardOutput() : undefined;
  const destination = options.destination ?? standardOutput;
  const logger = pino(
    {
      level,
      base: { name: ident, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: REDACTED_PATHS,
    },
    destination,
  );
  const say = (at: RecordLevel | 'debug', fields: object, message: string): void => {
    logger[at](fields, message);
    standardOutput?.flush();
  };
  const origin = `"name":${JSON.stringify(ident)},"pid":${process.pid}`;
  return {
    info: (fields, message) => say('info', fields, message),
    warn: (fields, message) => say('warn', fields, message),
    error: (fields, message) => say('error', fields, message),
    debug: (fields, message) => say('debug', fields, message),
    record: (at, fields, message) => {
      if (!logger.isLevelEnabled(at)) return;
      const time = new Date().toISOString();
      const body = JSON.stringify(fields).slice(1, -1);
      destination?.write(`{"level":"${at}","time":"${time}",${origin},${body},"msg":"${message}"}\n`);
    },
    flush: () => standardOutput?.flushSync(),
  };
}

/** Asynchronous, so that a slow reader of the log slows no request, and several lines at a time. */
function openStandardOutput(): ReturnType<typeof pino.destination> {
  return pino.destination({
    dest: 1,
    sync: false,
    minLength: LEAST_WRITE_BYTES,
    maxWrite: LARGEST_WRITE_BYTES,
    periodicFlush: FLUSH_INTERVAL_MS,
  });
}
