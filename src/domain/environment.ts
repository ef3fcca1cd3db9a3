/** Where an environment value was set. */
export type EnvironmentOrigin =
  | { readonly kind: 'literal' }
  | { readonly kind: 'configMap' | 'secret'; readonly name: string }
  | { readonly kind: 'field'; readonly name: string };

/**
 * One variable of a container. A secret value never gets this far: `isMasked` is set and `value` is absent.
 * `value` is also absent where its source could not be read (`unread` says why).
 */
export interface EnvironmentEntry {
  readonly name: string;
  readonly value?: string | undefined;
  readonly isMasked?: true | undefined;
  readonly unread?: string | undefined;
  readonly origin: EnvironmentOrigin;
  /** Set when the source changed after this server started, so `value` may not be what it started with. */
  readonly changedSinceStart?: true | undefined;
}

export const environmentValue = (
  environment: readonly EnvironmentEntry[],
  name: string,
): string | undefined => environment.find((entry) => entry.name === name)?.value;
