/** The only writer to stdout and stderr; what reads us may go away at any time (EPIPE). */
export interface Output {
  /** One line (or several, joined by line feeds) to stdout. */
  print(text: string): void;
  /** One line to stderr. */
  warn(text: string): void;
  readonly isTerminal: boolean;
}

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Called once when stdout takes no more: its reader is gone (EPIPE), its disk is full (ENOSPC) … */
  readonly onClosed: (code: string) => void;
}

export function createOutput({ stdout, stderr, onClosed }: Streams): Output {
  let isClosed = false;
  const close = (error: NodeJS.ErrnoException) => {
    if (isClosed) return;
    isClosed = true;
    onClosed(error.code ?? 'error');
  };
  stdout.on('error', close);
  stderr.on('error', () => {});
  return {
    print(text) {
      if (!isClosed) stdout.write(`${text}\n`);
    },
    warn(text) {
      stderr.write(`${text}\n`);
    },
    isTerminal: stdout.isTTY,
  };
}
