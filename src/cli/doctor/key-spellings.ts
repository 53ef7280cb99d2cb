/** The key as a careful client sends it: every byte but the unreserved ones percent-encoded (RFC 3986 §2.3). */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, encodeByte);
}

/** Ways in which clients send the same key: a careful one, nginx, a lazy one, an over-careful one. */
export function spellKey(key: string): readonly string[] {
  const careful = encodeKey(key);
  const lowerCase = careful.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  // What nginx escapes (NGX_ESCAPE_URI), and browsers nearly so: no sub-delimiters.
  const sparing = encodeURI(key).replace(/[?#]/g, encodeByte).replaceAll('%5B', '[').replaceAll('%5D', ']');
  const everyByte = Buffer.from(key)
    .toString('hex')
    .replace(/../g, (hex) => (hex === '2f' ? '/' : `%${hex}`));
  return [careful, lowerCase, sparing, everyByte];
}

function encodeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
