/** How clients write a key's bytes into a request line; each must lead to the same key. */
export const PATH_ENCODINGS = {
  /** nginx's escaping of a proxied URI: much is sent raw. */
  'as nginx does': (key: Buffer) => encode(key, /[\s"#%<>?\\^`{|}\x00-\x20\x7f-\xff]/, 'upper'),
  'with every byte escaped': (key: Buffer) => encode(key, /[^/]/, 'upper'),
  'with slashes escaped too': (key: Buffer) => encode(key, /[^]/, 'upper'),
  'in lower-case hex': (key: Buffer) => encode(key, /[^A-Za-z0-9\-._~/]/, 'lower'),
  'as S3 does': (key: Buffer) => encode(key, /[^A-Za-z0-9\-._~/]/, 'upper'),
  'as encodeURI does': (key: Buffer) => encode(key, /[^A-Za-z0-9\-._~/;,?:@&=+$!*'()#]|[?#]/, 'upper'),
} as const;

export type PathEncoding = keyof typeof PATH_ENCODINGS;

/** The request target of a key. */
export function encodePath(key: string | Buffer, encoding: PathEncoding = 'as S3 does'): string {
  return `/${PATH_ENCODINGS[encoding](Buffer.from(key))}`;
}

function encode(bytes: Buffer, escaped: RegExp, hexCase: 'upper' | 'lower'): string {
  return Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    if (!escaped.test(char)) return char;
    const hex = byte.toString(16).padStart(2, '0');
    return `%${hexCase === 'upper' ? hex.toUpperCase() : hex}`;
  }).join('');
}
