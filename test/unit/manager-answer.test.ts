import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOfStatus } from '../../src/domain/manager-status.ts';
import type { HttpAnswer } from '../../src/sources/http-client.ts';
import { readLicences } from '../../src/sources/manager/licences.ts';
import { readJsonAnswer } from '../../src/sources/manager/manager-answer.ts';
import { listOf, readList, serverRecordSchema } from '../../src/sources/manager/manager-records.ts';

const answer = (status: number, contentType: string, body: string, location?: string): HttpAnswer => ({
  status,
  contentType,
  body: Buffer.from(body),
  location,
});
const read = (given: HttpAnswer, hasKey = true) => {
  const reading = readJsonAnswer(given, { what: 'GET http://m/x', hasKey });
  return reading.state === 'found' ? 'found' : `${reading.state} ${reading.error.code}`;
};

test('reads status and Content-Type, never a page for data', () => {
  assert.equal(read(answer(200, 'application/json', '{}')), 'found');
  assert.equal(read(answer(200, '', '[]')), 'found');
  assert.equal(read(answer(200, 'text/html', '<html>login</html>')), 'absent UNEXPECTED_ANSWER');
  assert.equal(read(answer(200, 'application/json', '<!DOCTYPE html><html>')), 'absent UNEXPECTED_ANSWER');
  assert.equal(read(answer(200, 'application/json', '{"a":')), 'unknown UNEXPECTED_ANSWER');
  assert.equal(read(answer(302, '', '', 'http://x/?key=s3cret')), 'unknown REDIRECTED');
  assert.equal(read(answer(401, 'application/json', '{"error":"no"}')), 'denied KEY_REFUSED');
  assert.equal(read(answer(404, 'text/html', '<html>404</html>')), 'absent NOT_FOUND');
  assert.equal(read(answer(429, '', '')), 'unknown THROTTLED');
  assert.equal(read(answer(503, 'text/html', '<html>busy</html>')), 'unknown REMOTE_ERROR');
});

test('says what the page says, without tags, escapes or keys', () => {
  const page = answer(
    500,
    'text/html',
    '<html><script>x<y</script><b>bad</b> /a?x=1&key=s3cret \u001b[31m</html>',
  );
  const reading = readJsonAnswer(page, { what: 'GET http://m/x', hasKey: true });
  assert.ok(reading.state !== 'found');
  assert.match(reading.error.message, /500 bad \/a\?x=1&key=\*\*\*/);
  assert.ok(!reading.error.message.includes('\u001b'));
});

test('finds a list whatever it is called, and counts what does not fit', () => {
  assert.deepEqual(listOf([1]), [1]);
  assert.deepEqual(listOf({ total: 1, serverList: [2] }), [2]);
  assert.equal(listOf({ total: 1 }), undefined);
  assert.equal(listOf('x'), undefined);
  const rows = readList(serverRecordSchema, { list: [{ serverId: 7, httpPort: '8180' }, { a: 1 }, null] });
  assert.equal(rows?.dropped, 2);
  assert.equal(rows.records[0]?.serverId, '7');
  assert.equal(rows.records[0]?.httpPort, 8180);
  assert.equal(
    readList(serverRecordSchema, [{ serverId: 'a', httpPort: 'x', status: {} }])?.records.length,
    1,
  );
});

test('maps the documented states', () => {
  const states = ['Started', 'Started(Warning)', 'Stopped', 'Error', 'Unknown', 'Not working', undefined].map(
    stateOfStatus,
  );
  assert.deepEqual(states, ['ready', 'ready', 'stopped', 'failed', 'unknown', 'notReady', 'unknown']);
});

test('sums licences only where every record has its number', () => {
  const list = [
    { total: 10, used: 2, endDate: '20300131' },
    { total: '5', used: 1, endDate: '2029-06-30' },
  ];
  const licence = readLicences({ licenseList: list });
  assert.equal(licence?.total, 15);
  assert.equal(licence.used, 3);
  assert.equal(new Date(licence.endsAt ?? 0).getFullYear(), 2029);
  assert.equal(readLicences({ licenseList: [...list, { total: 1 }] })?.used, undefined);
  assert.equal(readLicences({ licenseList: [] }), undefined);
});
