import { MediaStorageSetup } from './handler-setup';
import type { KinesisVideoOptions } from '../../local/emulator';
import type { ResourceFailed } from '../cloudformation';
import { OTHER_REGION, REGION, STACK_ID, stackId } from '../handler-setup';

const TAG = 'cdk-rtc:media-storage';
const PUT = 'UpdateMediaStorageConfiguration';
const GET = 'DescribeMediaStorageConfiguration';
const NEIGHBOUR = stackId('Neighbour', '2');
const FOREIGN_OWNER = `${NEIGHBOUR}/0123456789abcdef`;

let setup: MediaStorageSetup;
let channel: string;
let stream: string;

const start = (options: KinesisVideoOptions = {}) => {
  setup = new MediaStorageSetup(options);
  channel = setup.foreignChannel('doorbell', { team: 'door' });
  stream = setup.stream('recordings');
};
const restart = async (options: KinesisVideoOptions) => {
  await setup.stop();
  start(options);
};
beforeEach(() => start());
afterEach(() => setup.stop());

const failure = (promise: Promise<unknown>): Promise<ResourceFailed> => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
const on = (ChannelArn: string, StreamArn: string, more: object = {}) => ({ ChannelArn, StreamArn, ...more });
const recordsInto = (arn = channel) => setup.channel(arn).storageStreamArn;
const ownerTags = (arn = channel) => Object.fromEntries(Object.entries(setup.channel(arn).tags).filter(([key]) => key.startsWith(TAG)));
const isFree = (arn = channel) => expect([recordsInto(arn), Object.keys(setup.channel(arn).tags).filter((key) => key.startsWith('cdk-rtc:'))]).toEqual([undefined, []]);

describe('create', () => {
  test('marks the owner, records, and reads the recording back', async () => {
    const { physicalId, attributes } = await setup.resource().create(on(channel, stream));
    expect([physicalId, attributes]).toEqual([channel, {}]);
    expect(recordsInto()).toBe(stream);
    expect(ownerTags()).toEqual({ [TAG]: expect.stringMatching(new RegExp(`^${STACK_ID}/[0-9a-f]{16}$`)) });
    expect(setup.channel(channel).tags).toMatchObject({ 'team': 'door', 'cdk-rtc:stack': STACK_ID });
    expect(setup.mutations()).toEqual(['TagResource', PUT]);
  });

  test('fails after a minute if there is no such channel', async () => {
    const missing = channel.replace('doorbell', 'window');
    expect((await failure(setup.resource('R').create(on(missing, stream)))).message).toBe(`R: channelArn: there is no ${missing}`);
  });

  test('waits for a channel that a read doesn\'t show yet', async () => {
    setup.emulator.addFault({ kind: 'error', error: 'ResourceNotFoundException', times: 12 });
    await setup.resource().create(on(channel, stream));
    expect(recordsInto()).toBe(stream);
  });

  test.each(['CREATING', 'UPDATING'] as const)('waits for a stream that is %s', async (status) => {
    setup.edit(stream, { status });
    const created = setup.resource().create(on(channel, stream));
    await setup.clock.sleep(20_000);
    expect(recordsInto()).toBeUndefined();
    setup.edit(stream, { status: 'ACTIVE' });
    await created;
    expect(recordsInto()).toBe(stream);
  });

  test.each(['in-use', 'not-found'] as const)('waits for a channel that is UPDATING (%s)', async (notActive) => {
    await restart({ notActive });
    setup.edit(channel, { status: 'UPDATING' });
    const created = setup.resource().create(on(channel, stream));
    await setup.clock.sleep(20_000);
    setup.edit(channel, { status: 'ACTIVE' });
    await created;
    expect(recordsInto()).toBe(stream);
  });

  const refused: [string, () => { properties: object; message: string }][] = [
    ['there is no such stream', () => {
      const missing = stream.replace('recordings', 'nothing');
      return { properties: on(channel, missing), message: `mediaStorageStream: there is no stream ${missing}` };
    }],
    ['the stream retains no data', () => ({ properties: on(channel, setup.stream('fleeting', 0)), message: 'NoDataRetentionException: ' })],
    ['the channel has no master', () => ({
      properties: on(setup.foreignChannel('mesh', {}, { Type: 'FULL_MESH' }), stream), message: 'InvalidArgumentException: Media storage needs a channel of type SINGLE_MASTER',
    })],
  ];
  test.each(refused)('fails if %s, and the Delete that follows removes the claim', async (_, given) => {
    const { properties, message } = given();
    const resource = setup.resource('R');
    const failed = await failure(resource.create(properties as never));
    expect(failed.message).toContain(`R: ${message}`);
    const { ChannelArn } = properties as { ChannelArn: string };
    expect(failed.physicalId).toBe(ChannelArn);
    await resource.delete(failed.physicalId, properties as never);
    isFree(ChannelArn);
  });

  test('twice and concurrently records once', async () => {
    const resource = setup.resource();
    const delivery = { type: 'Create' as const, requestId: 'r', properties: on(channel, stream) };
    await Promise.all([resource.deliver(delivery), resource.deliver(delivery)]);
    await resource.deliver(delivery);
    expect(recordsInto()).toBe(stream);
    expect(Object.keys(ownerTags())).toEqual([TAG]);
  });

  test.each([PUT, GET, 'TagResource', 'ListTagsForResource'])('succeeds although the response of %s is lost', async (operation) => {
    setup.emulator.addFault({ kind: 'lostResponse', operation, times: 1 });
    await setup.resource().create(on(channel, stream));
    expect(recordsInto()).toBe(stream);
  });

  test.each([
    ['a channel of another account', () => on(channel.replace(/:\d{12}:/, ':210987654321:'), stream), 'channelArn: must be in the stack\'s own account (123456789012)'],
    ['a channel that is none', () => on('arn:aws:s3:::bucket', stream), 'channelArn: must be arn:…:kinesisvideo:REGION:ACCOUNT:channel/NAME/TIME, got "arn:aws:s3:::bucket"'],
    ['a stream of another account', () => on(channel, stream.replace(/:\d{12}:/, ':210987654321:')), 'mediaStorageStream: must be in the channel\'s own account and region (123456789012, us-east-1)'],
    ['a stream of another region', () => on(channel, stream.replace(REGION, OTHER_REGION)), 'mediaStorageStream: must be in the channel\'s own account and region (123456789012, us-east-1)'],
    ['a stream that is none', () => on(channel, channel), 'mediaStorageStream: must be the ARN of a Kinesis video stream'],
    ['an unknown property', () => on(channel, stream, { Colour: 'red' }), 'Colour'],
  ])('with %s fails before any call', async (_, properties, message) => {
    expect((await failure(setup.resource().create(properties()))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });

  test('goes to the region of the channel', async () => {
    const elsewhere = (type: string, properties: object) => setup.emulator.applyResource({
      action: 'create', type, account: '123456789012', region: OTHER_REGION, properties: properties as never,
    }).attributes.Arn as string;
    const arn = elsewhere('AWS::KinesisVideo::SignalingChannel', { Name: 'far' });
    await setup.resource().create(on(arn, elsewhere('AWS::KinesisVideo::Stream', { Name: 'far', DataRetentionInHours: 1 })));
    expect(new Set(setup.calls().map(({ region }) => region))).toEqual(new Set([OTHER_REGION]));
  });

  test('at the quota of channels that record waits until the deadline, and says what the service said', async () => {
    await restart({ quotas: { channelsWithStorage: 0 } });
    const failed = await failure(setup.resource().create(on(channel, stream)));
    expect(failed.message).toContain('ClientLimitExceededException: You have reached the maximum number of channels with media storage');
  });
});

describe('an existing recording', () => {
  let other: string;
  beforeEach(() => {
    other = setup.stream('theirs');
    setup.edit(channel, { storageStreamArn: other });
  });

  test('without an owner fails the deployment, which changes nothing', async () => {
    const failed = await failure(setup.resource('R').create(on(channel, stream)));
    expect(failed.message).toBe(`R: adoptExisting: the media storage of ${channel} is not this stack's; remove it there, or set adoptExisting to replace it`);
    expect([failed.physicalId, setup.mutations()]).toEqual([undefined, []]);
  });

  test('is replaced with adoptExisting, and removed with the mixin', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream, { AdoptExisting: true }));
    expect(recordsInto()).toBe(stream);
    await resource.delete();
    isFree();
  });

  test('into the same stream is adopted without a call that changes it', async () => {
    await setup.resource().create(on(channel, other, { AdoptExisting: true }));
    expect(setup.mutations()).toEqual(['TagResource']);
  });

  test('of another stack is never adopted; the error names the stack and the command that frees it', async () => {
    setup.edit(channel, { tags: { [TAG]: FOREIGN_OWNER } });
    const failed = await failure(setup.resource().create(on(channel, stream, { AdoptExisting: true })));
    expect(failed.message).toContain(`belongs to the stack ${NEIGHBOUR} by the channel's tag ${TAG}`);
    expect(failed.message).toContain(`aws kinesisvideo untag-resource --region ${REGION} --resource-arn ${channel} --tag-key-list ${TAG} ${TAG}-before cdk-rtc:stack`);
    expect(setup.mutations()).toEqual([]);
  });

  test('that was retained is taken up by the same mixin', async () => {
    setup.edit(channel, { storageStreamArn: null });
    await setup.resource().create(on(channel, stream, { Retain: true }));
    expect(ownerTags()[TAG]).toMatch(/\/retained$/);
    await setup.resource().create(on(channel, stream));
    expect(ownerTags()[TAG]).toMatch(/\/[0-9a-f]{16}$/);
  });
});

describe('a stream that records another channel', () => {
  test.each([
    ['an unowned channel\'s', {}],
    ['another stack\'s', { [TAG]: FOREIGN_OWNER }],
    ['a SignalingChannel of this stack', { 'cdk-rtc:stack': STACK_ID, 'cdk-rtc:resource': '0123456789abcdef.01234567.01234567' }],
  ])('(%s) fails the deployment, which leaves that channel as it is', async (_, tags) => {
    const holder = setup.foreignChannel('holder', tags);
    setup.edit(holder, { storageStreamArn: stream });
    const before = setup.channel(holder);
    const resource = setup.resource('R');
    const failed = await failure(resource.create(on(channel, stream)));
    expect(failed.message).toBe(`R: mediaStorageStream: ${stream} records the channel ${holder} already, and a stream can record only one; use another stream`);
    await resource.delete(failed.physicalId, on(channel, stream));
    isFree();
    expect(setup.channel(holder)).toEqual(before);
  });
});

describe('update', () => {
  test('that changes nothing writes nothing', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    expect((await setup.counting(() => resource.update(on(channel, stream)))).mutations).toEqual([]);
  });

  test('changes the stream in two calls, and back', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    const second = setup.stream('second');
    expect((await setup.counting(() => resource.update(on(channel, second)))).mutations).toEqual([PUT, PUT]);
    expect(recordsInto()).toBe(second);
    await resource.update(on(channel, stream));
    expect(recordsInto()).toBe(stream);
  });

  test.each([0, 1])('changes the stream although the response of call %s is lost', async (after) => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    const second = setup.stream('second');
    setup.emulator.addFault({ kind: 'lostResponse', operation: PUT, after, times: 1 });
    await resource.update(on(channel, second));
    expect(recordsInto()).toBe(second);
  });

  test('corrects an out-of-band change and a removed owner tag', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { storageStreamArn: setup.stream('theirs'), replaceTags: { team: 'them' } });
    await resource.update(on(channel, stream, { AdoptExisting: true }));
    expect(recordsInto()).toBe(stream);
    expect(setup.channel(channel).tags).toEqual({ 'team': 'them', 'cdk-rtc:stack': STACK_ID, [TAG]: expect.stringContaining(STACK_ID) });
  });

  test('fails if another stack has tagged the recording, and changes nothing', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { tags: { [TAG]: FOREIGN_OWNER } });
    const before = setup.channel(channel);
    expect((await failure(resource.update(on(channel, setup.stream('second'))))).message).toContain('Neighbour');
    expect(setup.channel(channel)).toEqual(before);
  });

  test('is rolled back while its own calls don\'t show yet', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    const second = setup.stream('second');
    await setup.clock.sleep(30_000);
    await resource.deliverUpdate(on(channel, second));
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: GET, times: 1 });
    await resource.deliverUpdate(on(channel, stream), { properties: on(channel, second) });
    expect(recordsInto()).toBe(stream);
  });
});

describe('a replacement of the channel', () => {
  let replacement: string;
  beforeEach(async () => {
    await setup.clock.sleep(1_000);
    replacement = setup.foreignChannel('replacement');
  });

  test('takes the stream along, and the Delete of the old one leaves it there', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    expect((await resource.update(on(replacement, stream))).physicalId).toBe(replacement);
    expect(recordsInto(replacement)).toBe(stream);
    isFree();
    await resource.delete();
    isFree(replacement);
    isFree();
  });

  test('with another stream starts there before the old one ends', async () => {
    const second = setup.stream('second');
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.update(on(replacement, second));
    expect(recordsInto(replacement)).toBe(second);
    isFree();
    // The Delete keeps its claim, with a mark, until no other delivery can put the document again.
    expect(setup.mutations().slice(2)).toEqual(['TagResource', PUT, PUT, 'TagResource', 'UntagResource']);
  });

  test.each(['new', 'old'] as const)('that is rolled back by an Update with the %s ID restores the recording', async (form) => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.deliverUpdate(on(replacement, stream));
    const { physicalId } = await resource.deliverUpdate(on(channel, stream), {
      physicalId: form === 'new' ? replacement : channel, properties: on(replacement, stream),
    });
    expect(physicalId).toBe(channel);
    await resource.delete(replacement, on(replacement, stream));
    expect(recordsInto()).toBe(stream);
    isFree(replacement);
  });

  test('that is rolled back by a Delete alone restores the recording', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.deliverUpdate(on(replacement, stream));
    await resource.delete(replacement, on(replacement, stream));
    expect(recordsInto()).toBe(stream);
    isFree(replacement);
    await resource.delete();
    isFree();
  });

  test('that is rolled back while the former channel is UPDATING restores its recording when it is ACTIVE', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.deliverUpdate(on(replacement, stream));
    setup.edit(channel, { status: 'UPDATING' });
    const updatedAt = setup.clock.now() + 15_000;
    setup.emulator.onCall(() => { if (setup.channel(channel).status === 'UPDATING' && setup.clock.now() >= updatedAt) setup.edit(channel, { status: 'ACTIVE' }); });
    await resource.delete(replacement, on(replacement, stream));
    expect(recordsInto()).toBe(stream);
    isFree(replacement);
  });

  test('that fails and is rolled back at once restores the recording, although reads lag', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await setup.clock.sleep(30_000);
    // The old channel has ended its recording; the new one doesn't record.
    setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', operation: PUT, resource: 'replacement', after: 2, times: 1 });
    const failed = await failure(resource.deliverUpdate(on(replacement, stream)));
    await setup.clock.sleep(1_000);
    expect([failed.physicalId, recordsInto(), recordsInto(replacement)]).toEqual([replacement, undefined, undefined]);
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: GET, times: 1 });
    await resource.deliverUpdate(on(channel, stream), { physicalId: channel, properties: on(replacement, stream) });
    expect(recordsInto()).toBe(stream);
    isFree(replacement);
  });

  test('that is rolled back by a Delete restores the recording although reads lag', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await setup.clock.sleep(30_000);
    await resource.deliverUpdate(on(replacement, stream));
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, operation: GET, resource: 'doorbell', times: 1 });
    await resource.delete(replacement, on(replacement, stream));
    expect(recordsInto()).toBe(stream);
  });

  test.each([
    ['the stream is gone', () => { setup.edit(replacement, { storageStreamArn: null }); setup.edit(stream, { delete: true }); }],
    ['the old channel is gone', () => setup.edit(channel, { delete: true })],
    ['the old recording left the stack', () => setup.edit(channel, { tags: { [TAG]: null } })],
    ['the old recording is another stack\'s', () => setup.edit(channel, { tags: { [TAG]: FOREIGN_OWNER } })],
  ])('that is rolled back ends if %s', async (_, change) => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.deliverUpdate(on(replacement, stream));
    change();
    await resource.delete(replacement, on(replacement, stream));
    isFree(replacement);
    expect(setup.channels().filter(({ storageStreamArn }) => storageStreamArn !== undefined)).toEqual([]);
  });
});

describe('a removed tag of the stack', () => {
  const removeStackTag = (arn = channel, value: string | null = null) => setup.edit(arn, { tags: { 'cdk-rtc:stack': value } });

  test('is restored by an update that changes the stream', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    removeStackTag();
    const second = setup.stream('second');
    await resource.update(on(channel, second));
    expect(recordsInto()).toBe(second);
    expect(setup.channel(channel).tags).toMatchObject({ 'cdk-rtc:stack': STACK_ID });
  });

  test('is restored by a Delete, which ends the recording', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    removeStackTag();
    const began = setup.clock.now();
    await resource.delete();
    isFree();
    expect(setup.clock.now() - began).toBeLessThan(10_000);
  });

  test('of a recording that has ended is no reason for a Delete to fail', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { storageStreamArn: null });
    removeStackTag();
    await resource.delete();
    isFree();
  });

  test('is restored by an update to RETAIN', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    removeStackTag();
    await resource.update(on(channel, stream, { Retain: true }));
    expect(ownerTags()[TAG]).toMatch(/\/retained$/);
  });

  test.each(['before', 'after'])('of the channel that has the stream, %s the move, is no reason to fail', async (when) => {
    const replacement = setup.foreignChannel('replacement');
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    if (when === 'before') removeStackTag();
    await resource.deliverUpdate(on(replacement, stream));
    if (when === 'after') removeStackTag();
    await resource.delete(replacement, on(replacement, stream));
    expect(recordsInto()).toBe(stream);
    isFree(replacement);
  });

  test('whose place another stack\'s has taken fails each change at once, and the error has the command that corrects the tag', async () => {
    const resource = setup.resource('R');
    await resource.create(on(channel, stream));
    removeStackTag(channel, NEIGHBOUR);
    const message = `channelArn: ${channel} has the tag cdk-rtc:stack of ${NEIGHBOUR}, so the permissions of this stack allow no change of its recording; correct the tag with `
      + `\`aws kinesisvideo tag-resource --region ${REGION} --resource-arn ${channel} --tags Key=cdk-rtc:stack,Value=${STACK_ID}\``;
    const began = setup.clock.now();
    expect((await failure(resource.update(on(channel, setup.stream('second'))))).message).toBe(`R: ${message}`);
    expect((await failure(resource.delete())).message).toBe(`R: ${message}`);
    expect(setup.clock.now() - began).toBeLessThan(5_000);
    expect(recordsInto()).toBe(stream);
    removeStackTag(channel, STACK_ID);
    await resource.delete();
    isFree();
  });
});

describe('a stream that another resource of the stack takes', () => {
  let other: string;
  beforeEach(async () => {
    await setup.clock.sleep(1_000);
    other = setup.foreignChannel('other');
  });

  test('in an update that is rolled back is restored', async () => {
    const source = setup.resource('Source');
    await source.create(on(channel, stream));
    const second = setup.stream('second');
    const taker = setup.resource('Taker');
    await taker.create(on(other, second));
    await taker.deliverUpdate(on(other, stream));
    expect([recordsInto(), recordsInto(other)]).toEqual([undefined, stream]);
    await taker.deliverUpdate(on(other, second), { properties: on(other, stream) });
    expect([recordsInto(), recordsInto(other)]).toEqual([stream, second]);
    expect(Object.keys(ownerTags(other))).toEqual([TAG]);
  });

  test.each([false, true])('in a chain of three channels that is rolled back is restored (read back late: %s)', async (isLate) => {
    await setup.resource('Source').create(on(channel, stream));
    const first = setup.stream('first');
    const [middle, last] = [setup.resource('Middle'), setup.resource('Last')];
    await middle.create(on(other, first));
    await middle.deliverUpdate(on(other, stream));
    const third = setup.foreignChannel('third');
    await last.create(on(third, first));
    if (isLate) setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000, times: 12 });
    await middle.deliverUpdate(on(other, first), { properties: on(other, stream) });
    await last.delete();
    expect([recordsInto(), recordsInto(other)]).toEqual([stream, first]);
    isFree(third);
  });

  test.each([
    ['for two minutes is restored', 120_000, true], ['until the end is not restored, keeps the tag, and is logged', 1_000_000, false],
  ])('in an update that is rolled back while its channel is UPDATING %s', async (_, milliseconds, isRestored) => {
    await setup.resource('Source').create(on(channel, stream));
    const second = setup.stream('second');
    const taker = setup.resource('Taker');
    await taker.create(on(other, second));
    await taker.deliverUpdate(on(other, stream));
    setup.edit(channel, { status: 'UPDATING' });
    void setup.clock.sleep(milliseconds).then(() => setup.edit(channel, { status: 'ACTIVE' }));
    await taker.deliverUpdate(on(other, second), { properties: on(other, stream) });
    expect([recordsInto(), recordsInto(other)]).toEqual([isRestored ? stream : undefined, second]);
    expect(Object.keys(ownerTags(other))).toEqual(isRestored ? [TAG] : [TAG, 'cdk-rtc:media-storage-source']);
    expect(setup.logged.some((line) => line.includes('the recording of the other channel may not be restored'))).toBe(!isRestored);
  });

  test('from a channel whose name leaves no room in the tag is taken', async () => {
    const long = setup.foreignChannel('n'.repeat(256));
    await setup.resource('Source').create(on(long, stream));
    await setup.resource('Taker').create(on(channel, stream));
    expect(recordsInto()).toBe(stream);
  });

  test('by an older channel is restored in a rollback', async () => {
    const source = setup.resource('Source');
    await source.create(on(other, stream));
    const taker = setup.resource('Taker');
    await taker.create(on(channel, stream));
    await taker.delete();
    expect(recordsInto(other)).toBe(stream);
    isFree();
  });

  test('in a move to another channel that is rolled back is restored', async () => {
    const third = setup.foreignChannel('third');
    const second = setup.stream('second');
    const source = setup.resource('Source');
    await source.create(on(channel, stream));
    const taker = setup.resource('Taker');
    await taker.create(on(other, second));
    await taker.deliverUpdate(on(third, stream));
    await taker.deliverUpdate(on(other, second), { physicalId: other, properties: on(third, stream) });
    expect([recordsInto(), recordsInto(other)]).toEqual([stream, second]);
    isFree(third);
  });

  test('while its channel changes to another stream: both record', async () => {
    const second = setup.stream('second');
    const source = setup.resource('Source');
    await source.create(on(channel, stream));
    await Promise.all([source.update(on(channel, second)), setup.resource('Taker').create(on(other, stream))]);
    expect([recordsInto(), recordsInto(other)]).toEqual([second, stream]);
  });

  test('just before its channel changes to another stream: both record', async () => {
    const second = setup.stream('second');
    const source = setup.resource('Source');
    await source.create(on(channel, stream));
    await setup.clock.sleep(30_000);
    // Between the refusal of the service and the call that ends the recording of the other channel, that channel completes its own update.
    const began = setup.clock.now();
    let isUpdated = false;
    setup.emulator.onCall(({ phase, call }) => {
      if (isUpdated || phase !== 'after' || call.operation !== 'DescribeMappedResourceConfiguration' || setup.clock.now() - began < 10_000) return;
      setup.edit(channel, { storageStreamArn: second });
      isUpdated = true;
    });
    await setup.resource('Taker').create(on(other, stream));
    expect(isUpdated).toBe(true);
    expect([recordsInto(), recordsInto(other)]).toEqual([second, stream]);
  });

  test.each(['new', 'old', 'delete'] as const)('from a channel with RETAIN: which rollback gives it back (%s)', async (form) => {
    const resource = setup.resource();
    await resource.create(on(channel, stream, { Retain: true }));
    await resource.deliverUpdate(on(other, stream));
    if (form !== 'delete') {
      await resource.deliverUpdate(on(channel, stream, { Retain: true }), { physicalId: form === 'new' ? other : channel, properties: on(other, stream) });
    }
    await resource.delete(other, on(other, stream));
    // A Delete alone looks like that of a later deployment, in which the channel with RETAIN has left the stack and must not record again.
    expect(recordsInto()).toBe(form === 'delete' ? undefined : stream);
    isFree(other);
  });
});

describe('rename of the mixin', () => {
  test('on the same channel: the new one takes over, and the Delete of the old one ends nothing', async () => {
    const old = setup.resource('Old');
    await old.create(on(channel, stream));
    const second = setup.stream('second');
    const renamed = setup.resource('New');
    await renamed.create(on(channel, second));
    await old.delete();
    expect([recordsInto(), Object.keys(ownerTags())]).toEqual([second, [TAG]]);
    await renamed.delete();
    isFree();
  });

  test('on the same channel that is rolled back restores the former stream', async () => {
    const old = setup.resource('Old');
    await old.create(on(channel, stream));
    const renamed = setup.resource('New');
    await renamed.create(on(channel, setup.stream('second')));
    await renamed.delete();
    await setup.clock.sleep(1_000);
    expect(recordsInto()).toBe(stream);
    await old.delete();
    isFree();
  });

  test.each([true, false])('with its channel takes the stream from the old channel (rolled back: %s)', async (isRolledBack) => {
    const old = setup.resource('Old');
    await old.create(on(channel, stream));
    await setup.clock.sleep(1_000);
    const renamedChannel = setup.foreignChannel('renamed');
    const renamed = setup.resource('New');
    await renamed.create(on(renamedChannel, stream));
    expect([recordsInto(), recordsInto(renamedChannel)]).toEqual([undefined, stream]);
    await (isRolledBack ? renamed : old).delete();
    expect([recordsInto(), recordsInto(renamedChannel)]).toEqual(isRolledBack ? [stream, undefined] : [undefined, stream]);
    isFree(isRolledBack ? renamedChannel : channel);
  });

  test('with a stream whose name is long is refused on the same channel, and says why', async () => {
    const long = setup.stream('n'.repeat(200));
    const old = setup.resource('Old');
    await old.create(on(channel, long));
    const failed = await failure(setup.resource('New').create(on(channel, stream)));
    expect(failed.message).toContain('remove the old construct in a deployment of its own');
    expect(recordsInto()).toBe(long);
  });
});

describe('delete', () => {
  test('ends the recording, removes the owner tag, and leaves other tags', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    expect((await resource.delete()).polls).toBe(1);
    isFree();
    expect(setup.channel(channel).tags).toEqual({ team: 'door' });
  });

  test('lets CloudFormation delete channel and stream', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    const remove = (type: string, physicalId: string) => setup.emulator.applyResource({ action: 'delete', type, physicalId, account: '123456789012', region: REGION, properties: {} });
    expect(() => remove('AWS::KinesisVideo::SignalingChannel', 'doorbell')).toThrow('Disable MediaStorageConfiguration');
    await resource.delete();
    remove('AWS::KinesisVideo::SignalingChannel', 'doorbell');
    remove('AWS::KinesisVideo::Stream', 'recordings');
  });

  test('twice leaves a recording that was started out of band in between', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    await resource.delete();
    const theirs = setup.stream('theirs');
    setup.edit(channel, { storageStreamArn: theirs });
    await resource.delete();
    expect(recordsInto()).toBe(theirs);
  });

  test.each([undefined, 'InvalidArgumentException'])('succeeds if the recording has ended, also if the service refuses to end it again (%s)', async (error) => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { storageStreamArn: null });
    if (error) setup.emulator.addFault({ kind: 'error', error, operation: PUT });
    await resource.delete();
    isFree();
  });

  test('fails if the service refuses to end a recording', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', operation: PUT });
    expect((await failure(resource.delete())).message).toContain('InvalidArgumentException');
  });

  test('right after a create whose recording no read shows yet ends it', async () => {
    const resource = setup.resource();
    const { PhysicalResourceId } = await resource.onEvent({ type: 'Create', requestId: 'terminated', properties: on(channel, stream) });
    await resource.delete(PhysicalResourceId, on(channel, stream));
    await setup.clock.sleep(1_000);
    isFree();
  });

  test('succeeds if the channel is gone', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { delete: true });
    await resource.delete();
    expect(setup.channels()).toEqual([]);
  });

  test('succeeds if the stream is gone', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(stream, { delete: true });
    await resource.delete();
    isFree();
  });

  test('ends a recording that lost its owner tag and is as this stack started it', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.edit(channel, { replaceTags: {} });
    await resource.delete();
    isFree();
  });

  test('leaves the recording of another stack', async () => {
    await setup.resource('R', NEIGHBOUR).create(on(channel, stream));
    const before = setup.channel(channel);
    await setup.resource().delete(channel, on(channel, stream));
    expect(setup.channel(channel)).toEqual(before);
  });

  test('ends although the response is lost', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    setup.emulator.addFault({ kind: 'lostResponse', operation: PUT, times: 3 });
    await resource.delete();
    isFree();
  });

  test('with an ID that CloudFormation invented ends what a create that still runs starts', async () => {
    const resource = setup.resource();
    const deleting = resource.delete('Doorbells-R-1A2B3C4D5E6F', on(channel, stream));
    await setup.clock.sleep(20_000);
    await resource.onEvent({ type: 'Create', requestId: 'late', properties: on(channel, stream) });
    await deleting;
    isFree();
  });
});

describe('each error of the service', () => {
  const errors = [
    ['ClientLimitExceededException', 400], ['ResourceInUseException', 400], ['InternalFailure', 500], ['ServiceUnavailable', 503],
    ['AccessDeniedException', 401], ['AccessDeniedException', 403],
  ] as const;
  const cases = errors.flatMap(([error, status]) => [PUT, GET, 'TagResource', 'ListTagsForResource'].map((operation) => ({ error, status, operation })));

  test.each(cases)('$error ($status) of $operation a few times fails neither create nor delete', async ({ error, status, operation }) => {
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'error', error, status, operation, times: 4 });
    await resource.create(on(channel, stream));
    expect(recordsInto()).toBe(stream);
    setup.emulator.addFault({ kind: 'error', error, status, operation, times: 4 });
    await resource.delete();
    isFree();
  });

  test('a denied call fails after a minute', async () => {
    setup.emulator.addFault({ kind: 'accessDenied', operation: PUT });
    const began = setup.clock.now();
    expect((await failure(setup.resource().create(on(channel, stream)))).message).toContain('AccessDeniedException: ');
    expect(setup.clock.now() - began).toBeGreaterThanOrEqual(60_000);
  });
});

describe('drift', () => {
  test('of a recording that was changed, ended, or lost its owner', async () => {
    const resource = setup.resource();
    await resource.create(on(channel, stream));
    expect(await setup.driftOf([resource])).toMatchObject({ drifted: [], unobserved: [] });
    const theirs = setup.stream('theirs');
    setup.edit(channel, { storageStreamArn: theirs });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{
      driftStatus: 'MODIFIED', propertyDifferences: [{ propertyPath: '/StreamArn', expectedValue: stream, actualValue: theirs }],
    }]);
    setup.edit(channel, { replaceTags: {} });
    expect(JSON.stringify((await setup.driftOf([resource])).drifted)).toContain(`Tags/${TAG}`);
    setup.edit(channel, { storageStreamArn: null });
    expect((await setup.driftOf([resource])).drifted).toMatchObject([{ driftStatus: 'DELETED' }]);
    expect(setup.mutations()).toEqual(['TagResource', PUT]);
  });
});
