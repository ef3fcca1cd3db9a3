import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLenaEnvironment } from '../../src/diagnosis/lena-environment.ts';
import { createTypeReader, serverContainerOf } from '../../src/diagnosis/server-type-rules.ts';
import type { Instance } from '../../src/domain/instance.ts';
import { configMapEnvironmentOf, containerOf, environmentOf, instanceOf } from '../support/store-entities.ts';

/** The keys of the guide's `configmap-lena-was`. */
const GUIDE = configMapEnvironmentOf('configmap-lena-was', {
  LENA_MANAGER_ADDRESS: 'lena-manager:7700',
  LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y',
  LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12',
  LENA_LICENSE_DOWNLOAD_URL: 'manager',
});
const plain = (image: string, more: Partial<Instance> = {}) =>
  instanceOf('a', { containers: [containerOf({ image })], ports: [], ...more });

const CASES: readonly (readonly [string, Instance, string | undefined, RegExp])[] = [
  ['image of the product', plain('lenacloud/lena-web:1.3'), 'web', /lena-web/],
  [
    'image behind a registry with a port',
    plain('reg:5000/x/lena-session:1@sha256:ab'),
    'session',
    /lena-session/,
  ],
  [
    'LENA_SERVER_TYPE wins over the image',
    plain('lena-web', { environment: environmentOf({ LENA_SERVER_TYPE: 'Enterprise' }) }),
    'was',
    /LENA_SERVER_TYPE/,
  ],
  [
    'only the guide’s ConfigMap keys',
    plain('registry.example/shop:1', { environment: GUIDE }),
    'was',
    /another LENA_ variable/,
  ],
  [
    'a Spring Boot application that only its variables tell',
    plain('registry.example/orders:2', {
      command: ['java', '-jar', 'app.jar'],
      environment: environmentOf({ SPRING_PROFILES_ACTIVE: 'prod' }),
    }),
    'springboot',
    /SPRING_PROFILES_ACTIVE/,
  ],
  [
    'a JVM of which nothing else is known',
    plain('registry.example/batch:2', { environment: environmentOf({ JAVA_TOOL_OPTIONS: '-Xmx1g' }) }),
    'jvm',
    /JAVA_TOOL_OPTIONS/,
  ],
  ['the manager’s port', plain('x/y', { ports: [7700], environment: GUIDE }), 'manager', /7700/],
  [
    'an embedded application',
    plain('x/y', { environment: environmentOf({ LENA_APP_FILE: 'a.jar' }) }),
    'embedded',
    /LENA_APP_FILE/,
  ],
  [
    'a session address',
    plain('x/y', { environment: environmentOf({ LENA_SESSION_0_ADDRESS: 'a:5180' }) }),
    'session',
    /SESSION_0/,
  ],
  ['port 7180', plain('x/y', { ports: [7180] }), 'web', /7180/],
  ['port 8180', plain('x/y', { ports: [8180] }), 'was', /8180/],
  ['Tomcat', plain('docker.io/library/tomcat:10'), 'tomcat', /tomcat/],
  ['Tomcat with LENA variables', plain('tomcat:9', { environment: GUIDE }), 'was', /another/],
  ['WildFly', plain('quay.io/wildfly/wildfly:30'), 'wildfly', /wildfly/],
  [
    'Spring Boot by its command',
    plain('x/app', { command: ['java', 'org.springframework.boot.loader.launch.JarLauncher'] }),
    'springboot',
    /command/,
  ],
  ['Apache httpd', plain('httpd:2.4'), 'httpd', /httpd/],
  ['nginx', plain('nginxinc/nginx-unprivileged:1'), 'nginx', /nginx/],
  ['a declared host', plain('', { declaredType: 'session', containers: [] }), 'session', /config/],
  ['something else', plain('postgres:16'), undefined, /^$/],
];
for (const [name, instance, type, reason] of CASES) {
  test(`type: ${name} is ${type ?? 'unknown'}`, () => {
    const verdict = createTypeReader([])(instance);
    assert.equal(verdict?.type, type);
    assert.match(verdict?.reason ?? '', reason);
  });
}

test('a rule of the config comes first, by image without its tag or by name', () => {
  const typeOf = createTypeReader([
    { image: 'myrepo/shop', type: 'was' },
    { name: 'edge-*', type: 'nginx' },
  ]);
  assert.equal(typeOf(plain('myrepo/shop:7'))?.type, 'was');
  assert.equal(typeOf(instanceOf('edge-1'))?.type, 'nginx');
});

test('a sidecar in front does not hide the server’s container', () => {
  const instance = instanceOf('a', {
    containers: [containerOf({ name: 'proxy', image: 'istio/proxyv2:1' }), containerOf()],
  });
  assert.equal(serverContainerOf(instance)?.name, 'lena');
});

test('the template id gives service cluster and revision, unless nothing is downloaded', () => {
  assert.deepEqual(readLenaEnvironment(GUIDE).template, {
    serviceCluster: 'WAS-001',
    revision: '12',
    changedSinceStart: false,
    isDownloaded: true,
  });
  const off = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12', LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' });
  assert.equal(readLenaEnvironment(off).template?.revision, undefined);
  const open = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001' });
  assert.equal(readLenaEnvironment(open).template?.revision, undefined);
});

test('sizes are digits and m, addresses lose scheme and port', () => {
  const read = readLenaEnvironment(
    environmentOf({
      LENA_JVM_HEAP_SIZE: '2g',
      LENA_MANAGER_ADDRESS: 'http://Lena-Manager.lena.svc:7700/lena',
      LENA_SESSION_0_ADDRESS: '[fd00::1]:5180',
    }),
  );
  assert.deepEqual(read.heapSize, { written: '2g', bytes: undefined });
  assert.deepEqual(
    read.addresses.map(({ host }) => host),
    ['lena-manager.lena.svc', 'fd00::1'],
  );
});
