import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaClassName } from '../../src/diagnosis/class-histogram/java-class-name.ts';
import type { ClassHistogram } from '../../src/domain/thread-dump.ts';
import { dumpFile, readWhole } from '../support/dump-files.ts';

function histograms(input: string | Uint8Array): readonly ClassHistogram[] {
  const content = readWhole(input);
  assert.ok(content.kind === 'histogram');
  return content.histograms;
}

test('every class of jcmd and jmap comes out, and the sums are the totals it prints', () => {
  for (const name of ['jdk17-histogram-1.txt', 'jdk17-histogram-2.txt', 'jdk8-histogram-jmap.txt']) {
    const text = dumpFile(name).toString();
    const [histogram, ...more] = histograms(text);
    assert.ok(histogram !== undefined && more.length === 0, name);
    assert.equal(histogram.classes.length, text.match(/^ *\d+: +\d+ /gm)?.length, name);
    assert.equal(
      histogram.classes.reduce((sum, { bytes }) => sum + bytes, 0),
      histogram.totalBytes,
      name,
    );
    assert.equal(
      histogram.classes.reduce((sum, { instances }) => sum + instances, 0),
      histogram.totalInstances,
    );
    assert.deepEqual([histogram.problems, histogram.isTruncated], [[], false], name);
    assert.ok(
      histogram.classes.every(({ className }) => !className.startsWith('[') && !className.includes('@')),
    );
  }
});

test('the JVM’s names become Java’s', () => {
  const names: readonly (readonly [string, string])[] = [
    ['[B', 'byte[]'],
    ['[[J', 'long[][]'],
    ['[Ljava.lang.String;', 'java.lang.String[]'],
    ['[[Lcom.shop.Cart$Line;', 'com.shop.Cart$Line[][]'],
    ['java.util.HashMap$Node', 'java.util.HashMap$Node'],
    ['[Q', '[Q'],
    ['[', '['],
    ['', ''],
  ];
  for (const [given, expected] of names) assert.equal(javaClassName(given), expected);
  const [first] = histograms(dumpFile('jdk8-histogram-jmap.txt'));
  assert.deepEqual(first?.classes.map(({ className }) => className).slice(3, 5), [
    'java.util.HashMap$Node[]',
    'int[][]',
  ]);
});

test('several in one file, one of them cut, with foreign lines between', () => {
  const text = dumpFile('jdk8-histogram-jmap.txt').toString();
  const lines = text.split('\n');
  const [one, two] = histograms(
    `INFO before\n${text}INFO between\n${lines.slice(0, 6).join('\n')}\nnot a row\n`,
  );
  assert.deepEqual([one?.classes.length, one?.problems], [7, []]);
  assert.deepEqual([two?.classes.length, two?.isTruncated, two?.totalBytes], [3, true, undefined]);
  assert.deepEqual(two?.problems.map(({ code }) => code).toSorted(), ['truncated', 'unread-line']);
});

test('a row’s name is cleaned, and classes beyond the limit are counted', () => {
  const text =
    ' num     #instances         #bytes  class name\n   1:  1  16  a.\u001b[31mB\n   2:  1  16  c.D\n   3:  1  16  e.F\nTotal 3 48\n';
  const content = readWhole(text, { maxClasses: 2 });
  assert.ok(content.kind === 'histogram');
  assert.deepEqual(
    content.histograms[0]?.classes.map(({ className }) => className),
    ['a.␛[31mB', 'c.D'],
  );
  assert.equal(content.histograms[0]?.problems[0]?.code, 'too-many-classes');
});
