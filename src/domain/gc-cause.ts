/** Causes HotSpot gives a collection that a program, an operator or a tool asked for. */
const ASKED_FOR =
  /^(System\.gc\(\)|Diagnostic Command|Heap (Inspection|Dump) Initiated GC|JvmtiEnv ForceGarbageCollection|WhiteBox )/;

/** True where it is told that somebody asked for the collection; one whose cause is not told was not asked for. */
export const isAskedFor = (cause: string | undefined): boolean =>
  cause !== undefined && ASKED_FOR.test(cause);
