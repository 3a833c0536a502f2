import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { SignalingSetup } from './handler-setup';
import { ownerOf, ownerTags } from '../../lambda/engine/ownership';
import { TimeBudget } from '../../lambda/engine/time-budget';
import { signalingChannelHandler } from '../../lambda/kinesisvideo/signaling-channel';
import type { Fault } from '../../local/emulator';
import { ResourceFailed } from '../cloudformation';
import { REGION, STACK_ID, stackId } from '../handler-setup';

let setup: SignalingSetup;
beforeEach(async () => { setup = new SignalingSetup(); });
afterEach(() => setup.stop());

const restart = async (...options: ConstructorParameters<typeof SignalingSetup>) => {
  await setup.stop();
  setup = new SignalingSetup(...options);
};
const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);

/** The attributes of a channel that doesn't record. */
const withEndpoints = () => ({
  ChannelName: setup.channel().name,
  MasterWssEndpoint: expect.stringMatching(/^wss:/),
  MasterHttpsEndpoint: expect.stringMatching(/^https:/),
  MasterWebrtcEndpoint: '',
  ViewerWssEndpoint: expect.stringMatching(/^wss:/),
  ViewerHttpsEndpoint: expect.stringMatching(/^https:/),
  ViewerWebrtcEndpoint: '',
});

describe('create', () => {
  test('creates one channel with the defaults, and responds when it is active', async () => {
    const { physicalId, attributes } = await setup.resource().create();
    expect(setup.channel()).toMatchObject({ arn: physicalId, status: 'ACTIVE', type: 'SINGLE_MASTER', messageTtlSeconds: 60 });
    expect(attributes).toEqual(withEndpoints());
  });

  test('makes one mutation, two endpoint reads, and two other reads in addition to the polls', async () => {
    const { mutations, reads } = await setup.counting(() => setup.resource().create());
    expect(mutations).toEqual(['CreateSignalingChannel']);
    const { DescribeSignalingChannel: polls, ...others } = reads;
    expect(polls).toBeGreaterThan(0);
    expect(others).toEqual({ GetSignalingChannelEndpoint: 2, ListTagsForResource: 1, DescribeMediaStorageConfiguration: 1 });
  });

  test('with a message TTL costs no other mutation', async () => {
    const { mutations } = await setup.counting(() => setup.resource().create({ MessageTtlSeconds: 5 }));
    expect(mutations).toEqual(['CreateSignalingChannel']);
    expect(setup.channel().messageTtlSeconds).toBe(5);
  });

  test('fails with the service\'s words where it refuses the endpoints of a channel that does not record', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', message: 'no such role', operation: 'GetSignalingChannelEndpoint' });
    expect((await failure(setup.resource().create())).message).toContain('InvalidArgumentException: no such role');
  });

  test('generates a name from stack, logical id, their hash, and the request', async () => {
    await setup.resource('Front').create();
    expect(setup.channel().name).toMatch(/^Doorbells-Front-[0-9a-f]{16}-[0-9a-f]{8}$/);
  });

  test('cuts the readable part of a generated name to the limit of the service', async () => {
    const logicalId = 'L'.repeat(255);
    await setup.resource(logicalId).create();
    expect(setup.channel().name).toHaveLength(256);
    expect(setup.channel().name).toMatch(/-[0-9a-f]{16}-[0-9a-f]{8}$/);
  });

  test('sets name, type, message TTL and tags, and marks the owner', async () => {
    await setup.resource().create({ ChannelName: 'front-door', ChannelType: 'FULL_MESH', Tags: [{ Key: 'team', Value: 'a b' }] });
    expect(setup.channel()).toMatchObject({ name: 'front-door', type: 'FULL_MESH', tags: { 'team': 'a b', 'cdk-rtc:stack': STACK_ID } });
    expect(setup.channel().tags['cdk-rtc:resource']).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{8}\.[0-9a-f]{8}$/);
    await setup.resource('Other').create({ MessageTtlSeconds: 5 });
    expect(setup.channels().find(({ name }) => name.includes('Other'))).toMatchObject({ messageTtlSeconds: 5 });
  });

  test.each(['as-single-master', 'without-configuration'] as const)('of a channel without a master returns endpoints, which the service reports %s', async (fullMeshEndpoints) => {
    await restart({ fullMeshEndpoints });
    const { attributes } = await setup.resource().create({ ChannelType: 'FULL_MESH' });
    expect(attributes).toEqual(withEndpoints());
  });

  test('of a channel without a master succeeds without endpoints if the service refuses them', async () => {
    await restart({ fullMeshEndpoints: 'none' });
    const resource = setup.resource();
    const { attributes } = await resource.create({ ChannelType: 'FULL_MESH' });
    expect(attributes).toMatchObject({ MasterWssEndpoint: '', MasterHttpsEndpoint: '', ViewerWssEndpoint: '', ViewerHttpsEndpoint: '' });
    await resource.update({ ChannelType: 'FULL_MESH', Tags: [{ Key: 'team', Value: 'b' }] });
    expect(setup.channel().tags.team).toBe('b');
  });

  test('of a channel without a master waits while the endpoint call is throttled', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'GetSignalingChannelEndpoint', times: 9 });
    const { attributes } = await setup.resource().create({ ChannelType: 'FULL_MESH' });
    expect(attributes.MasterWssEndpoint).toMatch(/^wss:/);
  });

  test('creates the channel in the given region', async () => {
    const { physicalId } = await setup.resource().create({ Region: 'eu-west-1' });
    expect(physicalId).toContain(':eu-west-1:');
    expect(setup.calls().every(({ region }) => region === 'eu-west-1')).toBe(true);
  });

  test('links the stream and then has the WEBRTC endpoints', async () => {
    const stream = setup.stream('recordings');
    const { attributes } = await setup.resource().create({ MediaStorageStreamArn: stream });
    expect(setup.channel().storageStreamArn).toBe(stream);
    expect(attributes.MasterWebrtcEndpoint).not.toBe('');
    expect(attributes.ViewerWebrtcEndpoint).not.toBe('');
  });

  test('waits until a stream that is being created is ready for recording', async () => {
    const stream = setup.stream('recordings');
    setup.edit(stream, { status: 'CREATING' });
    const created = setup.resource().create({ MediaStorageStreamArn: stream });
    void setup.clock.sleep(30_000).then(() => setup.edit(stream, { status: 'ACTIVE' }));
    await created;
    expect(setup.channel().storageStreamArn).toBe(stream);
  });

  test('fails with the service\'s words where the stream keeps no data, and the Delete that follows removes the channel', async () => {
    const resource = setup.resource();
    const failed = await failure(resource.create({ MediaStorageStreamArn: setup.stream('empty', 0) }));
    expect(failed.message).toMatch(/^Channel: NoDataRetentionException: /);
    expect(failed.physicalId).toBe(setup.channel().arn);
    await resource.delete(failed.physicalId);
    expect(setup.channels()).toEqual([]);
  });

  test('refuses a stream that records another stack\'s channel, and names that channel', async () => {
    const stream = setup.stream('recordings');
    const { physicalId: holder } = await setup.resource('Channel', stackId('OtherStack', '2')).create({ MediaStorageStreamArn: stream });
    const failed = await failure(setup.resource().create({ MediaStorageStreamArn: stream }));
    expect(failed.message).toContain(`records the channel ${holder} already`);
    expect(setup.channel(holder).storageStreamArn).toBe(stream);
  });
});

describe('a name that is already in use', () => {
  test('by a channel without owner tags: fails without a change of that channel, and without a retry', async () => {
    const foreign = setup.foreignChannel('front-door', { team: 'them' });
    const before = setup.channel(foreign);
    const failed = await failure(setup.resource().create({ ChannelName: 'front-door' }));
    expect(failed.message).toBe(`Channel: signalingChannelName: "front-door" is taken in ${REGION} by ${foreign}, which has no owner tag; `
      + 'choose another name, or leave it out for a generated one, or set adoptExisting to adopt that channel');
    expect(failed.physicalId).toBeUndefined();
    expect(setup.channel(foreign)).toEqual(before);
  });

  test('by another stack: fails, names the stack and the command that frees the channel', async () => {
    await setup.resource('Channel', stackId('OtherStack', '2')).create({ ChannelName: 'front-door' });
    const before = setup.channel();
    const failed = await failure(setup.resource().create({ ChannelName: 'front-door', AdoptExisting: true }));
    expect(failed.message).toContain(`belongs to the stack ${stackId('OtherStack', '2')}`);
    expect(failed.message).toContain(`aws kinesisvideo untag-resource --region ${REGION} --resource-arn ${before.arn} --tag-key-list cdk-rtc:stack cdk-rtc:resource`);
    expect(setup.channel()).toEqual(before);
  });

  test('by another resource of this stack, for example after a rename of the construct: fails with the reason', async () => {
    await setup.resource('Old').create({ ChannelName: 'front-door' });
    const failed = await failure(setup.resource('New').create({ ChannelName: 'front-door' }));
    expect(failed.message).toContain('another resource of this stack');
    expect(setup.channels()).toHaveLength(1);
  });

  test('by a channel that is being deleted: waits for the name', async () => {
    const resource = setup.resource();
    await resource.create({ ChannelName: 'front-door' });
    const { physicalId: old } = resource as { physicalId: string };
    setup.edit(old, { status: 'DELETING' });
    void setup.clock.sleep(5000).then(() => setup.edit(old, { delete: true }));
    const { physicalId } = await setup.resource('Successor').create({ ChannelName: 'front-door' });
    expect(physicalId).not.toBe(old);
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('adoptExisting adopts an unowned channel and updates it to the desired state', async () => {
    const foreign = setup.foreignChannel('front-door', { team: 'them' });
    const { physicalId } = await setup.resource().create({ ChannelName: 'front-door', AdoptExisting: true, MessageTtlSeconds: 30, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(physicalId).toBe(foreign);
    expect(setup.channel()).toMatchObject({ messageTtlSeconds: 30, tags: { 'team': 'them', 'a': 'b', 'cdk-rtc:stack': STACK_ID } });
  });

  test('adoptExisting refuses another type', async () => {
    setup.foreignChannel('front-door', {}, { Type: 'FULL_MESH' });
    const failed = await failure(setup.resource().create({ ChannelName: 'front-door', AdoptExisting: true }));
    expect(failed.message).toContain('its type is FULL_MESH and cannot be changed to SINGLE_MASTER');
    expect(setup.channel().tags).toEqual({});
  });

  test('adoptExisting needs no existing channel', async () => {
    await setup.resource().create({ ChannelName: 'front-door', AdoptExisting: true });
    expect(setup.channel().name).toBe('front-door');
  });
});

describe('deliveries', () => {
  test('two deliveries in sequence: one channel, the same response', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: { ChannelName: 'front-door' } };
    const first = await resource.deliver(delivery);
    expect(await resource.deliver(delivery)).toMatchObject({ physicalId: first.physicalId, attributes: first.attributes });
    expect(setup.channels()).toHaveLength(1);
    expect(setup.calls('TagResource')).toEqual([]);
  });

  test.each(['fixed', 'generated'])('two concurrent deliveries, %s name: one channel, the same response', async (kind) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: kind === 'fixed' ? { ChannelName: 'front-door' } : {} };
    const [first, second] = await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    expect(second.physicalId).toBe(first.physicalId);
    expect(setup.channels()).toHaveLength(1);
  });

  test('the response of the create is lost: exactly one channel', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'CreateSignalingChannel', times: 1 });
    const { physicalId } = await setup.resource().create();
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('the response of the create is lost every time: fails with an id, and the Delete that follows removes the channel', async () => {
    setup.emulator.addFault({ kind: 'serverError', status: 500, executed: true, operation: 'CreateSignalingChannel' });
    setup.emulator.addFault({ kind: 'serverError', status: 500, operation: 'DescribeSignalingChannel' });
    const resource = setup.resource();
    const failed = await failure(resource.create());
    expect(failed.message).toMatch(/^Channel: not accepted after 1\d\d s; last observed: /);
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    setup.emulator.removeFaults();
    expect(setup.channels()).toHaveLength(1);
    await resource.delete(failed.physicalId, {});
    expect(setup.channels()).toEqual([]);
  });

  test('throttled creates are repeated', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'CreateSignalingChannel', times: 4 });
    await setup.resource().create();
    expect(setup.calls('CreateSignalingChannel')).toHaveLength(5);
  });

  test('throttled, failing and lost polls are polled again', async () => {
    setup.emulator.addFault({ kind: 'throttle', operation: 'DescribeSignalingChannel', times: 4 });
    setup.emulator.addFault({ kind: 'serverError', operation: 'ListTagsForResource', times: 4 });
    setup.emulator.addFault({ kind: 'lostRequest', operation: 'GetSignalingChannelEndpoint', times: 4 });
    await setup.resource().create();
    expect(setup.channel().status).toBe('ACTIVE');
  });

  test('reads that lag do not make a second channel', async () => {
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    const { physicalId } = await setup.resource().create();
    expect(setup.channel()).toMatchObject({ arn: physicalId, status: 'ACTIVE' });
    expect(setup.calls('CreateSignalingChannel')).toHaveLength(1);
  });

  test('access denied passes in the first minute, while IAM propagates', async () => {
    const fault = setup.emulator.addFault({ kind: 'accessDenied' });
    void setup.clock.sleep(40_000).then(() => setup.emulator.removeFaults(fault));
    await setup.resource().create();
    expect(setup.channel().status).toBe('ACTIVE');
  });

  test('access denied after that fails immediately, and nothing is created', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: 'CreateSignalingChannel' });
    const start = setup.clock.now();
    const failed = await failure(setup.resource().create());
    expect(failed.message).toContain('AccessDeniedException');
    expect(failed.physicalId).toBeUndefined();
    expect(setup.clock.now() - start).toBeLessThan(90_000);
  });

  test('a channel that never becomes active fails at the deadline with the last observed state', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
    const accepted = await resource.onEvent(delivery);
    setup.edit(accepted.PhysicalResourceId, { status: 'CREATING' });
    const failed = await failure(resource.settle(delivery, accepted));
    expect(failed.message).toMatch(/^Channel: not done after 4\d\d s; last observed: .* is CREATING$/);
    expect(failed.polls).toBeLessThan(240);
  });

  test('a channel that is deleted during the create fails the create with that reason', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
    const accepted = await resource.onEvent(delivery);
    setup.edit(accepted.PhysicalResourceId, { delete: true });
    const failed = await failure(resource.settle(delivery, accepted));
    expect(failed.message).toContain('is gone: it was deleted out of band during this deployment');
  });

  test('a poll after completion observes and changes nothing', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
    const accepted = await resource.onEvent(delivery);
    await resource.settle(delivery, accepted);
    const { mutations } = await setup.counting(() => resource.poll(delivery, accepted));
    expect(mutations).toEqual([]);
  });
});

describe('update', () => {
  test('of the message TTL costs one mutation, with the version just read', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ MessageTtlSeconds: 30 });
    setup.edit(physicalId, { bumpVersion: true });
    const { mutations } = await setup.counting(() => resource.update({ MessageTtlSeconds: 90 }));
    expect(mutations).toEqual(['UpdateSignalingChannel']);
    expect(setup.channel()).toMatchObject({ arn: physicalId, messageTtlSeconds: 90 });
  });

  test('that changes nothing mutates nothing', async () => {
    const resource = setup.resource();
    await resource.create({ MessageTtlSeconds: 30, Tags: [{ Key: 'a', Value: 'b' }] });
    const { mutations } = await setup.counting(() => resource.update({ MessageTtlSeconds: 30, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(mutations).toEqual([]);
  });

  test('that removes the message TTL restores the default', async () => {
    const resource = setup.resource();
    await resource.create({ MessageTtlSeconds: 30 });
    await resource.update({});
    expect(setup.channel().messageTtlSeconds).toBe(60);
  });

  test('after an out-of-band change applies', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ MessageTtlSeconds: 30 });
    setup.edit(physicalId, { messageTtlSeconds: 7 });
    await resource.update({ MessageTtlSeconds: 30, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(setup.channel()).toMatchObject({ messageTtlSeconds: 30, tags: { a: 'b' } });
  });

  test('meets a version that moves between read and write, and reads again', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    let edits = 0;
    const stop = setup.emulator.onCall(({ phase, call }) => {
      if (phase === 'before' && call.operation === 'UpdateSignalingChannel' && edits < 2) {
        edits += 1;
        setup.edit(physicalId, { bumpVersion: true });
      }
    });
    await resource.update({ MessageTtlSeconds: 90 });
    stop();
    expect(setup.calls('UpdateSignalingChannel').map(({ outcome }) => outcome)).toEqual(['VersionMismatchException', 'VersionMismatchException', 'success']);
    expect(setup.channel().messageTtlSeconds).toBe(90);
  });

  test('waits while another update is in progress', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { status: 'UPDATING' });
    void setup.clock.sleep(15_000).then(() => setup.edit(physicalId, { status: 'ACTIVE' }));
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.channel().messageTtlSeconds).toBe(90);
  });

  test('with reads that lag costs one mutation all the same', async () => {
    const resource = setup.resource();
    await resource.create();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 4000 });
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.calls('UpdateSignalingChannel')).toHaveLength(1);
  });

  test('whose response is lost is observed, not repeated blindly', async () => {
    const resource = setup.resource();
    await resource.create();
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'UpdateSignalingChannel', times: 1 });
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.channel().messageTtlSeconds).toBe(90);
    expect(setup.mutations().filter((operation) => operation === 'UpdateSignalingChannel')).toHaveLength(1);
  });

  test('adds, changes and removes tags, and leaves those of others', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ Tags: [{ Key: 'gone', Value: '1' }, { Key: 'changed', Value: '1' }, { Key: 'kept', Value: '1' }] });
    setup.edit(physicalId, { tags: { 'cost-centre': '7' } });
    const { mutations } = await setup.counting(() => resource.update({ Tags: [{ Key: 'changed', Value: '2' }, { Key: 'kept', Value: '1' }, { Key: 'new', Value: '1' }] }));
    const { 'cdk-rtc:stack': _stack, 'cdk-rtc:resource': _resource, ...tags } = setup.channel().tags;
    expect(tags).toEqual({ 'changed': '2', 'kept': '1', 'new': '1', 'cost-centre': '7' });
    expect(mutations).toEqual(['UntagResource', 'TagResource']);
    expect(setup.calls('TagResource').at(-1)!.input).toMatchObject({ Tags: [{ Key: 'changed', Value: '2' }, { Key: 'new', Value: '1' }] });
  });

  test('finds all pages of the tags', async () => {
    await setup.stop();
    setup = new SignalingSetup({ tagPageSize: 20 });
    const resource = setup.resource();
    const tags = Array.from({ length: 46 }, (_, index) => ({ Key: `key${index}`, Value: 'v' }));
    await resource.create({ Tags: tags });
    const { mutations } = await setup.counting(() => resource.update({ Tags: tags, MessageTtlSeconds: 90 }));
    expect(mutations).toEqual(['UpdateSignalingChannel']);
  });

  test('restores removed owner tags', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { replaceTags: {} });
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.channel()).toMatchObject({ messageTtlSeconds: 90, tags: { 'cdk-rtc:stack': STACK_ID } });
  });

  test('fails for a channel with another stack\'s tag, names the stack, and changes nothing', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { tags: { 'cdk-rtc:stack': stackId('OtherStack', '2') } });
    const before = setup.channel();
    const failed = await failure(resource.update({ MessageTtlSeconds: 90 }));
    expect(failed.message).toContain(`belongs to the stack ${stackId('OtherStack', '2')}`);
    expect(failed.message).toContain(`if that stack is gone, free the channel with \`aws kinesisvideo untag-resource --region ${REGION} --resource-arn ${physicalId} `);
    expect(setup.channel()).toEqual(before);
  });

  test('gives a channel of a renamed logical id the new owner tag', async () => {
    const resource = setup.resource('Old');
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    const renamed = setup.resource('New');
    await renamed.deliverUpdate({ ChannelName: 'front-door', MessageTtlSeconds: 90 }, { physicalId, properties: { ChannelName: 'front-door' } });
    expect(setup.channel()).toMatchObject({ arn: physicalId, messageTtlSeconds: 90 });
    await renamed.delete(physicalId);
    expect(setup.channels()).toEqual([]);
  });

  test('links, switches and unlinks the stream', async () => {
    const [first, second] = [setup.stream('first'), setup.stream('second')];
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    await resource.update({ MediaStorageStreamArn: first });
    expect(setup.channel().storageStreamArn).toBe(first);
    const { mutations } = await setup.counting(() => resource.update({ MediaStorageStreamArn: second }));
    expect(mutations).toEqual(['UpdateMediaStorageConfiguration', 'UpdateMediaStorageConfiguration']);
    expect(setup.channel().storageStreamArn).toBe(second);
    const { attributes } = await resource.update({});
    expect(setup.channel()).toMatchObject({ arn: physicalId, storageStreamArn: undefined });
    expect(attributes.MasterWebrtcEndpoint).toBe('');
  });

  test('creates a channel again that was deleted out of band', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ ChannelName: 'front-door' });
    setup.edit(old, { delete: true });
    const { physicalId } = await resource.update({ ChannelName: 'front-door', MessageTtlSeconds: 90 });
    expect(physicalId).not.toBe(old);
    expect(setup.channel()).toMatchObject({ arn: physicalId, messageTtlSeconds: 90 });
  });
});

describe('a forged request that names a channel without owner tags', () => {
  // The channel is one that another tool has created, or that another resource of the stack had before its tags were removed.
  const victims: [string, () => Promise<string>][] = [
    ['of another tool', async () => {
      const arn = setup.foreignChannel('front-door');
      await setup.clock.sleep(5_000);
      return arn;
    }],
    ['of another resource', async () => {
      const { physicalId } = await setup.resource('Other').create();
      setup.edit(physicalId, { replaceTags: {} });
      return physicalId;
    }],
  ];

  test.each(victims)('%s: a Delete leaves it as it is', async (_, victim) => {
    const arn = await victim();
    const before = setup.channel();
    const { mutations } = await setup.counting(async () => {
      await setup.resource().delete(arn, {});
      await setup.resource().delete(arn, { ChannelName: 'back-door' });
    });
    expect(mutations).toEqual([]);
    expect(setup.channel()).toEqual(before);
  });

  test.each(victims)('%s: an Update that skips onEvent leaves it as it is', async (_, victim) => {
    const arn = await victim();
    const before = setup.channel();
    const delivery = { type: 'Update' as const, requestId: 'forged', physicalId: arn, properties: { MessageTtlSeconds: 5 }, oldProperties: {} };
    const forged = setup.resource().poll(delivery, { PhysicalResourceId: arn, RtcStamp: { At: setup.clock.now(), Accepted: { physicalId: arn } } });
    expect((await failure(forged)).message).toBe(`Channel: ${arn} has neither an owner tag nor a name of this resource, so it is left as it is`);
    expect(setup.channel()).toEqual(before);
  });
});

describe('replacement', () => {
  const stream = () => setup.stream('recordings');

  test.each([
    ['a type', {}, { ChannelType: 'FULL_MESH' }],
    ['a name', { ChannelName: 'one' }, { ChannelName: 'two' }],
    ['a name given', {}, { ChannelName: 'two' }],
    ['a removed name', { ChannelName: 'one' }, {}],
    ['a region', {}, { Region: 'eu-west-1' }],
    ['a region with a fixed name', { ChannelName: 'one' }, { ChannelName: 'one', Region: 'eu-west-1' }],
  ])('for %s: the new channel first, then the old one goes', async (_, from, to) => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create(from);
    const { physicalId } = await resource.update(to);
    expect(physicalId).not.toBe(old);
    expect(setup.channel().arn).toBe(physicalId);
    expect(setup.mutations()).toEqual(['CreateSignalingChannel', 'CreateSignalingChannel', 'DeleteSignalingChannel']);
  });

  test('of the type under a fixed name is refused with both ways out, and the channel stays', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    const failed = await failure(resource.update({ ChannelName: 'front-door', ChannelType: 'FULL_MESH' }));
    expect(failed.message).toBe('Channel: channelType: cannot be changed in place, and two channels cannot have one name: desired FULL_MESH, "front-door" is SINGLE_MASTER; '
      + 'change signalingChannelName too, or leave it out for a generated one');
    expect(failed.physicalId).toBe(physicalId);
    expect(setup.channel()).toMatchObject({ arn: physicalId, type: 'SINGLE_MASTER' });
  });

  test('moves a stream that stays from the old channel to the new one', async () => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    await resource.create({ ChannelName: 'one', MediaStorageStreamArn });
    const { physicalId } = await resource.update({ ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel()).toMatchObject({ arn: physicalId, storageStreamArn: MediaStorageStreamArn });
  });

  test.each(['new', 'old'] as const)('rolled back by an Update with the %s ID: the old channel and its stream are restored, the new channel is deleted', async (form) => {
    const MediaStorageStreamArn = stream();
    const [before, after] = [{ ChannelName: 'one', MediaStorageStreamArn }, { ChannelName: 'two', MediaStorageStreamArn }];
    const resource = setup.resource();
    const { physicalId: old } = await resource.create(before);
    const { physicalId: made } = await resource.deliverUpdate(after);
    const rolledBack = await resource.deliverUpdate(before, { physicalId: form === 'new' ? made : old, properties: after });
    expect(rolledBack.physicalId).toBe(old);
    await resource.delete(made, after);
    expect(setup.channel()).toMatchObject({ arn: old, storageStreamArn: MediaStorageStreamArn });
  });

  test('of one that is read late: it is not held for lost, and still there', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({});
    setup.emulator.addFault({ kind: 'laggingReads', operation: 'DescribeSignalingChannel', milliseconds: 60_000, times: 1 });
    const { physicalId: made } = await resource.deliverUpdate({ ChannelType: 'FULL_MESH' });
    expect(made).not.toBe(old);
    expect(setup.channels().map(({ arn }) => arn).sort()).toEqual([made, old].sort());
  });

  test('rolled back by only a Delete of the new ID: the old channel remains', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create();
    const { physicalId: made } = await resource.deliverUpdate({ ChannelType: 'FULL_MESH' });
    await resource.delete(made, { ChannelType: 'FULL_MESH' });
    expect(setup.channel().arn).toBe(old);
  });

  test.each([
    ['fixed', { ChannelName: 'one' }, { ChannelName: 'two' }],
    ['generated, then fixed', {}, { ChannelName: 'two' }],
    ['fixed, then generated', { ChannelName: 'one' }, {}],
  ])('rolled back by only a Delete of the new id: the old channel records again, names %s', async (_, before, after) => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ ...before, MediaStorageStreamArn });
    const { physicalId: made } = await resource.deliverUpdate({ ...after, MediaStorageStreamArn });
    expect(setup.channel(made).storageStreamArn).toBe(MediaStorageStreamArn);
    await resource.delete(made, { ...after, MediaStorageStreamArn });
    expect(setup.channel()).toMatchObject({ arn: old, storageStreamArn: MediaStorageStreamArn });
  });

  test('rolled back by only a Delete of the new ID after the deletion of the stream: the Delete succeeds', async () => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ ChannelName: 'one', MediaStorageStreamArn });
    const { physicalId: made } = await resource.deliverUpdate({ ChannelName: 'two', MediaStorageStreamArn });
    const enabling = { service: 'kinesisvideo', operation: 'UpdateMediaStorageConfiguration', resource: old } as const;
    setup.emulator.addFault({ kind: 'error', ...enabling, error: 'ResourceNotFoundException', times: 1 });
    await resource.delete(made, { ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel()).toMatchObject({ arn: old, storageStreamArn: undefined });
  });

  test('rolled back by only a Delete of the new ID with lagging reads: the old channel records again', async () => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ ChannelName: 'one', MediaStorageStreamArn });
    await setup.clock.sleep(30_000);
    const { physicalId: made } = await resource.deliverUpdate({ ChannelName: 'two', MediaStorageStreamArn });
    const reading = { service: 'kinesisvideo', operation: 'DescribeMediaStorageConfiguration', resource: old } as const;
    setup.emulator.addFault({ kind: 'laggingReads', ...reading, milliseconds: 8_000, times: 1 });
    await resource.delete(made, { ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel()).toMatchObject({ arn: old, storageStreamArn: MediaStorageStreamArn });
    expect(setup.said('pending')).toContain(`whether the recording of ${old} has ended may not be readable yet`);
  });

  test('rolled back by only a Delete of the new ID while the stream is unavailable: the Delete completes after a minute', async () => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    const { physicalId: old } = await resource.create({ ChannelName: 'one', MediaStorageStreamArn });
    const { physicalId: made } = await resource.deliverUpdate({ ChannelName: 'two', MediaStorageStreamArn });
    const enabling = { service: 'kinesisvideo', operation: 'UpdateMediaStorageConfiguration', resource: old } as const;
    setup.emulator.addFault({ kind: 'error', ...enabling, error: 'ResourceInUseException' });
    const began = setup.clock.now();
    await resource.delete(made, { ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel().arn).toBe(old);
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
  });

  test('a recording is restored neither for a later channel nor for a retained channel', async () => {
    const MediaStorageStreamArn = stream();
    const resource = setup.resource();
    const { physicalId: first } = await resource.create({ ChannelName: 'one', MediaStorageStreamArn, Retain: true });
    const { physicalId: second } = await resource.deliverUpdate({ ChannelName: 'two', MediaStorageStreamArn }, { physicalId: first });
    await resource.delete(second, { ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel()).toMatchObject({ arn: first, storageStreamArn: undefined });
    setup.edit(first, { delete: true });

    const other = setup.resource('Other');
    const { physicalId: one } = await other.create({ ChannelName: 'one', MediaStorageStreamArn });
    const { physicalId: two } = await other.deliverUpdate({ ChannelName: 'two', MediaStorageStreamArn });
    await other.delete(one, { ChannelName: 'one', MediaStorageStreamArn });
    const from = { physicalId: two, properties: { ChannelName: 'two', MediaStorageStreamArn } };
    const { physicalId: three } = await other.deliverUpdate({ ChannelName: 'one' }, from);
    await other.delete(two, { ChannelName: 'two', MediaStorageStreamArn });
    expect(setup.channel().arn).toBe(three);
    expect(setup.channel().storageStreamArn).toBeUndefined();
  });

  test.each([
    ['generated', {}, { ChannelType: 'FULL_MESH' }],
    ['fixed', { ChannelName: 'one' }, { ChannelName: 'two' }],
  ])('with a lost response is deleted in the rollback, %s name', async (_, before, after) => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create(before);
    await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId: old, properties: after, oldProperties: before });
    expect(setup.channels()).toHaveLength(2);
    const { physicalId } = await resource.deliverUpdate(before, { physicalId: old, properties: after });
    expect(physicalId).toBe(old);
    expect(setup.channel().arn).toBe(old);
  });

  test('that was created again with a lost response is found, also with lagging reads', async () => {
    const resource = setup.resource();
    const { physicalId: gone } = await resource.create();
    setup.edit(gone, { delete: true });
    const crashed = await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId: gone, properties: {}, oldProperties: {} });
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 5000 });
    const { physicalId } = await resource.deliverUpdate({}, { physicalId: gone });
    expect(physicalId).toBe(crashed.PhysicalResourceId);
    expect(setup.channels()).toHaveLength(1);
  });

  test('two concurrent deliveries of a replacing update create one channel', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create();
    const delivery = { type: 'Update' as const, requestId: 'r', physicalId: old, properties: { ChannelType: 'FULL_MESH' }, oldProperties: {} };
    const [first, second] = await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    expect(second.physicalId).toBe(first.physicalId);
    expect(setup.channels()).toHaveLength(2);
  });

  test('a channel that an earlier replacement retained is never deleted', async () => {
    const resource = setup.resource();
    const { physicalId: retained } = await resource.create({ Retain: true });
    const { physicalId: second } = await resource.deliverUpdate({ Retain: true, ChannelType: 'FULL_MESH' });
    Object.assign(resource, { physicalId: second, properties: { Retain: true, ChannelType: 'FULL_MESH' } });
    // An attempt to go back that crashed before it did anything.
    await resource.deliverUpdate({ Retain: true, ChannelType: 'FULL_MESH' }, { properties: { Retain: true } });
    expect(setup.channels().map(({ arn }) => arn).sort()).toEqual([retained, second].sort());
  });
});

describe('the rollback of a rejected replacement', () => {
  /** Seconds and calls of the rollback. */
  const rollBack = async (resource: ReturnType<SignalingSetup['resource']>, attempted: Record<string, unknown>) => {
    const [before, began] = [setup.calls().length, setup.clock.now()];
    const { physicalId } = await resource.deliverUpdate(resource.properties, { properties: attempted });
    expect(physicalId).toBe(resource.physicalId);
    return { seconds: (setup.clock.now() - began) / 1000, calls: setup.calls().length - before };
  };
  const expectQuick = ({ seconds, calls }: { seconds: number; calls: number }) => {
    expect(seconds).toBeLessThanOrEqual(15);
    expect(calls).toBeLessThan(40);
  };

  test('is quick if the channel itself holds the fixed name', async () => {
    const resource = setup.resource();
    await resource.create({ ChannelName: 'front-door' });
    const attempted = { ChannelName: 'front-door', ChannelType: 'FULL_MESH' };
    await failure(resource.deliverUpdate(attempted));
    expectQuick(await rollBack(resource, attempted));
  });

  const owners: [string, () => Promise<unknown>][] = [
    ['no owner', async () => setup.foreignChannel('back-door')],
    ['another stack', async () => setup.resource('Channel', stackId('OtherStack', '2')).create({ ChannelName: 'back-door' })],
    ['another resource of the stack', async () => setup.resource('Other').create({ ChannelName: 'back-door' })],
  ];

  test.each(owners)('is quick if the fixed name is that of a channel with %s, which stays as it is', async (_, hold) => {
    await hold();
    await setup.clock.sleep(5_000);
    const [held] = setup.channels();
    const resource = setup.resource();
    await resource.create({ ChannelName: 'front-door' });
    const attempted = { ChannelName: 'back-door' };
    await failure(resource.deliverUpdate(attempted));
    expectQuick(await rollBack(resource, attempted));
    expect(setup.channel(held.arn)).toEqual(held);
  });

  test('is quick if no channel can have the name', async () => {
    const resource = setup.resource();
    await resource.create({ ChannelName: 'front-door' });
    for (const ChannelName of ['front door', 'a'.repeat(257)]) {
      await failure(resource.deliverUpdate({ ChannelName }));
      expectQuick(await rollBack(resource, { ChannelName }));
    }
  });

  test.each<[string, Record<string, unknown>, () => void]>([
    ['a channel that it was to adopt', { ChannelName: 'back-door', AdoptExisting: true }, () => void setup.foreignChannel('back-door')],
    ['no channel', { ChannelName: 'back-door' }, () => undefined],
    ['no channel, because it is generated', { ChannelType: 'FULL_MESH' }, () => undefined],
  ])('takes its time if the name is held by %s: the replacement may still be created', async (_, attempted, hold) => {
    hold();
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    const rollingBack = rollBack(resource, attempted);
    await setup.clock.sleep(100_000);
    await resource.onEvent({ type: 'Update', requestId: 'late', physicalId, properties: attempted, oldProperties: { ChannelName: 'front-door' } });
    expect((await rollingBack).seconds).toBeGreaterThan(100);
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('believes no read that may be late', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    const holder = setup.foreignChannel('back-door');
    await setup.clock.sleep(20_000);
    setup.edit(holder, { delete: true });
    await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId, properties: { ChannelName: 'back-door' }, oldProperties: resource.properties });
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 9_000 });
    await resource.deliverUpdate(resource.properties, { properties: { ChannelName: 'back-door' } });
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('succeeds where it was to go to a region without the service', async () => {
    const resource = setup.resource();
    await resource.create();
    await failure(resource.deliverUpdate({ Region: 'eu-north-1' }));
    const { seconds } = await rollBack(resource, { Region: 'eu-north-1' });
    expect(seconds).toBeGreaterThanOrEqual(180);
    expect(seconds).toBeLessThan(200);
  });
});

describe('rollbacks, regions, and failing lists', () => {
  test('the rollback of a replacement that still runs deletes the channel that it creates late', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create();
    const rolledBack = resource.deliverUpdate({}, { properties: { ChannelType: 'FULL_MESH' } });
    await setup.clock.sleep(60_000);
    await resource.onEvent({ type: 'Update', requestId: 'late', physicalId: old, properties: { ChannelType: 'FULL_MESH' }, oldProperties: {} });
    await rolledBack;
    expect(setup.channel().arn).toBe(old);
  });

  test('the rollback of a move to another region deletes the channel there', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create();
    await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId: old, properties: { Region: 'eu-west-1' }, oldProperties: {} });
    await resource.deliverUpdate({}, { properties: { Region: 'eu-west-1' } });
    expect(setup.channel().arn).toBe(old);
  });

  test('the rollback deletes the new channel also if it does not find the old channel at first', async () => {
    const resource = setup.resource();
    const { physicalId: old } = await resource.create();
    await resource.onEvent({ type: 'Update', requestId: 'crashed', physicalId: old, properties: { ChannelType: 'FULL_MESH' }, oldProperties: {} });
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'DescribeSignalingChannel', times: 1 });
    await resource.deliverUpdate({}, { properties: { ChannelType: 'FULL_MESH' } });
    expect(setup.channel().arn).toBe(old);
  });

  test('a recording moves between two channels of the stack and back, in either order', async () => {
    const MediaStorageStreamArn = setup.stream('recordings');
    const [first, second] = [setup.resource('First'), setup.resource('Second')];
    await first.create({ MediaStorageStreamArn });
    await second.create({ MediaStorageStreamArn });
    expect(setup.channel(second.physicalId).storageStreamArn).toBe(MediaStorageStreamArn);
    await first.update({ MediaStorageStreamArn, MessageTtlSeconds: 30 });
    expect(setup.channel(first.physicalId).storageStreamArn).toBe(MediaStorageStreamArn);
  });

  describe('a stream that another resource of the stack takes', () => {
    let MediaStorageStreamArn: string;
    let old: ReturnType<SignalingSetup['resource']>;
    const recordsInto = (arn?: string) => setup.channel(arn).storageStreamArn;
    const marks = (arn?: string) => Object.keys(setup.channel(arn).tags).filter((key) => ['cdk-rtc:replaced', 'cdk-rtc:taken'].includes(key));
    beforeEach(async () => {
      MediaStorageStreamArn = setup.stream('recordings');
      old = setup.resource('Old');
      await old.create({ MediaStorageStreamArn });
      await setup.clock.sleep(60_000);
    });

    test.each(['without a fault', 'with lagging reads'])('with another construct ID is restored in a rollback, %s', async (fault) => {
      const renamed = setup.resource('New');
      await renamed.create({ MediaStorageStreamArn });
      expect([recordsInto(old.physicalId), recordsInto(renamed.physicalId)]).toEqual([undefined, MediaStorageStreamArn]);
      if (fault === 'with lagging reads') setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, times: 6 });
      await renamed.delete();
      expect(setup.channel()).toMatchObject({ arn: old.physicalId, storageStreamArn: MediaStorageStreamArn });
      expect(marks()).toEqual([]);
    });

    test('with another construct ID stays with the new channel, whose Delete restores nothing', async () => {
      const renamed = setup.resource('New');
      await renamed.create({ MediaStorageStreamArn });
      await old.delete();
      expect(setup.channel()).toMatchObject({ arn: renamed.physicalId, storageStreamArn: MediaStorageStreamArn });
      await renamed.delete();
      expect(setup.channels()).toEqual([]);
    });

    test.each([false, true])('in an update that is rolled back is restored (the other channel recorded before: %s)', async (isRecording) => {
      const second = isRecording ? setup.stream('second') : undefined;
      const other = setup.resource('Other');
      await other.create({ MediaStorageStreamArn: second });
      await other.deliverUpdate({ MediaStorageStreamArn });
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([undefined, MediaStorageStreamArn]);
      await other.deliverUpdate({ MediaStorageStreamArn: second }, { properties: { MediaStorageStreamArn } });
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([MediaStorageStreamArn, second]);
      expect(marks(old.physicalId)).toEqual([]);
    });

    test.each([false, true])('in a chain of three channels that is rolled back is restored (read back late: %s)', async (isLate) => {
      const first = setup.stream('first');
      const [middle, last] = [setup.resource('Middle'), setup.resource('Last')];
      await middle.create({ MediaStorageStreamArn: first });
      await middle.deliverUpdate({ MediaStorageStreamArn });
      await last.create({ MediaStorageStreamArn: first });
      if (isLate) setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, times: 12 });
      await middle.deliverUpdate({ MediaStorageStreamArn: first }, { properties: { MediaStorageStreamArn } });
      await last.delete();
      expect([recordsInto(old.physicalId), recordsInto(middle.physicalId)]).toEqual([MediaStorageStreamArn, first]);
    });

    test.each([
      ['for two minutes is restored', 120_000, true], ['until the end is not restored, keeps its tag, and is logged', 1_000_000, false],
    ])('in an update that is rolled back while its channel is UPDATING %s', async (_, milliseconds, isRestored) => {
      const other = setup.resource('Other');
      const second = setup.stream('second');
      await other.create({ MediaStorageStreamArn: second });
      await other.deliverUpdate({ MediaStorageStreamArn });
      setup.edit(old.physicalId!, { status: 'UPDATING' });
      void setup.clock.sleep(milliseconds).then(() => setup.edit(old.physicalId!, { status: 'ACTIVE' }));
      await other.deliverUpdate({ MediaStorageStreamArn: second }, { properties: { MediaStorageStreamArn } });
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([isRestored ? MediaStorageStreamArn : undefined, second]);
      expect(marks(old.physicalId)).toEqual(isRestored ? [] : ['cdk-rtc:taken']);
      expect(setup.logged.some((line) => line.includes('the recording of the other channel may not be restored'))).toBe(!isRestored);
    });

    test('in an update that is rolled back after the deletion of the stream is no reason to fail', async () => {
      const other = setup.resource('Other');
      await other.create({});
      await other.deliverUpdate({ MediaStorageStreamArn });
      setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'UpdateMediaStorageConfiguration', resource: old.physicalId });
      await other.deliverUpdate({}, { properties: { MediaStorageStreamArn } });
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([undefined, undefined]);
      expect(marks(old.physicalId)).toEqual([]);
    });

    test('from a channel that later stops to record is never restored', async () => {
      const other = setup.resource('Other');
      await other.create({ MediaStorageStreamArn });
      await old.update({});
      await other.delete();
      expect(setup.channel()).toMatchObject({ arn: old.physicalId, storageStreamArn: undefined });
    });

    test('from a channel that left the stack with RETAIN is never restored', async () => {
      await old.update({ MediaStorageStreamArn, Retain: true });
      const renamed = setup.resource('New');
      await renamed.create({ MediaStorageStreamArn });
      await renamed.delete();
      expect(setup.channel()).toMatchObject({ arn: old.physicalId, storageStreamArn: undefined });
    });

    test('while its channel changes to another stream: both record', async () => {
      const second = setup.stream('second');
      const other = setup.resource('Other');
      await Promise.all([old.update({ MediaStorageStreamArn: second }), other.create({ MediaStorageStreamArn })]);
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([second, MediaStorageStreamArn]);
      expect([marks(old.physicalId), marks(other.physicalId)]).toEqual([[], []]);
    });

    test.each(['a current', 'a lagging'])('just before its channel changes to another stream: both record (%s read of the other channel)', async (read) => {
      const second = setup.stream('second');
      const other = setup.resource('Other');
      if (read === 'a lagging') {
        setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: 'DescribeMediaStorageConfiguration', resource: old.physicalId });
      }
      // Between the refusal of the service and the call that ends the recording of the other channel, that channel completes its own update.
      const began = setup.clock.now();
      let isUpdated = false;
      setup.emulator.onCall(({ phase, call }) => {
        if (isUpdated || phase !== 'after' || call.operation !== 'DescribeMappedResourceConfiguration' || setup.clock.now() - began < 10_000) return;
        setup.edit(old.physicalId!, { storageStreamArn: second });
        isUpdated = true;
      });
      await other.create({ MediaStorageStreamArn });
      expect(isUpdated).toBe(true);
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([second, MediaStorageStreamArn]);
    });

    test('after its channel changed to another stream: a stale read of the mapping ends no recording', async () => {
      const second = setup.stream('second');
      await old.update({ MediaStorageStreamArn: second });
      setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 60_000, operation: 'DescribeMappedResourceConfiguration' });
      const other = setup.resource('Other');
      await other.create({ MediaStorageStreamArn });
      expect([recordsInto(old.physicalId), recordsInto(other.physicalId)]).toEqual([second, MediaStorageStreamArn]);
      expect([marks(old.physicalId), marks(other.physicalId)]).toEqual([[], []]);
    });

    test('and that records a third channel according to a stale read: only the channel that records into it loses it', async () => {
      const second = setup.stream('second');
      const third = setup.resource('Third');
      await third.create({});
      await old.update({ MediaStorageStreamArn: second });
      await third.update({ MediaStorageStreamArn });
      setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 20_000, operation: 'DescribeMappedResourceConfiguration' });
      const other = setup.resource('Other');
      await other.create({ MediaStorageStreamArn });
      expect([old, third, other].map(({ physicalId }) => recordsInto(physicalId))).toEqual([second, undefined, MediaStorageStreamArn]);
    });

    test.each(['', '/retained'])('from a channel that records with the mixin is refused, and leaves that channel as it is (mark: %s)', async (mark) => {
      const second = setup.stream('second');
      const native = setup.foreignChannel('native', {
        'cdk-rtc:stack': STACK_ID, 'cdk-rtc:media-storage': `${STACK_ID}/0123456789abcdef${mark}`,
      });
      setup.edit(native, { storageStreamArn: second });
      const before = setup.channel(native);
      const other = setup.resource('Other');
      const failed = await failure(other.create({ MediaStorageStreamArn: second }));
      expect(failed.message).toBe(`Other: mediaStorageStream: ${second} records the channel ${native} already, and a stream can record only one; use another stream`);
      await other.delete(failed.physicalId, { MediaStorageStreamArn: second });
      expect(setup.channel(native)).toEqual(before);
    });

    test.each([0, 1])('although the response of tag call %s is lost', async (after) => {
      const renamed = setup.resource('New');
      setup.emulator.addFault({ kind: 'lostResponse', operation: 'TagResource', after, times: 1 });
      await renamed.create({ MediaStorageStreamArn });
      await renamed.delete();
      expect(recordsInto()).toBe(MediaStorageStreamArn);
    });
  });

  test('to the 47 tags of a channel that an earlier version deployed is accepted', async () => {
    const Tags = Array.from({ length: 47 }, (_, index) => ({ Key: `key${index}`, Value: 'v' }));
    const resource = setup.resource();
    const { physicalId } = await resource.create({ Tags: Tags.slice(0, 46) });
    await resource.deliverUpdate({ Tags }, { properties: { Tags: Tags.slice(0, 46) } });
    expect(setup.channel(physicalId).tags).toMatchObject({ key46: 'v' });
  });

  test('a create whose lost response the SDK hides behind another error is cleaned up', async () => {
    setup.emulator.addFault({ kind: 'serverError', executed: true, operation: 'CreateSignalingChannel', times: 1 });
    const stop = setup.emulator.onCall(({ phase, call }) => {
      if (phase !== 'after' || call.operation !== 'CreateSignalingChannel') return;
      stop();
      setup.emulator.addFault({ kind: 'error', error: 'AccountChannelLimitExceededException', operation: 'CreateSignalingChannel' });
    });
    const resource = setup.resource();
    const failed = await failure(resource.create());
    expect(failed.message).toContain('AccountChannelLimitExceededException');
    setup.emulator.removeFaults();
    expect(setup.channels()).toHaveLength(1);
    await resource.delete(failed.physicalId, {});
    expect(setup.channels()).toEqual([]);
  });

  test.each<[string, Fault]>([
    ['can not be described', { kind: 'serverError', operation: 'DescribeSignalingChannel' }],
    ['may not be described', { kind: 'accessDenied', operation: 'DescribeSignalingChannel' }],
    ['has tags that can not be listed', { kind: 'throttle', operation: 'ListTagsForResource' }],
  ])('a create whose lost response the SDK hides behind a name in use, of a channel that %s, is cleaned up', async (_, fault) => {
    setup.emulator.addFault({ kind: 'serverError', executed: true, operation: 'CreateSignalingChannel', times: 1 });
    setup.emulator.addFault(fault);
    const resource = setup.resource();
    const failed = await failure(resource.create());
    setup.emulator.removeFaults();
    expect(setup.channels()).toHaveLength(1);
    // Without an ID, no Delete follows.
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    await resource.delete(failed.physicalId, {});
    expect(setup.channels()).toEqual([]);
  });

  test('an update that could not even read keeps its id', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.emulator.addFault({ kind: 'serverError', operation: 'DescribeSignalingChannel' });
    expect((await failure(resource.update({ MessageTtlSeconds: 30 }))).physicalId).toBe(physicalId);
  });

  test('a region without the service fails without a new channel, and its Delete completes', async () => {
    const resource = setup.resource();
    const failed = await failure(resource.create({ Region: 'eu-north-1' }));
    expect(failed.physicalId).toBeUndefined();
    const began = setup.clock.now();
    await resource.delete('Doorbells-Channel-1A2B3C4D5E6F', { Region: 'eu-north-1' });
    // When no create can be running any more.
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(180_000);
    expect(setup.clock.now() - began).toBeLessThan(200_000);
  });

  test('a list that fails for minutes is not treated as empty', async () => {
    const resource = setup.resource();
    await resource.onEvent({ type: 'Create', requestId: 'r', properties: {} });
    setup.emulator.addFault({ kind: 'serverError', operation: 'ListSignalingChannels' });
    const deleted = resource.delete('Doorbells-Channel-1A2B3C4D5E6F', {});
    await setup.clock.sleep(300_000);
    setup.emulator.removeFaults();
    await deleted;
    expect(setup.channels()).toEqual([]);
  });

  test('the Delete after an update with an unknown outcome removes only the channel of that update, and completes quickly', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.emulator.addFault({ kind: 'serverError', status: 500, executed: true, operation: 'CreateSignalingChannel' });
    setup.emulator.addFault({ kind: 'serverError', status: 500, operation: 'DescribeSignalingChannel', after: 1 });
    const failed = await failure(resource.update({ ChannelType: 'FULL_MESH' }));
    expect(failed.physicalId).toMatch(/^cdk-rtc-unconfirmed:/);
    setup.emulator.removeFaults();
    expect(setup.channels()).toHaveLength(2);
    const began = setup.clock.now();
    await resource.delete(failed.physicalId, { ChannelType: 'FULL_MESH' });
    expect(setup.clock.now() - began).toBeLessThan(60_000);
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('a stream that does not exist fails after a minute, not at the deadline', async () => {
    const start = setup.clock.now();
    const failed = await failure(setup.resource().create({ MediaStorageStreamArn: 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/none/1' }));
    expect(failed.message).toBe('Channel: mediaStorageStream: there is no stream arn:aws:kinesisvideo:us-east-1:123456789012:stream/none/1');
    expect(setup.clock.now() - start).toBeLessThan(100_000);
  });
});

describe('delete', () => {
  test('makes one mutation and completes when the channel is deleted', async () => {
    const resource = setup.resource();
    await resource.create();
    const { mutations } = await setup.counting(() => resource.delete());
    expect(mutations).toEqual(['DeleteSignalingChannel']);
    expect(setup.calls('DeleteSignalingChannel')[0].input).not.toHaveProperty('CurrentVersion');
    expect(setup.channels()).toEqual([]);
  });

  test('unlinks the stream first', async () => {
    const resource = setup.resource();
    await resource.create({ MediaStorageStreamArn: setup.stream('recordings') });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
    expect(setup.mutations().slice(-2)).toEqual(['UpdateMediaStorageConfiguration', 'DeleteSignalingChannel']);
  });

  test('of a missing channel succeeds, although the policy denies changes to missing resources', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { delete: true });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('does not take one lagging read for the truth', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'DescribeSignalingChannel', times: 3 });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
    expect(setup.calls('DeleteSignalingChannel').map(({ resource: arn }) => arn)).toEqual([physicalId]);
  });

  test.each(['CREATING', 'UPDATING'])('of a channel that is %s waits', async (status) => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { status });
    void setup.clock.sleep(15_000).then(() => setup.edit(physicalId, { status: 'ACTIVE' }));
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('of a channel that is being deleted waits for its end', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { status: 'DELETING' });
    void setup.clock.sleep(15_000).then(() => setup.edit(physicalId, { delete: true }));
    const { mutations } = await setup.counting(() => resource.delete());
    expect(mutations).toEqual([]);
  });

  test('whose response is lost still ends', async () => {
    const resource = setup.resource();
    await resource.create();
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'DeleteSignalingChannel', times: 1 });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('of another stack\'s channel succeeds and leaves it as it is', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { tags: { 'cdk-rtc:stack': stackId('OtherStack', '2') } });
    await resource.delete();
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('of a channel without its owner tags tags it again and deletes it', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { replaceTags: {} });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('with a fixed name and without owner tags tags it again and deletes it', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    setup.edit(physicalId, { replaceTags: {} });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('never hits a namesake created later', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ChannelName: 'front-door' });
    setup.edit(physicalId, { delete: true });
    const namesake = setup.foreignChannel('front-door');
    await resource.delete();
    expect(setup.channel().arn).toBe(namesake);
  });

  test('reads properties of any version leniently', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    await resource.delete(physicalId, { MessageTtlSeconds: 'forever', Tags: 'none', FromTheFuture: { a: 1 } });
    expect(setup.channels()).toEqual([]);
  });

  describe('with an id that CloudFormation invented', () => {
    const invented = 'Doorbells-Channel-1A2B3C4D5E6F';

    test('finds and removes the channel of the create, and completes quickly', async () => {
      const resource = setup.resource();
      await resource.onEvent({ type: 'Create', requestId: 'r', properties: {} });
      const began = setup.clock.now();
      await resource.delete(invented, {});
      expect(setup.channels()).toEqual([]);
      expect(setup.clock.now() - began).toBeLessThanOrEqual(15_000);
    });

    test('also removes a channel that a create creates again after a lost response', async () => {
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
      await resource.onEvent(delivery);
      const deleted = resource.delete(invented, {});
      await setup.clock.sleep(6_000);
      expect(setup.channels()).toEqual([]);
      await resource.onEvent(delivery);
      await deleted;
      expect(setup.channels()).toEqual([]);
    });

    test('of a create with a name that no channel can have ends', async () => {
      await setup.resource().delete(invented, { ChannelName: 'front door' });
      expect(setup.calls('DescribeSignalingChannel')).toEqual([]);
    });

    test('removes the channel of a create that is still running', async () => {
      const resource = setup.resource();
      const deleted = resource.delete(invented, { ChannelName: 'front-door' });
      await setup.clock.sleep(100_000);
      await resource.onEvent({ type: 'Create', requestId: 'late', properties: { ChannelName: 'front-door' } });
      await deleted;
      expect(setup.channels()).toEqual([]);
    });

    test('a waiter that outlived its resource fails, and creates nothing', async () => {
      const resource = setup.resource();
      const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
      const accepted = await resource.onEvent(delivery);
      await resource.delete(invented, {});
      await failure(resource.settle(delivery, accepted));
      expect(setup.channels()).toEqual([]);
    });

    test('waits until no create can still be running, then succeeds', async () => {
      const start = setup.clock.now();
      await setup.resource().delete(invented, {});
      expect(setup.clock.now() - start).toBeGreaterThanOrEqual(180_000);
    });

    test('changes no channel of the same name, of another stack, or of another resource', async () => {
      await setup.resource('Channel', stackId('Doorbells', 'another-life')).create();
      await setup.resource('Channel2').create();
      setup.foreignChannel('front-door');
      await setup.resource().delete(invented, { ChannelName: 'front-door' });
      expect(setup.channels()).toHaveLength(3);
    });

    test('leaves a channel that an earlier resource with the same ID retained', async () => {
      const { physicalId: retained } = await setup.resource().create({ Retain: true });
      const resource = setup.resource();
      await resource.onEvent({ type: 'Create', requestId: 'second life', properties: {} });
      await resource.delete(invented, {});
      expect(setup.channel().arn).toBe(retained);
    });
  });
});

describe('retain', () => {
  test('a retained channel is met again by the same resource, and is its own', async () => {
    const { physicalId } = await setup.resource().create({ ChannelName: 'front-door', Retain: true });
    const again = setup.resource();
    again.nextRequestId();
    expect((await again.create({ ChannelName: 'front-door' })).physicalId).toBe(physicalId);
    expect(setup.channel().tags['cdk-rtc:resource']).not.toContain('retained');
  });

  test.each([true, false])('an unowned channel with the desired properties is adopted again only if it is also retained: %p', async (Retain) => {
    const resource = setup.resource();
    const { physicalId: retained } = await resource.create({ Retain: true });
    await resource.create({ ChannelType: 'FULL_MESH' });
    const { physicalId } = await resource.deliverUpdate({ Retain });
    expect(physicalId === retained).toBe(Retain);
  });

  test('a rollback finds the channel that was replaced, and not a channel of an earlier replacement', async () => {
    const resource = setup.resource();
    await resource.create({ Retain: true });
    const { physicalId: replaced } = await resource.create({ Retain: true });
    const attempted = { ChannelType: 'FULL_MESH', Retain: true };
    const { physicalId: made } = await resource.deliverUpdate(attempted);
    const { physicalId } = await resource.deliverUpdate({ Retain: true }, { physicalId: made, properties: attempted });
    expect(physicalId).toBe(replaced);
  });

  test('is recorded and removed by an update', async () => {
    const resource = setup.resource();
    await resource.create();
    await resource.update({ Retain: true });
    expect(setup.channel().tags['cdk-rtc:resource']).toMatch(/\.retained$/);
    await resource.update({});
    expect(setup.channel().tags['cdk-rtc:resource']).not.toContain('retained');
  });
});

/** The failure at the deadline ends with the last of these. */
describe('the reason for waiting', () => {
  const created = async (properties = {}) => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties };
    return { resource, delivery, accepted: await resource.onEvent(delivery) };
  };

  test('a channel that is being created, or that no read shows yet', async () => {
    const { resource, delivery, accepted } = await created();
    const arn = accepted.PhysicalResourceId;
    setup.edit(arn, { status: 'CREATING' });
    await resource.poll(delivery, accepted);
    setup.edit(arn, { status: 'ACTIVE' });
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'DescribeSignalingChannel', times: 20 });
    await resource.poll(delivery, accepted);
    expect(setup.said('pending')).toEqual([`${arn} is CREATING`, `${arn} is not found, as a channel just created may be for a while`]);
  });

  test('a channel that is being deleted fails immediately', async () => {
    const { resource, delivery, accepted } = await created();
    setup.edit(accepted.PhysicalResourceId, { status: 'DELETING' });
    await expect(resource.poll(delivery, accepted)).rejects.toThrow(`Channel: ${accepted.PhysicalResourceId} is being deleted out of band`);
  });

  test('a change that does not show', async () => {
    const resource = setup.resource();
    await resource.create();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 20_000, operation: 'DescribeSignalingChannel' });
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.said('pending')).toContain('message TTL is 60 s, desired 90 s');
  });

  test('one change after another, each with the actual and the desired state', async () => {
    const [first, second] = [setup.stream('first'), setup.stream('second')];
    const resource = setup.resource();
    await resource.create();
    await resource.update({ MessageTtlSeconds: 90, MediaStorageStreamArn: first });
    await resource.update({ MessageTtlSeconds: 90, MediaStorageStreamArn: second });
    await resource.update({ MessageTtlSeconds: 90 });
    expect(setup.said('apply change')).toEqual([
      'message TTL is 60 s, desired 90 s', `does not record yet, desired ${first}`, `records into ${first}, desired ${second}`, `does not record yet, desired ${second}`,
      `records into ${second}, desired no recording`,
    ]);
  });

  test('at most one change a step', async () => {
    const resource = setup.resource();
    await resource.create();
    const properties = { MessageTtlSeconds: 90, MediaStorageStreamArn: setup.stream('recordings') };
    const delivery = { type: 'Update' as const, requestId: 'u', physicalId: resource.physicalId, properties, oldProperties: {} };
    const accepted = await resource.onEvent(delivery);
    const { mutations } = await setup.counting(() => resource.poll(delivery, accepted));
    expect(mutations).toEqual(['UpdateSignalingChannel']);
    expect(setup.said('pending')).toEqual([`does not record yet, desired ${properties.MediaStorageStreamArn}`]);
  });

  test('a stream that is not found, until a minute has passed', async () => {
    const stream = 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/none/1';
    await failure(setup.resource().create({ MediaStorageStreamArn: stream }));
    expect(setup.said('pending')).toContain(`${stream} is not found, as a stream just created may be for a while`);
  });

  test('the WEBRTC endpoint of a channel that records', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', operation: 'GetSignalingChannelEndpoint', times: 1 });
    const { physicalId } = await setup.resource().create({ MediaStorageStreamArn: setup.stream('recordings') });
    expect(setup.said('pending')).toContain(`${physicalId} has no WEBRTC endpoint yet`);
  });

  test('a name whose channel no read shows, or that is being deleted', async () => {
    const foreign = setup.foreignChannel('front-door');
    setup.edit(foreign, { status: 'DELETING' });
    const held = await failure(setup.resource().create({ ChannelName: 'front-door' }));
    expect(held.message).toMatch(/^Channel: not accepted after 1[45]\d s; last observed: /);
    expect(held.message).toContain(`last observed: ${foreign}, which has the name, is being deleted`);
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', operation: 'DescribeSignalingChannel' });
    const unseen = await failure(setup.resource().create({ ChannelName: 'front-door' }));
    expect(unseen.message).toContain('last observed: the name front-door is in use, but no channel of it is found yet');
  });

  test('a channel that a rolled-back replacement left, or may still create', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    const rollBack = () => resource.deliverUpdate({}, { physicalId, properties: { ChannelType: 'FULL_MESH' } });
    await rollBack();
    expect(setup.said('pending')).toEqual(['looking for a resource that the rolled-back replacement may have left, or may still create']);
    await resource.onEvent({ type: 'Update', requestId: 'u', physicalId, properties: { ChannelType: 'FULL_MESH' }, oldProperties: {} });
    const orphan = setup.channels().find(({ arn }) => arn !== physicalId)!;
    setup.edit(orphan.arn, { status: 'UPDATING' });
    void setup.clock.sleep(20_000).then(() => setup.edit(orphan.arn, { status: 'ACTIVE' }));
    await rollBack();
    expect(setup.said('pending')).toContain(`found ${orphan.arn} of the rolled-back replacement: ${orphan.arn} is UPDATING`);
    expect(setup.channel().arn).toBe(physicalId);
  });

  test('a delete, step by step', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create({ MediaStorageStreamArn: setup.stream('recordings') });
    setup.edit(physicalId, { tags: { 'cdk-rtc:stack': null, 'cdk-rtc:resource': null }, status: 'UPDATING' });
    void setup.clock.sleep(20_000).then(() => setup.edit(physicalId, { status: 'ACTIVE' }));
    await resource.delete();
    expect(setup.said('pending')).toEqual([`${physicalId} is UPDATING`, `${physicalId}: tagged again, to be deleted`, `${physicalId}: unlinking its stream`]);
  });

  test('a delete of a channel that is not found', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    setup.edit(physicalId, { delete: true });
    await resource.delete();
    expect(setup.said('pending')).toEqual([`${physicalId} is not found, which must be so for a while`]);
  });

  test('a delete with an id that CloudFormation invented', async () => {
    const { resource, accepted } = await created();
    const deleted = resource.delete('Doorbells-Channel-1A2B3C4D5E6F', {});
    await setup.clock.sleep(6_000);
    await resource.onEvent({ type: 'Create', requestId: 'again', properties: {} });
    await deleted;
    expect(setup.said('pending')).toEqual([`found ${accepted.PhysicalResourceId}, deleting`]);
  });

  test('a delete with an id that CloudFormation invented, of nothing', async () => {
    await setup.resource().delete('Doorbells-Channel-1A2B3C4D5E6F', {});
    expect(setup.said('pending')[0]).toMatch(/^found nothing; a create may still be running for 1[78]\d s$/);
  });
});

describe('a step', () => {
  test('ends within its time budget, however slow the service is, and the next step continues', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
    const accepted = await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'delay', milliseconds: 3_500, times: 3 });
    const began = setup.clock.now();
    expect(await resource.poll(delivery, accepted)).toEqual({ IsComplete: false });
    expect(setup.clock.now() - began).toBe(9_000);
    await resource.settle(delivery, accepted);
  });

  test('a request without a response within four seconds is retried', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: {} };
    const accepted = await resource.onEvent(delivery);
    setup.emulator.addFault({ kind: 'delay', milliseconds: 60_000, operation: 'DescribeSignalingChannel', times: 1 });
    expect(await resource.poll(delivery, accepted)).toMatchObject({ IsComplete: true });
    expect(setup.calls('DescribeSignalingChannel')).toHaveLength(2);
  });
});

test('channels are listed by the prefix of their generated names', async () => {
  const resource = setup.resource();
  await resource.create();
  await resource.update({ ChannelType: 'FULL_MESH' });
  const prefix = expect.stringMatching(/^Doorbells-Channel-[0-9a-f]{16}-$/);
  expect(setup.calls('ListSignalingChannels').map(({ input }) => input)).toEqual([{ ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: prefix } }]);
});

describe('bad input that was a token at synth', () => {
  test.each([
    ['a TTL of 4 s', { MessageTtlSeconds: 4 }, 'messageTtl: must be a whole number of seconds from 5 to 120, got 4 s'],
    ['a TTL of 121 s', { MessageTtlSeconds: 121 }, 'got 121 s'],
    ['a TTL that is no number', { MessageTtlSeconds: 'soon' }, 'MessageTtlSeconds: '],
    ['a name with a blank', { ChannelName: 'front door' }, 'signalingChannelName: may hold only letters, digits, and _.-, got "front door"'],
    ['a name of 257 characters', { ChannelName: 'a'.repeat(257) }, 'signalingChannelName: must have 1 to 256 characters, got 257'],
    ['an unknown type', { ChannelType: 'STAR' }, 'channelType: must be SINGLE_MASTER or FULL_MESH, got "STAR"'],
    ['media storage with FULL_MESH', { ChannelType: 'FULL_MESH', MediaStorageStreamArn: `arn:aws:kinesisvideo:${REGION}:123456789012:stream/s/1` }, 'mediaStorageStream: sessions are recorded for SINGLE_MASTER channels only'],
    ['a stream of another region', { MediaStorageStreamArn: 'arn:aws:kinesisvideo:eu-west-1:123456789012:stream/s/1' }, 'must be in the channel\'s own account and region (123456789012, us-east-1)'],
    ['48 tags', { Tags: Array.from({ length: 48 }, (_, index) => ({ Key: `k${index}`, Value: '' })) }, 'tags: at most 47 are possible in addition to the owner tags, got 48'],
    ['an owner tag', { Tags: [{ Key: 'cdk-rtc:stack', Value: 'mine' }] }, 'starts with a reserved prefix'],
    ['a property of a newer version', { Colour: 'red' }, 'Colour'],
  ])('%s fails before anything is called', async (_, properties, message) => {
    const failed = await failure(setup.resource().create(properties));
    expect(failed.message).toContain('Channel: ');
    expect(failed.message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });

  test('all findings come in one error', async () => {
    const failed = await failure(setup.resource().create({ ChannelName: 'a b', MessageTtlSeconds: 4, ChannelType: 'STAR' }));
    expect(failed.message.split('\n')).toHaveLength(3);
  });

  test('in an update leaves the channel as it is', async () => {
    const resource = setup.resource();
    const { physicalId } = await resource.create();
    const before = setup.channel();
    expect((await failure(resource.update({ MessageTtlSeconds: 4 }))).physicalId).toBe(physicalId);
    expect(setup.channel()).toEqual(before);
  });
});

test('in China, where the service lacks the recording operations, they are called only for a channel with a desired recording', async () => {
  const region = 'cn-north-1';
  const physicalId = `arn:aws-cn:kinesisvideo:${region}:123456789012:channel/door/1`;
  const owner = ownerOf({ StackId: STACK_ID, LogicalResourceId: 'Channel', RequestId: 'r' });
  const called: string[] = [];
  const send = async ({ constructor: { name } }: object) => {
    called.push(name.replace(/Command$/, ''));
    return {
      ChannelInfo: { ChannelARN: physicalId, ChannelName: 'door', ChannelType: 'SINGLE_MASTER', ChannelStatus: 'ACTIVE', SingleMasterConfiguration: { MessageTtlSeconds: 60 } },
      Tags: ownerTags(owner, { request: 'r', createOnlyHash: 'c', retained: false }),
    };
  };
  const handler = signalingChannelHandler({ region, client: () => ({ send }) as unknown as KinesisVideoClient });
  const compare = (properties: Record<string, unknown>) => handler.detectDrift(
    { owner, physicalId, properties: { ChannelName: 'door', ...properties }, oldProperties: {}, account: '123456789012', log: { info() {}, error() {}, child() { return this; } } },
    new TimeBudget(setup.clock, setup.clock.now()));
  expect(await compare({})).toEqual([]);
  expect(called).toEqual(['DescribeSignalingChannel', 'ListTagsForResource']);
  await compare({ MediaStorageStreamArn: `arn:aws-cn:kinesisvideo:${region}:123456789012:stream/recordings/1` });
  expect(called.at(-1)).toBe('DescribeMediaStorageConfiguration');
});
