import type { Log } from '../config/config.ts';
import { createLogger, type Logger } from '../telemetry/create-logger.ts';

/** Opens the log, or prints why that cannot be and answers undefined. */
export function createLoggerOrExplain(log: Log): Logger | undefined {
  try {
    return createLogger(log);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    process.stderr.write(`s3-helper: log.destination: the file cannot be written: ${message}\n`);
    return undefined;
  }
}
