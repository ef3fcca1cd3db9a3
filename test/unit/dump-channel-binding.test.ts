import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DumpPeer } from '../../src/domain/dump.ts';
import type { DumpTarget } from '../../src/domain/dump-way.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { bindAgent, identitiesOf } from '../../src/sources/dumps/channel/bind-agent.ts';
import { bindLena } from '../../src/sources/dumps/channel/bind-lena.ts';
import { addressesOf, hostNamesOf, plainAddress } from '../../src/sources/dumps/channel/target-names.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { targetOf } from '../support/dump-channel-stage.ts';

const lena = (objName: string, address: string, more: Partial<DumpPeer> = {}): DumpPeer => ({
  ref: refOf('peer', 'udp', `${objName}@${address}`),
  protocol: 'lena',
  address,
  port: 1,
  connectedAt: 1,
  objHash: objHashOf(objName),
  serverIds: [],
  can: ['thread', 'service'],
  ...more,
});
const agent = (identity: string, serverIds: readonly string[], more: Partial<DumpPeer> = {}): DumpPeer => ({
  ref: refOf('peer', 'udp', `${identity}@${serverIds.join()}${more.address ?? ''}`),
  protocol: 'l9s',
  address: '10.0.0.9',
  port: 1,
  connectedAt: 1,
  identity,
  serverIds,
  can: ['thread'],
  ...more,
});
const bound = (binding: ReturnType<typeof bindLena>) =>
  'peer' in binding ? binding.peer.ref.id : binding.why.en;
const withInstance = (
  target: DumpTarget,
  more: Partial<NonNullable<DumpTarget['instance']>>,
): DumpTarget => ({
  ...target,
  instance: target.instance && { ...target.instance, ...more },
});

describe('names and addresses of a server', () => {
  it('are its orchestrator’s, whatever its datagrams say', () => {
    const forged = { hostName: 'evil', sourceAddress: '10.9.9.9' };
    const target = targetOf({ address: '10.0.0.1', sender: forged });
    assert.deepEqual(addressesOf(target), ['10.0.0.1']);
    assert.deepEqual(hostNamesOf(target), ['was-1']);
  });
  it('are compared in one spelling', () => {
    assert.equal(plainAddress('::FFFF:10.0.0.1'), '10.0.0.1');
    assert.equal(plainAddress('FE80::1%eth0'), 'fe80::1');
    const target = withInstance(targetOf({}), {
      addresses: ['::ffff:10.0.0.1', '10.0.0.1', ''],
      hostNames: ['ip-10-0-0-1.compute.internal'],
    });
    assert.deepEqual(addressesOf(target), ['10.0.0.1']);
    assert.deepEqual(hostNamesOf(target), ['ip-10-0-0-1.compute.internal', 'ip-10-0-0-1']);
  });
  it('of a row a Manager alone knows are its Manager’s', () => {
    const { server, ...rest } = targetOf({ isOnlyHeard: true, sender: { sourceAddress: '10.9.9.9' } });
    const target: DumpTarget = {
      ...rest,
      server: { ...server, contextKind: 'manager', name: 'vm-1', address: '10.0.0.4' },
    };
    assert.deepEqual(addressesOf(target), ['10.0.0.4']);
    assert.deepEqual(addressesOf({ ...target, server: { ...target.server, address: undefined } }), []);
  });
});

describe('an advertiser is a server’s', () => {
  const HERE = '10.0.0.1';
  const target = targetOf({ address: HERE });
  it('by its full host name or its first label, and a name of its own', () => {
    const long = withInstance(target, { hostNames: ['vm-1.example'] });
    assert.match(
      bound(bindLena(long, [lena('/vm-1/tomcat1/', HERE), lena('/x/y/', HERE)])),
      /^\/vm-1\/tomcat1\//,
    );
    const own = targetOf({ address: HERE, sender: { hostName: 'was-1', serverName: 'was07' } });
    assert.match(bound(bindLena(own, [lena('/was-1/was07/', HERE), lena('/was-1/tomcat1/', HERE)])), /was07/);
  });
  it('never by its number alone', () => {
    assert.match(
      bound(bindLena(target, [lena('/was-1/tomcat1/', '10.0.0.2')])),
      /no LENA advertiser is connected/,
    );
  });
  it('and not an agent that calls itself so', () => {
    assert.match(
      bound(bindLena(target, [agent('prod/was', ['was-1'], { address: HERE })])),
      /no LENA advertiser/,
    );
  });
  it('unless nothing is known of where it is', () => {
    const lost = withInstance(target, { addresses: [] });
    assert.match(bound(bindLena(lost, [lena('/was-1/tomcat1/', HERE)])), /no known address/);
  });
  it('but not while it is refused', () => {
    const refused = text('two of them', '둘');
    assert.equal(bound(bindLena(target, [lena('/was-1/tomcat1/', HERE, { refused })])), 'two of them');
  });
  it('by its address alone only where its name is not known', () => {
    const binding = bindLena(target, [lena('/other/name/', HERE)]);
    assert.ok('peer' in binding && /by its address alone/.test(binding.note?.en ?? ''));
    // Another codec's sender says nothing of an advertiser's number.
    const other = targetOf({ address: HERE, sender: { codec: 'l9s' } });
    assert.ok('peer' in bindLena(other, [lena('/other/name/', HERE)]));
    const known = targetOf({ address: HERE, sender: {} });
    assert.ok('why' in bindLena(known, [lena('/other/name/', HERE)]));
  });
});

describe('an agent is a server’s', () => {
  const target = targetOf({});
  const idOf = (binding: ReturnType<typeof bindAgent>) =>
    'peer' in binding ? binding.serverId : binding.why.en;
  it('with a key of its workload, by each of its names', () => {
    assert.deepEqual(identitiesOf(target), ['prod/shop/was', 'prod/was']);
    for (const identity of ['prod/shop/was', 'prod/was'])
      for (const id of ['was-1', 'WAS-1', 'was-1/tomcat1'])
        assert.equal(idOf(bindAgent(target, [agent(identity, ['x', id])])), id);
  });
  it('not with a key of another context, namespace or workload', () => {
    for (const identity of ['dr/shop/was', 'prod/pay/was', 'prod/cart', 'was', 'prod/shop/was/x', 'PROD/was'])
      assert.match(idOf(bindAgent(target, [agent(identity, ['was-1'])])), /refused/, identity);
  });
  it('not by a name it does not have', () => {
    for (const id of ['was-10', 'was', 'was-1.evil', 'x/was-1'])
      assert.match(idOf(bindAgent(target, [agent('prod/was', [id])])), /no agent of it/, id);
  });
  it('of several on one host the one that is heard', () => {
    const heard = targetOf({ sender: { codec: 'l9s', serverName: 'b' } });
    const both = [agent('prod/was', ['was-1/a', 'was-1/b'])];
    assert.equal(idOf(bindAgent(heard, both)), 'was-1/b');
    assert.match(idOf(bindAgent(target, both)), /2 agents could be/);
  });
  it('without a workload by the instance’s own name', () => {
    const { server, instance } = targetOf({});
    const bare: DumpTarget = {
      server: { ...server, workload: undefined },
      instance: instance && { ...instance, workload: undefined },
    };
    assert.deepEqual(identitiesOf(bare), ['prod/shop/was-1', 'prod/was-1']);
  });
  it('of a row of datagrams by udp/HOST', () => {
    const heard = { codec: 'l9s', hostName: 'vm', serverName: 'a', name: 'vm/a' } as const;
    const row = targetOf({ isOnlyHeard: true, sender: heard });
    assert.deepEqual(identitiesOf(row), ['udp/vm', 'udp/vm/a']);
    assert.equal(idOf(bindAgent(row, [agent('udp/vm', ['vm/a'])])), 'vm/a');
    assert.match(idOf(bindAgent(row, [agent('prod/was', ['vm/a'])])), /refused/);
    assert.deepEqual(identitiesOf(targetOf({ isOnlyHeard: true })), []);
  });
  it('whoever else says so without its key', () => {
    const peers = [agent('prod/cart', ['was-1'], { address: '10.0.0.1' }), agent('prod/was', ['was-1'])];
    const binding = bindAgent(target, peers);
    assert.ok('peer' in binding && binding.peer.identity === 'prod/was');
  });
});
