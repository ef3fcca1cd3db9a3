/** The only writer to stdout and stderr; what reads us may go away at any time (EPIPE). */
export interface Output {
  /** One line (or several, joined by line feeds) to stdout. */
  print(text: string): void;
  /** One line to stderr. */
  warn(text: string): void;
  readonly isTerminal: boolean;
}

type MaybeTerminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

interface Streams {
  readonly stdout: MaybeTerminal;
  readonly stderr: MaybeTerminal;
  /** How a terminal is written to that does not read UTF-8; files and pipes get what was said. */
  readonly spell?: ((text: string) => string) | undefined;
  /** Called once when stdout takes no more: its reader is gone (EPIPE), its disk is full (ENOSPC) … */
  readonly onClosed: (code: string) => void;
}

export function createOutput({ stdout, stderr, spell, onClosed }: Streams): Output {
  let isClosed = false;
  const close = (error: NodeJS.ErrnoException) => {
    if (isClosed) return;
    isClosed = true;
    onClosed(error.code ?? 'error');
  };
  stdout.on('error', close);
  stderr.on('error', () => {});
  const spelled = (stream: MaybeTerminal, text: string): string =>
    spell === undefined || stream.isTTY !== true ? text : spell(text);
  return {
    print(text) {
      if (!isClosed) stdout.write(`${spelled(stdout, text)}\n`);
    },
    warn(text) {
      stderr.write(`${spelled(stderr, text)}\n`);
    },
    isTerminal: stdout.isTTY === true,
  };
}
