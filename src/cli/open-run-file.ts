import type { ConfigSources } from '../config/read-config.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { ReloadOutcome, ReloadState } from './reloads.ts';
import {
  listRunFiles,
  readStartTime,
  removeRunFile,
  type RunFileContent,
  writeFirstRunFile,
  writeRunFile,
} from './run-file.ts';

/** The file by which `s3-helper reload` finds this process, and learns how its reloads end. */
export interface RunFile {
  /** @param outcome - of the last reload that has ended; undefined leaves the one before */
  write(state: ReloadState, outcome: ReloadOutcome | undefined): void;
  remove(): void;
}

/** Makes the file. @returns undefined where there is no place for it */
export function openRunFile({ file, environment }: ConfigSources, logger: Logger): RunFile | undefined {
  const { pid } = process;
  let content: RunFileContent = {
    pid,
    started: readStartTime(pid),
    config_file: file,
    reloads: { begun: 0, ended: 0, reasons: [], warnings: [] },
  };
  const path = writeFirstRunFile(listRunFiles(file, environment), content);
  if (path === undefined) {
    logger.debug({}, 'there is no place for a run file; s3-helper reload will not find this process');
    return undefined;
  }
  return {
    write: ({ begun, applied, refused }, outcome) => {
      const told = outcome === undefined ? content.reloads : toReport(outcome);
      content = { ...content, reloads: { ...told, begun, ended: applied + refused } };
      try {
        writeRunFile(path, content);
      } catch (error) {
        logger.error(
          { path, cause: String(error) },
          'the run file cannot be written; s3-helper reload will wait in vain',
        );
      }
    },
    remove: () => removeRunFile(path, pid),
  };
}

function toReport({ isApplied, reasons, warnings }: ReloadOutcome) {
  return {
    outcome: isApplied ? 'applied' : 'refused',
    reasons,
    warnings,
  } as const;
}
