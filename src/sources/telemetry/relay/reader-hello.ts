import { encodeHello } from '../../../wire/relay/encode.ts';

export interface ReaderFacts {
  /** Version of l9s. */
  readonly program: string;
  readonly pid: number;
  readonly at: number;
}

/** The one line a process that only reads says. */
export const readerHello = ({ program, pid, at }: ReaderFacts): string =>
  encodeHello({
    type: 'hello',
    program,
    instance: `reader-${pid}`,
    role: 'reader',
    pid,
    listen: '',
    isWaiting: false,
    at,
  });
