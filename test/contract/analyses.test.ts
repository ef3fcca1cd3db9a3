import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Analyses, createAnalyses } from '../../src/app/analyses.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Analysis, Evidence } from '../../src/domain/analysis.ts';
import type { Dump, DumpKind } from '../../src/domain/dump.ts';
import type { Change } from '../../src/domain/ports.ts';
import { type Ref, refKey, refOf } from '../../src/domain/ref.ts';
import { entry, SLEEPING } from '../support/dump-threads.ts';
import { hotspotText } from '../support/hotspot-text.ts';

const WORKER = path.resolve(import.meta.dirname, '../../src/app/analysis-worker.ts');
const CONTEXT = 'shop';
const DEADLOCK = hotspotText({
  left: { state: 'BLOCKED', waitsFor: entry('0x00000000e0a1b2c3'), holds: ['0x00000000e0a1b2c4'] },
  right: { state: 'BLOCKED', waitsFor: entry('0x00000000e0a1b2c4'), holds: ['0x00000000e0a1b2c3'] },
});

/** The two tables an analysis is put into, and somebody who waits for one to end. */
class Stage {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'l9s-analyses-'));
  readonly analysis = new Map<string, Analysis>();
  readonly evidence = new Map<string, Evidence>();
  readonly states: string[] = [];
  readonly #kinds = new Map<string, DumpKind>();
  readonly #waiting: (() => void)[] = [];
  readonly analyses: Analyses;

  constructor(t: TestContext, workerProgram = WORKER) {
    this.analyses = createAnalyses({
      workerProgram,
      store: { apply: (batch) => this.#apply(batch) },
      clock: systemClock,
      dumpOf: ({ context, id }) => this.#dump(context, id),
    });
    t.after(async () => {
      await this.analyses.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }
  write(name: string, content: string, kind: DumpKind = 'thread'): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    this.#kinds.set(name, kind);
    return file;
  }
  look(...names: readonly string[]): Ref<'analysis'> {
    const ref = refOf('analysis', CONTEXT, names.join('+'));
    this.analyses.look(ref);
    return ref;
  }
  async ended(ref: Ref<'analysis'>): Promise<Analysis> {
    for (;;) {
      const row = this.analysis.get(refKey(ref));
      if (row !== undefined && row.state !== 'reading') return row;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
  rowsOf(ref: Ref<'analysis'>): readonly Evidence[] {
    return [...this.evidence.values()].filter(({ analysis }) => analysis === ref.id);
  }
  #dump(context: string, id: string): Dump | undefined {
    const kind = this.#kinds.get(id);
    return kind === undefined
      ? undefined
      : {
          ref: refOf('dump', context, id),
          path: path.join(this.folder, id),
          sizeBytes: 1,
          kind,
          server: refOf('server', context, 'was-1'),
          serverName: 'was-1',
          takenAt: 1_000,
          way: 'pod-exec',
          how: 'jcmd 1 Thread.print -l',
          isAuthenticated: true,
          by: 'op@host',
          missing: [],
          figures: {},
        };
  }
  #apply(batch: readonly Change[]): void {
    for (const change of batch) {
      if (change.type === 'put' && change.kind === 'analysis') {
        this.analysis.set(refKey(change.entity.ref), change.entity);
        this.states.push(change.entity.state);
      } else if (change.type === 'put' && change.kind === 'evidence')
        this.evidence.set(refKey(change.entity.ref), change.entity);
      else if (change.type === 'drop' && change.kind === 'analysis') this.analysis.delete(refKey(change.ref));
      else if (change.type === 'drop' && change.kind === 'evidence') this.evidence.delete(refKey(change.ref));
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

test('what is looked at is read on a thread of its own, and its rows are put beside its verdict', async (t) => {
  const stage = new Stage(t);
  stage.write('a_tdump.txt', DEADLOCK);
  const ref = stage.look('a_tdump.txt');
  const row = await stage.ended(ref);
  assert.equal(stage.states[0], 'reading');
  assert.equal(row.state, 'done');
  assert.equal(row.name, 'was-1');
  assert.match(row.verdict[0]?.text.en ?? '', /deadlock of 2 threads on monitors: "left", "right"/);
  const rows = stage.rowsOf(ref);
  assert.ok(rows.length > 3);
  assert.equal(rows[0]?.part, 'verdict');
  assert.equal(new Set(rows.map((each) => refKey(each.ref))).size, rows.length);
  assert.deepEqual(
    rows.map(({ order }) => order),
    rows.map((_row, index) => index),
  );
});

test('several dumps are one series; a file that cannot be read is told and the others are read', async (t) => {
  const stage = new Stage(t);
  stage.write('a_tdump.txt', hotspotText({ 'http-nio-8080-exec-1': SLEEPING }, '2026-11-21 06:00:00'));
  stage.write('b_tdump.txt', hotspotText({ 'http-nio-8080-exec-1': SLEEPING }, '2026-11-21 06:00:20'));
  stage.write('c_tdump.txt', 'nothing of a dump');
  const row = await stage.ended(stage.look('a_tdump.txt', 'b_tdump.txt', 'c_tdump.txt'));
  assert.equal(row.state, 'done');
  assert.equal(row.name, 'was-1 ×3');
  assert.match(row.problems[0]?.en ?? '', /^NOT_A_DUMP: c_tdump\.txt/);
  assert.ok(row.verdict.some(({ code }) => code === 'stuck-requests'));
});

test('a file that is gone, one that is no dump and a heap fail with what to do', async (t) => {
  const stage = new Stage(t);
  stage.write('b_tdump.txt', 'nothing of a dump');
  stage.write('c_hdump.hprof', 'JAVA PROFILE', 'heap');
  const failures = [];
  for (const name of ['gone_tdump.txt', 'b_tdump.txt', 'c_hdump.hprof'])
    failures.push(await stage.ended(stage.look(name)));
  assert.deepEqual(
    failures.map(({ state, error }) => [state, error?.code]),
    [
      ['failed', 'NOT_FOUND'],
      ['failed', 'NOT_A_DUMP'],
      ['failed', 'NOT_A_DUMP'],
    ],
  );
  stage.write('b_tdump.txt', DEADLOCK);
  assert.equal((await stage.ended(stage.look('b_tdump.txt'))).state, 'done');
});

test('of what was looked at the last four stay with their rows, and come back unread', async (t) => {
  const stage = new Stage(t);
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}_tdump.txt`);
  const refs = [];
  for (const name of names) {
    stage.write(name, DEADLOCK);
    const ref = stage.look(name);
    await stage.ended(ref);
    refs.push(ref);
  }
  const [first, second] = refs;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(stage.analysis.has(refKey(first)), false);
  assert.equal(stage.rowsOf(first).length, 0);
  assert.ok(stage.rowsOf(second).length > 0);
  const before = stage.states.length;
  stage.analyses.look(second);
  assert.equal(stage.states.length, before);
});

test('leaving while it is read gives it up, and the next one is read', async (t) => {
  const stage = new Stage(t);
  stage.write('a_tdump.txt', DEADLOCK.repeat(2_000));
  stage.write('b_tdump.txt', DEADLOCK);
  const left = stage.look('a_tdump.txt');
  stage.analyses.look(undefined);
  assert.equal(stage.analysis.has(refKey(left)), false);
  assert.equal((await stage.ended(stage.look('b_tdump.txt'))).state, 'done');
  assert.equal(stage.analysis.has(refKey(left)), false);
});

test('a verdict is given of dumps, none of heaps, of what is no dump, or when it is given up', async (t) => {
  const stage = new Stage(t);
  const file = stage.write('a_tdump.txt.part', DEADLOCK);
  const never = new AbortController().signal;
  const verdict = await stage.analyses.verdict({ path: file, kind: 'thread' }, never);
  assert.equal(verdict?.[0]?.code, 'deadlock');
  const none = [
    stage.analyses.verdict({ path: file, kind: 'heap' }, never),
    stage.analyses.verdict({ path: stage.write('x', 'no dump'), kind: 'thread' }, never),
    stage.analyses.verdict({ path: file, kind: 'thread' }, AbortSignal.abort()),
  ];
  assert.deepEqual(await Promise.all(none), [undefined, undefined, undefined]);
});

test('a thread that cannot be had, and one that ends without a word, fail in words', async (t) => {
  for (const [program, expected] of [
    ['/nowhere/analysis-worker.js', /the analysis failed/],
    [path.resolve(import.meta.dirname, '../../src/app/analysis-messages.ts'), /ended with 0 and no word/],
  ] as const) {
    const stage = new Stage(t, program);
    stage.write('a_tdump.txt', DEADLOCK);
    const { state, error } = await stage.ended(stage.look('a_tdump.txt'));
    assert.equal(state, 'failed');
    assert.match(error?.message ?? '', expected);
  }
});
