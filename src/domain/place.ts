/** What kind of system a context is. `udp` holds the senders that nobody claims. */
export type ContextKind = 'kube' | 'ecs' | 'manager' | 'hosts' | 'udp';

/** Where in its context a thing lives; field names as in the JSON output. */
export interface Place {
  readonly kind: 'namespace' | 'ecsCluster' | 'host';
  readonly name: string;
}
