import type { Config } from '../config/config.ts';
import type { IssuedCredentials } from '../credentials/issued-credentials.ts';
import type { ReportScope, ServingReport } from '../telemetry/serving-telemetry.ts';

/** Which of the daemon's credential sources: its place in `groupCredentials`. */
export type SourceIndex = number;

/** From the supervisor to a worker. */
export type ToWorker =
  /** First of all, once. */
  | {
      readonly type: 'start';
      readonly config: Config;
      readonly credentials: readonly (IssuedCredentials | undefined)[];
      readonly clockOffsetMs: number;
    }
  | { readonly type: 'credentials'; readonly source: SourceIndex; readonly issued: IssuedCredentials }
  /** The end of what `refused` asked for; newer credentials, if there are any, came before. */
  | { readonly type: 'refused-done'; readonly id: number }
  | { readonly type: 'clock'; readonly offsetMs: number }
  /** With a socket: somebody has connected to the listener of that index. */
  | { readonly type: 'connection'; readonly id: number; readonly listener: number }
  /** Asks for a report. */
  | { readonly type: 'report'; readonly id: number; readonly scope: ReportScope }
  | { readonly type: 'drain'; readonly deadlineMs: number };

/** From a worker to the supervisor. */
export type ToSupervisor =
  /** Connections may come. */
  | { readonly type: 'ready' }
  /** The connection of that id has come. */
  | { readonly type: 'taken'; readonly id: number }
  /** S3 has refused keys; asks for better ones. */
  | {
      readonly type: 'refused';
      readonly id: number;
      readonly source: SourceIndex;
      readonly accessKeyId: string;
      readonly sessionToken: string | undefined;
    }
  | { readonly type: 'clock'; readonly offsetMs: number }
  /** What the worker counted; the id is that of the question, where there was one. */
  | { readonly type: 'report'; readonly id: number | undefined; readonly report: ServingReport };
