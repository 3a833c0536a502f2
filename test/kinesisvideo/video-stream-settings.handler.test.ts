import { type KinesisVideoSetupOptions, type StreamSettingName, StreamSettingSetup } from './handler-setup';
import { REGION, STACK_ID } from '../handler-setup';
import { describeSettingContract, failure, NEIGHBOUR, type Properties, type SettingCase, type SettingDomain } from '../setting-contract';

const TOPIC = `arn:aws:sns:${REGION}:123456789012:fragments`;

interface Case extends SettingCase {
  readonly setting: StreamSettingName;
}

const CASES: Case[] = [{
  setting: 'imageGeneration',
  noun: 'image generation',
  put: 'UpdateImageGenerationConfiguration',
  get: 'DescribeImageGenerationConfiguration',
  clear: 'UpdateImageGenerationConfiguration',
  tag: 'cdk-rtc:image-generation',
  first: { SamplingInterval: 3000, Destination: 's3://images' },
  firstOnWire: {
    Status: 'ENABLED',
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '80' },
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    SamplingInterval: 3000,
    DestinationConfig: { Uri: 's3://images', DestinationRegion: REGION },
  },
  second: {
    Enabled: false,
    Format: 'JPEG',
    JpegQuality: 35,
    ImageSelectorType: 'SERVER_TIMESTAMP',
    SamplingInterval: 200,
    WidthPixels: 640,
    HeightPixels: 360,
    Destination: 's3://images/door/',
  },
  secondOnWire: {
    Status: 'DISABLED',
    Format: 'JPEG',
    FormatConfig: { JPEGQuality: '35' },
    ImageSelectorType: 'SERVER_TIMESTAMP',
    SamplingInterval: 200,
    WidthPixels: 640,
    HeightPixels: 360,
    DestinationConfig: { Uri: 's3://images/door/', DestinationRegion: REGION },
  },
  foreign: {
    Status: 'ENABLED', Format: 'PNG', ImageSelectorType: 'SERVER_TIMESTAMP', SamplingInterval: 5000, DestinationConfig: { Uri: 's3://console', DestinationRegion: REGION },
  },
  cleared: undefined,
}, {
  setting: 'notification',
  noun: 'notification',
  put: 'UpdateNotificationConfiguration',
  get: 'DescribeNotificationConfiguration',
  clear: 'UpdateNotificationConfiguration',
  tag: 'cdk-rtc:notification',
  first: { TopicArn: TOPIC },
  firstOnWire: { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } },
  second: { TopicArn: `${TOPIC}-2`, Enabled: false },
  secondOnWire: { Status: 'DISABLED', DestinationConfig: { Uri: `${TOPIC}-2` } },
  foreign: { Status: 'ENABLED', DestinationConfig: { Uri: `${TOPIC}-console` } },
  cleared: undefined,
}];

const on = (setting: string, StreamArn: string, properties: Properties) => (
  { StreamArn, ...setting === 'imageGeneration' ? { DestinationRegion: StreamArn.split(':')[3] } : {}, ...properties }
);

const DOMAIN: SettingDomain<StreamSettingSetup> = {
  parent: { noun: 'stream', option: 'stream' },
  setup: (setting) => new StreamSettingSetup(setting as StreamSettingName),
  create: (setup, region) => setup.anotherStream(region),
  state: (setup, arn) => ({ ...setup.streamState(arn) }),
  missing: (arn) => arn.replace(/stream\/[^/]+/, 'stream/missing'),
  properties: on,
  attributes: () => ({}),
  untagCommand: (arn, tag) => `aws kinesisvideo untag-stream --region ${REGION} --stream-arn ${arn} --tag-key-list ${tag} ${tag}-before`,
  tags: { set: 'TagStream', list: 'ListTagsForStream' },
  // The Delete keeps its claim, with a mark, until no other delivery can put the document again. Then it looks again.
  move: ({ put }) => ['TagStream', put, put, 'TagStream', put, 'UntagStream'],
  rejections: ['InvalidArgumentException', 'NoDataRetentionException'],
  errors: [
    ['ClientLimitExceededException', 400], ['ResourceInUseException', 400], ['ResourceNotFoundException', 404], ['VersionMismatchException', 400],
    ['InternalFailure', 500], ['ServiceUnavailable', 503], ['NotAuthorizedException', 401], ['AccessDeniedException', 401],
  ],
  failing: ({ put, get }) => [put, get, 'DescribeStream', 'TagStream', 'UntagStream', 'ListTagsForStream'],
};

describe.each(CASES)('$setting', (one) => {
  describeSettingContract(DOMAIN, one);

  const { setting, put, first, firstOnWire } = one;
  let setup: StreamSettingSetup;
  let arn: string;
  const start = (options: KinesisVideoSetupOptions = {}) => {
    setup = new StreamSettingSetup(setting, options);
    arn = setup.stream();
  };
  beforeEach(() => start());
  afterEach(() => setup.stop());

  const state = () => setup.streamState(arn)[setting];
  const properties = () => on(setting, arn, first);

  test.each(['in-use', 'not-found'] as const)('a create waits until the stream is ACTIVE, if the service refuses a change before as %s', async (notActive) => {
    await setup.stop();
    start({ notActive });
    setup.edit(arn, { status: 'CREATING' });
    const creating = setup.resource().create(properties());
    await setup.clock.sleep(40_000);
    expect([...setup.calls('TagStream'), ...setup.calls(put)]).toEqual([]);
    setup.edit(arn, { status: 'ACTIVE' });
    await creating;
    expect(state()).toEqual(firstOnWire);
  });

  test('a create succeeds although the response of DescribeStream is lost', async () => {
    setup.emulator.addFault({ kind: 'lostResponse', operation: 'DescribeStream', times: 1 });
    await setup.resource().create(properties());
    expect(state()).toEqual(firstOnWire);
  });

  test('too many tags fail a create at once, and nothing is put', async () => {
    setup.edit(arn, { tags: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key${at}`, 'v'])) });
    expect((await failure(setup.resource().create(properties()))).message).toContain('TagsPerResourceExceededLimitException');
    expect(state()).toBeUndefined();
  });

  describe('a delete', () => {
    test.each(['InvalidArgumentException', 'NoDataRetentionException'])('succeeds if the service answers %s to the deletion of what is gone', async (error) => {
      const resource = setup.resource();
      await resource.create(properties());
      setup.edit(arn, { [setting]: null });
      setup.emulator.addFault({ kind: 'error', error, operation: put, times: 10 });
      await resource.delete();
      expect([state(), setup.ownerTags(arn)]).toEqual([undefined, {}]);
    });

    test('ends if the stream keeps no data any more and the service refuses to delete what is there, and leaves no tag', async () => {
      const resource = setup.resource();
      await resource.create(properties());
      setup.edit(arn, { dataRetentionInHours: 0 });
      setup.emulator.addFault({ kind: 'error', error: 'NoDataRetentionException', operation: put });
      await resource.delete();
      expect([state(), setup.ownerTags(arn)]).toEqual([firstOnWire, {}]);
      expect(setup.logged.join()).toContain('left, because the service cannot delete it');
    });

    test('with an ID that CloudFormation invented ends if the stream keeps no data any more', async () => {
      const resource = setup.resource();
      await resource.create(properties());
      setup.emulator.addFault({ kind: 'error', error: 'NoDataRetentionException', operation: put });
      await resource.delete('Doorbells-R-1A2B3C4D5E6F', properties());
      expect(setup.ownerTags(arn)).toEqual({});
    });

    test('fails if the service refuses to delete what is there', async () => {
      const resource = setup.resource();
      await resource.create(properties());
      setup.emulator.addFault({ kind: 'error', error: 'InvalidArgumentException', operation: put, times: 10 });
      expect((await failure(resource.delete())).message).toContain('InvalidArgumentException');
      expect(state()).toEqual(firstOnWire);
    });
  });
});

describe.each(CASES)('$setting of a stream', ({ setting, put, first, firstOnWire, second, secondOnWire }) => {
  const other = CASES.find((one) => one.setting !== setting)!;
  let setup: StreamSettingSetup;
  afterEach(() => setup.stop());

  test.each([
    ['in-use', 3_000], ['not-found', 3_000], ['in-use', 25_000], ['not-found', 25_000],
  ] as const)('that a change makes UPDATING (%s) for %s ms is created, updated, renamed, and deleted', async (notActive, updating) => {
    setup = new StreamSettingSetup(setting, { notActive, timings: { updating } });
    const arn = setup.stream();
    const resource = setup.resource('Old');
    await resource.create(on(setting, arn, first));
    await resource.update(on(setting, arn, second));
    const renamed = setup.resource('New');
    await renamed.create(on(setting, arn, { ...first, Retain: true }));
    await resource.delete();
    expect(setup.streamState(arn)[setting]).toEqual(firstOnWire);
    await renamed.update(on(setting, arn, second));
    expect(setup.streamState(arn)[setting]).toEqual(secondOnWire);
    await renamed.delete();
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test('that keeps no data is refused, and the Delete that follows leaves nothing', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream('volatile', 0);
    const resource = setup.resource();
    const began = setup.clock.now();
    const failed = await failure(resource.create(on(setting, arn, first)));
    expect(failed.message).toContain('NoDataRetentionException');
    expect(setup.clock.now() - began).toBeLessThan(10_000);
    await resource.delete(failed.physicalId, on(setting, arn, first));
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });

  test.each([STACK_ID, NEIGHBOUR])('leaves the other setting of the stream as it is, which the stack %s owns', async (owner) => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const tags = { [other.tag]: `${owner}/0123456789abcdef` };
    setup.edit(arn, { [other.setting]: other.foreign, tags });
    const resource = setup.resource();
    await resource.create(on(setting, arn, first));
    expect(setup.streamState(arn)[setting]).toEqual(firstOnWire);
    await resource.delete();
    expect(setup.streamState(arn)).toMatchObject({ [other.setting]: other.foreign, tags });
    expect(setup.streamState(arn)[setting]).toBeUndefined();
    expect(setup.calls(other.get)).toEqual([]);
  });

  test('that is deleted out of band during the delete', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    await resource.create(on(setting, arn, first));
    await setup.clock.sleep(30_000);
    setup.edit(arn, { status: 'DELETING' });
    const deleting = resource.delete();
    await setup.clock.sleep(30_000);
    setup.edit(arn, { delete: true });
    await deleting;
    expect(setup.calls(put)).toHaveLength(1);
  });

  test('that is gone fails an update, and is reported by the drift monitor', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource('R');
    await resource.create(on(setting, arn, first));
    setup.edit(arn, { delete: true });
    expect((await setup.driftOf([resource])).drifted[0]).toMatchObject({ driftStatus: 'DELETED' });
    expect((await failure(setup.resource('R').update(on(setting, arn, second)))).message).toBe(`R: stream: there is no ${arn}`);
  });

  test('whose setting was removed out of band is reported as deleted', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    await resource.create(on(setting, arn, first));
    await setup.clock.sleep(30_000);
    setup.edit(arn, { [setting]: null });
    expect((await setup.driftOf([resource])).drifted[0]).toMatchObject({ driftStatus: 'DELETED' });
  });

  test('that has more tags than one page', async () => {
    setup = new StreamSettingSetup(setting, { tagPageSize: 1 });
    const arn = setup.stream();
    setup.edit(arn, { tags: { a: '1', b: '2', z: '3' } });
    const resource = setup.resource();
    await resource.create(on(setting, arn, first));
    await resource.delete();
    expect(setup.streamState(arn).tags).toEqual({ a: '1', b: '2', z: '3' });
  });

  test('that reads show late is created, updated, and deleted', async () => {
    setup = new StreamSettingSetup(setting);
    const arn = setup.stream();
    const resource = setup.resource();
    setup.emulator.addFault({ kind: 'laggingReads', milliseconds: 8_000 });
    await resource.create(on(setting, arn, first));
    await setup.clock.sleep(30_000);
    await resource.update(on(setting, arn, second));
    expect(setup.streamState(arn)[setting]).toEqual(secondOnWire);
    await setup.clock.sleep(30_000);
    await resource.delete();
    expect([setup.streamState(arn)[setting], setup.ownerTags(arn)]).toEqual([undefined, {}]);
  });
});

describe('image generation', () => {
  let setup: StreamSettingSetup;
  afterEach(() => setup.stop());
  const images = (StreamArn: string, more: Properties = {}) => ({ StreamArn, SamplingInterval: 3000, Destination: 's3://images', DestinationRegion: REGION, ...more });

  test('of PNG has no quality', async () => {
    setup = new StreamSettingSetup('imageGeneration');
    const arn = setup.stream();
    await setup.resource().create(images(arn, { Format: 'PNG' }));
    expect(setup.streamState(arn).imageGeneration).toEqual({
      Status: 'ENABLED',
      Format: 'PNG',
      ImageSelectorType: 'PRODUCER_TIMESTAMP',
      SamplingInterval: 3000,
      DestinationConfig: { Uri: 's3://images', DestinationRegion: REGION },
    });
  });

  test('of which the service fills in the dimensions is accepted', async () => {
    setup = new StreamSettingSetup('imageGeneration', { imageGenerationDefaults: { WidthPixels: 1280, HeightPixels: 720 } });
    const arn = setup.stream();
    await setup.resource().create(images(arn));
    expect(setup.streamState(arn).imageGeneration).toMatchObject({ WidthPixels: 1280, HeightPixels: 720 });
  });

  test('whose destination is too long to be remembered can\'t be renamed, and the error says so', async () => {
    setup = new StreamSettingSetup('imageGeneration');
    const arn = setup.stream();
    const Destination = `s3://images/${Array.from({ length: 36 }, (_, at) => (at * 7919 + 46656).toString(36)).join('')}${'-camera'.repeat(10)}`;
    await setup.resource('Old').create(images(arn, { Destination }));
    const failed = await failure(setup.resource('New').create(images(arn)));
    expect(failed.message).toContain('the former configuration is too long to be remembered');
    expect(setup.streamState(arn).imageGeneration).toMatchObject({ DestinationConfig: { Uri: Destination } });
  });

  test.each<[string, Properties, string]>([
    ['an ARN that isn\'t a stream', { StreamArn: 'arn:aws:kinesisvideo:us-east-1:123456789012:channel/a/1' }, 'stream: must be the ARN of a Kinesis video stream'],
    ['a format that doesn\'t exist', { Format: 'GIF' }, 'format: must be JPEG or PNG, got "GIF"; leave it out for JPEG'],
    ['a selector that doesn\'t exist', { ImageSelectorType: 'LAST' }, 'imageSelectorType: must be PRODUCER_TIMESTAMP or SERVER_TIMESTAMP, got "LAST"'],
    ['an interval below 200 ms', { SamplingInterval: 199 }, 'samplingInterval: must be a whole number of milliseconds from 200 to 2147483647, got 199'],
    ['a quality of 0', { JpegQuality: 0 }, 'jpegQuality: must be a whole number from 1 to 100, got 0; leave it out for 80'],
    ['a quality of 101', { JpegQuality: 101 }, 'jpegQuality: must be a whole number from 1 to 100, got 101; leave it out for 80'],
    ['a quality of PNG', { Format: 'PNG', JpegQuality: 80 }, 'jpegQuality: is a setting of JPEG images, got one with format PNG; leave it out, or use JPEG'],
    ['a width of 3841', { WidthPixels: 3841 }, 'widthPixels: must be a whole number from 1 to 3840, got 3841; leave it out for the width of the stream'],
    ['a height of 2161', { HeightPixels: 2161 }, 'heightPixels: must be a whole number from 1 to 2160, got 2161; leave it out for the height of the stream'],
    ['a destination that isn\'t in S3', { Destination: 'https://images' }, 'bucket: the destination must be s3://BUCKET or s3://BUCKET/PREFIX, got "https://images"'],
    ['an asterisk', { Destination: 's3://images/a*' }, 'keyPrefix: may not hold *, got "a*"; choose another'],
    ['256 characters', { Destination: `s3://images/${'a'.repeat(244)}` }, 'keyPrefix: s3://BUCKET/PREFIX must have at most 255 characters, got at least 256; use a shorter prefix'],
    ['a bucket in another region', { DestinationRegion: 'eu-west-1' }, 'bucket: must be in the region of the stream (us-east-1), got a bucket in eu-west-1; use a bucket there'],
  ])('with %s fails before any call', async (_, more, message) => {
    setup = new StreamSettingSetup('imageGeneration');
    expect((await failure(setup.resource().create(images(setup.stream(), more)))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
  });
});

describe('notification', () => {
  test.each<[string, string, string]>([
    ['an ARN that isn\'t a topic', 'arn:aws:sqs:us-east-1:123456789012:queue', 'topic: must be the ARN of an SNS topic'],
    ['a FIFO topic', `${TOPIC}.fifo`, `topic: must be a standard topic, got the FIFO topic ${TOPIC}.fifo; Kinesis Video Streams does not support FIFO topics`],
    ['a topic with a long name', `${TOPIC}${'a'.repeat(256 - TOPIC.length)}`, 'topic: its ARN must have at most 255 characters, got 256; use a topic with a shorter name'],
  ])('to %s fails before any call', async (_, TopicArn, message) => {
    const setup = new StreamSettingSetup('notification');
    expect((await failure(setup.resource().create({ StreamArn: setup.stream(), TopicArn }))).message).toContain(message);
    expect(setup.calls()).toEqual([]);
    await setup.stop();
  });
});
