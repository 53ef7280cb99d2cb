/** The wire client gave an exchange up. The codes are stable; the failures table knows what each means. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: `WIRE_${string}`;

  constructor(code: WireError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
