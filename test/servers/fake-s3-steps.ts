import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ByteSource, HeaderLine, S3Answer } from '../../src/demo/s3-answer.ts';
import type { FakeConnection } from './fake-s3-connection.ts';
import type { Aftermath } from './fake-s3-faults.ts';

/** One act on the wire. */
export type WireStep =
  | { readonly act: 'send'; readonly bytes: string | Uint8Array }
  /** Part of a body, one chunk of HTTP each piece if `isChunked`. */
  | {
      readonly act: 'body';
      readonly source: ByteSource;
      readonly offset: number;
      readonly length: number;
      readonly isChunked: boolean;
      readonly pieceBytes?: number;
      readonly everyMs?: number;
    }
  | { readonly act: 'stall'; readonly forMs?: number | undefined }
  | { readonly act: 'finish' }
  | { readonly act: 'reset' };

/** What watches the steps. */
export interface StepObserver {
  /** Handed to the system; the client need not have read them. */
  bodyBytesSent: number;
  /** `stalled` while a stall lasts; `abandoned` if the client left before everything was handed to the system. */
  state: 'answering' | 'stalled' | 'done' | 'abandoned';
}

export interface PlayOptions {
  readonly connection: FakeConnection;
  readonly observer: StepObserver;
  /** Called at every change of the observer. */
  readonly onChange: () => void;
  /** Resolves when stalls are to end. */
  readonly waitForRelease: (signal: AbortSignal) => Promise<unknown>;
}

const PIECE_BYTES = 65_536;

/** The status line and the headers, with the empty line. */
export function renderHead(status: number, headers: readonly HeaderLine[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`;
}

/** The steps of an answer that nothing befalls. */
export function plainSteps(answer: S3Answer): WireStep[] {
  return [{ act: 'send', bytes: renderHead(answer.status, answer.headers) }, ...bodySteps(answer)];
}

/** The body as the headers frame it, and FIN where they say so. */
export function bodySteps({ headers, body }: S3Answer): WireStep[] {
  const isChunked = hasHeader(headers, 'transfer-encoding', 'chunked');
  const steps: WireStep[] = [];
  if (body !== undefined) steps.push({ act: 'body', source: body, offset: 0, length: body.size, isChunked });
  if (body !== undefined && isChunked) steps.push({ act: 'send', bytes: '0\r\n\r\n' });
  if (hasHeader(headers, 'connection', 'close')) steps.push({ act: 'finish' });
  return steps;
}

export function aftermathSteps(then: Aftermath): WireStep[] {
  return then === 'keep' ? [] : [{ act: then }];
}

/** Plays the steps until the last of them or until the connection is gone, and keeps the observer up to date. */
export async function playSteps(steps: readonly WireStep[], options: PlayOptions): Promise<void> {
  const { connection, observer, onChange } = options;
  try {
    for (const step of steps) await playStep(step, options);
    observer.state = 'done';
  } catch (error) {
    if (!connection.isGone) throw error;
    observer.state = 'abandoned';
  }
  onChange();
}

async function playStep(step: WireStep, options: PlayOptions): Promise<void> {
  const { connection, observer, onChange, waitForRelease } = options;
  const { signal } = connection;
  signal.throwIfAborted();
  switch (step.act) {
    case 'send':
      return connection.write(step.bytes);
    case 'body':
      return playBody(step, options);
    case 'finish':
      return connection.finish();
    case 'reset':
      return connection.reset();
    case 'stall':
      observer.state = 'stalled';
      onChange();
      await (step.forMs === undefined ? waitForRelease(signal) : delay(step.forMs, undefined, { signal }));
      observer.state = 'answering';
  }
}

async function playBody(step: Extract<WireStep, { act: 'body' }>, options: PlayOptions): Promise<void> {
  const { connection, observer, onChange } = options;
  const pieceBytes = step.pieceBytes ?? PIECE_BYTES;
  for (let at = 0; at < step.length; at += pieceBytes) {
    const piece = step.source.read(step.offset + at, Math.min(pieceBytes, step.length - at));
    if (step.isChunked) await connection.write(`${piece.length.toString(16)}\r\n`);
    await connection.write(piece);
    if (step.isChunked) await connection.write('\r\n');
    observer.bodyBytesSent += piece.length;
    onChange();
    if (step.everyMs !== undefined) await delay(step.everyMs, undefined, { signal: connection.signal });
  }
}

function hasHeader(headers: readonly HeaderLine[], name: string, value: string): boolean {
  return headers.some(([other, text]) => other.toLowerCase() === name && text.toLowerCase() === value);
}
