import type { ServerResponse } from 'node:http';

/** Cuts a response whose head is out, so that its client cannot take what came for the whole (design rule 4). */
export function cutResponse(response: ServerResponse): void {
  const { socket, req } = response;
  // To a client of HTTP/1.0 that was told no length a FIN is the end of the body, and only a RST is a cut. Unix
  // sockets, which alone have no remote address, know none.
  if (req.httpVersion === '1.0' && socket?.remoteAddress !== undefined) socket.resetAndDestroy();
  response.destroy();
}
