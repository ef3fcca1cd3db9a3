/** Of the library HotSpot is; OpenJ9 has one of that name too, and another of its own. */
const HOTSPOT = /\/libjvm\.so(?: \(deleted\))?$/m;
const OPEN_J9 = /\/libj9vm[^/\n]*$/m;

/**
 * Which JVM a process is, by its `/proc/PID/maps`; `undefined` where nothing proves that it is one. What is mapped is
 * code that was opened, not a name somebody chose for a process.
 */
export function jvmInMaps(maps: string): 'hotspot' | 'openj9' | undefined {
  if (OPEN_J9.test(maps)) return 'openj9';
  return HOTSPOT.test(maps) ? 'hotspot' : undefined;
}
