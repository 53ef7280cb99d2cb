import { askThrough } from '../ask-through.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok } from '../finding.ts';

/** nginx sends a Host that the daemon serves, whatever Host a player sends. */
export const check: DoctorCheck = {
  name: 'nginx-host',
  order: 210,
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

/** A dotted name, as players send, that nobody has listed (RFC 6761 §6.4). */
const PLAYERS_HOST = 'player.s3-helper-doctor.invalid';
const FIX =
  'write proxy_set_header Host s3-helper; beside the proxy_pass, ' +
  'as nginx/proxy-params.conf has it, or list the name in allowed_hosts';

async function look(through: URL, signal: AbortSignal): Promise<Finding> {
  const own = await askThrough(through, { range: 'bytes=0-0', signal });
  if (own.status === 421) return fail('s3-helper refuses the Host that nginx sends (421)', FIX);
  const players = await askThrough(through, { range: 'bytes=0-0', host: PLAYERS_HOST, signal });
  if (players.status === 421)
    return fail("nginx passes the player's Host on, which s3-helper refuses (421)", FIX);
  return players.status === own.status
    ? ok('s3-helper takes the Host that nginx sends, whatever the player sent')
    : ok(
        `s3-helper takes the Host that nginx sends; for other names another server block answers (${players.status})`,
      );
}
