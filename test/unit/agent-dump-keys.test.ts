import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { writeDerivedKey, writeMasterKey } from '../../src/app/agent-keys.ts';
import { readPrivateFile } from '../../src/core/private-file.ts';
import { agentKey, derivedKeyOf, masterKeyOf } from '../../src/wire/dump-channel/agent-key.ts';

describe('keys of agents', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-keys-'));
  const file = (name: string) => path.join(folder, name);
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('a master key is 32 random bytes of its owner alone, never written over', () => {
    for (const name of ['one', 'two']) writeMasterKey(file(name));
    assert.equal(statSync(file('one')).mode & 0o777, 0o600);
    assert.equal(readFileSync(file('one')).length, 32);
    assert.notDeepEqual(readFileSync(file('one')), readFileSync(file('two')));
    const before = readFileSync(file('one'));
    assert.throws(() => writeMasterKey(file('one')), { code: 'INPUT_INVALID', message: /is there already/ });
    assert.deepEqual(readFileSync(file('one')), before);
  });
  test('a derived key is what the receiver derives for that identity, and for no other', () => {
    writeMasterKey(file('master'));
    for (const identity of ['prod/shop/was', 'prod/shop/web'])
      writeDerivedKey({ identity, master: file('master'), out: file(identity.replaceAll('/', '-')) });
    const master = masterKeyOf(readPrivateFile(file('master')));
    const was = derivedKeyOf(readPrivateFile(file('prod-shop-was')));
    assert.deepEqual(Buffer.from(was), Buffer.from(agentKey(master, 'prod/shop/was')));
    assert.notDeepEqual(Buffer.from(was), Buffer.from(agentKey(master, 'prod/shop/web')));
    assert.equal(statSync(file('prod-shop-was')).mode & 0o777, 0o600);
  });
  test('no error holds a key', () => {
    writeFileSync(file('open'), 'open-sesame'.repeat(4));
    chmodSync(file('open'), 0o644);
    writeFileSync(file('short'), 'open-sesame', { mode: 0o600 });
    for (const master of ['open', 'short', 'absent'])
      assert.throws(
        () => writeDerivedKey({ identity: 'a/b', master: file(master), out: file('never') }),
        (error: Error & { code?: string }) =>
          error.code === 'KEY_FILE_INVALID' && !error.message.includes('open-sesame'),
      );
    assert.throws(() => statSync(file('never')), { code: 'ENOENT' });
    assert.throws(() => writeMasterKey(file('no/such/folder')), { code: 'INPUT_INVALID', message: /ENOENT/ });
  });
});
