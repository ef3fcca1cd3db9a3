/** Kinds that sources (and our own actions) put; entities.ts says what each holds. */
const OBSERVED_KINDS = [
  'instance',
  'workload',
  'registration',
  'managerRead',
  'templateDefault',
  'sender',
  'probe',
  'event',
  'serviceAddress',
  'job',
  'audit',
  'dump',
  'peer',
  'analysis',
  'evidence',
] as const;
export type ObservedKind = (typeof OBSERVED_KINDS)[number];
/** Kinds the store derives from them. */
const DERIVED_KINDS = ['server', 'serviceCluster', 'finding', 'context', 'change'] as const;
export type DerivedKind = (typeof DERIVED_KINDS)[number];
export const KINDS = [...OBSERVED_KINDS, ...DERIVED_KINDS] as const;
export type Kind = (typeof KINDS)[number];
