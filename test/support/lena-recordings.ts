import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** One datagram of a recording (fixtures/lena-wire/README.md). */
export interface RecordedDatagram {
  /** Milliseconds since the first datagram. */
  readonly atMs: number;
  readonly bytes: Uint8Array;
}
export const RECORDINGS = ['alerts', 'big', 'ds', 'frag', 'g1', 'oom2', 'startup', 'term', 'tx'] as const;
export type RecordingName = (typeof RECORDINGS)[number];

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/lena-wire');

export function readRecording(name: RecordingName): readonly RecordedDatagram[] {
  return readFileSync(path.join(FOLDER, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { t, hex, deflate64 } = JSON.parse(line);
      const bytes =
        typeof hex === 'string' ? Buffer.from(hex, 'hex') : inflateRawSync(Buffer.from(deflate64, 'base64'));
      return { atMs: t, bytes };
    });
}
