import type { Config, ListenAddress } from '../config/config.ts';
import type { IssuedCredentials } from '../credentials/issued-credentials.ts';
import type { ReportScope, ServingReport } from '../telemetry/serving-telemetry.ts';

/** Which of the daemon's credential sources: the key of its group. Workers of two configurations may know others. */
export type SourceKey = string;

/** From the supervisor to a worker. */
export type ToWorker =
  /** First of all, once. */
  | {
      readonly type: 'start';
      readonly config: Config;
      readonly credentials: ReadonlyMap<SourceKey, IssuedCredentials>;
      readonly clockOffsetMs: number;
    }
  | { readonly type: 'credentials'; readonly source: SourceKey; readonly issued: IssuedCredentials }
  /** The end of what `refused` asked for; newer credentials, if there are any, came before. */
  | { readonly type: 'refused-done'; readonly id: number }
  | { readonly type: 'clock'; readonly offsetMs: number }
  /** With a socket: somebody has connected to an address of that kind. */
  | { readonly type: 'connection'; readonly id: number; readonly kind: ListenAddress['kind'] }
  /** Asks for a report. */
  | { readonly type: 'report'; readonly id: number; readonly scope: ReportScope }
  /** A later one brings another deadline; without one, the last response decides. */
  | { readonly type: 'drain'; readonly deadlineMs: number | undefined };

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
      readonly source: SourceKey;
      readonly accessKeyId: string;
      readonly sessionToken: string | undefined;
    }
  | { readonly type: 'clock'; readonly offsetMs: number }
  /** What the worker counted; the id is that of the question, where there was one. */
  | { readonly type: 'report'; readonly id: number | undefined; readonly report: ServingReport };
