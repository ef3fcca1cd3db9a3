import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { composeActing } from '../../src/app/acting.ts';
import { silentLog } from '../../src/app/log-file.ts';
import { createPaths } from '../../src/config/paths.ts';
import { loadSettings } from '../../src/config/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';

const home = mkdtempSync(path.join(tmpdir(), 'l9s-acting-'));
after(() => rmSync(home, { recursive: true, force: true }));

test('leaving while earlier actions are read is no error', async () => {
  mkdirSync(path.join(home, 'audit'), { mode: 0o700 });
  writeFileSync(path.join(home, 'audit', '1-here-1-a.jsonl'), 'not a record\n');
  const places = {
    flags: {},
    environment: { KUBECONFIG: '/dev/null' },
    paths: createPaths({ config: home, state: home, home }),
    home,
  };
  const acting = composeActing({
    settings: loadSettings(places),
    environment: {},
    stateDirectory: home,
    store: createConsoleStore({ contexts: [], rules: [], identity: [], now: 0 }),
    clock: systemClock,
    log: silentLog,
  });
  await acting.load(AbortSignal.abort());
  await acting.follow(AbortSignal.abort());
  await acting.close();
  assert.deepEqual(acting.executor.jobs(), []);
});
