import type { ServerType } from '../../../domain/server-type.ts';

/** Words of the `serverType` tag, most telling first; seen so far: STANDARD_APPLICATION_SERVER. */
const WORDS: readonly (readonly [RegExp, ServerType])[] = [
  [/EMBEDDED/i, 'embedded'],
  [/SESSION/i, 'session'],
  [/MANAGER/i, 'manager'],
  [/APPLICATION|ENTERPRISE|EXCLUSIVE|STANDARD|\bWAS\b/i, 'was'],
  [/WEB/i, 'web'],
];

export const lenaServerType = (tag: string | undefined): ServerType | undefined =>
  tag === undefined ? undefined : WORDS.find(([word]) => word.test(tag))?.[1];
