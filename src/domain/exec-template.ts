/**
 * Commands that only look, one list: outside `normal` nothing else is run in a container. A template is an argv of
 * fixed words and of words checked by a pattern; there is never a shell between.
 */
type Word = string | RegExp;
export interface ExecTemplate {
  /** Stable name, e.g. `session-health`. */
  readonly id: string;
  readonly words: readonly Word[];
  /** Runs in readonly too: it reads what l9s itself gathered, nothing of the server. */
  readonly isObserving?: true;
}

/** Where LENA is installed: in its images, and on machines by default. */
export const LENA_HOMES = ['/usr/local/lena', '/engn001/lena/1.3'] as const;
const SESSION_SERVER = 'servers/sessionServer';
const PID = /^[1-9]\d{0,6}$/;
/** A folder or file in a path: nothing a tool would take for an option, and no way up. */
const PART = '[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}';
const FOLDERS = `(?:/${PART}){1,10}`;
/** A tool of a JDK by its name, or where the JVM's own `java` lies. */
const javaTool = (name: string): readonly Word[] => [name, new RegExp(`^${FOLDERS}/bin/${name}$`)];
const DUMP_NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,187}';
/** Where LENA keeps the dumps it took itself. */
const DUMP_FOLDER = new RegExp(`^${FOLDERS}/[tsh]dump$`);
const TEXT_DUMP = new RegExp(`^${FOLDERS}/(?:tdump/${DUMP_NAME}_tdump|sdump/${DUMP_NAME}_sdump)\\.txt$`);
const HEAP_DUMP = new RegExp(`^${FOLDERS}/hdump/${DUMP_NAME}_hdump\\.hprof$`);
/** A heap dump of ours while it is fetched. */
const OWN_HEAP_DUMP = new RegExp(`^${FOLDERS}/l9s-[0-9a-f]{16}\\.hprof$`);
const CGROUP_FILES = [
  '/sys/fs/cgroup/memory.max',
  '/sys/fs/cgroup/memory.current',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  '/sys/fs/cgroup/memory/memory.usage_in_bytes',
] as const;

export const EXEC_TEMPLATES: readonly ExecTemplate[] = [
  ...LENA_HOMES.flatMap((home): ExecTemplate[] => {
    const tool = (name: string) => `${home}/${SESSION_SERVER}/${name}`;
    return [
      { id: 'session-health', words: [tool('health.sh')] },
      { id: 'session-status', words: [tool('console.sh'), 'status'] },
      { id: 'session-was-list', words: [tool('console.sh'), 'was_list'] },
    ];
  }),
  {
    id: 'web-monitor',
    words: [
      'curl',
      '-s',
      '--max-time',
      '5',
      /^http:\/\/127\.0\.0\.1:[1-9]\d{1,4}\/cmx-status\?cmd=monitor&format=json$/,
    ],
  },
  { id: 'attach', words: ['l9s', 'attach', '--stdio'], isObserving: true },
  { id: 'list-tmp', words: ['ls', '-1', '/tmp'] },
  { id: 'list-processes', words: ['ls', '-1', '/proc'] },
  { id: 'list-jvms', words: ['ls', '-1', /^\/tmp\/hsperfdata_[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/] },
  {
    id: 'read-jvm',
    words: ['cat', /^\/tmp\/hsperfdata_[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\/[1-9]\d{0,6}$/],
  },
  { id: 'read-process', words: ['cat', /^\/proc\/[1-9]\d{0,6}\/(?:stat|status|limits)$/] },
  { id: 'list-descriptors', words: ['ls', '-1', /^\/proc\/[1-9]\d{0,6}\/fd$/] },
  ...CGROUP_FILES.map((file): ExecTemplate => ({ id: 'read-memory-limit', words: ['cat', file] })),
  { id: 'jstat', words: ['jstat', '-gc', PID, '2000', '30'] },
  // What a JVM says of its threads and classes, from whichever tool is there.
  { id: 'read-host-name', words: ['cat', '/etc/hostname'] },
  { id: 'locate-java', words: ['readlink', /^\/proc\/[1-9]\d{0,6}\/exe$/] },
  { id: 'read-libraries', words: ['cat', /^\/proc\/[1-9]\d{0,6}\/maps$/] },
  ...javaTool('jcmd').flatMap((jcmd): ExecTemplate[] => [
    { id: 'thread-dump', words: [jcmd, PID, 'Thread.print', '-l'] },
    { id: 'thread-dump', words: [jcmd, PID, 'Thread.print', '-l', '-e'] },
    { id: 'histogram', words: [jcmd, PID, 'GC.class_histogram', '-all'] },
  ]),
  ...javaTool('jstack').map((jstack): ExecTemplate => ({ id: 'thread-dump', words: [jstack, '-l', PID] })),
  { id: 'quit-signal', words: ['kill', '-3', PID] },
  { id: 'quit-signal', words: ['busybox', 'kill', '-3', PID] },
  // Dumps a LENA server took itself; what its memory held is none of them.
  { id: 'list-dumps', words: ['ls', '-ln', DUMP_FOLDER] },
  { id: 'read-dump', words: ['cat', TEXT_DUMP] },
  { id: 'hash-dump', words: ['sha256sum', TEXT_DUMP] },
];

/**
 * Commands of dumps that stop the server for long, need room on its disk or hold what its memory held: outside
 * `normal` none of them leaves.
 */
export const DUMP_CHANGE_TEMPLATES: readonly ExecTemplate[] = [
  ...javaTool('jcmd').flatMap((jcmd): ExecTemplate[] => [
    { id: 'live-histogram', words: [jcmd, PID, 'GC.class_histogram'] },
    { id: 'heap-dump', words: [jcmd, PID, 'GC.heap_dump', OWN_HEAP_DUMP] },
    { id: 'heap-dump', words: [jcmd, PID, 'GC.heap_dump', '-all', OWN_HEAP_DUMP] },
  ]),
  { id: 'free-space', words: ['df', '-Pk', new RegExp(`^${FOLDERS}$`)] },
  ...[OWN_HEAP_DUMP, HEAP_DUMP].flatMap((file): ExecTemplate[] => [
    { id: 'size-heap-dump', words: ['ls', '-ln', file] },
    { id: 'read-heap-dump', words: ['cat', file] },
    { id: 'hash-heap-dump', words: ['sha256sum', file] },
  ]),
  { id: 'remove-heap-dump', words: ['rm', '-f', OWN_HEAP_DUMP] },
];

const matches = (word: Word, argument: string): boolean =>
  typeof word === 'string' ? word === argument : word.test(argument);

const templateIn = (list: readonly ExecTemplate[], argv: readonly string[]): ExecTemplate | undefined =>
  list.find(
    ({ words }) =>
      words.length === argv.length && words.every((word, index) => matches(word, argv[index] ?? '')),
  );

/** The template an argv equals word for word; `undefined` where there is none. */
export const execTemplateOf = (argv: readonly string[]): ExecTemplate | undefined =>
  templateIn(EXEC_TEMPLATES, argv);

/** The same among everything a dump runs, what only `normal` lets out included. */
export const dumpTemplateOf = (argv: readonly string[]): ExecTemplate | undefined =>
  execTemplateOf(argv) ?? templateIn(DUMP_CHANGE_TEMPLATES, argv);
