import type { ServerType } from '../domain/server-type.ts';

interface TargetBase {
  /** The context's name. */
  readonly name: string;
  readonly isProtected: boolean;
  readonly network: string;
  /** Where it was named: a file and line, a flag or a variable. */
  readonly origin: string;
}
export interface KubeTarget extends TargetBase {
  readonly kind: 'kube';
  /** Files in kubectl's order; `undefined` lets the client find them. */
  readonly kubeconfig: readonly string[] | undefined;
  readonly kubeContext: string | undefined;
  readonly namespaces: readonly string[] | undefined;
}
export interface EcsTarget extends TargetBase {
  readonly kind: 'ecs';
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly clusters: readonly string[];
  readonly endpoint: string | undefined;
}
export type ManagerKeySource =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly kube: { readonly secret: string; readonly key: string } };
export interface ManagerTarget extends TargetBase {
  readonly kind: 'manager';
  readonly urls: readonly string[];
  readonly basePath: string;
  readonly key: ManagerKeySource | undefined;
  readonly serves: readonly string[];
}
export interface HostEntry {
  readonly name: string;
  readonly address: string;
  readonly type: ServerType;
  readonly port: number;
  readonly health: string | undefined;
}
export interface HostsTarget extends TargetBase {
  readonly kind: 'hosts';
  readonly servers: readonly HostEntry[];
}
export type Target = KubeTarget | EcsTarget | ManagerTarget | HostsTarget;

/** Where another process receives datagrams and hands them on to us. */
export interface AttachTarget {
  /** Of its row in contexts. */
  readonly name: string;
  readonly way:
    | {
        readonly kind: 'kube';
        readonly context: string;
        readonly namespace: string;
        readonly pod: string;
        readonly container: string | undefined;
      }
    | { readonly kind: 'ssh'; readonly host: string }
    | { readonly kind: 'socket'; readonly path: string };
  readonly origin: string;
}
