import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test.each(['GET /a', 'GET /a HTTP/0.9', 'GET /a HTTP/2.0'])(
  '%s is refused, and what follows is not read, even if it asks for the connection to be kept.',
  async (requestLine) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect();
    connection.send(`${requestLine}\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n`).get('/a');
    const response = await connection.readResponse();
    expect([response.status, response.header('connection')]).toEqual([400, 'close']);
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
    expect(scene.s3.seen).toEqual([]);
  },
);
