/** One thing wrong in a configuration file. */
export interface ConfigIssue {
  readonly file: string;
  /** From 1; absent where the file as a whole is meant. */
  readonly line?: number | undefined;
  /** Dotted path of the value, e.g. `contexts.0.kube`. */
  readonly path: string;
  readonly message: string;
}

export const formatIssue = ({ file, line, path, message }: ConfigIssue): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${path === '' ? '' : `${path}: `}${message}`;
