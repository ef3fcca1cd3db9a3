import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { makeDirectory } from '../../src/core/make-directory.ts';

const home = mkdtempSync(path.join(tmpdir(), 'l9s-directory-'));
after(() => rmSync(home, { recursive: true, force: true }));

describe('making a directory', () => {
  test('makes what is missing above it, for this user alone, and takes one that is there', () => {
    const deep = path.join(home, 'a/b/c');
    makeDirectory(deep);
    makeDirectory(deep);
    assert.equal(statSync(path.join(home, 'a')).mode & 0o777, 0o700);
  });

  test('fails where a file stands in the way', () => {
    writeFileSync(path.join(home, 'file'), '');
    assert.throws(() => makeDirectory(path.join(home, 'file')), { code: 'EEXIST' });
    assert.throws(() => makeDirectory(path.join(home, 'file/below')), { code: 'ENOTDIR' });
  });

  test('comes back where the file system takes no entries', { skip: !existsSync('/proc/self') }, () => {
    assert.throws(() => makeDirectory('/proc/nope/l9s'));
  });
});
