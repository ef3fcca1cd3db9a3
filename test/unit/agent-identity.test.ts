import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostIds } from '../../src/agent/host-ids.ts';
import { identityOf, looksLikeJava, perfDataIsOff, refusesAttach } from '../../src/agent/jvm-identity.ts';
import { startLine } from '../../src/agent/start-line.ts';

const SECRET = 'open-sesame';
const identify = (words: readonly string[], command: string) =>
  identityOf({ words, command, vmArguments: undefined });

const takeOf = (ids: HostIds, name: string, isOnly: boolean): string =>
  ids.take({ name, likeness: `java ${name}`, isOnly });

describe('what a JVM is called', () => {
  for (const [given, words, command, name, type] of [
    [
      'by LENA',
      ['java', '-Dlena.name=shop_8180', '-DjvmRoute=r1'],
      'argo.server.Main start',
      'shop_8180',
      'was',
    ],
    [
      'by its route',
      ['java', '-DjvmRoute=r1'],
      'org.apache.catalina.startup.Bootstrap start',
      'r1',
      'tomcat',
    ],
    [
      'by its base',
      ['java', '-Dcatalina.base=/srv/tomcat/shop/'],
      'org.apache.catalina.startup.Bootstrap start',
      'shop',
      'tomcat',
    ],
    ['by its class', ['java'], 'com.example.shop.Shop --port 80', 'Shop', 'jvm'],
    ['by its jar', ['java'], '/srv/shop/shop-1.2.jar --x', 'shop-1.2', 'jvm'],
    ['by its module', ['java'], 'com.example.shop/com.example.shop.Shop', 'Shop', 'jvm'],
    ['by WildFly', ['java'], '/opt/jboss/jboss-modules.jar -mp /opt', 'jboss-modules', 'wildfly'],
    ['not at all', ['java'], '', 'jvm', 'jvm'],
  ] as const) {
    test(given, () => {
      const found = identify(words, command);
      assert.deepEqual([found.name, found.serverType, found.isTool], [name, type, false]);
    });
  }
  test('the last property of a name counts, and what is odd in it becomes a dash', () => {
    assert.equal(identify(['java', '-DjvmRoute=a', '-DjvmRoute=b/c d\u001b[31m'], 'Shop').name, 'b-c-d-31m');
    assert.equal(identify(['java', '-DjvmRoute=../..'], 'Shop').name, 'Shop');
    assert.ok(identify(['java', `-DjvmRoute=${'x'.repeat(500)}`], 'Shop').name.length <= 64);
  });
  test('arguments appear nowhere: they may hold secrets', () => {
    const found = identify(
      ['java', `-Dpassword=${SECRET}`, '-jar', 'shop.jar', `--token=${SECRET}`],
      `shop.jar --token=${SECRET}`,
    );
    assert.ok(!JSON.stringify(found).includes(SECRET));
  });
  test('options are read from the JVM’s own counter where the kernel tells none', () => {
    const found = identityOf({ words: [], command: 'Shop', vmArguments: '-Xmx1g -DjvmRoute=r7' });
    assert.equal(found.name, 'r7');
  });
  test('tools of the JDK are told apart from programs', () => {
    const isTool = (command: string) => identify(['java'], command).isTool;
    assert.ok(isTool('jdk.jcmd/sun.tools.jstat.Jstat -gc 1') && isTool('sun.tools.jps.Jps'));
    assert.ok(!isTool('jdk.compiler/com.sun.tools.javac.launcher.Main Load.java') && !isTool('shop.jar'));
  });
  test('flags that leave something out are seen, the last one counts', () => {
    assert.equal(perfDataIsOff(['java', '-XX:-UsePerfData']), '-XX:-UsePerfData');
    assert.equal(perfDataIsOff(['java', '-XX:+UsePerfData']), undefined);
    assert.equal(refusesAttach(['-XX:+DisableAttachMechanism']), true);
    assert.equal(refusesAttach(['-XX:+DisableAttachMechanism', '-XX:-DisableAttachMechanism']), false);
    assert.ok(looksLikeJava('java', []) && looksLikeJava('x', ['/opt/jdk/bin/java']));
    assert.ok(!looksLikeJava('grep', ['grep', 'java']));
  });
});

describe('ids of one host', () => {
  test('one JVM is the host, and gets that back', () => {
    const ids = new HostIds('was-0');
    assert.equal(takeOf(ids, 'shop', true), 'was-0');
    ids.release('was-0');
    assert.equal(takeOf(ids, 'shop', true), 'was-0');
  });
  test('several are told apart by name, and each comes back as itself', () => {
    const ids = new HostIds('was-0');
    assert.deepEqual([takeOf(ids, 'shop', false), takeOf(ids, 'pay', false)], ['was-0/shop', 'was-0/pay']);
    ids.release('was-0/shop');
    ids.release('was-0/pay');
    assert.deepEqual([takeOf(ids, 'pay', true), takeOf(ids, 'shop', true)], ['was-0/pay', 'was-0/shop']);
  });
  test('a second one beside the first leaves it its id, even while that restarts', () => {
    const ids = new HostIds('was-0');
    assert.equal(takeOf(ids, 'shop', true), 'was-0');
    assert.equal(takeOf(ids, 'pay', false), 'was-0/pay');
    ids.release('was-0');
    ids.release('was-0/pay');
    assert.equal(takeOf(ids, 'pay', true), 'was-0/pay');
    assert.equal(takeOf(ids, 'shop', true), 'was-0');
  });
  test('twins are numbered', () => {
    const ids = new HostIds('was-0');
    const taken = ['jvm', 'jvm', 'jvm'].map((name) => takeOf(ids, name, false));
    assert.deepEqual(taken, ['was-0/jvm', 'was-0/jvm-2', 'was-0/jvm-3']);
    ids.release('was-0/jvm-2');
    assert.equal(takeOf(ids, 'jvm', false), 'was-0/jvm-2');
  });
  test('twins that both come back are told apart by what they were started with, whoever is first', () => {
    const ids = new HostIds('h');
    const [first, second] = ['-Xmx256m', '-Xmx64m'].map((likeness) =>
      ids.take({ name: 'jvm', likeness, isOnly: false }),
    );
    assert.deepEqual([first, second], ['h/jvm', 'h/jvm-2']);
    for (const id of [first, second]) ids.release(id ?? '');
    assert.equal(ids.take({ name: 'jvm', likeness: '-Xmx64m', isOnly: false }), 'h/jvm-2');
    assert.equal(ids.take({ name: 'jvm', likeness: '-Xmx256m', isOnly: false }), 'h/jvm');
  });
  test('with other arguments it is still itself where it alone is gone, and somebody new where two are', () => {
    const ids = new HostIds('h');
    const take = (likeness: string) => ids.take({ name: 'jvm', likeness, isOnly: false });
    assert.deepEqual([take('a'), take('b')], ['h/jvm', 'h/jvm-2']);
    ids.release('h/jvm-2');
    assert.equal(take('c'), 'h/jvm-2');
    ids.release('h/jvm');
    ids.release('h/jvm-2');
    assert.equal(take('d'), 'h/jvm-3');
  });
  test('an id is never longer than a datagram takes', () => {
    assert.ok(takeOf(new HostIds('h'.repeat(64)), 'n'.repeat(64), false).length <= 128);
  });
  test('remembers a bounded number', () => {
    const ids = new HostIds('h');
    for (let index = 0; index < 10_000; index++) ids.release(takeOf(ids, `n${index}`, false));
    assert.equal(takeOf(ids, 'n9999', true), 'h/n9999');
  });
});

describe('the line on a JVM that is read', () => {
  const line = (given: {
    readonly collectors: readonly string[];
    readonly refusesAttach?: boolean;
    readonly words?: readonly string[];
  }) =>
    startLine({
      id: 'was-0',
      hasTomcat: false,
      jvm: {
        entry: { pid: 4_321, innerPid: 7, uid: 0, program: 'java' },
        identity: identify(given.words ?? ['java'], `Shop --key=${SECRET}`),
        version: '17.0.13+11',
        collectors: given.collectors,
        refusesAttach: given.refusesAttach ?? false,
      },
    });
  test('tells what it is and what is read', () => {
    const told = line({ collectors: ['Copy', 'MarkSweepCompact'] });
    assert.match(told, /process 4321 \(7 in its container\) as was-0: Shop, JDK 17\.0\.13\+11/);
    assert.match(told, /collections \(Copy, MarkSweepCompact\)/);
    assert.ok(!told.includes('without') && !told.includes(SECRET));
  });
  test('tells what is missed', () => {
    assert.match(line({ collectors: [] }), /without collections/);
    assert.match(line({ collectors: ['ZGC Pauses'] }), /without the heap after GC/);
    assert.match(line({ collectors: ['Copy'], refusesAttach: true }), /without dumps/);
    assert.match(line({ collectors: ['Copy'], words: ['java', '-Dlena.name=a'] }), /without requests/);
  });
});
