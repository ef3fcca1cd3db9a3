/** What a file is that no reader of dumps knows, by its first bytes as text, and what reads it. */
const FILES: readonly (readonly [begin: string, is: string])[] = [
  ['JAVA PROFILE 1.0', 'it is a heap dump (hprof): open it with Eclipse MAT or VisualVM'],
  ['\u001f\ufffd', 'it is compressed (gzip): unpack it first'],
  ['PK\u0003\u0004', 'it is an archive (zip): unpack it first'],
  ['FLR\u0000', 'it is a flight recording (JFR): open it with JDK Mission Control'],
  ['\u007fELF', 'it is a program or a core dump: `jhsdb jstack` reads cores'],
  ['0SECTION ', 'it is a javacore of OpenJ9; HotSpot’s and LENA’s forms are read'],
];
/** The same by words near its beginning. */
const TEXTS: readonly (readonly [words: RegExp, is: string])[] = [
  [
    /^\s*\{\s*"threadDump"/,
    'it is a thread dump as JSON: take it as text (`Thread.print`, or `-format=text`)',
  ],
  [/^Thread \d{1,9}: \(state = /m, 'it is of `jstack -F`: take it with `jcmd PID Thread.print -l`'],
  [
    /^(?:Unable to open|Error: |\d{1,9}: (?:Unable|Connection)|AttachNotSupported)|not responding/m,
    'it holds what the tool said instead of a dump',
  ],
];

/** In words, for the message; `begin`: the first characters of the file. */
export function whatItIs(begin: string): string {
  if (begin.trim() === '') return 'it is empty';
  const file = FILES.find(([start]) => begin.startsWith(start)) ?? TEXTS.find(([words]) => words.test(begin));
  return file?.[1] ?? 'nothing in it is a thread dump, a service dump or a class histogram';
}
