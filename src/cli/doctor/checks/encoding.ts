import { canonicalizePath } from '../../../request/object-path.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { fail, type Finding, ok, skip } from '../finding.ts';
import { encodeKey, spellKey } from '../key-spellings.ts';
import type { RouteSubject } from '../route-subject.ts';

/** A given key is found, and every way to percent-encode it asks for the same one. */
export const check: DoctorCheck = {
  name: 'encoding',
  order: 150,
  deadlineMs: 15_000,
  whenLate: 'S3 does not answer; see the lines of tcp and clock',
  plan: ({ routes, lostKey }) => {
    if (lostKey !== undefined) return [{ subject: '', run: () => Promise.resolve(explainLost(lostKey)) }];
    const keyed = routes.filter(({ key }) => key !== undefined);
    if (keyed.length === 0)
      return [{ subject: '', run: () => Promise.resolve(skip('give a key after --key')) }];
    return keyed.map((route) => ({
      subject: route.name,
      needs: [...route.asked, { check: 'permissions', subject: route.name }],
      run: (signal) => look(route, route.key ?? '', signal),
    }));
  },
};

async function look(route: RouteSubject, key: string, signal: AbortSignal): Promise<Finding> {
  const forms = new Set(spellKey(key).map((form) => canonicalizePath(`/${form}`).encoded));
  const [encoded = '', ...others] = forms;
  if (others.length > 0)
    return fail(`it is encoded in ${forms.size} ways`, 'report this line as a fault of s3-helper');
  const answer = await route.askForKey(signal);
  if (answer.statusCode < 300 || answer.statusCode === 416)
    return ok(`${encoded} is there, however it is percent-encoded`, { encoded_key: encoded.slice(1) });
  if (answer.statusCode === 404) return explainMissing(route, key, signal);
  return explainRefusal('the key', answer);
}

function explainLost(key: string): Finding {
  return fail(
    `no route leads from /${key.replace(/^\//, '')} to a bucket`,
    'put the path of a route before the key, such as avod/spot.mp4 for the route /avod/',
  );
}

/** What people mistake for a key, and what they should write. */
const MISTAKES: readonly { readonly fix: string; readonly right: (key: string, prefix: string) => string }[] =
  [
    {
      fix: 'it is there in the composed form of Unicode (NFC); let clients ask for it so, as most do',
      right: (key) => key.normalize('NFC'),
    },
    {
      fix:
        'it is there in the decomposed form of Unicode (NFD), as Macs write file names; ' +
        'upload it under the composed form (NFC)',
      right: (key) => key.normalize('NFD'),
    },
    {
      fix: 'it is there with spaces for plus signs; in a path + is a plus, so clients must send %20',
      right: (key) => key.replaceAll('+', ' '),
    },
    {
      fix: 'it is there with plus signs for spaces; clients must send +, or rename the object',
      right: (key) => key.replaceAll(' ', '+'),
    },
    { fix: 'give the key as it is, not percent-encoded', right: decodeOnce },
    {
      fix: 'leave s3.prefix out of the key; the daemon puts it there',
      right: (key, prefix) =>
        prefix !== '' && key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : key,
    },
    { fix: 'it is there with a slash before it; ask for it with two slashes', right: (key) => `/${key}` },
  ];

async function explainMissing(route: RouteSubject, key: string, signal: AbortSignal): Promise<Finding> {
  const { prefix, bucket } = route.route.s3;
  for (const { right, fix } of MISTAKES) {
    const candidate = right(key, prefix);
    if (candidate === key) continue;
    const { statusCode } = await route.ask(candidate, signal);
    if (statusCode < 300 || statusCode === 416)
      return fail(`there is no ${encodeKey(key)} in ${bucket}`, fix);
  }
  return fail(
    `there is no ${encodeKey(key)} in ${bucket}`,
    `give a key that is there (aws s3 ls s3://${bucket}/${prefix === '' ? '' : `${prefix}/`} lists some); capitals count`,
  );
}

function decodeOnce(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
