import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { EXEC_TEMPLATES } from '../../src/domain/exec-template.ts';
import { MODES, type Mode } from '../../src/domain/policy.ts';
import { assertMayLeave, classify, type Leaving } from '../../src/sources/kube/kube-lock.ts';

const leaving = (line: string, isUpgrade = false): Leaving => {
  const [method = '', ...target] = line.split(' ');
  return { method, target: target.join(' '), isUpgrade };
};
/** Modes a request may leave in. */
const modesOf = (request: Leaving): readonly Mode[] =>
  MODES.filter((mode) => {
    try {
      assertMayLeave(request, { mode, origin: '--readonly' });
      return true;
    } catch (error) {
      assert.ok(error instanceof AppError && error.code === 'TRANSPORT_LOCKED');
      return false;
    }
  });
const ALL = ['normal', 'triage', 'readonly'];
const NORMAL = ['normal'];
const NONE: readonly string[] = [];

const N = '/api/v1/namespaces/lena';
const A = '/apis/apps/v1/namespaces/lena';
const TOOL = '/usr/local/lena/servers/sessionServer';
const TABLE: readonly (readonly [line: string, modes: readonly string[]])[] = [
  // What only looks.
  ['GET /version', ALL],
  ['GET /healthz', ALL],
  ['GET /readyz?verbose', ALL],
  ['GET /api', ALL],
  ['GET /apis/apps/v1', ALL],
  ['GET /apis/policy', ALL],
  ['GET /openapi/v3/apis/apps/v1', ALL],
  ['GET /api/v1/pods?limit=500', ALL],
  ['GET /api/v1/pods?watch=true&resourceVersion=5', ALL],
  [`GET ${N}`, ALL],
  [`GET ${N}/status`, ALL],
  [`GET ${N}/pods/was-0`, ALL],
  [`GET ${N}/pods/was-0/status`, ALL],
  [`GET ${N}/pods/was-0/log?follow=true`, ALL],
  [`GET ${N}/configmaps/one`, ALL],
  [`GET ${A}/deployments/was/scale`, ALL],
  ['GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode', ALL],
  ['GET /apis/metrics.k8s.io/v1beta1/namespaces/lena/pods', ALL],
  ['POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', ALL],
  ['POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews', ALL],
  ['POST /apis/authentication.k8s.io/v1/selfsubjectreviews', ALL],
  // Secrets are looked at in normal mode alone.
  [`GET ${N}/secrets`, NORMAL],
  [`GET ${N}/secrets/one`, NORMAL],
  ['GET /api/v1/secrets?watch=1', NORMAL],
  // Ways in, though they travel as a GET.
  [`GET ${N}/pods/was-0/exec?command=ls&stdout=true`, NORMAL],
  [`POST ${N}/pods/was-0/exec?command=ls`, NORMAL],
  [`GET ${N}/pods/was-0/attach?stdout=true`, NORMAL],
  [`GET ${N}/pods/was-0/portforward?ports=80`, NORMAL],
  [`GET ${N}/pods/was-0/proxy`, NORMAL],
  [`GET ${N}/pods/was-0/proxy/manager/html`, NORMAL],
  [`GET ${N}/services/http%3Alena%3A7700/proxy/lena/rest`, NORMAL],
  ['GET /api/v1/nodes/n1/proxy/run/lena/was-0/was', NORMAL],
  ['GET /apis/subresources.kubevirt.io/v1/namespaces/lena/virtualmachineinstances/vm/console', NORMAL],
  // Writes.
  [`POST ${N}/pods`, NORMAL],
  [`POST ${N}/pods/was-0/eviction`, NORMAL],
  [`POST ${N}/pods/was-0/eviction?dryRun=All`, NORMAL],
  [`PUT ${A}/deployments/was/scale`, NORMAL],
  [`PATCH ${A}/deployments/was?fieldManager=l9s`, NORMAL],
  [`PATCH ${A}/deployments/was?dryRun=All`, NORMAL],
  [`DELETE ${N}/pods/was-0`, NORMAL],
  [`DELETE ${N}/pods`, NORMAL],
  [`DELETE ${A}/deployments/was/scale`, NORMAL],
  ['POST /apis/authorization.k8s.io/v1/subjectaccessreviews', NORMAL],
  [`POST /apis/authorization.k8s.io/v1/namespaces/lena/selfsubjectaccessreviews`, NORMAL],
  ['POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/one', NORMAL],
  ['POST /apis/other.example/v1/selfsubjectaccessreviews', NORMAL],
  [`POST ${N}/serviceaccounts/default/token`, NORMAL],
  // What cannot be told for certain leaves in no mode.
  ['GET /api/v1/watch/pods', NONE],
  ['GET /api/v1/proxy/namespaces/lena/pods/was-0', NONE],
  [`GET /api/v1/watch/namespaces/lena/pods/was-0`, NONE],
  [`GET ${N}/pods/was-0?watch=true`, NONE],
  [`GET ${N}/pods/was-0/log?watch=true`, NONE],
  [`GET ${N}/pods/was-0/exec?watch`, NONE],
  [`GET ${N}/pods/../secrets`, NONE],
  [`GET ${N}/pods/..`, NONE],
  [`GET ${N}/pods/%2e%2e/secrets`, NONE],
  [`GET ${N}/pods/was-0%2Fexec`, NONE],
  [`GET ${N}/pods/was-0/ex%65c`, NONE],
  [`GET ${N}/%73ecrets/one`, NONE],
  [`GET ${N}//secrets`, NONE],
  [`GET /${N}/pods`, NONE],
  [`GET ${N}/pods/`, NONE],
  [`GET ${N}/pods/was-0/status/more`, NONE],
  [`GET ${N}/pods/was-0/proxy/../../secrets`, NONE],
  [`GET ${N}/pods\\was-0`, NONE],
  [`GET ${N}/pods;a=b`, NONE],
  [`GET ${N}/pods?a=1;watch=1`, NONE],
  [`GET ${N}/pods#x`, NONE],
  [`GET ${N}/pods was`, NONE],
  ['GET /metrics', NONE],
  ['GET /logs/kubelet.log', NONE],
  ['GET /', NONE],
  ['GET ', NONE],
  ['GET http://elsewhere/api/v1/pods', NONE],
  ['GET /apis/apps/v1/namespaces/LENA/deployments', NONE],
  ['GET /api/v2/pods', NONE],
  ['POST /version', NONE],
  ['DELETE /apis/apps/v1', NONE],
  [`HEAD ${N}/pods`, NONE],
  [`OPTIONS ${N}/pods`, NONE],
  [`CONNECT ${N}/pods`, NONE],
  [`get ${N}/pods`, NONE],
  [`QUERY ${N}/pods`, NONE],
];

describe('the lock of an API server', () => {
  for (const [line, modes] of TABLE)
    test(`${line} leaves in ${modes.join(', ') || 'no mode'}`, () => {
      assert.deepEqual(modesOf(leaving(line)), modes);
    });

  const exec = (query: string) => leaving(`GET ${N}/pods/s-0/exec?${query}`, true);
  const command = (argv: readonly string[]) =>
    argv.map((argument) => `command=${encodeURIComponent(argument)}`).join('&');
  const OUTPUT = 'container=s&stdout=true&stderr=true';

  test('an exec leaves in triage where its argv is one of the list, and in read-only where it only attaches', () => {
    const samples = [
      ...['42', '/tmp/hsperfdata_lena', '/tmp/hsperfdata_lena/42', '/proc/42/stat', '/proc/42/fd'],
      ...['/proc/42/exe', '/proc/42/maps', '/opt/java/bin/jcmd', '/opt/java/bin/jstack'],
      'http://127.0.0.1:7180/cmx-status?cmd=monitor&format=json',
      ...['/lena/dumps/was-0/tdump', '/lena/dumps/was-0/tdump/was-0_was_20260102-030405_tdump.txt'],
    ];
    assert.ok(EXEC_TEMPLATES.length > 0);
    for (const { id, words } of EXEC_TEMPLATES) {
      const argv = words.map((word) =>
        typeof word === 'string' ? word : (samples.find((sample) => word.test(sample)) ?? ''),
      );
      const modes = id === 'attach' ? ['normal', 'triage', 'readonly'] : ['normal', 'triage'];
      assert.deepEqual(modesOf(exec(`${OUTPUT}&${command(argv)}`)), modes, argv.join(' '));
    }
  });

  for (const [why, query] of [
    ['another tool', `${OUTPUT}&command=ls`],
    ['a shell', `${OUTPUT}&${command(['sh', '-c', `${TOOL}/health.sh`])}`],
    ['one word more', `${OUTPUT}&${command([`${TOOL}/console.sh`, 'status', 'x'])}`],
    ['one word less', `${OUTPUT}&${command([`${TOOL}/console.sh`])}`],
    ['another word', `${OUTPUT}&${command([`${TOOL}/console.sh`, 'search'])}`],
    ['a file beside a JVM', `${OUTPUT}&${command(['cat', '/tmp/hsperfdata_lena/../../etc/passwd'])}`],
    ['the environment of a process', `${OUTPUT}&${command(['cat', '/proc/1/environ'])}`],
    ['two files', `${OUTPUT}&${command(['cat', '/proc/1/stat', '/etc/passwd'])}`],
    ['another home', `${OUTPUT}&${command(['/tmp/lena/servers/sessionServer/health.sh'])}`],
    ['a path around', `${OUTPUT}&${command([`${TOOL}/../sessionServer/health.sh`])}`],
    ['nothing', OUTPUT],
    ['input', `${OUTPUT}&stdin=true&${command([`${TOOL}/health.sh`])}`],
    ['a terminal', `${OUTPUT}&tty=true&${command([`${TOOL}/health.sh`])}`],
    ['two containers', `container=a&${OUTPUT}&${command([`${TOOL}/health.sh`])}`],
    ['no container', `stdout=true&${command([`${TOOL}/health.sh`])}`],
  ] as const)
    test(`an exec of ${why} leaves in normal mode alone`, () => {
      assert.deepEqual(modesOf(exec(query)), NORMAL);
    });

  test('the templates open nothing but a WebSocket of a pod’s exec', () => {
    const query = `${OUTPUT}&${command([`${TOOL}/health.sh`])}`;
    assert.deepEqual(modesOf(leaving(`GET ${N}/pods/s-0/exec?${query}`)), NORMAL);
    assert.deepEqual(modesOf(leaving(`GET ${N}/pods/s-0/attach?${query}`, true)), NORMAL);
    assert.deepEqual(modesOf(leaving(`GET ${N}/pods/s-0/log`, true)), NONE);
    assert.deepEqual(modesOf(leaving(`GET ${N}/pods`, true)), NONE);
    assert.deepEqual(modesOf(leaving(`POST ${N}/pods/s-0/exec?${query}`, true)), NONE);
    assert.deepEqual(modesOf(leaving('GET /version', true)), NONE);
  });

  test('says what was held back, in which mode and who set it', () => {
    assert.throws(
      () =>
        assertMayLeave(leaving(`PATCH ${A}/deployments/was?fieldManager=l9s`), {
          mode: 'readonly',
          origin: '/etc/l9s/policy.yaml',
        }),
      (error: unknown) =>
        error instanceof AppError &&
        /PATCH .*deployments\/was was not sent: mode READ-ONLY, set by \/etc\/l9s\/policy.yaml/.test(
          error.message,
        ),
    );
  });

  test('of 50,000 random requests read-only lets nothing out but reads', () => {
    const random = randomNumbers(20_261_121);
    const pick = <T>(list: readonly T[]): T => {
      const one = list[Math.floor(random() * list.length)];
      if (one === undefined) throw new Error('an empty list');
      return one;
    };
    let left = 0;
    for (let round = 0; round < 50_000; round++) {
      const depth = 1 + Math.floor(random() * 8);
      const path = Array.from({ length: depth }, () => pick(SEGMENTS)).join('/');
      const head = pick(['/api/v1/', '/apis/apps/v1/', `${N}/`, `${A}/`, '/', '']);
      const query = pick(['', '', '?watch=true', '?watch', '?dryRun=All', '?command=ls', '?limit=5']);
      const method = pick(['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'FOO']);
      const request: Leaving = { method, target: `${head}${path}${query}`, isUpgrade: random() < 0.1 };
      const modes = modesOf(request);
      assert.ok(!modes.includes('readonly') || modes.includes('normal'));
      if (!modes.includes('readonly')) continue;
      left++;
      const shown = `${method} ${request.target}`;
      assert.equal(request.isUpgrade, false, shown);
      const segments = request.target.split('?')[0]?.split('/') ?? [];
      // A namespace or an object may be called anything; what stands before and behind it may not.
      const below = segments.slice(segments[1] === 'apis' ? 4 : 3);
      const inside = below[0] === 'namespaces' && below.length > 2 ? below.slice(2) : below;
      assert.ok(!NO_RESOURCES.has(inside[0] ?? '') && !WAYS_IN.has(inside[2] ?? ''), shown);
      assert.ok(!segments.some((segment) => segment === '..' || segment.includes('%2')), shown);
      const isReview = method === 'POST' && segments.at(-1) === 'selfsubjectaccessreviews';
      assert.ok(method === 'GET' || isReview, shown);
      assert.match(request.target, /^\/[\w./:?=%-]*$/, shown);
      assert.equal(classify(request)?.effect, 'observe');
    }
    assert.ok(left > 500, `only ${left} of them were reads`);
  });
});

const NAME = 'was-0';
const WAYS_IN: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'portforward',
  'proxy',
  'secrets',
  'eviction',
  'token',
  'watch',
  '..',
  '.',
  '%2e%2e',
  '%2F',
]);
const NO_RESOURCES: ReadonlySet<string> = new Set([
  'secrets',
  'exec',
  'attach',
  'portforward',
  'proxy',
  'watch',
]);
const SEGMENTS = [
  'namespaces',
  'lena',
  'pods',
  'pods',
  NAME,
  NAME,
  'deployments',
  'log',
  'status',
  'scale',
  'configmaps',
  'version',
  'api',
  'apis',
  'v1',
  'authorization.k8s.io',
  'selfsubjectaccessreviews',
  'a%3Ab',
  '',
  'ü',
  'pods;x',
  ...WAYS_IN,
];

/** The same sequence each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
