import { createGlobMatcher } from '../core/glob.ts';
import { environmentValue } from '../domain/environment.ts';
import type { ContainerFacts, Instance } from '../domain/instance.ts';
import { isServerType, type ServerType } from '../domain/server-type.ts';

/** The type of a server and which rule gave it. */
export interface TypeVerdict {
  readonly type: ServerType;
  readonly reason: string;
}
/** `servers.rules` of the config. */
export interface ConfiguredTypeRule {
  readonly image?: string | undefined;
  readonly name?: string | undefined;
  readonly type: ServerType;
}
type TypeRule = (instance: Instance) => TypeVerdict | undefined;

/** Values of LENA_SERVER_TYPE that are not type names themselves. */
const SERVER_TYPE_ALIASES: Readonly<Record<string, ServerType>> = {
  enterprise: 'was',
  exclusive: 'was',
  standard: 'was',
  se: 'was',
};

const LENA_IMAGES: Readonly<Record<string, ServerType>> = {
  'lena-manager': 'manager',
  'lena-session': 'session',
  'lena-cluster': 'was',
  'lena-was': 'was',
  'lena-embedded': 'embedded',
  'lena-web': 'web',
};
const LENA_IMAGE = /^(lena-(?:manager|session|cluster|was|embedded|web))(?:$|[-_.])/;

/** Other middleware by its image's last path segment or its command line. */
const GENERIC: readonly {
  readonly type: ServerType;
  readonly image?: RegExp;
  readonly command?: RegExp;
}[] = [
  {
    type: 'tomcat',
    image: /(^|[-_])tomcat\d*($|[-_])/,
    command: /catalina\.(sh|home|base|startup)|Bootstrap start/i,
  },
  {
    type: 'wildfly',
    image: /(^|[-_])(wildfly|jboss)/,
    command: /jboss-modules\.jar|standalone\.sh|jboss\.home/i,
  },
  {
    type: 'springboot',
    image: /spring-?boot/,
    command: /org\.springframework\.boot\.|spring\.config\.|BOOT-INF/i,
  },
  {
    type: 'httpd',
    image: /(^|[-_])(httpd|apache2?)($|[-_])/,
    command: /(^|[\s/])(httpd|httpd-foreground|apache2|apachectl)(\s|$)/,
  },
  { type: 'nginx', image: /(^|[-_])nginx($|[-_])/, command: /(^|[\s/])nginx(\s|$)/ },
];

/** Variables that only one kind of middleware reads; application images rarely say what is in them. */
const OWN_VARIABLES: readonly { readonly type: ServerType; readonly name: RegExp }[] = [
  { type: 'tomcat', name: /^CATALINA_/ },
  { type: 'wildfly', name: /^(JBOSS|WILDFLY)_/ },
  { type: 'springboot', name: /^SPRING_/ },
];

/** A JVM, and nothing that says what it runs. */
const JVM_IMAGE = /^(openjdk|eclipse-temurin|temurin|amazoncorretto|ibmjava)($|[-_])/;
const JVM_COMMAND = /(^|[\s/])java(\s|$)/;
const JVM_VARIABLE = /^(JAVA_OPTS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|JVM_OPTS)$/;

/** `registry:5000/team/lena-was:1@sha256:…` → `lena-was`. */
export function imageBaseName(image: string): string {
  const path = image.split('@', 1)[0] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1);
  return (last.split(':', 1)[0] ?? '').toLowerCase();
}

/** `team/shop:1@sha256:…` → `team/shop`. */
const withoutTag = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

const lenaImageOf = (container: ContainerFacts): string | undefined =>
  LENA_IMAGE.exec(imageBaseName(container.image))?.[1];

/** The container that is the server: the first of a LENA image, else the first. */
export function serverContainerOf(instance: Instance): ContainerFacts | undefined {
  const { containers } = instance;
  if (containers.length < 2) return containers[0];
  return containers.find((container) => lenaImageOf(container) !== undefined) ?? containers[0];
}

const has = (instance: Instance, variable: string): boolean =>
  instance.environment.some((entry) => entry.name === variable);
const listens = (instance: Instance, port: number): boolean => instance.ports.includes(port);

function byVariableOrPort(type: ServerType, variable: string, port?: number): TypeRule {
  return (instance) => {
    if (has(instance, variable)) return { type, reason: variable };
    if (port !== undefined && listens(instance, port)) return { type, reason: `port ${port}` };
    return undefined;
  };
}

/** From the surest to the vaguest: the first that answers gives the type. */
const RULES: readonly TypeRule[] = [
  function declared({ declaredType }) {
    return declaredType && { type: declaredType, reason: 'given in the config' };
  },
  function serverTypeVariable(instance) {
    const value = environmentValue(instance.environment, 'LENA_SERVER_TYPE')?.trim().toLowerCase();
    if (!value) return undefined;
    const type = isServerType(value) ? value : SERVER_TYPE_ALIASES[value];
    return type && { type, reason: `LENA_SERVER_TYPE=${value}` };
  },
  function lenaImage(instance) {
    for (const container of instance.containers) {
      const name = lenaImageOf(container);
      const type = name === undefined ? undefined : LENA_IMAGES[name];
      if (type !== undefined) return { type, reason: `image ${name}` };
    }
    return undefined;
  },
  byVariableOrPort('manager', 'LENA_MANAGER_DOMAIN_ENABLED', 7700),
  byVariableOrPort('embedded', 'LENA_APP_FILE'),
  byVariableOrPort('session', 'LENA_SESSION_0_ADDRESS', 5180),
  function webPort(instance) {
    return listens(instance, 7180) ? { type: 'web', reason: 'port 7180' } : undefined;
  },
  function anotherLenaVariable(instance) {
    const found = instance.environment.find((entry) => entry.name.startsWith('LENA_'));
    if (found !== undefined) return { type: 'was', reason: `another LENA_ variable (${found.name})` };
    return listens(instance, 8180) ? { type: 'was', reason: 'port 8180' } : undefined;
  },
  function otherMiddleware(instance) {
    const container = serverContainerOf(instance);
    const image = container === undefined ? '' : imageBaseName(container.image);
    const command = instance.command.join(' ').slice(0, 4_096);
    for (const rule of GENERIC) {
      if (image !== '' && rule.image?.test(image)) return { type: rule.type, reason: `image ${image}` };
    }
    for (const rule of GENERIC) {
      if (command !== '' && rule.command?.test(command)) return { type: rule.type, reason: 'command' };
    }
    return undefined;
  },
  function ownVariable({ environment }) {
    for (const { type, name } of OWN_VARIABLES) {
      const found = environment.find((entry) => name.test(entry.name));
      if (found !== undefined) return { type, reason: found.name };
    }
    return undefined;
  },
  function anyJvm(instance) {
    const container = serverContainerOf(instance);
    const image = container === undefined ? '' : imageBaseName(container.image);
    if (JVM_IMAGE.test(image)) return { type: 'jvm', reason: `image ${image}` };
    if (JVM_COMMAND.test(instance.command.join(' ').slice(0, 4_096)))
      return { type: 'jvm', reason: 'command' };
    const found = instance.environment.find((entry) => JVM_VARIABLE.test(entry.name));
    return found && { type: 'jvm', reason: found.name };
  },
];

/** A function from an instance to its type; remembers its answer for each instance object. */
export function createTypeReader(
  configured: readonly ConfiguredTypeRule[],
): (instance: Instance) => TypeVerdict | undefined {
  const rules: readonly TypeRule[] = [...configured.map(configuredRule), ...RULES];
  const cache = new WeakMap<Instance, { readonly verdict: TypeVerdict | undefined }>();
  return (instance) => {
    const known = cache.get(instance);
    if (known !== undefined) return known.verdict;
    let verdict: TypeVerdict | undefined;
    for (const rule of rules) {
      verdict = rule(instance);
      if (verdict !== undefined) break;
    }
    cache.set(instance, { verdict });
    return verdict;
  };
}

function configuredRule({ image, name, type }: ConfiguredTypeRule): TypeRule {
  const matchesImage = image === undefined ? undefined : createGlobMatcher([image]);
  const matchesName = name === undefined ? undefined : createGlobMatcher([name]);
  const reason = `config rule ${image === undefined ? `name ${name}` : `image ${image}`}`;
  return (instance) => {
    if (matchesImage === undefined && matchesName === undefined) return undefined;
    if (matchesName !== undefined && !matchesName(instance.name)) return undefined;
    if (
      matchesImage !== undefined &&
      !instance.containers.some((c) => matchesImage(c.image) || matchesImage(withoutTag(c.image)))
    )
      return undefined;
    return { type, reason };
  };
}
