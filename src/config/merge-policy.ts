import { appError } from '../domain/errors.ts';
import { MODES, type Mode, type PolicyRule, type PolicySettings, strictestMode } from '../domain/policy.ts';
import type { Lines } from './parse-yaml.ts';
import type { ConfigPlaces, ReadFile } from './read-config.ts';
import type { Config, ConfigPolicyRule, SyslogChoice, SystemPolicy } from './schema.ts';

export interface PolicySources {
  readonly places: ConfigPlaces;
  readonly config: ReadFile<Config>;
  /** `/etc/l9s/policy.yaml`. */
  readonly system: ReadFile<SystemPolicy>;
}

/** The strictest of flag, variable, /etc and configuration in everything; /etc can only tighten. */
export function mergePolicy({ places, config, system }: PolicySources): PolicySettings {
  const { flags, environment, paths } = places;
  const { policy } = config.value;
  const fixed: readonly (readonly [string, Mode | undefined])[] = [
    ['--readonly', flags.readonly === true ? 'readonly' : undefined],
    ['--triage', flags.triage === true ? 'triage' : undefined],
    ['L9S_MODE', modeOfEnvironment(environment['L9S_MODE'])],
    [paths.systemPolicyFile, system.value.mode],
  ];
  const file = config.file ?? 'default';
  const all = [...fixed, [file, policy.mode] as const];
  const strictest = (modes: typeof fixed) => strictestMode(modes.flatMap(([, given]) => given ?? []));
  const mode = strictest(all);
  const { lift } = system.value;
  return {
    mode,
    modeOrigin: all.find(([, given]) => given === mode)?.[0] ?? 'default',
    fixedMode: strictest(fixed),
    rules: [
      ...rulesOf(system.value.rules, placeIn(paths.systemPolicyFile, system.lines, ['rules'])),
      ...rulesOf(policy.rules, placeIn(file, config.lines, ['policy', 'rules'])),
    ],
    lift: {
      isAllowed: policy.lift.allowed && lift?.allowed !== false,
      maxMinutes: Math.min(policy.lift.maxMinutes, lift?.maxMinutes ?? Number.POSITIVE_INFINITY),
    },
    syslog: strictestSyslog(policy.audit.syslog, system.value.audit?.syslog ?? 'off'),
  };
}

const placeIn =
  (file: string, lines: Lines, where: readonly string[]) =>
  (index: number): string => {
    const line = lines.near([...where, index]);
    return line === undefined ? file : `${file}:${line}`;
  };

const rulesOf = (
  rules: readonly ConfigPolicyRule[] | undefined,
  originOf: (index: number) => string,
): readonly PolicyRule[] => (rules ?? []).map((rule, index) => ({ ...rule, origin: originOf(index) }));

const SYSLOG = ['off', 'on', 'required'] as const;

/** YAML reads a bare `off` or `on` as a truth value in some editors' dialects. */
function strictestSyslog(...choices: readonly SyslogChoice[]): PolicySettings['syslog'] {
  const levels = choices.map((choice) => {
    if (typeof choice === 'boolean') return choice ? 1 : 0;
    return SYSLOG.indexOf(choice);
  });
  return SYSLOG[Math.max(...levels)] ?? 'off';
}

function modeOfEnvironment(written: string | undefined): Mode | undefined {
  if (written === undefined || written === '') return undefined;
  const mode = MODES.find((known) => known === written);
  if (mode === undefined) {
    throw appError('CONFIG_INVALID', `L9S_MODE is "${written}"; it is one of ${MODES.join(', ')}`, {
      hint: 'Correct or unset L9S_MODE.',
    });
  }
  return mode;
}
