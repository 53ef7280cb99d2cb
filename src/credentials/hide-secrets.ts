/** No key, token, licence or signature is shorter. */
const SHORTEST_RUN = /[A-Za-z0-9+/=%_-]{32,}/g;
/** Of neighbours that are of different kinds, random base64 has some 0.64, paths and ARNs have 0.3. */
const RANDOM_SHARE = 0.42;

/**
 * A text of somebody else's without all that could be a key, a token, a licence or a signature: long runs of the characters
 * of base64, hexadecimal and URL encoding that look random, which names, paths and ARNs do not.
 */
export function hideSecrets(text: string): string {
  return text.replaceAll(SHORTEST_RUN, (run) => (looksRandom(run) ? '…' : run));
}

function looksRandom(run: string): boolean {
  if (/^[A-Za-z0-9]+$/.test(run)) return /[0-9]/.test(run);
  const kinds = Array.from(run, kindOf);
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
  return changes / (run.length - 1) > RANDOM_SHARE;
}

function kindOf(character: string): string {
  if (/[a-z]/.test(character)) return 'lower';
  if (/[A-Z]/.test(character)) return 'upper';
  return /[0-9]/.test(character) ? 'digit' : 'other';
}
