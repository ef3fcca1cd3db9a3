import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { asciiLine } from '../../src/ui/kit/ascii-line.ts';

const SOURCES = path.join(import.meta.dirname, '../../src');
const FOREIGN = { keepsHangul: false };

test('every sign the sources hold has an ASCII form of its own width', () => {
  const signs = new Set<string>();
  for (const folder of ['ui', 'views', 'domain', 'diagnosis', 'actions', 'store']) {
    for (const file of readdirSync(path.join(SOURCES, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(file) || file.includes('ascii-line')) continue;
      const source = readFileSync(path.join(SOURCES, folder, file), 'utf8');
      for (const sign of source.match(/[^\p{ASCII}\p{Script=Hangul}\p{M}]/gu) ?? []) signs.add(sign);
    }
  }
  assert.ok(signs.has('●') && signs.has('→') && signs.has('─'), 'the sources were read');
  const missing = [...signs].filter((sign) => !/^[ ->@-~]$/.test(asciiLine(sign, FOREIGN)));
  assert.deepEqual(missing, []);
});

test('any line keeps its width and is ASCII; escape sequences pass', () => {
  const line = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('가나', '漢字', 'é', '👩‍👩‍👧', '⣿'));
  fc.assert(
    fc.property(fc.array(line), (pieces) => {
      for (const piece of pieces) {
        const plain = asciiLine(piece, FOREIGN);
        assert.match(plain, /^\p{ASCII}*$/u);
        assert.equal(stringWidth(plain), stringWidth(piece));
      }
    }),
  );
  assert.equal(asciiLine('\u001B[31m● ok\u001B[39m · a…b', FOREIGN), '\u001B[31m* ok\u001B[39m - a~b');
});

test('Korean stays where it was asked for, and nothing else of other scripts does', () => {
  assert.equal(asciiLine('힙 → 漢', { keepsHangul: true }), '힙 > ??');
  assert.equal(asciiLine('힙 → 漢', FOREIGN), '?? > ??');
});
