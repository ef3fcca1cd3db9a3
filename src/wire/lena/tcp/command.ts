/**
 * What may be asked of an advertiser over the connection it opened. Heap dumps and the deleting of files, which it
 * would take as well, are not in the list and cannot be written.
 */
export const LENA_COMMANDS = [
  'KEEP_ALIVE',
  'OBJECT_THREAD_LIST',
  'OBJECT_THREAD_DUMP',
  'OBJECT_ACTIVE_SERVICE_LIST',
] as const;
export type LenaCommand = (typeof LENA_COMMANDS)[number];
