import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createOutput } from '../../src/cli/output.ts';
import { hasUnicode } from '../../src/core/locale.ts';
import { asciiLine } from '../../src/ui/kit/ascii-line.ts';

test('a terminal without UTF-8 gets signs in ASCII, a file gets what was said', () => {
  const spell = (text: string) => asciiLine(text, { keepsHangul: true });
  const written = (isTTY: boolean): string => {
    const stdout = Object.assign(new PassThrough(), { isTTY });
    createOutput({ stdout, stderr: new PassThrough(), spell, onClosed: () => undefined }).print(
      '✖ deadlock · 2\n▲ 힙',
    );
    return String(stdout.read());
  };
  assert.equal(written(true), 'x deadlock - 2\n! 힙\n');
  assert.equal(written(false), '✖ deadlock · 2\n▲ 힙\n');
});

test('a locale has Unicode where it says UTF-8, or nothing at all', () => {
  assert.ok(hasUnicode({ LANG: 'ko_KR.UTF-8' }) && hasUnicode({ LC_ALL: 'en_US.utf8' }) && hasUnicode({}));
  assert.ok(!hasUnicode({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }) && !hasUnicode({ LANG: 'ko_KR.eucKR' }));
});
