/** A command of the documents that its test does not run. */
export interface CommandNotRun {
  /** What it begins with. */
  readonly start: string;
  readonly reason: string;
  /** Where CI runs it, or the like of it, from the project's folder; undefined for nowhere. */
  readonly place?: string;
}

export const COMMANDS_NOT_RUN: readonly CommandNotRun[] = [
  { start: 'npm ci', reason: 'installs everything', place: '.ci/run' },
  { start: 'npm test', reason: 'is what runs this test', place: '.ci/run' },
  { start: 'npm run demo', reason: 'runs until a signal', place: '.ci/smoke-test.mjs' },
  { start: 'npm start', reason: 'serves until a signal', place: 'test/cli/command-line.test.ts' },
  { start: 'npm run build', reason: 'takes seconds', place: '.ci/run' },
  { start: 'npm run test:undici', reason: 'takes minutes', place: '.ci/run' },
  { start: 'npm run test:real', reason: 'takes minutes, and needs Debian packages', place: '.ci/run' },
  { start: 'npm run lint && npm run types', reason: 'takes a minute', place: '.ci/run' },
  { start: 'npm run bench', reason: 'takes minutes, and the machine for itself', place: '.ci/run' },
  { start: '.ci/run', reason: 'is all of CI', place: '.ci/run' },
  { start: 'node bench/simulate-fleet.ts', reason: 'takes seconds', place: 'test/bench/fleet.test.ts' },
  {
    start: 'node scripts/release.ts',
    reason: 'writes a version, or wants a clean checkout',
    place: 'test/packaging/release.test.ts',
  },
  { start: 's3-helper doctor --', reason: 'asks a real S3', place: 'test/doctor/demo.test.ts' },
  { start: 's3-helper wait', reason: 'waits for a daemon', place: 'test/cli/wait.test.ts' },
  { start: 'curl ', reason: 'needs a bucket', place: 'test/real/daemon-reads.test.ts' },
  { start: 'npm install --global', reason: 'installs for the whole machine' },
  { start: 'install -m', reason: 'writes to /etc' },
  { start: 'systemctl ', reason: 'needs systemd', place: 'test/real/systemd-units.test.ts' },
  { start: 'aws ', reason: 'needs an AWS account' },
];

/** What serves until it is told to stop has no arguments but settings. */
export const SERVES = {
  pattern: /^s3-helper(?: run)?(?: --(?!check|help|version)\S+(?: [^-\s]\S*)?)*$/,
  place: 'test/cli/command-line.test.ts',
} as const;
