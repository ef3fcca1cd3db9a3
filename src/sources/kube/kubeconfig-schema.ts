import * as z from 'zod';

const optionalText = z.string().nullish();
export const clusterSchema = z.looseObject({
  server: z.string().min(1),
  'certificate-authority': optionalText,
  'certificate-authority-data': optionalText,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': optionalText,
  'proxy-url': optionalText,
});
const execSchema = z.looseObject({
  apiVersion: optionalText,
  command: z.string().min(1),
  args: z.array(z.coerce.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.coerce.string() })).nullish(),
  interactiveMode: optionalText,
  provideClusterInfo: z.boolean().nullish(),
  installHint: optionalText,
});
export const userSchema = z.looseObject({
  token: optionalText,
  tokenFile: optionalText,
  'token-file': optionalText,
  username: optionalText,
  password: optionalText,
  'client-certificate': optionalText,
  'client-certificate-data': optionalText,
  'client-key': optionalText,
  'client-key-data': optionalText,
  as: optionalText,
  'as-uid': optionalText,
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  exec: execSchema.nullish(),
  'auth-provider': z
    .looseObject({ name: z.string(), config: z.record(z.string(), z.coerce.string()).nullish() })
    .nullish(),
});
export const contextSchema = z.looseObject({
  cluster: z.string(),
  user: optionalText,
  namespace: optionalText,
});
/** One named entry of a list; its body is checked when a context uses it, so that one bad entry spoils nothing else. */
const namedSchema = z.looseObject({ name: z.string() });
export const fileSchema = z.looseObject({
  'current-context': optionalText,
  clusters: z.array(namedSchema).nullish(),
  users: z.array(namedSchema).nullish(),
  contexts: z.array(namedSchema).nullish(),
});

export type ClusterEntry = z.infer<typeof clusterSchema>;
export type UserEntry = z.infer<typeof userSchema>;
export type ExecEntry = z.infer<typeof execSchema>;
