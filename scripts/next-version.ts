const PATTERN = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * The version of a release (Semantic Versioning 2.0, without pre-releases).
 * @param current - of package.json
 * @param wanted - `major`, `minor`, `patch`, or a version that is higher
 * @param isFirst - nothing was released yet, so that `current` itself is free
 * @throws {Error} with a sentence for whoever asked
 */
export function nextVersion(current: string, wanted: string, { isFirst = false } = {}): string {
  const [major, minor, patch] = parseVersion(current);
  if (wanted === 'major') return `${major + 1}.0.0`;
  if (wanted === 'minor') return `${major}.${minor + 1}.0`;
  if (wanted === 'patch') return `${major}.${minor}.${patch + 1}`;
  if (!PATTERN.test(wanted))
    throw new Error(`${wanted} is no version; write major, minor, patch or one such as 1.2.3`);
  const order = compareVersions(wanted, current);
  if (order < 0 || (order === 0 && !isFirst)) throw new Error(`${wanted} is not higher than ${current}`);
  return wanted;
}

function compareVersions(one: string, other: string): number {
  const others = parseVersion(other);
  return parseVersion(one).reduce((order, number, at) => order || number - (others[at] ?? 0), 0);
}

function parseVersion(text: string): [major: number, minor: number, patch: number] {
  const [, major, minor, patch] = PATTERN.exec(text) ?? [];
  if (patch === undefined) throw new Error(`${text} is no version such as 1.2.3`);
  return [Number(major), Number(minor), Number(patch)];
}
