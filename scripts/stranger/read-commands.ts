import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The commands that the README gives below a heading, as they stand there.
 * @throws {Error} where there is no such block
 */
export function readReadmeCommand(project: string, heading: string): string {
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const [, command] = /```sh\n([^]*?)\n```/.exec(section ?? '') ?? [];
  if (command === undefined) throw new Error(`the README has no command below "${heading}"`);
  return command;
}

/** The words of the service's ExecStart line. @throws {Error} where it has none, or has quotes, which nobody reads here */
export function readExecStart(project: string): readonly string[] {
  const unit = readFileSync(join(project, 'config/systemd/s3-helper.service'), 'utf8');
  const [, line] = /^ExecStart=(.+)$/m.exec(unit) ?? [];
  if (line === undefined || /["'\\$%]/.test(line)) throw new Error(`an ExecStart line to read: ${line}`);
  return line.split(' ');
}
