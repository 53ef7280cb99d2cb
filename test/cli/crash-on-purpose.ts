import { connect } from 'node:net';

// For `--import`: as soon as the program listens at CRASH_WHEN_LISTENING, something throws what holds secrets, in the way
// that CRASH_KIND names.
const { CRASH_WHEN_LISTENING: path = '', CRASH_KIND: kind, AWS_SESSION_TOKEN: token } = process.env;
const secrets = { secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'], sessionToken: token };

const CRASHES: Readonly<Record<string, () => void>> = {
  properties: () => {
    throw Object.assign(new TypeError('x is not a function'), { credentials: secrets, headers: [token] });
  },
  message: () => {
    throw new RangeError(`Invalid value "${token}" and ${secrets.secretAccessKey}`);
  },
  cause: () => {
    throw new Error('outer', { cause: Object.assign(new Error(`inner ${token}`), secrets) });
  },
  rejection: () => {
    void Promise.reject(Object.assign(new Error('refused'), { $response: { headers: { 'x-amz': token } } }));
  },
  value: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- some libraries do
    throw secrets;
  },
};

function tryUntilListening(): void {
  const socket = connect(path);
  socket.on('error', () => setTimeout(tryUntilListening, 20));
  socket.on('connect', () => {
    socket.destroy();
    CRASHES[kind ?? '']?.();
  });
}

if (process.argv.includes('--config')) tryUntilListening();
