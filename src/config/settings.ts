import { createGlobMatcher } from '../core/glob.ts';
import { readPrivateFile } from '../core/private-file.ts';
import { appError } from '../domain/errors.ts';
import type { Mode, PolicySettings } from '../domain/policy.ts';
import type { Language } from '../domain/text.ts';
import { type KubeconfigNames, kubeconfigFiles, readKubeconfigNames } from './kubeconfig-names.ts';
import { type ListenAddress, parseDestination, parseListen } from './listen-address.ts';
import { mergePolicy } from './merge-policy.ts';
import type { Lines } from './parse-yaml.ts';
import { expandHome } from './paths.ts';
import {
  type ConfigPlaces,
  invalidConfig,
  type ReadFile,
  readConfig,
  readSystemPolicy,
} from './read-config.ts';
import { resolveAttach } from './resolve-attach.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { Config } from './schema.ts';
import type { AttachTarget, Target } from './target.ts';

/** Everything l9s runs with, merged: the strictest mode, the targets, and the file's values with defaults. */
export interface Settings {
  readonly config: Config;
  /** The file read; `undefined` with defaults alone. */
  readonly file: string | undefined;
  readonly lines: Lines;
  readonly targets: readonly Target[];
  readonly mode: Mode;
  readonly modeOrigin: string;
  /** What the gate judges by. */
  readonly policy: PolicySettings;
  /** The receiver of datagrams; `undefined` without one. */
  readonly telemetry:
    | (ListenAddress & {
        readonly allow: readonly string[];
        /** Where every datagram is passed on to. */
        readonly forward: readonly ListenAddress[];
        readonly origin: string;
      })
    | undefined;
  readonly attach: readonly AttachTarget[];
  readonly language: Language;
  /** Written in the file but not acted on by this version. */
  readonly warnings: readonly string[];
}

/**
 * Reads and merges; throws an AppError (exit 2) when something given is missing or wrong. `policyFrom` is where the
 * policy is read instead of in the configuration: a user's own rules, rehearsed on the simulated fleet.
 */
export function loadSettings(places: ConfigPlaces, policyFrom?: ConfigPlaces): Settings {
  const read = readOrThrow(places);
  return mergeSettings(read, places, policyFrom === undefined ? read : readOrThrow(policyFrom));
}

function readOrThrow(places: ConfigPlaces): ReadFile<Config> {
  const read = readConfig(places);
  if (!read.ok) throw invalidConfig(read.issues);
  return read;
}

export function mergeSettings(
  config: ReadFile<Config>,
  places: ConfigPlaces,
  policyConfig: ReadFile<Config> = config,
): Settings {
  const { flags, environment, home } = places;
  const systemPolicy = readSystemPolicy(places.paths);
  const isProtected = createGlobMatcher([
    ...config.value.policy.protected,
    ...policyConfig.value.policy.protected,
    ...(systemPolicy.value.protected ?? []),
  ]);
  let names: { readonly value: KubeconfigNames | undefined } | undefined;
  const kubeconfig = () => {
    const flag = flags.kubeconfig === undefined ? undefined : expandHome(flags.kubeconfig, home);
    const { files, isGiven } = kubeconfigFiles({ flag, environment, home });
    names ??= { value: readKubeconfigNames(files, isGiven) };
    return names.value;
  };
  const targets = resolveTargets({ ...places, config, isProtected, kubeconfig });
  checkNames(targets, config);
  const policy = mergePolicy({ places, config: policyConfig, system: systemPolicy });
  return {
    config: config.value,
    file: config.file,
    lines: config.lines,
    targets,
    mode: policy.mode,
    modeOrigin: policy.modeOrigin,
    policy,
    telemetry: telemetryOf(config, flags.listen),
    attach: resolveAttach(config, targets, home),
    language: languageOf(flags.language ?? config.value.ui.language, environment),
    warnings: [...warningsOf(targets), ...agentKeyWarnings(config, home)],
  };
}

function telemetryOf(config: ReadFile<Config>, flag: string | undefined): Settings['telemetry'] {
  const listen = flag ?? config.value.telemetry.listen;
  if (listen === undefined) return undefined;
  const line = config.lines.near(['telemetry', 'listen']);
  const origin =
    flag === undefined ? `${config.file ?? 'default'}:${line ?? ''}: telemetry.listen` : '--listen';
  const { allow, forward } = config.value.telemetry;
  return {
    ...parseListen(listen, origin),
    allow,
    forward: forward.map((written) => parseDestination(written, 'telemetry.forward')),
    origin,
  };
}

function languageOf(written: string, environment: ConfigPlaces['environment']): Language {
  if (written === 'en' || written === 'ko') return written;
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return locale.startsWith('ko') ? 'ko' : 'en';
}

function checkNames(targets: readonly Target[], config: ReadFile<Config>): void {
  const seen = new Set<string>();
  for (const { name, origin } of targets) {
    if (seen.has(name) || name === 'udp') {
      const why = name === 'udp' ? 'is reserved for datagrams' : 'is given twice';
      throw appError('CONFIG_INVALID', `${origin}: the context name "${name}" ${why}`);
    }
    seen.add(name);
  }
  for (const [index, context] of config.value.contexts.entries()) {
    for (const served of context.manager?.serves ?? []) {
      if (config.value.contexts.some(({ name }) => name === served) || seen.has(served)) continue;
      const line = config.lines.near(['contexts', index, 'manager', 'serves']);
      throw appError(
        'CONFIG_INVALID',
        `${config.file ?? ''}:${line ?? ''}: manager serves unknown context "${served}"`,
      );
    }
  }
}

/** A key of agents that lets none in. */
function agentKeyWarnings(config: ReadFile<Config>, home: string): readonly string[] {
  const { agentKey, tcp } = config.value.telemetry;
  if (agentKey === undefined) return [];
  const line = config.lines.near(['telemetry', 'agentKey']);
  const where = `${config.file ?? ''}:${line ?? ''}: telemetry.agentKey`;
  if (!tcp) return [`${where}: does nothing without telemetry.tcp: true`];
  const file = readPrivateFile(expandHome(agentKey, home));
  return 'problem' in file ? [`${where}: ${file.path} ${file.problem}; no agent is let in`] : [];
}

function warningsOf(targets: readonly Target[]): readonly string[] {
  const warnings: string[] = [];
  for (const target of targets) {
    if (target.kind !== 'manager') continue;
    if (target.urls.length === 0) {
      warnings.push(`${target.name}: this version reaches a Manager by manager.urls only, not manager.kube`);
    }
    if (target.key !== undefined && 'kube' in target.key) {
      warnings.push(`${target.name}: this version reads a Manager key from env or file only`);
    }
  }
  return warnings;
}
