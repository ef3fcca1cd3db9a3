/** What the command line says; everything optional. */
export interface Flags {
  readonly config?: string | undefined;
  readonly contexts?: readonly string[] | undefined;
  readonly allContexts?: boolean | undefined;
  readonly kubeconfig?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly ecsClusters?: readonly string[] | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly managers?: readonly string[] | undefined;
  readonly listen?: string | undefined;
  readonly readonly?: boolean | undefined;
  readonly triage?: boolean | undefined;
  readonly language?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;
