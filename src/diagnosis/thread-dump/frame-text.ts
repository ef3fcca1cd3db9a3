/**
 * A frame as all JVMs would write it: without `at`, and without class loader, module and its version, which HotSpot
 * puts before the file's name and Java itself before the class's. `undefined` for what is no frame.
 */
export function frameText(line: string): string | undefined {
  const text = line.startsWith('at ') ? line.slice(3).trim() : line;
  const open = text.lastIndexOf('(');
  const close = text.indexOf(')', open);
  if (open <= 0 || close < 0) return undefined;
  const method = text.slice(methodStart(text, open), open);
  if (!method.includes('.')) return undefined;
  const place = text.slice(open + 1, close);
  return `${method}(${place.slice(place.lastIndexOf('/') + 1)})`;
}

/** Behind the last `/` before the class; the `/` in the name of a lambda is followed by a digit. */
function methodStart(text: string, open: number): number {
  for (let slash = text.lastIndexOf('/', open); slash >= 0; slash = text.lastIndexOf('/', slash - 1)) {
    const next = text.charCodeAt(slash + 1);
    if (next < 0x30 || next > 0x39) return slash + 1;
    if (slash === 0) break;
  }
  return 0;
}
