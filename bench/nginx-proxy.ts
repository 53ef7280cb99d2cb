import { pickFreePort } from '../test/support/free-ports.ts';
import { startNginx } from './nginx.ts';
import type { PinnedProcess } from './pinned-process.ts';
import { BUCKET } from './upstream-server.ts';

export interface NginxProxyOptions {
  readonly cores: string;
  readonly directory: string;
  /** `http(s)://127.0.0.1:PORT` of the S3 stand-in. */
  readonly origin: string;
  /** nginx's own `proxy_buffers` of 8 × 4 KiB, or 8 × 64 KiB. */
  readonly buffers: 'default' | '64k';
}

const LARGE_BUFFERS = `
      proxy_buffers 8 64k;
      proxy_buffer_size 64k;
      proxy_busy_buffers_size 128k;`;

/** What the same relaying costs without a signature and without a log: nginx, keeping its connections to S3. */
export async function startNginxProxy(options: NginxProxyOptions): Promise<PinnedProcess & { url: string }> {
  const { cores, directory, origin, buffers } = options;
  const { protocol, host } = new URL(origin);
  const port = await pickFreePort();
  const http = `
  upstream s3 {
    server ${host};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${protocol}//s3/${BUCKET}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";${buffers === 'default' ? '' : LARGE_BUFFERS}
    }
  }`;
  const nginx = await startNginx({ cores, directory, http });
  return { ...nginx, url: `http://127.0.0.1:${port}/` };
}
