import type { Environment } from './flags.ts';
import type { KubeconfigNames } from './kubeconfig-names.ts';

export interface Found {
  readonly kubeconfig: KubeconfigNames | undefined;
  readonly environment: Environment;
}

const quote = (text: string): string => JSON.stringify(text);

/** Kubeconfig names may hold what a context's name may not (an ARN's colons and slashes). */
export const contextNameOf = (kubeContext: string): string =>
  (kubeContext.split('/').at(-1) ?? kubeContext).replace(/[\s,:@/]+/g, '-').slice(0, 64) || 'kube';

/** A commented configuration made of what this machine has: kubeconfig contexts, AWS settings, a Manager. */
export function initialConfig({ kubeconfig, environment }: Found): string {
  const contexts: string[] = [];
  const names = new Set<string>();
  for (const kubeContext of kubeconfig?.contexts ?? []) {
    let name = contextNameOf(kubeContext);
    for (let number = 2; names.has(name); number++) name = `${contextNameOf(kubeContext)}-${number}`;
    names.add(name);
    contexts.push(`  - name: ${quote(name)}\n    kube: {context: ${quote(kubeContext)}}`);
  }
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  const profile = environment['AWS_PROFILE'];
  if (region !== undefined || profile !== undefined) {
    const fields = [
      ...(region === undefined ? [] : [`region: ${quote(region)}`]),
      ...(profile === undefined ? [] : [`profile: ${quote(profile)}`]),
    ];
    contexts.push(`  - name: ecs\n    ecs: {${fields.join(', ')}}`);
  }
  const manager = environment['LENA_MANAGER_ADDRESS'];
  if (manager !== undefined && manager !== '') {
    const key = environment['LENA_MANAGER_KEY'] === undefined ? '' : ', key: {env: LENA_MANAGER_KEY}';
    const url = /^https?:\/\//.test(manager) ? manager : `http://${manager}`;
    const serves = [...names].map(quote).join(', ');
    contexts.push(`  - name: mgr\n    manager: {urls: [${quote(url)}]${key}, serves: [${serves}]}`);
  }
  const listed = contexts.length > 0 ? `contexts:\n${contexts.join('\n')}` : 'contexts: []';
  return `# l9s configuration. Every key with its default: README, Configuration. Check it with: l9s config check
# The targets, connected at once.
${listed}
#  - name: seoul
#    ecs: {region: ap-northeast-2, profile: ops, clusters: ["lena-*"]}
#  - name: mgr
#    manager: {urls: ["http://lena-manager:7700"], key: {env: LENA_MANAGER_KEY}, serves: [prod]}
#  - name: vms
#    hosts: {servers: [{name: was1, address: 10.1.0.5, type: was, port: 8180, health: /}]}

# Datagrams of the servers (heap, GC, requests). Let them send here: l9s doctor --server NAME prints the lines to set.
# telemetry: {listen: "0.0.0.0:16100"}

policy:
  mode: normal              # normal | triage | readonly
  protected: ["*prod*"]
`;
}
