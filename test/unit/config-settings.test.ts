import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { RULE_WORDS } from '../../src/app/rule-words.ts';
import { checkRules } from '../../src/config/check-rules.ts';
import { explainSettings } from '../../src/config/explain.ts';
import type { Flags } from '../../src/config/flags.ts';
import { initialConfig } from '../../src/config/initial-config.ts';
import { createPaths } from '../../src/config/paths.ts';
import { loadSettings } from '../../src/config/settings.ts';

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: lab
contexts:
- name: lab
  context: {cluster: c, user: u}
- name: prod-eu
  context: {cluster: c, user: u}
`;

const homes: string[] = [];
after(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function machine(files: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'l9s-config-'));
  homes.push(home);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(home, name), text);
  const paths = {
    ...createPaths({ config: home, state: home, home }),
    systemPolicyFile: path.join(home, 'policy.yaml'),
  };
  const places = (flags: Flags, environment: Readonly<Record<string, string>> = {}) => ({
    flags,
    environment,
    paths,
    home,
  });
  return {
    home,
    places,
    load: (
      flags: Flags = {},
      environment: Readonly<Record<string, string>> = {},
      policyFrom?: ReturnType<typeof places>,
    ) => loadSettings(places(flags, environment), policyFrom),
  };
}

/** The message of the error `act` throws; its code must be `code`. */
function refusal(code: string, act: () => unknown): string {
  let message = '';
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, code, error.message);
    message = error.message;
    return true;
  });
  return message;
}

describe('a key of agents that lets none in is told with its line', () => {
  const warned = (telemetry: string, mode?: number) => {
    const { home, load } = machine({ key: 'k'.repeat(64) });
    const file = path.join(home, 'config.yaml');
    writeFileSync(file, `telemetry:\n  listen: 127.0.0.1:0\n${telemetry.replaceAll('HOME', home)}`);
    if (mode !== undefined) chmodSync(path.join(home, 'key'), mode);
    return load({ config: file }).warnings.map((warning) => warning.replaceAll(home, 'HOME'));
  };
  test('without TCP', () => {
    assert.deepEqual(warned('  agentKey: HOME/key\n', 0o600), [
      'HOME/config.yaml:3: telemetry.agentKey: does nothing without telemetry.tcp: true',
    ]);
  });
  test('where it is not there, or open to others', () => {
    assert.deepEqual(warned('  tcp: true\n  agentKey: HOME/none\n'), [
      'HOME/config.yaml:4: telemetry.agentKey: HOME/none is not there; no agent is let in',
    ]);
    const [open] = warned('  tcp: true\n  agentKey: HOME/key\n', 0o644);
    assert.match(open ?? '', /HOME\/key is open to others \(mode 644\): chmod 600; no agent is let in/);
  });
  test('and one that is well is not', () => {
    assert.deepEqual(warned('  tcp: true\n  agentKey: HOME/key\n', 0o600), []);
  });
});

describe('settings', () => {
  test('without a file the current kubeconfig context is the target', () => {
    const { home, load } = machine({ kubeconfig: KUBECONFIG });
    const settings = load({ kubeconfig: path.join(home, 'kubeconfig') });
    assert.deepEqual(
      settings.targets.map(({ kind, name }) => [kind, name]),
      [['kube', 'lab']],
    );
    const all = load({ kubeconfig: path.join(home, 'kubeconfig'), allContexts: true });
    assert.deepEqual(
      all.targets.map(({ name }) => name),
      ['lab', 'prod-eu'],
    );
  });

  test('without anything there is nothing to connect to', () => {
    assert.deepEqual(machine().load().targets, []);
  });

  test('a kubeconfig that was given and is missing is an error', () => {
    const { home, load } = machine();
    assert.match(
      refusal('KUBECONFIG_MISSING', () => load({ kubeconfig: path.join(home, 'none') })),
      /none/,
    );
  });

  test('an unknown context names the nearest one', () => {
    const { home, load } = machine({ kubeconfig: KUBECONFIG });
    const message = refusal('CONTEXT_UNKNOWN', () =>
      load({ kubeconfig: path.join(home, 'kubeconfig'), contexts: ['prod-eo'] }),
    );
    assert.match(message, /did you mean "prod-eu"/);
  });

  test('every unknown key is named with its line and the nearest known one', () => {
    const { home, load } = machine({
      'c.yaml':
        'contexts:\n  - name: a\n    kube: {contxt: x}\n  - name: b\n    manager: {urls: ["ftp://x"]}\ntelemetri: {}\n',
    });
    const message = refusal('CONFIG_INVALID', () => load({ config: path.join(home, 'c.yaml') }));
    assert.match(message, /c\.yaml:3: contexts\.0\.kube\.contxt: unknown key; did you mean `context`\?/);
    assert.match(message, /c\.yaml:5: .*a URL starting with http/);
    assert.match(message, /c\.yaml:6: telemetri: unknown key; did you mean `telemetry`\?/);
  });

  test('broken YAML is named with its line', () => {
    const { home, load } = machine({ 'c.yaml': 'contexts:\n  - name: [\n' });
    assert.match(
      refusal('CONFIG_INVALID', () => load({ config: path.join(home, 'c.yaml') })),
      /c\.yaml:\d+/,
    );
  });

  test('/etc only tightens: its mode is fixed, its rules come first, its lift and syslog bind', () => {
    const user = [
      'policy:',
      '  mode: triage',
      '  rules: [{contexts: ["*prod*"], actions: [scale], maxTargets: 3}]',
      '  lift: {allowed: true, maxMinutes: 30}',
      '  audit: {syslog: on}',
    ].join('\n');
    const { home, load } = machine({
      'c.yaml': user,
      'policy.yaml':
        'rules: [{actions: [delete], confirm: deny}]\nlift: {maxMinutes: 5}\naudit: {syslog: required}\n',
    });
    const { policy } = load({ config: path.join(home, 'c.yaml') });
    assert.deepEqual([policy.mode, policy.fixedMode], ['triage', 'normal']);
    assert.deepEqual(
      policy.rules.map(({ actions, origin }) => [actions?.[0], path.basename(origin)]),
      [
        ['delete', 'policy.yaml:1'],
        ['scale', 'c.yaml:3'],
      ],
    );
    assert.deepEqual(policy.lift, { isAllowed: true, maxMinutes: 5 });
    assert.equal(policy.syslog, 'required');
  });

  test('/etc forbids a lift the user allows, and never allows one he does not', () => {
    const forbidding = machine({
      'c.yaml': 'policy: {lift: {allowed: true}}\n',
      'policy.yaml': 'mode: triage\nlift: {allowed: false}\n',
    });
    const { policy } = forbidding.load({ config: path.join(forbidding.home, 'c.yaml') });
    assert.deepEqual([policy.lift.isAllowed, policy.fixedMode], [false, 'triage']);
    const allowing = machine({ 'policy.yaml': 'lift: {allowed: true}\n' });
    assert.equal(allowing.load().policy.lift.isAllowed, false);
  });

  test('a rule that names no known action or kind is an error with its line and what may be meant', () => {
    const words = { actions: ['restart', 'rolling-restart', 'scale'], kinds: ['Pod', 'Deployment'] };
    const { home, load } = machine({
      'c.yaml':
        'policy:\n  rules:\n  - {actions: ["*restart"], kinds: [pod]}\n  - {actions: [scall], confirm: deny}\n',
    });
    const { policy } = load({ config: path.join(home, 'c.yaml') });
    const message = refusal('CONFIG_INVALID', () => checkRules(policy.rules, words));
    assert.match(message, /c\.yaml:4: .*"scall".*did you mean "scale"/);
    checkRules(policy.rules.slice(0, 1), words);
    // A ConfigMap is changed as a part of its workload's plan: a rule on it would match nothing.
    const onMap = { kinds: ['ConfigMap'], origin: 'c.yaml:5' };
    assert.match(
      refusal('CONFIG_INVALID', () => checkRules([onMap], RULE_WORDS)),
      /c\.yaml:5: .*"ConfigMap"/,
    );
  });

  test('a named configuration lends the simulated fleet its policy, and nothing else', () => {
    const { home, load, places } = machine({
      'fleet.yaml': 'contexts: [{name: vms, hosts: {servers: []}}]\npolicy: {protected: ["vm*"]}\n',
      'c.yaml': 'contexts: [{name: mine, hosts: {servers: []}}]\npolicy: {mode: triage}\n',
    });
    const own = places({ config: path.join(home, 'c.yaml') });
    const settings = load({ config: path.join(home, 'fleet.yaml') }, {}, own);
    assert.equal(settings.mode, 'triage');
    assert.deepEqual(
      settings.targets.map(({ name, isProtected }) => [name, isProtected]),
      [['vms', true]],
    );
  });

  test('a rule of /etc with an unknown field stops l9s', () => {
    const { load } = machine({ 'policy.yaml': 'rules: [{action: [delete], confirm: deny}]\n' });
    assert.match(
      refusal('CONFIG_INVALID', () => load()),
      /policy\.yaml:1.*action/,
    );
  });

  test('the strictest mode wins and says where it came from', () => {
    const { home, load } = machine({ 'c.yaml': 'policy: {mode: triage}\n' });
    const config = path.join(home, 'c.yaml');
    assert.equal(load({ config }).mode, 'triage');
    const locked = load({ config }, { L9S_MODE: 'readonly' });
    assert.deepEqual([locked.mode, locked.modeOrigin], ['readonly', 'L9S_MODE']);
    assert.equal(load({ config, readonly: true }, { L9S_MODE: 'normal' }).modeOrigin, '--readonly');
    refusal('CONFIG_INVALID', () => load({}, { L9S_MODE: 'lax' }));
  });

  test('a system policy that does not parse stops l9s', () => {
    const { load } = machine({ 'policy.yaml': 'mode: lax\n' });
    refusal('CONFIG_INVALID', () => load());
  });

  test('explain names file lines, flags and defaults, and hides what looks secret', () => {
    const { home, load } = machine({
      'c.yaml':
        'contexts:\n  - name: m\n    manager: {urls: ["http://u:pw@m:7700"], key: {env: MY_KEY}}\nlevels: {high: 0.7}\n',
    });
    const flags = { config: path.join(home, 'c.yaml'), listen: '127.0.0.1:16100' };
    const lines = new Map(explainSettings(load(flags), flags).map((line) => [line.path, line]));
    assert.match(lines.get('levels.high')?.origin ?? '', /c\.yaml:4$/);
    assert.equal(lines.get('levels.middle')?.origin, 'default');
    assert.equal(lines.get('telemetry.listen')?.origin, '--listen');
    assert.equal(lines.get('contexts.m.urls')?.value, '[http://***@m:7700]');
    assert.equal(lines.get('contexts.m.key.env')?.value, 'MY_KEY');
  });

  test('the written first file is valid and holds what was found', () => {
    const text = initialConfig({
      kubeconfig: { files: [], contexts: ['arn:aws:eks:r:1:cluster/prod', 'lab'], current: 'lab' },
      environment: {
        AWS_REGION: 'ap-northeast-2',
        LENA_MANAGER_ADDRESS: 'lena-manager:7700',
        LENA_MANAGER_KEY: 'x',
      },
    });
    const { home, load } = machine({ 'c.yaml': text });
    const settings = load({ config: path.join(home, 'c.yaml') });
    assert.deepEqual(
      settings.targets.map(({ name }) => name),
      ['prod', 'lab', 'ecs', 'mgr'],
    );
    assert.ok(!text.includes(': x'));
    const empty = machine({ 'c.yaml': initialConfig({ kubeconfig: undefined, environment: {} }) });
    assert.deepEqual(empty.load({ config: path.join(empty.home, 'c.yaml') }).targets, []);
  });

  test('the documented example is accepted', () => {
    const { home, load } = machine({ 'c.yaml': DOCUMENTED });
    const settings = load({ config: path.join(home, 'c.yaml') });
    assert.equal(settings.targets.length, 4);
    assert.equal(settings.config.policy.audit.syslog, 'off');
    assert.deepEqual(
      settings.attach.map(({ name }) => name),
      ['udp-l9s-collector-0'],
    );
  });
});

const DOCUMENTED = `contexts:
  - name: prod-eu
    kube: {kubeconfig: ~/.kube/config, context: prod-eu, namespaces: [shop, pay]}
    protected: true
    network: prod           # contexts of one network may match by address; default: each its own
  - name: seoul
    ecs: {region: ap-northeast-2, profile: ops, clusters: ["lena-*"], endpoint: null}
  - name: mgr
    manager: {urls: ["http://lena-manager:7700"], basePath: auto, key: {env: LENA_MANAGER_KEY}, serves: [prod-eu]}
  - name: vms
    hosts: {servers: [{name: was1, address: 10.1.0.5, type: was, port: 8180, health: /}]}
telemetry: {listen: "0.0.0.0:16100", tcp: false, allow: ["127.0.0.0/8", "10.0.0.0/8"], forward: [], attach: [{kube: {context: prod-eu, namespace: lena, pod: l9s-collector-0}}]}
servers: {rules: [{image: "myrepo/shop-*", type: was}], identity: []}
policy:
  mode: normal              # normal | triage | readonly
  protected: ["*prod*"]
  rules: [{contexts: ["*prod*"], actions: [delete, scale], confirm: type-name, maxTargets: 3, reason: "change window"}]
  lift: {allowed: false, maxMinutes: 30}
  audit: {syslog: off}      # off | on | required
levels: {middle: 0.6, high: 0.8}                 # colour only, as the Manager's
health: {afterGcWarn: 0.75, afterGcError: 0.9, forGcs: 3, gcOverheadWarn: 0.1, gcOverheadError: 0.25, stuckMs: 600000}
ui: {language: auto, theme: auto, refreshMs: 100, utc: false}
`;
