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
const HOMES = ['/usr/local/lena', '/engn001/lena/1.3'] as const;
const SESSION_SERVER = 'servers/sessionServer';
const PID = /^[1-9]\d{0,6}$/;
const CGROUP_FILES = [
  '/sys/fs/cgroup/memory.max',
  '/sys/fs/cgroup/memory.current',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  '/sys/fs/cgroup/memory/memory.usage_in_bytes',
] as const;

export const EXEC_TEMPLATES: readonly ExecTemplate[] = [
  ...HOMES.flatMap((home): ExecTemplate[] => {
    const tool = (name: string) => `${home}/${SESSION_SERVER}/${name}`;
    return [
      { id: 'session-health', words: [tool('health.sh')] },
      { id: 'session-status', words: [tool('console.sh'), 'status'] },
      { id: 'session-was-list', words: [tool('console.sh'), 'was_list'] },
    ];
  }),
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
];

const matches = (word: Word, argument: string): boolean =>
  typeof word === 'string' ? word === argument : word.test(argument);

/** The template an argv equals word for word; `undefined` where there is none. */
export const execTemplateOf = (argv: readonly string[]): ExecTemplate | undefined =>
  EXEC_TEMPLATES.find(
    ({ words }) =>
      words.length === argv.length && words.every((word, index) => matches(word, argv[index] ?? '')),
  );
