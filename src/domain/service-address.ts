import type { Ref } from './ref.ts';

/** A name that resolves inside a context (Kubernetes Service, ECS service discovery); for checking addresses. */
export interface ServiceAddress {
  readonly ref: Ref<'serviceAddress'>;
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly number[];
}
