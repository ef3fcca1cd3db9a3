import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createPage } from '../../src/store/shell/page.ts';
import { bindingsOn } from '../../src/ui/keymap/keymap.ts';
import { serversView } from '../../src/views/servers.view.ts';

/** `(e)`, `(l, then p)`: a lone letter in brackets is a key to every reader. */
const KEY_HINT = /\((\^?[A-Za-z])(?:,[^)]*)?\)/g;

test('a next step names only keys that a server has', () => {
  const root = path.join(import.meta.dirname, '../../src/diagnosis');
  const keys = new Set<string>(
    bindingsOn(
      { page: createPage(1, { kind: 'table', view: 'servers' }), acting: undefined },
      serversView,
    ).flatMap((one) => one.keys),
  );
  const files = globSync('{health,findings}/*.ts', { cwd: root });
  assert.ok(files.length > 20);
  const absent = files.flatMap((file) =>
    readFileSync(path.join(root, file), 'utf8')
      .split('\n')
      .flatMap((words) => (words.match(/'[^']*'|`[^`]*`/g) ?? []).join(' '))
      .flatMap((words) => [...words.matchAll(KEY_HINT)])
      .flatMap(([, key = '']) => (keys.has(key) ? [] : [`${file}: ${key}`])),
  );
  assert.deepEqual(absent, []);
});
