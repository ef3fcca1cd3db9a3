/**
 * Main class or jar in `sun.rt.javaCommand`, without its folder or module; empty where none is told. Untrusted; what
 * stands behind it are arguments, which may hold secrets.
 */
export function mainIn(command: string | undefined): string {
  const [first = ''] = (command ?? '').trimStart().split(/\s/, 1);
  return first.slice(first.lastIndexOf('/') + 1);
}
