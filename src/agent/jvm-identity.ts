import { cleanLine } from '../core/text.ts';
import type { ServerType } from '../domain/server-type.ts';
import { mainIn } from '../wire/hsperfdata/java-command.ts';

/** What a JVM is called and what it is, from how it was started; nothing of its own arguments is in here. */
export interface JvmIdentity {
  /** Main class or jar. */
  readonly main: string;
  /** Letters, digits, `.`, `_`, `-`; at most 64. */
  readonly name: string;
  readonly serverType: ServerType;
  /** Part of the JDK itself: jps, jstat, jcmd. */
  readonly isTool: boolean;
}
interface Started {
  /** As the kernel has them; empty where it does not tell. */
  readonly words: readonly string[];
  /** `sun.rt.javaCommand`: main class, jar or module, then the program's arguments. */
  readonly command: string | undefined;
  /** `java.rt.vmArgs`: used where the kernel does not tell. */
  readonly vmArguments: string | undefined;
}

const NAME_LENGTH = 64;
const MAIN_LENGTH = 128;
const TOOL =
  /^(?:jdk\.(?:jcmd|jartool|compiler|jconsole|internal)\/?|sun\.(?:tools|jvmstat)\.|com\.sun\.tools\.javac\.Main)/;
/** Runs a source file: a program like any other. */
const LAUNCHER = /launcher/i;
/** Properties that name a server, best first. */
const NAMES = ['lena.name', 'jvmRoute', 'spring.application.name'] as const;

const nameOf = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, NAME_LENGTH);

/** Value of `-Dname=value`; the last one given counts. */
function propertyOf(words: readonly string[], name: string): string | undefined {
  const head = `-D${name}=`;
  return words.findLast((word) => word.startsWith(head))?.slice(head.length);
}

function serverTypeOf(words: readonly string[], main: string): ServerType {
  if (words.some((word) => word.startsWith('-Dlena.'))) return 'was';
  if (main === 'org.apache.catalina.startup.Bootstrap') return 'tomcat';
  if (main === 'jboss-modules.jar' || main === 'org.jboss.modules.Main') return 'wildfly';
  if (main.startsWith('org.springframework.boot.loader.')) return 'springboot';
  return 'jvm';
}

export function identityOf({ words, command, vmArguments }: Started): JvmIdentity {
  const options = words.length > 0 ? words : (vmArguments ?? '').split(/\s+/);
  const main = cleanLine(mainIn(command), MAIN_LENGTH);
  const base = propertyOf(options, 'catalina.base')
    ?.split('/')
    .findLast((part) => part !== '');
  const shortMain = main.endsWith('.jar')
    ? main.slice(0, -'.jar'.length)
    : main.slice(main.lastIndexOf('.') + 1);
  const candidates = [...NAMES.map((name) => propertyOf(options, name)), base, shortMain];
  return {
    main: main === '' ? 'unknown' : main,
    name: candidates.map((text) => nameOf(text ?? '')).find((name) => name !== '') ?? 'jvm',
    serverType: serverTypeOf(options, main),
    isTool:
      TOOL.test(command ?? '') && !LAUNCHER.test(main) && !LAUNCHER.test(command?.split(' ', 1)[0] ?? ''),
  };
}

/** `-XX:-UsePerfData` and its like, by which a JVM says itself that there is no file. */
export function perfDataIsOff(words: readonly string[]): string | undefined {
  return words.findLast((word) => word === '-XX:-UsePerfData' || word === '-XX:+PerfDisableSharedMem');
}
/** No dump can be asked of it. */
export const refusesAttach = (words: readonly string[]): boolean =>
  words.findLast((word) => /^-XX:[+-]DisableAttachMechanism$/.test(word)) === '-XX:+DisableAttachMechanism';
/** A process that is a JVM by how it was called. */
export const looksLikeJava = (program: string, words: readonly string[]): boolean =>
  /^(?:java|jsvc|javaw)$/.test(program) || /(?:^|\/)(?:java|jsvc)$/.test(words[0] ?? '');
