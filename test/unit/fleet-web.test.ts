import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WEB_THREADS, webFiguresOf } from '../../fixtures/fleet/jvm/web-figures.ts';
import type { FleetProcess } from '../../fixtures/fleet/process.ts';

const START = Date.UTC(2026, 0, 15);
const web: FleetProcess = {
  id: 'w',
  context: 'prod',
  type: 'web',
  hostName: 'lena-web-0',
  serverName: 'lena-web-0',
  address: '10.0.0.1',
  port: 7180,
  image: 'lena-web',
  environment: {},
  startedAt: START,
  isContainer: true,
};

test('requests and traffic of a web server only grow, as fast as its threads are busy', () => {
  let before = webFiguresOf(web, 7, START);
  assert.equal(before.requests, 0);
  let wasOut = false;
  for (let at = START + 2_000; at < START + 3_600_000; at += 2_000) {
    const figures = webFiguresOf(web, 7, at);
    const grown = figures.requests - before.requests;
    const expected = 4 * (figures.active + before.active);
    assert.ok(Math.abs(grown - expected) <= 10, `${grown} requests with ${figures.active} threads busy`);
    assert.ok(figures.trafficBytes >= before.trafficBytes);
    const busy = figures.workers.reduce((sum, { active }) => sum + active, 0);
    assert.ok(Math.abs(busy - figures.active) <= 2 && busy <= WEB_THREADS);
    wasOut ||= figures.workers.some(({ state }) => state === 'ERR');
    before = figures;
  }
  assert.ok(wasOut, 'a back end goes out now and then');
});
