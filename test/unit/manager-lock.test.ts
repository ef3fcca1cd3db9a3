import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { MODES, type Mode } from '../../src/domain/policy.ts';
import { createManagerLock } from '../../src/sources/manager/manager-lock.ts';
import { inMode } from '../support/modes.ts';

const KEY = 'abc%2Bdef%3D';
const HOME = 'http://manager.example:7700';

/** `sent`, or why not. */
function outcome(method: string, url: string, mode: Mode): string {
  const gate = createManagerLock({ urls: [HOME], basePaths: ['/lena', ''], mode: inMode(mode) });
  try {
    gate({ method, url: new URL(url), what: `${method} it` });
    return 'sent';
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'TRANSPORT_LOCKED');
    assert.doesNotMatch(error.message, /abc/);
    return error.message;
  }
}
const STOP = '/rest/was/servers/was01/nodes/vm-1/systems/IDC/action';
const READS = [
  '/rest/public/managerInfo',
  '/rest/systems',
  '/rest/nodes',
  '/rest/licenses',
  '/rest/was/servers',
  '/rest/web/servers',
  '/rest/session/servers',
  '/rest/was/container/servers',
  '/rest/web/container/servers',
  '/meters/was/container/was-1',
  '/rest/meters/session/servers/s/nodes/n/systems/y',
  '/rest/notification?interval=3600&limit=100',
  '/rest/analysis/event?systemName=IDC&eventType=oom&startDate=1&endDate=2',
  '/rest/admin/actionTraceLogList/20261121',
  '/rest/template/download/container/shop:2',
  '/rest/template/download/container/%EC%87%BC%ED%95%91%20a',
];

for (const mode of MODES) {
  test(`lets every known read out in ${mode}, under each base path, with the key`, () => {
    for (const path of READS) {
      const url = `${path}${path.includes('?') ? '&' : '?'}key=${KEY}`;
      assert.equal(outcome('GET', `${HOME}/lena${url}`, mode), 'sent');
      assert.equal(outcome('GET', `${HOME}${url}`, mode), 'sent');
    }
  });
}

test('lets an action out in normal mode only, and names mode and origin', () => {
  for (const type of ['was', 'web', 'session']) {
    const url = `${HOME}/lena${STOP.replace('was', type)}?key=${KEY}`;
    assert.equal(outcome('POST', url, 'normal'), 'sent');
    for (const mode of ['triage', 'readonly'] as const)
      assert.match(outcome('POST', url, mode), new RegExp(`mode ${mode} \\(set by the test\\)`));
  }
});

for (const [what, method, url] of [
  ['the licence call', 'POST', '/lena/rest/container/license'],
  ['the licence call as a read', 'GET', '/lena/rest/container/license'],
  ['the licence call by dots', 'GET', '/lena/rest/template/download/container/../../../container/license'],
  ['dots in an encoding', 'GET', '/lena/rest/template/download/container/%2e%2e%2f%2e%2e%2fcontainer'],
  ['a slash in an encoding', 'GET', '/lena/rest/template/download/container/a%2Fb'],
  ['a backslash in an encoding', 'GET', '/lena/rest/template/download/container/a%5Cb'],
  ['an encoding encoded twice', 'GET', '/lena/rest/template/download/container/%252e%252e'],
  ['a path parameter', 'GET', '/lena/rest/systems;x=/../container'],
  ['a path parameter in an encoding', 'GET', '/lena/rest/was/servers%3Bx'],
  ['an empty segment', 'GET', '/lena//rest/systems'],
  ['a broken encoding', 'GET', '/lena/rest/template/download/container/%zz'],
  ['an unknown parameter', 'GET', '/lena/rest/systems?_method=DELETE'],
  ['an unknown path', 'GET', '/lena/rest/users'],
  ['the action read', 'GET', `/lena${STOP}`],
  ['a read posted', 'POST', '/lena/rest/systems'],
  ['another method', 'DELETE', '/lena/rest/was/servers'],
  ['another method on the action', 'PUT', `/lena${STOP}`],
  ['another base path', 'GET', '/other/rest/systems'],
  ['an action of a container', 'POST', '/lena/rest/was/container/servers/c/action'],
] as const) {
  test(`lets ${what} out in no mode`, () => {
    for (const mode of MODES)
      assert.match(outcome(method, `${HOME}${url}`, mode), /refused by the client in every mode/);
  });
}

test('lets nothing out to another address, so that no key goes astray', () => {
  for (const home of [
    'http://other.example:7700',
    'https://manager.example:7700',
    'http://manager.example:7701',
    'http://manager.example.evil.example:7700',
  ])
    assert.match(outcome('GET', `${home}/lena/rest/systems?key=${KEY}`, 'normal'), /in every mode/);
});

test('whatever the path, nothing but GETs of the list passes in readonly and triage', () => {
  // A small generator with a fixed seed: the same paths in each run.
  let seed = 20_261_121;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const parts = [
    'rest',
    'lena',
    'was',
    'web',
    'session',
    'servers',
    'container',
    'license',
    'action',
    'nodes',
    'systems',
    'template',
    'download',
    'x',
    '%2e%2e',
    '..',
    '.',
    '',
    'a;b',
    'a%2Fb',
    'public',
    'managerInfo',
    'meters',
  ];
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'get', 'CONNECT'];
  let passed = 0;
  for (let round = 0; round < 20_000; round++) {
    const path = Array.from({ length: 1 + next(9) }, () => parts[next(parts.length)] ?? '').join('/');
    const base = ['/lena/rest/', '/rest/', '/'][next(3)] ?? '/';
    const method = methods[next(methods.length)] ?? '';
    const url = `${HOME}${base}${path}`;
    for (const mode of ['readonly', 'triage'] as const) {
      if (outcome(method, url, mode) !== 'sent') continue;
      passed++;
      assert.equal(method, 'GET', url);
      const resolved = new URL(url).pathname;
      assert.doesNotMatch(resolved, /license|action$|;|%2f|\/\//i, url);
      assert.match(resolved, /^(\/lena)?\/(rest|meters)\//, url);
    }
  }
  assert.ok(passed > 0, 'some random paths are reads');
});
