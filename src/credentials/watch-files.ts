import { type StatsListener, unwatchFile, watchFile } from 'node:fs';

/** Rotations come by rename or through a symbolic link, which only looking again sees on every file system. */
const POLL_MS = 2000;

/** Calls when one of the files becomes another; a missing file may appear. @returns stops watching */
export function watchFiles(files: readonly string[], onChange: (file: string) => void): () => void {
  const stops = files.map((file) => {
    const listener: StatsListener = (now, before) => {
      if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size)
        onChange(file);
    };
    watchFile(file, { interval: POLL_MS, persistent: false }, listener);
    return () => unwatchFile(file, listener);
  });
  return () => stops.forEach((stop) => stop());
}
