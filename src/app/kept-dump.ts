import path from 'node:path';
import type { Dump } from '../domain/dump.ts';
import { DUMP_DIRECTORY } from '../sources/dumps/folder/dump-folder.ts';
import { readDump } from '../sources/dumps/folder/list-dumps.ts';

/** Where dumps are kept unless another directory is given. */
export const dumpDirectory = (stateDirectory: string): string => path.join(stateDirectory, DUMP_DIRECTORY);

/** A dump of a directory with its facts; `undefined` where there is none of that name. Never rejects. */
export const keptDump = (directory: string, name: string): Promise<Dump | undefined> =>
  readDump(directory, name);
