import {
  CreateStreamCommand, DeleteStreamCommand, DescribeImageGenerationConfigurationCommand, DescribeNotificationConfigurationCommand,
  DescribeStreamCommand, DescribeStreamStorageConfigurationCommand, GetDataEndpointCommand, GetDataEndpointCommandInput,
  ImageGenerationConfiguration, KinesisVideoClient,
  ListStreamsCommand, ListTagsForStreamCommand, TagStreamCommand, UntagStreamCommand, UpdateDataRetentionCommand,
  UpdateDataRetentionCommandInput, UpdateImageGenerationConfigurationCommand, UpdateNotificationConfigurationCommand,
  UpdateStreamStorageConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import { account, errorName, errorOf, region, start } from './harness';
import { Emulator, kinesisVideo, KinesisVideoOptions } from '../../../local/emulator';

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

const STREAM = 'AWS::KinesisVideo::Stream';

const retain = async (client: KinesisVideoClient, more: Partial<UpdateDataRetentionCommandInput>) => (
  client.send(new UpdateDataRetentionCommand({ CurrentVersion: undefined, Operation: 'INCREASE_DATA_RETENTION', DataRetentionChangeInHours: 1, ...more }))
);
const tier = async (client: KinesisVideoClient, StreamARN: string) => (
  (await client.send(new DescribeStreamStorageConfigurationCommand({ StreamARN }))).StreamStorageConfiguration!.DefaultStorageTier
);
const putTier = async (client: KinesisVideoClient, StreamARN: string, CurrentVersion: string) => (
  client.send(new UpdateStreamStorageConfigurationCommand({ StreamARN, CurrentVersion, StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }))
);
type DataAPIName = NonNullable<GetDataEndpointCommandInput['APIName']>;
const dataEndpoint = async (client: KinesisVideoClient, StreamARN: string, APIName: DataAPIName = 'PUT_MEDIA') => (
  (await client.send(new GetDataEndpointCommand({ StreamARN, APIName }))).DataEndpoint
);
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

  test('are not found without name and ARN: the call is invalid', async () => {
    const { client } = await startStreams();
    expect(await errorName(client.send(new DescribeStreamCommand({})))).toBe('InvalidArgumentException');
  });

  // Which of the two errors an operation has, and the status 401, are facts of the service model. Users observed the status 403 of AccessDeniedException.
  test.each<[string, string, (client: KinesisVideoClient, StreamARN: string) => Promise<unknown>]>([
    ['DescribeStream', 'NotAuthorizedException', describe_],
    ['DeleteStream', 'NotAuthorizedException', async (client, StreamARN) => client.send(new DeleteStreamCommand({ StreamARN }))],
    ['UpdateDataRetention', 'NotAuthorizedException', async (client, StreamARN) => retain(client, { StreamARN, CurrentVersion: 'any' })],
    ['TagStream', 'NotAuthorizedException', async (client, StreamARN) => client.send(new TagStreamCommand({ StreamARN, Tags: { a: '1' } }))],
    ['UntagStream', 'NotAuthorizedException', async (client, StreamARN) => client.send(new UntagStreamCommand({ StreamARN, TagKeyList: ['a'] }))],
    ['ListTagsForStream', 'NotAuthorizedException', async (client, StreamARN) => client.send(new ListTagsForStreamCommand({ StreamARN }))],
    ['GetDataEndpoint', 'NotAuthorizedException', dataEndpoint],
    ['DescribeStreamStorageConfiguration', 'AccessDeniedException', tier],
    ['UpdateStreamStorageConfiguration', 'AccessDeniedException', async (client, StreamARN) => putTier(client, StreamARN, 'v')],
    ['DescribeImageGenerationConfiguration', 'AccessDeniedException', images],
    ['UpdateImageGenerationConfiguration', 'AccessDeniedException', putImages],
    ['DescribeNotificationConfiguration', 'AccessDeniedException', notification],
    ['UpdateNotificationConfiguration', 'AccessDeniedException', putTopic],
  ])('of another account are not accessible: %s answers %s', async (_, name, call) => {
    const { client, arn } = await startStreams();
    const there = arn.replace(account, '210987654321');
    expect(await errorOf(call(client, there))).toMatchObject({ name, $metadata: { httpStatusCode: name === 'NotAuthorizedException' ? 401 : 403 } });
  });

  test('are described without tier, image generation, and notification', async () => {
    const { client, emulator } = await startStreams();
    const properties = { Name: 'gate', DataRetentionInHours: 1, DeviceName: 'cam', MediaType: 'video/h264', KmsKeyId: 'own-key', StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } };
    emulator.applyResource({ action: 'create', type: STREAM, region, properties });
    const { StreamARN } = (await client.send(new DescribeStreamCommand({ StreamName: 'gate' }))).StreamInfo!;
    await putImages(client, StreamARN!);
    await putTopic(client, StreamARN!);
    expect(await describe_(client, StreamARN!)).toEqual({
      StreamName: 'gate',
      StreamARN,
      Status: 'ACTIVE',
      Version: expect.stringMatching(/^[a-zA-Z0-9]{1,64}$/),
      CreationTime: new Date(Number(StreamARN!.split('/')[2])),
      DataRetentionInHours: 1,
      DeviceName: 'cam',
      MediaType: 'video/h264',
      KmsKeyId: 'own-key',
    });
  });

  test('have the tier HOT by default, and the tier of their creation', async () => {
    const { client, arn } = await startStreams();
    const { StreamARN } = await client.send(new CreateStreamCommand({ StreamName: 'gate', StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }));
    expect([await tier(client, arn), await tier(client, StreamARN!)]).toEqual(['HOT', 'WARM']);
    expect(await errorName(client.send(new CreateStreamCommand({ StreamName: 'cold', StreamStorageConfiguration: { DefaultStorageTier: 'COLD' as never } }))))
      .toBe('InvalidArgumentException');
  });

  test.each<[string, (client: KinesisVideoClient, StreamARN: string) => Promise<unknown>]>([
    ['DescribeStream', describe_],
    ['GetDataEndpoint', dataEndpoint],
    ['DescribeStreamStorageConfiguration', tier],
    ['TagStream', async (client, StreamARN) => client.send(new TagStreamCommand({ StreamARN, Tags: { a: '1' } }))],
    ['UntagStream', async (client, StreamARN) => client.send(new UntagStreamCommand({ StreamARN, TagKeyList: ['a'] }))],
    ['ListTagsForStream', async (client, StreamARN) => client.send(new ListTagsForStreamCommand({ StreamARN }))],
  ])('take five calls of %s per second, and those of another stream besides', async (_, call) => {
    const { client, stream, arn } = await startStreams({}, {}, 'documented');
    for (let count = 0; count < 5; count += 1) await call(client, arn);
    expect(await errorOf(call(client, arn))).toMatchObject({ name: 'ClientLimitExceededException', $metadata: { httpStatusCode: 400 } });
    await call(client, stream('other'));
  });

  test.each<[string, number, (client: KinesisVideoClient, StreamARN: string) => Promise<unknown>]>([
    ['DescribeStream', 300, describe_],
    ['GetDataEndpoint', 300, dataEndpoint],
    ['UpdateStreamStorageConfiguration', 50, async (client, StreamARN) => putTier(client, StreamARN, 'v')],
    ['DescribeImageGenerationConfiguration', 50, images],
    ['UpdateImageGenerationConfiguration', 50, putImages],
    ['DescribeNotificationConfiguration', 50, notification],
    ['UpdateNotificationConfiguration', 50, putTopic],
    ['DescribeStreamStorageConfiguration', 50, tier],
    ['TagStream', 50, async (client, StreamARN) => client.send(new TagStreamCommand({ StreamARN, Tags: { a: '1' } }))],
    ['UntagStream', 50, async (client, StreamARN) => client.send(new UntagStreamCommand({ StreamARN, TagKeyList: ['a'] }))],
    ['ListTagsForStream', 50, async (client, StreamARN) => client.send(new ListTagsForStreamCommand({ StreamARN }))],
  ])('of an account take %s %s times per second', async (_, perSecond, call) => {
    const { client, arn } = await startStreams({}, {}, 'documented');
    const outcomes = [];
    for (let at = 0; at < perSecond + 2; at += 1) outcomes.push(await errorName(call(client, arn.replace('/door/', `/missing-${at}/`))));
    expect(outcomes).toEqual([...Array(perSecond).fill('ResourceNotFoundException'), 'ClientLimitExceededException', 'ClientLimitExceededException']);
  });

  test.each<DataAPIName>([
    'PUT_MEDIA', 'GET_MEDIA', 'LIST_FRAGMENTS', 'GET_MEDIA_FOR_FRAGMENT_LIST', 'GET_HLS_STREAMING_SESSION_URL', 'GET_DASH_STREAMING_SESSION_URL', 'GET_CLIP',
    'GET_IMAGES',
  ])('have a data endpoint for %s', async (APIName) => {
    const { client, arn } = await startStreams();
    const endpoint = await dataEndpoint(client, arn, APIName);
    expect(endpoint).toMatch(new RegExp(`^https://s-[0-9a-f]{8}\\.kinesisvideo\\.${region}\\.amazonaws\\.com$`));
    expect((await client.send(new GetDataEndpointCommand({ StreamName: 'door', APIName }))).DataEndpoint).toBe(endpoint);
  });

  test('have no data endpoint for another API, or if they are missing', async () => {
    const { client, arn } = await startStreams();
    expect(await errorName(dataEndpoint(client, arn, 'PUT_MEDIUM' as never))).toBe('InvalidArgumentException');
    expect(await errorName(client.send(new GetDataEndpointCommand({ StreamARN: arn } as never)))).toBe('InvalidArgumentException');
    expect(await errorName(dataEndpoint(client, arn.replace('/door/', '/gate/')))).toBe('ResourceNotFoundException');
  });

  test('take another tier by an update with the current version, which makes them UPDATING', async () => {
    const { client, clock, arn } = await startStreams({}, { updating: 500 });
    const { Version } = (await describe_(client, arn))!;
    expect(await errorName(putTier(client, arn, 'other'))).toBe('VersionMismatchException');
    await putTier(client, arn, Version!);
    const updating = (await describe_(client, arn))!;
    expect([updating.Status, updating.Version === Version]).toEqual(['UPDATING', false]);
    expect(await errorName(putTier(client, arn, updating.Version!))).toBe('ResourceInUseException');
    await clock.advance(500);
    expect([(await describe_(client, arn))!.Status, await tier(client, arn)]).toEqual(['ACTIVE', 'WARM']);
  });

  test.each<[string, object]>([
    ['another tier', { CurrentVersion: 'v', StreamStorageConfiguration: { DefaultStorageTier: 'COLD' } }],
    ['no tier', { CurrentVersion: 'v', StreamStorageConfiguration: {} }],
    ['no configuration', { CurrentVersion: 'v' }],
    ['no version', { StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }],
  ])('take no update of the tier with %s', async (_, more) => {
    const { client, arn } = await startStreams();
    expect(await errorName(client.send(new UpdateStreamStorageConfigurationCommand({ StreamARN: arn, ...more } as never)))).toBe('InvalidArgumentException');
    expect(await tier(client, arn)).toBe('HOT');
  });
});

describe('the data retention', () => {
  const state = async (client: KinesisVideoClient, arn: string) => (await describe_(client, arn))!;

  test('changes by hours, makes the stream UPDATING, and gives it a new version', async () => {
    const { client, clock, arn } = await startStreams({}, { updating: 500 });
    const { Version } = await state(client, arn);
    await retain(client, { StreamARN: arn, CurrentVersion: Version });
    const updating = await state(client, arn);
    expect(updating).toMatchObject({ Status: 'UPDATING', DataRetentionInHours: 25 });
    expect(updating.Version).not.toBe(Version);
    expect(await errorName(retain(client, { StreamARN: arn, CurrentVersion: updating.Version }))).toBe('ResourceInUseException');
    await clock.advance(500);
    await retain(client, { StreamARN: arn, CurrentVersion: updating.Version, Operation: 'DECREASE_DATA_RETENTION', DataRetentionChangeInHours: 20 });
    expect((await state(client, arn)).DataRetentionInHours).toBe(5);
  });

  test('needs the current version, and can\'t be negative', async () => {
    const { client, arn } = await startStreams();
    const { Version } = await state(client, arn);
    expect(await errorName(retain(client, { StreamARN: arn, CurrentVersion: 'other' }))).toBe('VersionMismatchException');
    const decrease = { StreamARN: arn, CurrentVersion: Version, Operation: 'DECREASE_DATA_RETENTION' as const };
    expect(await errorName(retain(client, { ...decrease, DataRetentionChangeInHours: 25 }))).toBe('InvalidArgumentException');
    await retain(client, { ...decrease, DataRetentionChangeInHours: 24 });
    expect((await state(client, arn)).DataRetentionInHours).toBe(0);
  });

  test.each([false, true])('of 0 hours deletes image generation and notification, if that is what the service does: %s', async (retentionDeletesSettings) => {
    const { client, arn } = await startStreams({ retentionDeletesSettings });
    await putImages(client, arn);
    await putTopic(client, arn);
    const { Version } = await state(client, arn);
    await retain(client, { StreamARN: arn, CurrentVersion: Version, Operation: 'DECREASE_DATA_RETENTION', DataRetentionChangeInHours: 24 });
    const both = [IMAGES, { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } }];
    expect([await images(client, arn), await notification(client, arn)]).toEqual(retentionDeletesSettings ? [undefined, undefined] : both);
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

  test.each<[string, object]>([
    ['another status', { Status: 'ON', DestinationConfig: { Uri: TOPIC } }],
    ['no status', { DestinationConfig: { Uri: TOPIC } }],
    ['no destination', { Status: 'ENABLED' }],
    ['a URI of 256 characters', { Status: 'ENABLED', DestinationConfig: { Uri: `${TOPIC}${'x'.repeat(256 - TOPIC.length)}` } }],
  ])('is refused with %s', async (_, NotificationConfiguration) => {
    const { client, arn } = await startStreams();
    expect(await errorName(client.send(new UpdateNotificationConfigurationCommand({ StreamARN: arn, NotificationConfiguration } as never))))
      .toBe('InvalidArgumentException');
    expect(await notification(client, arn)).toBeUndefined();
  });

  test('to a URI of 255 characters is accepted', async () => {
    const { client, arn } = await startStreams();
    const uri = `${TOPIC}${'x'.repeat(255 - TOPIC.length)}`;
    await putTopic(client, arn, uri);
    expect((await notification(client, arn))!.DestinationConfig).toEqual({ Uri: uri });
  });

  test('to a topic of another region is accepted or refused, whichever the service does', async () => {
    const there = TOPIC.replace(region, 'ap-south-1');
    const [accepting, refusing] = [await startStreams(), await startStreams({ otherRegionTopics: 'refuse' })];
    await putTopic(accepting.client, accepting.arn, there);
    expect((await notification(accepting.client, accepting.arn))!.DestinationConfig).toEqual({ Uri: there });
    expect(await errorName(putTopic(refusing.client, refusing.arn, there))).toBe('InvalidArgumentException');
    await putTopic(refusing.client, refusing.arn);
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
    ['51 tags in one call', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`key${at}`, 'v'])), 'InvalidArgumentException'],
  ])('%s', async (_, Tags, error) => {
    const { client, arn } = await startStreams();
    await client.send(new TagStreamCommand({ StreamARN: arn, Tags: Object.fromEntries(Array.from({ length: 50 }, (__, at) => [`key${at}`, 'v'])) }));
    expect(await errorName(client.send(new TagStreamCommand({ StreamARN: arn, Tags })))).toBe(error);
  });

  test.each([0, 51])('are removed by 1 to 50 keys per call, not by %s', async (count) => {
    const { client, arn } = await startStreams();
    const TagKeyList = Array.from({ length: count }, (_, at) => `key${at}`);
    expect(await errorName(client.send(new UntagStreamCommand({ StreamARN: arn, TagKeyList })))).toBe('InvalidArgumentException');
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

describe('CloudFormation', () => {
  const apply = ({ emulator }: { emulator: Emulator }, action: 'create' | 'update', properties: Record<string, unknown>, physicalId?: string) => (
    emulator.applyResource({ action, type: STREAM, region, physicalId, logicalId: 'Camera', properties })
  );

  test('answers the name as Ref, the ARN as the only attribute, and generates a name if none is given', async () => {
    const harness = await startStreams();
    const named = apply(harness, 'create', { Name: 'gate' });
    expect(named).toEqual({ physicalId: 'gate', attributes: { Arn: expect.stringMatching(`^arn:aws:kinesisvideo:${region}:${account}:stream/gate/\\d+$`) } });
    const generated = apply(harness, 'create', {});
    expect(generated.physicalId).toContain('Camera');
    expect(await describe_(harness.client, generated.attributes.Arn as string)).toMatchObject({ StreamName: generated.physicalId, Status: 'ACTIVE' });
  });

  test('replaces a stream whose name changes, and keeps the former one until it is deleted', async () => {
    const harness = await startStreams();
    const replaced = apply(harness, 'update', { Name: 'gate', DataRetentionInHours: 24 }, 'door');
    expect(replaced.physicalId).toBe('gate');
    expect(await describe_(harness.client, harness.arn)).toMatchObject({ StreamName: 'door' });
  });

  test('changes the retention in place, with a new version', async () => {
    const harness = await startStreams();
    const before = (await describe_(harness.client, harness.arn))!;
    expect(apply(harness, 'update', { Name: 'door', DataRetentionInHours: '48' }, 'door').attributes.Arn).toBe(harness.arn);
    const after = (await describe_(harness.client, harness.arn))!;
    expect([after.DataRetentionInHours, after.Version === before.Version]).toEqual([48, false]);
  });

  test('can\'t change the key of a stream', async () => {
    const harness = await startStreams();
    const { Arn } = apply(harness, 'create', { Name: 'gate', KmsKeyId: 'first' }).attributes;
    apply(harness, 'update', { Name: 'gate', KmsKeyId: 'second' }, 'gate');
    expect((await describe_(harness.client, Arn as string))!.KmsKeyId).toBe('first');
  });

  test.each<[KinesisVideoOptions['changedTier'], string]>([['changed', 'WARM'], ['ignored', 'HOT']])('with a new tier: %s', async (changedTier, expected) => {
    const harness = await startStreams({ changedTier });
    apply(harness, 'update', { Name: 'door', StreamStorageConfiguration: { DefaultStorageTier: 'WARM' } }, 'door');
    expect(await tier(harness.client, harness.arn)).toBe(expected);
  });
});

test('CloudFormation replaces the tags of a stream and keeps its settings, and deletes it in any status', async () => {
  const { client, emulator, arn } = await startStreams({}, { updating: 500 });
  await putImages(client, arn);
  const request = { type: 'AWS::KinesisVideo::Stream', region, physicalId: 'door', properties: { Name: 'door', DataRetentionInHours: 5, MediaType: 'video/h264', DeviceName: 'camera', Tags: [{ Key: 'a', Value: '1' }] } };
  emulator.applyResource({ action: 'update', ...request });
  expect(await describe_(client, arn)).toMatchObject({ DataRetentionInHours: 5, MediaType: 'video/h264', DeviceName: 'camera' });
  expect(await images(client, arn)).toEqual(IMAGES);
  expect((await client.send(new ListTagsForStreamCommand({ StreamARN: arn }))).Tags).toEqual({ a: '1' });
  emulator.applyResource({ action: 'delete', ...request });
  expect(await errorName(describe_(client, arn))).toBe('ResourceNotFoundException');
});
