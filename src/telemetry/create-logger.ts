import pino from 'pino';
import type { LogLevel } from '../config/config.ts';
import { LineBatch } from './line-batch.ts';
import { openLog } from './open-log.ts';

/** Sentences for operators, one JSON line each. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /**
   * Writes one line of a closed record, whose fields are known to hold no secret: many times quicker than a sentence, and
   * up to FLUSH_INTERVAL_MS later.
   * @param fields - `,"name":value` for each, as JSON has it
   */
  record(level: RecordLevel, fields: string, message: string): void;
  /** Changes the lowest level that is logged. */
  setLevel(level: LogLevel): void;
  /** Whether lines of that level are written at all. */
  isEnabled(level: RecordLevel): boolean;
  /** Writes out what is still in memory, as far as it is taken in a second; for the end of the process. */
  end(): Promise<void>;
}

export type RecordLevel = 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly level: string;
  readonly ident: string;
  /** Other processes write to the same place. */
  readonly isShared?: boolean | undefined;
  /** `stdout`, `stderr`, the path of a file, or what takes the lines in a test. */
  readonly destination: string | { write(line: string): void };
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
/** For the last lines, where the log's reader has stopped. */
const END_DEADLINE_MS = 1000;

/** @throws Node's error where the destination is a file and cannot be opened */
export function createLogger({ level, ident, destination, isShared = false }: LoggerOptions): Logger {
  const output = typeof destination === 'string' ? openLog(destination, isShared) : undefined;
  const batch =
    output &&
    new LineBatch(output.writer, { mostBytes: output.largestWriteBytes, delayMs: FLUSH_INTERVAL_MS });
  // Also after a crash, whose cause may be in them.
  process.once('exit', () => {
    batch?.flush();
    output?.writer.flushSync();
  });
  const addAtOnce = (line: string): void => {
    batch?.add(line);
    batch?.flush();
  };
  const sink = typeof destination === 'string' ? { write: addAtOnce } : destination;
  const logger = pino(
    {
      level,
      base: { name: ident, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: REDACTED_PATHS,
    },
    sink,
  );
  const origin = `"name":${JSON.stringify(ident)},"pid":${process.pid}`;
  const start = createLineStart(origin);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    record: (at, fields, message) => {
      const line = `${start(at)}${fields},"msg":"${message}"}\n`;
      if (batch === undefined) sink.write(line);
      else batch.add(line);
    },
    setLevel: (lowest) => {
      logger.level = lowest;
    },
    isEnabled: (at) => logger.isLevelEnabled(at),
    end: async () => {
      batch?.flush();
      await output?.writer.end(END_DEADLINE_MS);
    },
  };
}

/** What lines of this moment begin with; many share a millisecond and a level. */
function createLineStart(origin: string): (level: RecordLevel) => string {
  let atMs = NaN;
  let ofLevel: RecordLevel = 'info';
  let text = '';
  return (level) => {
    const nowMs = Date.now();
    if (nowMs !== atMs || level !== ofLevel) {
      atMs = nowMs;
      ofLevel = level;
      text = `{"level":"${level}","time":"${new Date(nowMs).toISOString()}",${origin}`;
    }
    return text;
  };
}
