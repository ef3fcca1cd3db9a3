/** Kinds that sources (and our own actions) put, and kinds the store derives from them; entities.ts says what each holds. */
export type ObservedKind =
  | 'instance'
  | 'workload'
  | 'registration'
  | 'managerRead'
  | 'templateDefault'
  | 'sender'
  | 'event'
  | 'serviceAddress'
  | 'job'
  | 'audit';
export type DerivedKind = 'server' | 'serviceCluster' | 'finding' | 'context' | 'change';
export type Kind = ObservedKind | DerivedKind;
