import { isSecretName, MASK, maskUrl } from '../domain/secret-name.ts';
import type { Flags } from './flags.ts';
import type { Settings } from './settings.ts';

/** One merged value with where it came from; secrets are masked. */
export interface ExplainedValue {
  /** Dotted, e.g. `telemetry.listen`. */
  readonly path: string;
  readonly value: string;
  /** `FILE:LINE`, a flag, a variable or `default`. */
  readonly origin: string;
}

/** The merged configuration as flat lines, in the order of the schema, the resolved targets after it. */
export function explainSettings(settings: Settings, flags: Flags): readonly ExplainedValue[] {
  const lines: ExplainedValue[] = [];
  const { contexts: _contexts, ...rest } = settings.config;
  for (const target of settings.targets) {
    const { name, origin, ...fields } = target;
    flatten(`contexts.${name}`, fields, (path, value) => lines.push({ path, value, origin }));
  }
  const telemetry = { ...rest.telemetry, listen: flags.listen ?? rest.telemetry.listen ?? 'off' };
  flatten('', { ...rest, telemetry }, (path, value) => {
    const override = overrideOf(path, settings, flags);
    const line = settings.lines.exact(
      path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    );
    lines.push(
      override ?? { path, value, origin: line === undefined ? 'default' : `${settings.file ?? ''}:${line}` },
    );
  });
  return lines;
}

function overrideOf(path: string, settings: Settings, flags: Flags): ExplainedValue | undefined {
  if (path === 'policy.mode') return { path, value: settings.mode, origin: settings.modeOrigin };
  if (path === 'telemetry.listen' && flags.listen !== undefined) {
    return { path, value: flags.listen, origin: '--listen' };
  }
  if (path === 'ui.language' && flags.language !== undefined) {
    return { path, value: flags.language, origin: '--lang' };
  }
  return undefined;
}

function flatten(path: string, value: unknown, add: (path: string, value: string) => void): void {
  if (value === undefined) return;
  if (Array.isArray(value) && value.every((item: unknown) => typeof item !== 'object' || item === null)) {
    add(path, `[${value.map((item) => shown(path, item)).join(', ')}]`);
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      flatten(path === '' ? key : `${path}.${key}`, inner, add);
    return;
  }
  add(path, shown(path, value));
}

/** `key.env` and `key.file` name where a secret is, not the secret; anything else with such a name is masked. */
function shown(path: string, value: unknown): string {
  const last = path.split('.').at(-1) ?? '';
  return isSecretName(last) ? MASK : maskUrl(String(value));
}
