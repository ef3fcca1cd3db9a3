#!/usr/bin/env node
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** The oldest Node whose built-in parts the client libraries need. */
const OLDEST_NODE = [22, 19] as const;
const FIRST_FRAME_MS = 250;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `l9s needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(2);
}

// After the first frame: what it needs costs some milliseconds to load.
setTimeout(() => {
  import('./young-space.ts').then(({ boundYoungSpace }) => boundYoungSpace()).catch(() => undefined);
}, FIRST_FRAME_MS).unref();

// Compiled code is kept in the user's own cache directory: the default, under /tmp, is another user's to fill.
nodeModule.enableCompileCache(
  path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'l9s', 'compiled'),
);

const { main } = await import('./run.ts');
await main();
