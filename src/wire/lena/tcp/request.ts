import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { LenaMap } from '../pack.ts';
import type { LenaCommand } from './command.ts';
import { LengthFrames } from './length-frames.ts';
import { readMapPack, writeMapPack } from './map-pack.ts';

/** One request: its length, the command and a pack without entries. */
export function encodeLenaRequest(command: LenaCommand): Uint8Array {
  const body = new ByteWriter();
  body.text(command);
  writeMapPack(body, new Map());
  const bytes = body.toBytes();
  const whole = Buffer.alloc(4 + bytes.length);
  whole.writeInt32BE(bytes.length);
  whole.set(bytes, 4);
  return whole;
}

/** A request as an advertiser reads it; the command may be any text. */
export interface LenaRequest {
  readonly command: string;
  readonly parameters: LenaMap;
}
const MAX_REQUEST_BYTES = 65_536;

/** An advertiser's side: cuts a stream into requests. */
export class LenaRequestReader {
  readonly #frames = new LengthFrames(MAX_REQUEST_BYTES);
  failure: string | undefined;

  push(bytes: Uint8Array): readonly LenaRequest[] {
    const requests: LenaRequest[] = [];
    for (const body of this.#frames.push(bytes)) {
      const reader = new ByteReader(body);
      const command = reader.text();
      const parameters = readMapPack(reader);
      this.failure ??= reader.failure ?? (reader.remaining > 0 ? 'bytes after the pack' : undefined);
      if (this.failure !== undefined) return requests;
      requests.push({ command, parameters });
    }
    this.failure ??= this.#frames.failure;
    return requests;
  }
}
