/** A line of the log as it is to be shown. */
export type LineFormat = (line: string) => string;

const asIs: LineFormat = (line) => line;

/**
 * How the daemon's lines are shown: to people by pino-pretty, where that is installed (a checkout has it, an installed
 * package has not), to programs as they are.
 */
export async function loadLineFormat(isTerminal: boolean): Promise<LineFormat> {
  if (!isTerminal) return asIs;
  try {
    const { prettyFactory } = await import('pino-pretty');
    const format = prettyFactory({ colorize: true, singleLine: true, ignore: 'name,pid' });
    return (line) => format(line).trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return asIs;
    throw error;
  }
}
