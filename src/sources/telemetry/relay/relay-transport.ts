import { cleanLine } from '../../../core/text.ts';
import { maskUrl } from '../../../domain/secret-name.ts';

/** A way to a stream that another process offers. */
export interface RelayTransport {
  /** e.g. `pod lena/l9s-collector-0`. */
  readonly place: string;
  /** The owner's clock is another machine's. */
  readonly isRemote: boolean;
  /** Hands over the stream until it ends or the signal aborts; rejects with an AppError that says why. */
  open(onBytes: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void>;
  /** Nothing will be opened any more. */
  close?(): Promise<void>;
}

/** What a command said last of why it ended, in one line. */
export function complaintOf(stderr: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.find((line) => line.startsWith('l9s: '));
  return maskUrl(cleanLine(own ?? lines.at(-1) ?? '', 300));
}
