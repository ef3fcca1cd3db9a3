/** Cuts a stream into bodies that each follow their length (int32); holds one at most. */
export class LengthFrames {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  failure: string | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }
  push(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.failure !== undefined) return [];
    const bodies: Uint8Array[] = [];
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 4) {
      const length = this.#rest.readInt32BE(0);
      if (length <= 0 || length > this.#maxBytes) {
        this.failure = `an impossible length (${length} bytes)`;
        break;
      }
      if (this.#rest.length < 4 + length) break;
      bodies.push(this.#rest.subarray(4, 4 + length));
      this.#rest = this.#rest.subarray(4 + length);
    }
    return bodies;
  }
}
