import {
  CreateStreamCommand, DeleteStreamCommand, DescribeImageGenerationConfigurationCommand, DescribeNotificationConfigurationCommand,
  DescribeStreamCommand, ImageGenerationConfiguration, KinesisVideoClient, ListStreamsCommand, ListTagsForStreamCommand, TagStreamCommand,
  UntagStreamCommand, UpdateImageGenerationConfigurationCommand, UpdateNotificationConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, errorOf, region, start } from './harness';
import { kinesisVideo, KinesisVideoOptions } from '../../../local/emulator';

const TOPIC = `arn:aws:sns:${region}:123456789012:images`;

const IMAGES: ImageGenerationConfiguration = {
  Status: 'ENABLED',
  ImageSelectorType: 'PRODUCER_TIMESTAMP',
  Format: 'JPEG',
  FormatConfig: { JPEGQuality: '80' },
  SamplingInterval: 200,
  DestinationConfig: { Uri: 's3://bucket/prefix', DestinationRegion: region },
};

const startStreams = async (options: KinesisVideoOptions = {}, timings = {}, rates: 'documented' | 'off' = 'off') => {
  const harness = await start({ rates, timings: { creating: 0, updating: 0, deleting: 0, ...timings }, services: [kinesisVideo(options)] });
  return { ...harness, arn: harness.stream('door') };
};

const describe_ = async (client: KinesisVideoClient, StreamARN: string) => (await client.send(new DescribeStreamCommand({ StreamARN }))).StreamInfo;
const putImages = async (client: KinesisVideoClient, StreamARN: string, more: object = {}) => (
  client.send(new UpdateImageGenerationConfigurationCommand({ StreamARN, ImageGenerationConfiguration: { ...IMAGES, ...more } }))
);
const images = async (client: KinesisVideoClient, StreamARN: string) => (
  (await client.send(new DescribeImageGenerationConfigurationCommand({ StreamARN }))).ImageGenerationConfiguration
);
const putTopic = async (client: KinesisVideoClient, StreamARN: string, Uri = TOPIC) => (
  client.send(new UpdateNotificationConfigurationCommand({ StreamARN, NotificationConfiguration: { Status: 'ENABLED', DestinationConfig: { Uri } } }))
);
const notification = async (client: KinesisVideoClient, StreamARN: string) => (
  (await client.send(new DescribeNotificationConfigurationCommand({ StreamARN }))).NotificationConfiguration
);

describe('streams', () => {
  test('are CREATING, then ACTIVE, then DELETING, then gone', async () => {
    const { client, clock } = await startStreams({}, { creating: 500, deleting: 500 });
    const StreamARN = (await client.send(new CreateStreamCommand({ StreamName: 'gate', DataRetentionInHours: 2, MediaType: 'video/h264', Tags: { team: 'a' } }))).StreamARN!;
    expect(await describe_(client, StreamARN)).toMatchObject({ StreamName: 'gate', Status: 'CREATING', DataRetentionInHours: 2, MediaType: 'video/h264' });
    expect(await errorName(client.send(new DeleteStreamCommand({ StreamARN })))).toBe('ResourceInUseException');
    await clock.advance(500);
    const { Status, Version } = (await describe_(client, StreamARN))!;
    expect(Status).toBe('ACTIVE');
    expect(await errorName(client.send(new DeleteStreamCommand({ StreamARN, CurrentVersion: 'other' })))).toBe('VersionMismatchException');
    await client.send(new DeleteStreamCommand({ StreamARN, CurrentVersion: Version }));
    expect((await describe_(client, StreamARN))!.Status).toBe('DELETING');
    expect(await errorName(client.send(new CreateStreamCommand({ StreamName: 'gate' })))).toBe('ResourceInUseException');
    await clock.advance(500);
    expect(await errorOf(describe_(client, StreamARN))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test('keep nothing by default', async () => {
    const { client } = await startStreams();
    const { StreamARN } = await client.send(new CreateStreamCommand({ StreamName: 'gate' }));
    expect((await describe_(client, StreamARN!))!.DataRetentionInHours).toBe(0);
  });

  test('are listed in pages, by the beginning of their name', async () => {
    const { client } = await startStreams();
    for (const StreamName of ['gate-1', 'gate-2', 'gate-3']) await client.send(new CreateStreamCommand({ StreamName }));
    const condition = { ComparisonOperator: 'BEGINS_WITH' as const, ComparisonValue: 'gate' };
    const first = await client.send(new ListStreamsCommand({ MaxResults: 2, StreamNameCondition: condition }));
    const second = await client.send(new ListStreamsCommand({ StreamNameCondition: condition, NextToken: first.NextToken }));
    expect([first, second].map(({ StreamInfoList }) => StreamInfoList!.map(({ StreamName }) => StreamName))).toEqual([['gate-1', 'gate-2'], ['gate-3']]);
    expect(second.NextToken).toBeUndefined();
  });

  test('have a quota', async () => {
    const { client } = await startStreams({ quotas: { streams: 1 } });
    expect(await errorName(client.send(new CreateStreamCommand({ StreamName: 'gate' })))).toBe('AccountStreamLimitExceededException');
  });

  test('of another account are not accessible, and without name and ARN the call is invalid', async () => {
    const { client, arn } = await startStreams();
    expect(await errorName(describe_(client, arn.replace(account, '210987654321')))).toBe('AccessDeniedException');
    expect(await errorName(client.send(new DescribeStreamCommand({})))).toBe('InvalidArgumentException');
  });
});

describe.each([
  ['image generation', images, putImages, IMAGES, async (client: KinesisVideoClient, StreamARN: string) => client.send(new UpdateImageGenerationConfigurationCommand({ StreamARN }))],
  ['notification', notification, putTopic, { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } }, async (client: KinesisVideoClient, StreamARN: string) => client.send(new UpdateNotificationConfigurationCommand({ StreamARN }))],
] as const)('%s', (noun, get, put, document, clear) => {
  test('is absent at first, as it was put, and deleted by an update without it', async () => {
    const { client, arn } = await startStreams();
    expect(await get(client, arn)).toBeUndefined();
    await put(client, arn);
    expect(await get(client, arn)).toEqual(document);
    await clear(client, arn);
    expect(await get(client, arn)).toBeUndefined();
  });

  test('is deleted by null', async () => {
    const { client, server, arn } = await startStreams();
    await put(client, arn);
    const operation = noun === 'notification' ? 'NotificationConfiguration' : 'ImageGenerationConfiguration';
    const response = await fetch(`${server.endpoint('kinesisvideo')}/update${operation}`, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/${region}/kinesisvideo/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}` },
      body: JSON.stringify({ StreamARN: arn, [operation]: null }),
    });
    expect(response.status).toBe(200);
    expect(await get(client, arn)).toBeUndefined();
  });

  test('needs a stream that keeps data', async () => {
    const { client, stream } = await startStreams();
    const arn = stream('volatile', 0);
    expect(await errorOf(put(client, arn))).toMatchObject({ name: 'NoDataRetentionException', $metadata: { httpStatusCode: 400 } });
    await clear(client, arn);
  });

  test('makes the stream UPDATING, in which it takes no change', async () => {
    const { client, clock, arn } = await startStreams({}, { updating: 500 });
    const { Version } = (await describe_(client, arn))!;
    await put(client, arn);
    const updating = (await describe_(client, arn))!;
    expect(updating.Status).toBe('UPDATING');
    expect(updating.Version).not.toBe(Version);
    expect(await errorName(put(client, arn))).toBe('ResourceInUseException');
    expect(await errorName(clear(client, arn))).toBe('ResourceInUseException');
    expect(await get(client, arn)).toEqual(document);
    await clock.advance(500);
    await put(client, arn);
  });

  test('leaves the status as it is, if that is what the service does', async () => {
    const { client, arn } = await startStreams({ settingsChangeStatus: false }, { updating: 500 });
    const before = await describe_(client, arn);
    await put(client, arn);
    expect(await describe_(client, arn)).toEqual(before);
  });

  test('of a stream that isn\'t ACTIVE may not be found', async () => {
    const { client, arn } = await startStreams({ notActive: 'not-found' }, { updating: 500 });
    await put(client, arn);
    expect((await errorOf(put(client, arn))).message).toContain('not found or not active');
  });

  test('of a missing stream isn\'t found', async () => {
    const { client, arn } = await startStreams();
    const missing = arn.replace('/door/', '/other/');
    for (const call of [get, put, clear]) expect(await errorName(call(client, missing))).toBe('ResourceNotFoundException');
  });

  test('can be read and changed five times per second', async () => {
    const { client, clock, arn } = await startStreams({}, {}, 'documented');
    for (const call of [get, put]) {
      await clock.advance(1000);
      for (let count = 0; count < 5; count += 1) await call(client, arn);
      expect(await errorName(call(client, arn))).toBe('ClientLimitExceededException');
    }
  });
});

describe('image generation', () => {
  test.each<[string, object]>([
    ['an interval below 200 ms', { SamplingInterval: 199 }],
    ['another format', { Format: 'GIF' }],
    ['another selector', { ImageSelectorType: 'LATEST' }],
    ['another status', { Status: 'ON' }],
    ['a quality of 0', { FormatConfig: { JPEGQuality: '0' } }],
    ['a quality of 101', { FormatConfig: { JPEGQuality: '101' } }],
    ['a quality that is a number', { FormatConfig: { JPEGQuality: 80 } }],
    ['a quality of PNG', { Format: 'PNG' }],
    ['an empty format configuration', { FormatConfig: {} }],
    ['another key of the format configuration', { FormatConfig: { Quality: '80' } }],
    ['a width of 0', { WidthPixels: 0 }],
    ['a width of 3841', { WidthPixels: 3841 }],
    ['a height of 2161', { HeightPixels: 2161 }],
    ['a bucket in another region', { DestinationConfig: { Uri: 's3://bucket', DestinationRegion: 'ap-south-1' } }],
    ['a destination that isn\'t in S3', { DestinationConfig: { Uri: 'https://bucket', DestinationRegion: region } }],
    ['an asterisk in the prefix', { DestinationConfig: { Uri: 's3://bucket/a*', DestinationRegion: region } }],
    ['a URI of 256 characters', { DestinationConfig: { Uri: `s3://bucket/${'a'.repeat(244)}`, DestinationRegion: region } }],
    ['no destination', { DestinationConfig: undefined }],
    ['no interval', { SamplingInterval: undefined }],
  ])('is refused with %s', async (_, more) => {
    const { client, arn } = await startStreams();
    expect(await errorName(putImages(client, arn, more))).toBe('InvalidArgumentException');
    expect(await images(client, arn)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['the smallest values', { FormatConfig: { JPEGQuality: '1' }, WidthPixels: 1, HeightPixels: 1 }],
    ['the greatest values', { FormatConfig: { JPEGQuality: '100' }, WidthPixels: 3840, HeightPixels: 2160, SamplingInterval: 2 ** 31 - 1 }],
    ['a bucket without a prefix', { DestinationConfig: { Uri: 's3://bucket', DestinationRegion: region } }],
    ['PNG', { Format: 'PNG', FormatConfig: undefined, Status: 'DISABLED', ImageSelectorType: 'SERVER_TIMESTAMP' }],
  ])('is accepted with %s', async (_, more) => {
    const { client, arn } = await startStreams();
    await putImages(client, arn, more);
    expect(await images(client, arn)).toEqual(JSON.parse(JSON.stringify({ ...IMAGES, ...more })));
  });

  test('may show members that were not put', async () => {
    const { client, arn } = await startStreams({ imageGenerationDefaults: { WidthPixels: 1280 } });
    await putImages(client, arn);
    expect(await images(client, arn)).toEqual({ ...IMAGES, WidthPixels: 1280 });
  });
});

describe('notification', () => {
  test.each([`${TOPIC}.fifo`, 's3://bucket', 'arn:aws:sqs:eu-west-1:123456789012:queue', `${TOPIC}*`])('to %s is refused', async (uri) => {
    const { client, arn } = await startStreams();
    expect(await errorName(putTopic(client, arn, uri))).toBe('InvalidArgumentException');
  });
});

describe('tags', () => {
  const tagsOf = async (client: KinesisVideoClient, StreamARN: string) => {
    const tags: Record<string, string> = {};
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListTagsForStreamCommand({ StreamARN, NextToken }));
      Object.assign(tags, page.Tags);
      NextToken = page.NextToken;
    } while (NextToken);
    return tags;
  };

  test('are added, replaced, removed, and listed in pages', async () => {
    const { client, arn } = await startStreams({ tagPageSize: 2 });
    await client.send(new TagStreamCommand({ StreamARN: arn, Tags: { a: '1', b: '2', c: '3' } }));
    await client.send(new TagStreamCommand({ StreamName: 'door', Tags: { a: '4' } }));
    await client.send(new UntagStreamCommand({ StreamARN: arn, TagKeyList: ['b', 'unknown'] }));
    expect(await tagsOf(client, arn)).toEqual({ a: '4', c: '3' });
  });

  test.each<[string, Record<string, string>, string]>([
    ['none', {}, 'InvalidArgumentException'],
    ['a reserved key', { 'aws:a': '1' }, 'InvalidArgumentException'],
    ['a character that a tag can\'t have', { a: '*' }, 'InvalidArgumentException'],
    ['the 51st tag', { more: '1' }, 'TagsPerResourceExceededLimitException'],
  ])('%s', async (_, Tags, error) => {
    const { client, arn } = await startStreams();
    await client.send(new TagStreamCommand({ StreamARN: arn, Tags: Object.fromEntries(Array.from({ length: 50 }, (__, at) => [`key${at}`, 'v'])) }));
    expect(await errorName(client.send(new TagStreamCommand({ StreamARN: arn, Tags })))).toBe(error);
  });

  test('of a stream that isn\'t ACTIVE may be refused', async () => {
    const { client, emulator, arn } = await startStreams({ notActive: 'not-found' });
    emulator.edit({ service: 'kinesisvideo', resource: arn, status: 'UPDATING' });
    expect(await errorName(client.send(new TagStreamCommand({ StreamARN: arn, Tags: { a: '1' } })))).toBe('ResourceNotFoundException');
    expect(await errorName(client.send(new UntagStreamCommand({ StreamARN: arn, TagKeyList: ['a'] })))).toBe('ResourceNotFoundException');
  });
});

test('an edit changes the settings of a stream out of band', async () => {
  const { client, emulator, arn } = await startStreams();
  emulator.edit({ service: 'kinesisvideo', resource: arn, imageGeneration: IMAGES, notification: { Status: 'DISABLED', DestinationConfig: { Uri: TOPIC } } });
  expect([await images(client, arn), await notification(client, arn)]).toEqual([IMAGES, { Status: 'DISABLED', DestinationConfig: { Uri: TOPIC } }]);
  emulator.edit({ service: 'kinesisvideo', resource: arn, imageGeneration: null, notification: null });
  expect([await images(client, arn), await notification(client, arn)]).toEqual([undefined, undefined]);
});

test('CloudFormation replaces the tags of a stream and keeps its settings, and deletes it in any status', async () => {
  const { client, emulator, arn } = await startStreams({}, { updating: 500 });
  await putImages(client, arn);
  const request = { type: 'AWS::KinesisVideo::Stream', region, physicalId: 'door', properties: { Name: 'door', DataRetentionInHours: 5, Tags: [{ Key: 'a', Value: '1' }] } };
  emulator.applyResource({ action: 'update', ...request });
  expect(await images(client, arn)).toEqual(IMAGES);
  expect((await client.send(new ListTagsForStreamCommand({ StreamARN: arn }))).Tags).toEqual({ a: '1' });
  emulator.applyResource({ action: 'delete', ...request });
  expect(await errorName(describe_(client, arn))).toBe('ResourceNotFoundException');
});
