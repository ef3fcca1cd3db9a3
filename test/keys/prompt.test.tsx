import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, instanceOf, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

test('completes commands and contexts, and remembers what was run', async () => {
  const app = await openConsole({
    columns: 120,
    rows: 24,
    contexts: [contextOf('prod-eu'), contextOf('prod-us'), contextOf('lab')],
    changes: [
      putOf('instance', instanceOf('was-0', { context: 'prod-eu' })),
      putOf('instance', instanceOf('was-1', { context: 'prod-us', addresses: ['10.1.0.1'] })),
      putOf('instance', instanceOf('was-2', { context: 'lab', addresses: ['10.2.0.1'], namespace: 'pay' })),
    ],
  });
  await app.press(':', 'serv');
  assert.match(app.bottom(), /^:serv\s+servers {2}service-clusters/);
  await app.press('<tab>', ' ', '@pr', '<tab>');
  assert.match(app.bottom(), /^:servers @prod-eu/);
  await app.press('<tab>', '<enter>');
  assert.match(app.screen(), /1 of 3 · @prod-us/);
  await app.press(':', '<up>', '<c-w>', '@prod-*', '<enter>');
  assert.match(app.screen(), /2 of 3 · @prod-\*/);
  await app.press(':servers -n pay\r');
  assert.match(app.screen(), /1 of 3 · -n pay/);
  await app.press(':servers app=lena-was /was-1\r');
  assert.match(app.screen(), /1 of 3 · \/was-1 · app=lena-was/);
  await app.press(':', '<up>', '<up>', '<down>', '<esc>');
  assert.match(app.screen(), /1 of 3 · \/was-1/, 'esc runs nothing');
  app.close();
});

test('a wrong command says what would be right', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 120, rows: 24 });
  await app.press(':contxts\r');
  assert.match(app.bottom(), /No command :contxts; did you mean :contexts|No command :contxts/);
  await app.press(':servers -x\r');
  assert.match(app.bottom(), /:servers does not know -x: @context, -n namespace/);
  await app.press(':ns shop\r');
  assert.match(app.bottom(), /:servers -n shop narrows to one/);
  await app.press(':pods\r');
  assert.match(app.bottom(), /Pods and tasks are rows of :servers/);
  await app.press(':servers @prd\r');
  assert.match(app.bottom(), /No context prd; did you mean prod\? Contexts: prod, vms, udp/);
  assert.match(app.screen(), /2 of 2/, 'nothing is narrowed');
  await app.press(':evnets\r');
  assert.match(app.bottom(), /did you mean :events\?/);
  await app.press(':wl\r');
  assert.match(app.screen(), /─ Workloads ─/);
  app.close();
});

test('a filter works while it is typed; esc puts the old one back', async () => {
  const app = await openConsole({ changes: fleetOf(20), columns: 120, rows: 24 });
  await app.press('/', 'was-1', '<enter>', '/');
  assert.match(app.bottom(), /^\/ .*esc keeps \/was-1 · ↑ brings it here · enter shows all/);
  assert.match(app.screen(), /11 of 20 · \/was-1 /, 'in force until something is typed');
  await app.press('was-7');
  assert.match(app.screen(), /1 of 20 · \/was-7 /, 'typing replaces it');
  await app.press('<esc>');
  assert.match(app.screen(), /11 of 20 · \/was-1 /);
  await app.press('/', '<up>', '9');
  assert.match(app.screen(), /1 of 20 · \/was-19/);
  await app.press('<left>', '<backspace>', '<home>', '<end>');
  assert.match(app.bottom(), /^\/was-9/);
  await app.press('<esc>');
  assert.match(app.screen(), /11 of 20 · \/was-1 /);
  await app.press('/', '<enter>');
  assert.match(app.screen(), /20 of 20/, 'enter on nothing shows all');
  app.close();
});

test('a filter that cannot be used is not in force, and what is wrong is said in full', async () => {
  const app = await openConsole({ changes: fleetOf(20), columns: 80, rows: 24 });
  await app.press('/', 'was-1', '<enter>', '/', 'helth=error');
  assert.match(app.screen(), /11 of 20 · \/was-1 /);
  assert.match(app.screen(), /✖ No column helth; did you mean health\? A label is -l helth=…/);
  await app.press('<c-u>', 'colour=red');
  assert.match(app.screen(), /✖ No column colour\. Columns: name, type/);
  assert.match(app.screen(), /A label is -l\s+colour=…/, 'the end is shown too');
  await app.press('<c-u>', 'helth=error');
  assert.match(app.bottom(), /^\/helth=error/);
  await app.press('<enter>');
  assert.match(app.bottom(), /^\/helth=error/, 'the prompt stays open');
  await app.press('<esc>', ':servers /helth=error\r');
  assert.match(app.screen(), /✖|▲ No column helth; did you mean health\?/);
  assert.match(app.screen(), /11 of 20 · \/was-1 /);
  await app.press('/', 'name>was');
  assert.match(app.screen(), /name is text; > takes rev, health, heap/);
  app.close();
});

test('a word alone narrows like a filter, and a namespace nobody knows is told', async () => {
  const app = await openConsole({ changes: fleetOf(20), columns: 120, rows: 24 });
  await app.press(':ctx prod\r');
  assert.match(app.screen(), /1 of 3 · \/prod /);
  await app.press(':servers was-1 heap>=50% @prod -l app=lena-was\r');
  assert.match(app.screen(), /5 of 20 · \/was-1 heap>=50% -l app=lena-was · @prod/);
  await app.press(':servers health=error\r');
  assert.match(app.screen(), /of 20 · \/health=error/);
  await app.press(':servers -n shpo\r');
  assert.match(app.screen(), /0 of 20 · -n shpo/);
  assert.match(app.bottom(), /No namespace shpo is known; did you mean shop\? Known: shop/);
  assert.match(app.screen(), /Nothing matches what the command narrowed to; esc goes back/);
  await app.press('/', '@nope was');
  assert.match(app.bottom(), /✖ No context nope\. Contexts: prod, vms, udp/);
  await app.press('<c-u>', '-n shpo', '<enter>');
  assert.match(app.bottom(), /No namespace shpo is known; did you mean shop\?/);
  await app.press(':events -n shop\r');
  assert.match(app.bottom(), /:events has no namespaces/);
  app.close();
});

test('completion of nothing offers the views first, in their order', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 80, rows: 24 });
  await app.press(':');
  assert.match(
    app.bottom(),
    /^: +servers {2}workloads {2}service-clusters {2}contexts {2}jvm {2}sessions {2}web {2}events$/,
  );
  app.close();
});

test('help lists what each favourite of the view puts in', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 120, rows: 60 });
  await app.press('?');
  assert.match(app.screen(), /Favourite filters of :servers/);
  assert.match(app.screen(), /1 +\/health=error/);
  assert.match(app.screen(), /3 +\/heap>80%/);
  app.close();
});

test('back, history and last view', async () => {
  const app = await openConsole({ changes: fleetOf(5), columns: 120, rows: 24 });
  const crumbs = () => (app.lines()[1] ?? '').replace(/ {3,}.*/, '').trim();
  await app.press('j', '<enter>', 'w');
  assert.equal(crumbs(), 'servers › was-1 › was-1 (why)');
  await app.press('q', 'q');
  assert.equal(crumbs(), 'servers');
  await app.press(']');
  assert.equal(crumbs(), 'servers › was-1');
  await app.press('[', ':events\r');
  assert.equal(crumbs(), 'events');
  await app.press('-');
  assert.equal(crumbs(), 'servers');
  assert.match(app.cursorLine() ?? '', /was-1 /);
  await app.press('-', '<esc>');
  assert.equal(crumbs(), 'servers', 'from another root to home');
  await app.press('<esc>');
  assert.match(app.bottom(), /At the first page/);
  assert.equal(app.calls.quits, 0);
  await app.press('q');
  assert.equal(app.calls.quits, 1);
  await app.press(':q\r', '<c-c>');
  assert.equal(app.calls.quits, 3);
  app.close();
});

test('saves a table as CSV or JSON, a page as a summary; copies names', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 24 });
  await app.press('c', 'n');
  assert.deepEqual(app.calls.copied, ['was-0', 'shop']);
  await app.press(' ', ' ', 'c');
  assert.equal(app.calls.copied.at(-1), 'was-0\nwas-1');
  assert.match(app.bottom(), /Copied 2 names of 2 marked$/);
  await app.press('n', '/', 'was-1', '<enter>', 'c');
  assert.deepEqual(app.calls.copied.slice(3), ['shop', 'was-1\nwas-0']);
  assert.match(app.bottom(), /Copied 2 names of 2 marked; 1 of them not shown/);
  await app.press('<esc>');
  await app.press('<c-s>');
  await app.until(() => app.calls.saved.length === 1, 'the table to be saved');
  await app.idle();
  assert.match(app.bottom(), /Saved \/saved\/servers-.*\.csv/);
  const [csv] = app.calls.saved;
  assert.match(csv?.text ?? '', /^name,type,ctx,ns,sc,rev,state,health,heap,/);
  assert.equal(csv?.text.trim().split('\n').length, 4);
  await app.press(':save json\r');
  await app.until(() => app.calls.saved.length === 2, 'JSON to be saved');
  assert.equal(JSON.parse(app.calls.saved[1]?.text ?? '').servers.length, 3);
  await app.press('<enter>', '<c-s>');
  await app.until(() => app.calls.saved.length === 3, 'the page to be saved');
  assert.match(app.calls.saved[2]?.text ?? '', /## Health\nHealth: ● ok/);
  app.close();
});

test('refresh asks every source, Z turns the clock to local time and back', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 24 });
  await app.press('<c-r>');
  assert.equal(app.calls.refreshes, 1);
  assert.match(app.lines()[0] ?? '', /05:00 UTC/);
  await app.press('Z', 'Z');
  assert.match(app.lines()[0] ?? '', /05:00 UTC/);
  app.close();
});
