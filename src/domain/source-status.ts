import type { ContextKind } from './place.ts';
import type { Ref } from './ref.ts';

/** Why a source cannot do its work: one of the codes of errors.ts, what failed, what to do. */
export interface SourceFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * `live` is said once every first list has landed, so that "has answered" can be waited for; `stale` when nothing
 * good came for longer than the source expects; `denied` when retrying cannot help until somebody acts.
 */
export type SourceStatus =
  | { readonly state: 'connecting'; readonly since: number }
  | {
      readonly state: 'live';
      readonly lastGoodAt: number;
      /**
       * How long after its last good word the source still vouches for what it said: an open watch on which
       * silence means "nothing changed". @default 0
       */
      readonly freshForMs?: number | undefined;
    }
  | { readonly state: 'stale'; readonly lastGoodAt: number; readonly error?: SourceFailure | undefined }
  | { readonly state: 'denied'; readonly error: SourceFailure; readonly lastGoodAt?: number | undefined }
  | {
      readonly state: 'failed';
      readonly error: SourceFailure;
      /** Epoch ms of the next attempt. */
      readonly retryAt?: number | undefined;
      readonly lastGoodAt?: number | undefined;
    };
export type SourceState = SourceStatus['state'];

/** One thing a remote offers or not, e.g. `list pods` or `meters`. */
export interface Capability {
  readonly state: 'found' | 'absent' | 'denied' | 'unknown';
  /** Why, where it is not `found`. */
  readonly detail?: string | undefined;
}

/** Facts a source tells about its remote beside the status; each report replaces the one before. */
export interface SourceFacts {
  /** URL, region or socket, without secrets. */
  readonly target?: string | undefined;
  readonly version?: string | undefined;
  /** Who we are there, e.g. a kube user or an ARN. */
  readonly identity?: string | undefined;
  /** Requests in the last minute. */
  readonly requestsPerMinute?: number | undefined;
  readonly capabilities?: Readonly<Record<string, Capability>> | undefined;
  /** What an operator should know, e.g. `cluster-wide list forbidden: namespace shop only`. */
  readonly notes?: readonly string[] | undefined;
  /** When the credentials end, epoch ms. */
  readonly credentialsEndAt?: number | undefined;
  /** Remote clock minus ours. */
  readonly clockSkewMs?: number | undefined;
  /** Named counts: datagrams, rejected, kernelDrops … */
  readonly counts?: Readonly<Record<string, number>> | undefined;
  /** Another process receives, and told at once what it had heard before. */
  readonly isReadAlong?: true | undefined;
}

/** One configured target with its state: a row of `:contexts`. */
export interface ContextView {
  /** Context and id are both the context's name. */
  readonly ref: Ref<'context'>;
  readonly name: string;
  readonly kind: ContextKind;
  readonly isProtected: boolean;
  readonly status: SourceStatus;
  readonly facts: SourceFacts;
  /** Servers that belong to it. */
  readonly servers: number;
}
