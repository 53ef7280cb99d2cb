/** A commit since the release before. */
export interface Commit {
  readonly hash: string;
  readonly subject: string;
}

export interface Release {
  readonly version: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly commits: readonly Commit[];
}

const HEADING = '## Unreleased\n';

/**
 * The changelog with what was under "Unreleased" as the section of a release, the commits below it, and room for what
 * comes next.
 * @returns the whole page, and the new section by itself
 * @throws {Error} where nobody has written what users get, which no list of commits says
 */
export function releaseChangelog(
  page: string,
  { version, date, commits }: Release,
): { readonly page: string; readonly section: string } {
  const start = page.indexOf(HEADING);
  if (start === -1) throw new Error('the changelog has no section "## Unreleased"');
  const from = start + HEADING.length;
  const next = page.indexOf('\n## ', from - 1);
  const end = next === -1 ? page.length : next + 1;
  const entries = page.slice(from, end).trim();
  if (entries === '') throw new Error('nothing is written under "## Unreleased" in the changelog');
  if (page.includes(`\n## ${version} `))
    throw new Error(`the changelog has a section for ${version} already`);
  const list = commits.map(({ hash, subject }) => `- ${escapeMarkdown(subject)} (${hash})`);
  const section = [
    `## ${version} – ${date}`,
    entries,
    ...(list.length > 0 ? ['### Commits', list.join('\n')] : []),
  ].join('\n\n');
  return {
    page: `${page.slice(0, from)}\n${section}\n${next === -1 ? '' : `\n${page.slice(end)}`}`,
    section,
  };
}

/** A subject is plain text. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, '\\$&');
}
