import { subscribe } from 'node:diagnostics_channel';
import { createSocket, type Socket } from 'node:dgram';

// Loaded into the daemon where SOAK_LEAK says so, to see that the soak finds a leak.

const kept: (object | Socket)[] = [];
let requests = 0;

const LEAKS: Readonly<Record<string, () => void>> = {
  /** 1 KiB of V8's heap with each request. */
  objects: () => kept.push(Array.from({ length: 110 }, (_, index) => performance.now() + index)),
  /** 8 KiB outside of V8's heap with each request. */
  buffers: () => kept.push(Buffer.alloc(8192, 1)),
  /** A socket with every twenty-fifth request. */
  sockets: () => {
    requests += 1;
    if (requests % 25 === 0) kept.push(createSocket('udp4').bind(0, '127.0.0.1').unref());
  },
};

const leak = LEAKS[process.env['SOAK_LEAK'] ?? ''];
if (leak === undefined) throw new RangeError(`SOAK_LEAK is one of ${Object.keys(LEAKS).join(', ')}`);
subscribe('http.server.request.start', leak);
