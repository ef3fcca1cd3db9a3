import * as z from 'zod';

/** Lenient readers of what ECS sends: only identity is required, unknown fields are ignored. */
const words = z.string().optional().catch(undefined);
const count = z.number().optional().catch(undefined);
const instant = z
  .date()
  .transform((date) => date.getTime())
  .optional()
  .catch(undefined);
/** The elements that fit; the others are left out. */
const each = <T extends z.ZodType>(element: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((item) => {
        const parsed = element.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      }),
    );
const pair = z.object({ name: z.string(), value: z.string().catch('') });
const tag = z.object({ key: z.string(), value: z.string().catch('') });

const taskContainer = z.object({
  name: z.string(),
  image: words,
  runtimeId: words,
  lastStatus: words,
  exitCode: count,
  reason: words,
  healthStatus: words,
  networkInterfaces: each(z.object({ privateIpv4Address: words, ipv6Address: words })),
});
export const taskSchema = z.object({
  taskArn: z.string(),
  clusterArn: words,
  taskDefinitionArn: words,
  group: words,
  lastStatus: words,
  desiredStatus: words,
  healthStatus: words,
  stopCode: words,
  stoppedReason: words,
  cpu: words,
  memory: words,
  availabilityZone: words,
  launchType: words,
  containerInstanceArn: words,
  createdAt: instant,
  startedAt: instant,
  stoppingAt: instant,
  stoppedAt: instant,
  attachments: each(z.object({ type: words, details: each(pair) })),
  containers: each(taskContainer),
  overrides: z
    .object({
      containerOverrides: each(z.object({ name: words, environment: each(pair), command: each(z.string()) })),
    })
    .optional()
    .catch(undefined),
  tags: each(tag),
});
export type EcsTask = z.infer<typeof taskSchema>;
export type EcsTaskContainer = EcsTask['containers'][number];

export const serviceSchema = z.object({
  serviceArn: z.string(),
  serviceName: z.string(),
  status: words,
  desiredCount: count,
  runningCount: count,
  taskDefinition: words,
  createdAt: instant,
  deploymentController: z.object({ type: words }).optional().catch(undefined),
  deployments: each(
    z.object({
      id: words,
      status: words,
      taskDefinition: words,
      desiredCount: count,
      runningCount: count,
      failedTasks: count,
      createdAt: instant,
      rolloutState: words,
      rolloutStateReason: words,
    }),
  ),
  events: each(z.object({ id: z.string(), createdAt: instant, message: z.string() })),
  tags: each(tag),
});
export type EcsService = z.infer<typeof serviceSchema>;

const containerDefinition = z.object({
  name: z.string(),
  image: words,
  cpu: count,
  memory: count,
  essential: z.boolean().catch(true),
  portMappings: each(z.object({ containerPort: z.number() })),
  entryPoint: each(z.string()),
  command: each(z.string()),
  environment: each(pair),
  secrets: each(z.object({ name: z.string(), valueFrom: z.string().catch('') })),
  healthCheck: z.object({}).optional().catch(undefined),
  stopTimeout: count,
});
export const taskDefinitionSchema = z.object({
  taskDefinitionArn: z.string(),
  family: words,
  revision: count,
  cpu: words,
  memory: words,
  containerDefinitions: each(containerDefinition),
});
export type EcsTaskDefinition = z.infer<typeof taskDefinitionSchema>;
export type EcsContainerDefinition = EcsTaskDefinition['containerDefinitions'][number];

export const clusterSchema = z.object({ clusterArn: z.string(), clusterName: z.string(), status: words });
export const failureSchema = z.object({ arn: words, reason: words, detail: words });

/** The records that fit a schema, and how many did not. */
export function readEach<T extends z.ZodType>(
  schema: T,
  records: readonly unknown[],
): { readonly good: z.infer<T>[]; readonly dropped: number } {
  const good: z.infer<T>[] = [];
  for (const record of records) {
    const parsed = schema.safeParse(record);
    if (parsed.success) good.push(parsed.data);
  }
  return { good, dropped: records.length - good.length };
}
