import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODES, type Mode, type PolicyRule } from '../../src/domain/policy.ts';
import { NORMAL } from '../support/acting.ts';
import { readAll } from '../support/audit.ts';
import { fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { bytesOf } from '../support/dumps.ts';
import { inMode } from '../support/modes.ts';

const LOOKING = ['dump-thread', 'dump-series', 'dump-service', 'dump-histogram', 'dump-fetch'] as const;
const CHANGING = ['dump-heap', 'dump-histogram-live'] as const;
const FILE = '/lena/dumps/h_was_20260301-120000_tdump.txt';
const SIGNAL = new AbortController().signal;

/** Counts whatever a way is asked for. */
function stageIn(t: Parameters<typeof startDumpStage>[0], mode: Mode, rules: readonly PolicyRule[] = []) {
  let asked = 0;
  const exec = fakeWay('pod-exec', {
    list: async () => {
      asked++;
      return [{ path: FILE, kind: 'thread', sizeBytes: 4 }];
    },
    fetch: async (_target, _file, { write }) => {
      await write(bytesOf('dump'));
      return { how: 'cat', missing: [] };
    },
  });
  const stage = startDumpStage(t, {
    ways: [exec],
    modeOf: inMode(mode),
    policy: { ...NORMAL, mode, rules },
  });
  return Object.assign(stage, { asked: () => asked + exec.asked.length + exec.takes.length });
}
const inputOf = (id: string) => (id === 'dump-fetch' ? { file: FILE } : {});
const ALLOWED: Record<Mode, readonly string[]> = {
  normal: [...LOOKING, ...CHANGING],
  triage: LOOKING,
  readonly: [],
};

for (const mode of MODES) {
  for (const id of [...LOOKING, ...CHANGING]) {
    if (ALLOWED[mode].includes(id)) {
      test(`${id} is planned in ${mode}`, async (t) => {
        const stage = stageIn(t, mode);
        assert.equal(stage.executor.disabledReason(stage.action(id), stage.server('was-1')), undefined);
        const { verdict } = await stage.prepare(id, ['was-1'], inputOf(id));
        assert.equal(verdict.state, 'allowed');
        if (id === 'dump-series') return;
        assert.equal((await stage.take(id, ['was-1'], inputOf(id))).state, 'done');
      });
    } else {
      test(`${id} is refused in ${mode} before anybody is asked, and written down`, async (t) => {
        const stage = stageIn(t, mode);
        const isLooking = LOOKING.some((one) => one === id);
        const hint = isLooking ? /--triage instead of --readonly/ : /changes nothing/;
        await assert.rejects(stage.prepare(id, ['was-1'], inputOf(id)), { code: 'MODE_REFUSED', hint });
        const why = stage.executor.disabledReason(stage.action(id), stage.server('was-1'));
        assert.match(why?.en ?? '', isLooking ? /READ-ONLY mode.*--triage allows it/ : /mode in prod/);
        assert.match(why?.ko ?? '', isLooking ? /허용/ : /모드/);
        if (id === 'dump-fetch') {
          const asking = stage.executor.options(stage.order(id, ['was-1']), 'file', SIGNAL);
          await assert.rejects(asking, { code: 'MODE_REFUSED' });
        }
        assert.equal(stage.asked(), 0);
        const [entry] = (await readAll(stage.auditDirectory)).entries;
        assert.deepEqual([entry?.action, entry?.result, entry?.mode], [id, 'refused', mode]);
      });
    }
  }
}

for (const mode of ['normal', 'triage'] as const)
  test(`a heap among the files that are fetched is ${mode === 'normal' ? 'asked about' : 'refused'} in ${mode}`, async (t) => {
    let fetched = 0;
    const file = FILE.replace('_tdump.txt', '_hdump.hprof');
    const exec = fakeWay('pod-exec', {
      list: async () => [{ path: file, kind: 'heap', sizeBytes: 4 }],
      fetch: async (_target, _file, { write }) => {
        fetched++;
        await write(bytesOf('heap'));
        return { how: 'cat', missing: [] };
      },
    });
    const stage = startDumpStage(t, { ways: [exec], modeOf: inMode(mode), policy: { ...NORMAL, mode } });
    const { plan, verdict } = await stage.prepare('dump-fetch', ['was-1'], { file });
    assert.equal(plan.effect, 'change');
    if (mode === 'normal') {
      assert.equal(verdict.state === 'allowed' && verdict.confirm, 'confirm');
      assert.equal((await stage.take('dump-fetch', ['was-1'], { file })).state, 'done');
      return;
    }
    assert.equal(verdict.state === 'refused' && verdict.error.code, 'MODE_REFUSED');
    await assert.rejects(stage.take('dump-fetch', ['was-1'], { file }), { code: 'MODE_REFUSED' });
    assert.equal(fetched, 0);
    const entries = (await readAll(stage.auditDirectory)).entries;
    assert.ok(entries.length > 0 && entries.every(({ result }) => result === 'refused'));
  });

test('a plan made in triage is refused where the mode became stricter meanwhile', async (t) => {
  let mode: Mode = 'triage';
  const exec = fakeWay('pod-exec');
  const stage = startDumpStage(t, { ways: [exec], modeOf: () => ({ mode, origin: 'the test' }) });
  const prepared = await stage.prepare('dump-thread', ['was-1']);
  mode = 'readonly';
  await assert.rejects(stage.executor.run(prepared, {}), { code: 'MODE_REFUSED' });
  assert.equal(exec.takes.length, 0);
});

test('rules name one dump or all of them, ask for a reason, a yes or fewer servers', async (t) => {
  const rule = (more: Partial<PolicyRule>): PolicyRule => ({ origin: 'policy.yaml:1', ...more });
  const one = stageIn(t, 'normal', [rule({ actions: ['dump-thread'], confirm: 'deny' })]);
  await assert.rejects(one.prepare('dump-thread', ['was-1']), { code: 'POLICY_REFUSED' });
  assert.equal((await one.prepare('dump-service', ['was-1'])).verdict.state, 'allowed');
  const all = stageIn(t, 'normal', [rule({ actions: ['dump'], confirm: 'confirm', requireReason: true })]);
  const { verdict } = await all.prepare('dump-service', ['was-1']);
  assert.deepEqual(verdict.state === 'allowed' && [verdict.confirm, verdict.needsReason], ['confirm', true]);
  const few = stageIn(t, 'normal', [rule({ kinds: ['Pod'], actions: ['dump*'], maxTargets: 1 })]);
  await assert.rejects(few.prepare('dump-thread', ['was-1', 'was-2']), { code: 'POLICY_REFUSED' });
});

test('a protected context asks for the name of what changes, and not of what looks', async (t) => {
  const stage = startDumpStage(t, { isProtected: () => true });
  const confirmOf = async (id: string) => {
    const { verdict } = await stage.prepare(id, ['was-1']);
    return verdict.state === 'allowed' && verdict.confirm;
  };
  assert.equal(await confirmOf('dump-thread'), 'none');
  assert.equal(await confirmOf('dump-histogram-live'), 'type-name');
});
