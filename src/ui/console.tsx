import { Box, Text, useInput, usePaste, useWindowSize } from 'ink';
import { memo, type ReactNode, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { type ConsoleOptions, createConsole } from './create-console.ts';
import { splitInput } from './input/keys.ts';
import { rememberInkLines } from './kit/ink-output.ts';

rememberInkLines();

/** One line of the frame; repainted only when its text changed. */
const Line = memo(function Line({ text }: { readonly text: string }): ReactNode {
  return <Text wrap="truncate-end">{text}</Text>;
});

/** The whole console: keys in, a frame of exactly the terminal's size out. */
export function Console(options: ConsoleOptions): ReactNode {
  const size = useWindowSize();
  const [{ screen, dispatcher, start }] = useState(() => {
    const created = createConsole(options);
    created.screen.resize(size.columns, size.rows);
    return created;
  });
  useEffect(() => start(), [start]);
  useLayoutEffect(() => screen.resize(size.columns, size.rows), [screen, size.columns, size.rows]);
  useInput((input, key) => dispatcher.press(splitInput(input, key)));
  usePaste((pasted) => dispatcher.paste(pasted));
  const lines = useSyncExternalStore(screen.subscribe, screen.lines);
  return (
    <Box flexDirection="column">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Line key={index} text={line} />
      ))}
    </Box>
  );
}
