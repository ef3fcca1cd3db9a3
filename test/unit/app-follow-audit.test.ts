import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { followAudit } from '../../src/app/follow-audit.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const home = mkdtempSync(path.join(tmpdir(), 'l9s-follow-'));
after(() => rmSync(home, { recursive: true, force: true }));

test('the audit is read again when a file came or grew, and only then', async () => {
  const file = path.join(home, 'audit.jsonl');
  const clock = createFakeClock(0);
  const abort = new AbortController();
  let reads = 0;
  const following = followAudit(
    {
      directory: home,
      clock,
      everyMs: 1_000,
      reload: async () => {
        reads++;
      },
    },
    abort.signal,
  );
  /** One look: from the pause before it to the pause after it. */
  const look = async () => {
    while (clock.pending === 0) await turn();
    await clock.advance(1_000);
    while (clock.pending === 0) await turn();
  };
  await look();
  assert.equal(reads, 0);
  appendFileSync(file, 'one line\n');
  await look();
  assert.equal(reads, 1);
  await look();
  assert.equal(reads, 1);
  appendFileSync(file, 'another\n');
  await look();
  assert.equal(reads, 2);
  abort.abort();
  await following;
});
