/**
 * Name of the pool a thread belongs to: its own number, and what differs from run to run, becomes `#`. A port or a
 * pool's number before it stays: `http-nio-8080-exec-12` is `http-nio-8080-exec-#`, `pool-3-thread-1` is
 * `pool-3-thread-#`. Without a number it is the name itself.
 */
export function poolNameOf(name: string): string {
  const weblogic = /^\[[A-Z]+\] (ExecuteThread: ')\d+('.*)$/.exec(name);
  if (weblogic !== null) return `${weblogic[1]}#${weblogic[2]}`;
  return name
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#')
    .replace(/@[0-9a-f]{5,}/g, '@#')
    .replace(/([-_ ])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{6,}$/, '$1#')
    .replace(/#?\d+([\])}'"]*)$/, '#$1');
}

/** All numbers folded: pools that are made again and again look the same. */
export const familyOf = (name: string): string => poolNameOf(name).replace(/\d+/g, '#');

/** `http-nio-8080-exec` of `http-nio-8080-exec-#`, for a sentence. */
export const spokenPool = (pool: string): string => pool.replace(/[-_ :@]*#$/, '') || pool;

const REQUEST_POOLS: readonly RegExp[] = [
  /^(lena-)?(https?|ajp)-.*exec-#$/,
  /^(catalina|tomcat)-?(exec|handler)?-(exec-)?#$/,
  /^https?\d*-#$/,
  /^TP-Processor#$/,
  /^qtp\d+-#$/,
  /^XNIO-\d+ (task|worker)-#$/,
  /^default task-#$/,
  /^WebContainer : #$/,
  /^ExecuteThread: '#' for queue: 'weblogic\.kernel\.Default/,
  /^undertow-.*task-#$/,
];
/** Workers of LENA, Tomcat, Jetty, Undertow, WebLogic and WebSphere that serve requests. */
export const isRequestPool = (pool: string): boolean => REQUEST_POOLS.some((each) => each.test(pool));

const COLLECTOR =
  /^(GC Thread|Gang worker|G1 |ParGC Thread|ParallelGC|Parallel GC|PS |Concurrent Mark-Sweep|CMS |ZWorker|ZDriver|ZDirector|ZUncommitter|ZUnmapper|ZStat|XWorker|XDriver|XDirector|Shenandoah|VM Thread$)/;
/** Collects garbage, or stops the JVM for it. */
export const isCollector = (name: string): boolean => COLLECTOR.test(name);
