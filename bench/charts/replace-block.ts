/**
 * A page with this text between the two comments that name a block, in place of what was there.
 * @param name - of both comments: `<!-- charts: … -->` and `<!-- end of charts -->`
 * @throws {Error} where the page has lost one of them
 */
export function replaceBlock(page: string, name: string, text: string): string {
  const begin = new RegExp(`<!-- ${name}: [^>]*-->`).exec(page);
  const end = page.indexOf(`<!-- end of ${name} -->`);
  if (begin === null || end < begin.index)
    throw new Error(`the page has no place for ${name}: "<!-- ${name}: … -->" and "<!-- end of ${name} -->"`);
  return [page.slice(0, begin.index) + begin[0], text, page.slice(end)].join('\n\n');
}
