import { askThrough } from '../ask-through.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok, skip } from '../finding.ts';

/** Ranges go through nginx as they are, each its own. */
export const check: DoctorCheck = {
  name: 'nginx-range',
  order: 220,
  deadlineMs: 10_000,
  whenLate: 'see the line of nginx',
  plan: ({ through }) =>
    through === undefined
      ? []
      : [
          {
            subject: through.href,
            needs: [{ check: 'nginx', subject: through.href }],
            run: (signal) => look(through, signal),
          },
        ],
};

/** Different from one another, so that a range that is repeated shows. */
const RANGES = [
  { asked: 'bytes=0-0', sent: 'bytes 0-0/', bytes: 1 },
  { asked: 'bytes=1-2', sent: 'bytes 1-2/', bytes: 2 },
] as const;

async function look(through: URL, signal: AbortSignal): Promise<Finding> {
  for (const { asked, sent, bytes } of RANGES) {
    const { status, header, length } = await askThrough(through, { range: asked, signal });
    if (status === 421) return skip('needs a Host that s3-helper takes');
    if (status === 416) return skip('the object has fewer than three bytes; give another after --through');
    if (status === 200)
      return fail(
        `Range: ${asked} is answered with the whole object (200)`,
        'nginx takes Range away: no proxy_set_header Range "" and no proxy_pass_request_headers off beside the proxy_pass, ' +
          'no proxy_cache without the slice module, and no gzip',
      );
    if (status !== 206)
      return fail(
        `Range: ${asked} is answered with ${status}`,
        "see nginx's error log and the log of the daemon",
      );
    const contentRange = header('content-range') ?? 'no Content-Range';
    if (!contentRange.startsWith(sent) || length !== bytes)
      return fail(
        `Range: ${asked} is answered with ${contentRange}, ${length} bytes`,
        'nginx sends another Range than the player: take proxy_set_header Range $http_range out (nginx/README.md, "Traps")',
      );
  }
  return ok('each range is answered with its own bytes');
}
