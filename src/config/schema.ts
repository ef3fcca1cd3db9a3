import { isIP } from 'node:net';
import * as z from 'zod';
import { SERVER_TYPES } from '../domain/server-type.ts';

/**
 * The configuration file (README, Configuration). Every field carries its description and default here; the
 * reference in the README is generated from this file. Unknown keys are errors.
 */
const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\s,:@/]+$/, 'a name without spaces, commas, colons, slashes or @');
const globs = z.array(z.string().min(1)).readonly();
const serverType = z.enum(
  Object.keys(SERVER_TYPES) as [keyof typeof SERVER_TYPES, ...(keyof typeof SERVER_TYPES)[]],
);
const port = z.int().min(1).max(65_535);

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  if (most === undefined || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

function isForwardAddress(text: string): boolean {
  const [, port] = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) > 0 && Number(port) <= 65_535;
}

const managerKey = z.union([
  z.strictObject({ env: z.string().describe('name of an environment variable that holds the key') }),
  z.strictObject({ file: z.string().describe('file whose first line is the key') }),
  z.strictObject({
    kube: z.strictObject({ secret: z.string(), key: z.string() }).describe('key of a Kubernetes Secret'),
  }),
]);

const kubeTarget = z.strictObject({
  kubeconfig: z.string().optional().describe('kubeconfig file; default KUBECONFIG, then ~/.kube/config'),
  context: z.string().optional().describe('context of the kubeconfig; default its current one'),
  namespaces: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('watch only these; default all that may be listed'),
});
const ecsTarget = z.strictObject({
  region: z.string().optional().describe('default AWS_REGION or the profile’s region'),
  profile: z
    .string()
    .optional()
    .describe('profile of the AWS shared files; default the usual credential chain'),
  clusters: globs.optional().describe('ECS clusters by glob; default all'),
  endpoint: z.string().nullable().optional().describe('another endpoint than the region’s'),
});
const managerTarget = z.strictObject({
  urls: z
    .array(
      z
        .string()
        .regex(/^https?:\/\//, 'a URL starting with http:// or https://')
        .refine((url) => URL.canParse(url), 'a URL with a host, such as http://lena-manager:7700'),
    )
    .min(1)
    .max(2)
    .readonly()
    .optional()
    .describe('one address, or two (HA)'),
  kube: z
    .strictObject({ context: z.string(), namespace: z.string(), service: z.string(), port: port.optional() })
    .optional()
    .describe('a Manager inside Kubernetes'),
  basePath: z.string().default('auto').describe('`auto` tries /lena, then /'),
  key: managerKey.optional().describe('where the Manager key is; never the key itself'),
  serves: z.array(name).readonly().default([]).describe('contexts whose servers this Manager knows'),
});
const hostsTarget = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        name,
        address: z.string().min(1),
        type: serverType,
        port,
        health: z.string().optional().describe('path to GET; without it the port is only opened'),
      }),
    )
    .readonly(),
});

const contextSchema = z
  .strictObject({
    name,
    kube: kubeTarget.optional(),
    ecs: ecsTarget.optional(),
    manager: managerTarget.optional(),
    hosts: hostsTarget.optional(),
    protected: z.boolean().default(false).describe('own colour; type-the-name for every change'),
    network: z
      .string()
      .optional()
      .describe('contexts of one network may match by address; default each its own'),
  })
  .refine(
    (context) => [context.kube, context.ecs, context.manager, context.hosts].filter(Boolean).length === 1,
    {
      message: 'give exactly one of kube, ecs, manager, hosts',
    },
  );

const syslogChoice = z.enum(['off', 'on', 'required']).or(z.boolean());
const policyRule = z.strictObject({
  contexts: globs.optional().describe('by glob; absent matches all'),
  namespaces: globs.optional().describe('namespaces or ECS clusters by glob'),
  kinds: globs.optional().describe('Deployment, StatefulSet, Pod, EcsService, Task, Server …'),
  actions: globs.optional().describe('restart, scale, rollback, switch-revision, delete …'),
  confirm: z.enum(['deny', 'confirm', 'type-name']).optional().describe('what is asked, or `deny`'),
  maxTargets: z.int().min(1).optional().describe('most targets of one action'),
  requireReason: z.boolean().optional().describe('the operator must give one'),
  reason: z.string().optional().describe('why the rule is there; shown'),
});

const attachSchema = z
  .strictObject({
    name: name.optional().describe('of the row in contexts; default from where it attaches'),
    kube: z
      .strictObject({
        context: z.string().describe('name of a configured context'),
        namespace: z.string(),
        pod: z.string(),
        container: z.string().optional().describe('default the first one'),
      })
      .optional(),
    ssh: z.string().optional().describe('[user@]host with l9s on its PATH; needs a login without a prompt'),
    socket: z.string().optional().describe('socket of a collector on this host'),
  })
  .refine(({ kube, ssh, socket }) => [kube, ssh, socket].filter(Boolean).length === 1, {
    message: 'give exactly one of kube, ssh, socket',
  });

const share = z.number().min(0).max(1);

export const configSchema = z.strictObject({
  contexts: z.array(contextSchema).readonly().default([]).describe('the targets, connected at once'),
  telemetry: z
    .strictObject({
      listen: z.string().optional().describe('address:port for datagrams, e.g. 0.0.0.0:16100; absent = off'),
      tcp: z
        .boolean()
        .default(false)
        .describe('TCP on the same address and port: servers that dial in can be asked for dumps'),
      agentKey: z
        .string()
        .optional()
        .describe('file (0600) with the master key of agents that dial in; without it none is taken'),
      allow: z
        .array(z.string().refine(isAddressRange, 'an address or a range such as 10.0.0.0/8'))
        .readonly()
        .default(['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])
        .describe('senders by CIDR'),
      forward: z
        .array(z.string().refine(isForwardAddress, 'host:port'))
        .readonly()
        .default([])
        .describe('pass every datagram on unchanged to host:port (UDP only)'),
      attach: z.array(attachSchema).readonly().default([]).describe('collectors to attach to'),
      probe: z
        .array(
          z.strictObject({
            contexts: globs.optional().describe('by glob; absent matches all'),
            names: globs.optional().describe('server names by glob; absent matches all'),
          }),
        )
        .readonly()
        .default([])
        .describe('servers without datagrams that are read through pod exec all the while'),
    })
    .prefault({}),
  dumps: z
    .strictObject({
      maxBytes: z
        .int()
        .min(1_048_576)
        .default(268_435_456)
        .describe('largest thread dump, service dump or histogram'),
      maxHeapBytes: z.int().min(1_048_576).default(17_179_869_184).describe('largest heap dump'),
      keepFiles: z.int().min(1).default(200).describe('most files of one server; the oldest go first'),
      keepBytes: z.int().min(1_048_576).default(21_474_836_480).describe('most bytes of all files'),
    })
    .prefault({})
    .describe('dumps kept in the state directory'),
  servers: z
    .strictObject({
      rules: z
        .array(
          z.strictObject({ image: z.string().optional(), name: z.string().optional(), type: serverType }),
        )
        .readonly()
        .default([])
        .describe('types by image or name (glob), before any other rule'),
      identity: z
        .array(z.strictObject({ from: z.string(), context: name, server: z.string() }))
        .readonly()
        .default([])
        .describe('which server a sender or registration (glob) belongs to'),
    })
    .prefault({}),
  policy: z
    .strictObject({
      mode: z
        .enum(['normal', 'triage', 'readonly'])
        .default('normal')
        .describe('the strictest of flag, L9S_MODE, this and /etc wins'),
      protected: globs.default([]).describe('protected contexts by glob'),
      rules: z
        .array(policyRule)
        .readonly()
        .default([])
        .describe('by context, namespace, kind and action; the strictest of all that match counts'),
      lift: z
        .strictObject({
          allowed: z.boolean().default(false).describe('lets `L` lift the file’s own mode for a while'),
          maxMinutes: z.int().min(1).default(30),
        })
        .prefault({}),
      audit: z
        .strictObject({
          syslog: syslogChoice
            .default('off')
            .describe('also to syslog or journald: off, on, required (refuses without it)'),
        })
        .prefault({}),
    })
    .prefault({}),
  levels: z
    .strictObject({
      middle: share.default(0.6).describe('heap bar turns from here'),
      high: share.default(0.8),
    })
    .prefault({})
    .describe('colour only, as the Manager’s'),
  health: z
    .strictObject({
      afterGcWarn: share.default(0.75).describe('heap after GC over max'),
      afterGcError: share.default(0.9),
      forGcs: z.int().min(1).default(3).describe('collections in a row'),
      gcOverheadWarn: share.default(0.1).describe('share of time in GC'),
      gcOverheadError: share.default(0.25),
      stuckMs: z.int().min(1_000).default(600_000).describe('requests over 8 s for this long are stuck'),
      fullGcs: z.int().min(2).default(2).describe('full collections within fullGcWindowMs are an anomaly'),
      fullGcWindowMs: z.int().min(1_000).default(60_000),
      growthMs: z
        .int()
        .min(60_000)
        .default(14_400_000)
        .describe('heap after GC that grows and would be full within this long is a suspected leak'),
      connectorWarn: share.default(0.8).describe('busy threads of a connector'),
      connectorError: share.default(0.98),
      poolWarn: share.default(0.9).describe('connections of a data source in use'),
      poolError: share.default(0.98),
      errorRateWarn: share.default(0.05).describe('share of requests that fail'),
      errorRateError: share.default(0.2),
      clearMs: z
        .int()
        .min(0)
        .default(30_000)
        .describe('what a JVM’s figures raised stays for this long after they are well again'),
    })
    .prefault({}),
  ui: z
    .strictObject({
      language: z.enum(['auto', 'en', 'ko']).default('auto'),
      theme: z.string().default('auto'),
      refreshMs: z.int().min(50).max(5_000).default(100).describe('shortest pause between data frames'),
      utc: z.boolean().default(false),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigContext = Config['contexts'][number];
export type ConfigPolicyRule = z.output<typeof policyRule>;
export type SyslogChoice = z.output<typeof syslogChoice>;
export type SystemPolicy = z.output<typeof systemPolicySchema>;

/** `/etc/l9s/policy.yaml`: what a user may not loosen. */
export const systemPolicySchema = z.strictObject({
  mode: z.enum(['normal', 'triage', 'readonly']).optional(),
  protected: globs.optional(),
  rules: z.array(policyRule).readonly().optional(),
  lift: z.strictObject({ allowed: z.boolean().optional(), maxMinutes: z.int().min(1).optional() }).optional(),
  audit: z.strictObject({ syslog: syslogChoice.optional() }).optional(),
});
