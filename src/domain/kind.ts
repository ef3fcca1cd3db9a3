/** Kinds that sources put, and kinds the store derives from them; entities.ts says what each holds. */
export type ObservedKind =
  | 'instance'
  | 'workload'
  | 'registration'
  | 'managerRead'
  | 'templateDefault'
  | 'sender'
  | 'event'
  | 'serviceAddress';
export type DerivedKind = 'server' | 'serviceCluster' | 'finding' | 'context';
export type Kind = ObservedKind | DerivedKind;
