import * as fs from 'node:fs';
import {
  App, Aspects, Aws, CfnCondition, CfnOutput, CfnParameter, CfnResource, Duration, Fn, Lazy, Mixins, PhysicalName, PropertyInjectors, RemovalPolicy,
  Stack, Tags, Validations,
} from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  ImageFormat, ImageSelectorType, mixins, SignalingChannel, StorageTier, VideoStream, VideoStreamGrants, type VideoStreamImageGenerationOptions,
  type VideoStreamNotificationOptions, type VideoStreamProps,
} from '../../src';
import { problem } from '../problem';

const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const TYPE = 'AWS::KinesisVideo::Stream';
const IMAGES = 'Custom::RtcVideoStreamImageGeneration';
const NOTIFICATION = 'Custom::RtcVideoStreamNotification';
const ARN = 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/camera/1700000000000';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:fragments';
const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);
const newRole = (stack: Stack, id = 'Role') => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
const template = (props?: VideoStreamProps, stack = newStack()) => {
  new VideoStream(stack, 'Camera', props);
  return Template.fromStack(stack);
};
const only = (synthesized: Template, type: string) => {
  synthesized.resourceCountIs(type, 1);
  return Object.values(synthesized.findResources(type))[0];
};
const dataRetention = Duration.days(1);
const importedBucket = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'images');
const images = (stack: Stack, options: Partial<VideoStreamImageGenerationOptions> = {}): VideoStreamImageGenerationOptions => (
  { bucket: options.bucket ?? importedBucket(stack), samplingInterval: Duration.seconds(3), ...options }
);
const notification = (stack: Stack, options: Partial<VideoStreamNotificationOptions> = {}): VideoStreamNotificationOptions => (
  { topic: options.topic ?? sns.Topic.fromTopicArn(stack, 'Topic', TOPIC_ARN), ...options }
);

describe('properties', () => {
  test('none are sent by default, and the stream is retained', () => {
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = only(template(), TYPE);
    expect([Properties, DeletionPolicy, UpdateReplacePolicy]).toEqual([undefined, 'Retain', 'Retain']);
  });

  test('all are sent', () => {
    const stack = newStack();
    const properties = only(template({
      streamName: 'front-door',
      dataRetention: Duration.days(2),
      mediaType: 'video/h264,audio/aac',
      deviceName: 'camera_1.a-b',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN),
      defaultStorageTier: StorageTier.WARM,
    }, stack), TYPE).Properties;
    expect(properties).toEqual({
      Name: 'front-door',
      DataRetentionInHours: 48,
      MediaType: 'video/h264,audio/aac',
      DeviceName: 'camera_1.a-b',
      KmsKeyId: KEY_ARN,
      StreamStorageConfiguration: { DefaultStorageTier: 'WARM' },
    });
  });

  test('a stream alone adds one resource, and no functions', () => {
    expect(Object.keys(template({ dataRetention }).toJSON().Resources)).toHaveLength(1);
  });

  test.each<[string, (stack: Stack) => kms.IKeyRef, unknown]>([
    ['a key of the app', (stack) => new kms.Key(stack, 'Key'), { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] }],
    ['an L1 key', (stack) => new kms.CfnKey(stack, 'Key', { keyPolicy: {} }), { 'Fn::GetAtt': ['Key', 'Arn'] }],
  ])('the ARN of %s', (_, encryptionKey, arn) => {
    const stack = newStack();
    expect(only(template({ encryptionKey: encryptionKey(stack) }, stack), TYPE).Properties).toEqual({ KmsKeyId: arn });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    const properties = only(template({
      streamName: parameter('Name').valueAsString,
      dataRetention: Duration.hours(parameter('Retention', 'Number').valueAsNumber),
      mediaType: parameter('Media').valueAsString,
      deviceName: parameter('Device').valueAsString,
      defaultStorageTier: parameter('Tier').valueAsString as StorageTier,
      imageGeneration: images(stack, {
        bucket: s3.Bucket.fromBucketName(stack, 'Bucket', parameter('BucketName').valueAsString),
        keyPrefix: parameter('Prefix').valueAsString,
        samplingInterval: Duration.millis(parameter('Interval', 'Number').valueAsNumber),
        jpegQuality: parameter('Quality', 'Number').valueAsNumber,
        format: parameter('Format').valueAsString as ImageFormat,
      }),
      notification: { topic: sns.Topic.fromTopicArn(stack, 'Topic', parameter('TopicArn').valueAsString) },
    }, stack), TYPE).Properties;
    expect(properties).toEqual({
      Name: { Ref: 'Name' },
      DataRetentionInHours: { Ref: 'Retention' },
      MediaType: { Ref: 'Media' },
      DeviceName: { Ref: 'Device' },
      StreamStorageConfiguration: { DefaultStorageTier: { Ref: 'Tier' } },
    });
    expect(only(Template.fromStack(stack), IMAGES).Properties).toMatchObject({
      Destination: { 'Fn::Join': ['', ['s3://', { Ref: 'BucketName' }, '/', { Ref: 'Prefix' }]] },
      SamplingInterval: { Ref: 'Interval' },
      JpegQuality: { Ref: 'Quality' },
      Format: { Ref: 'Format' },
    });
    expect(only(Template.fromStack(stack), NOTIFICATION).Properties).toMatchObject({ TopicArn: { Ref: 'TopicArn' } });
  });

  test('a physical name that is generated if needed', () => {
    const app = new App();
    const producer = newStack({ env }, 'Producer', app);
    const consumer = newStack({ env: { ...env, region: 'eu-west-1' } }, 'Consumer', app);
    const stream = new VideoStream(producer, 'Camera', { streamName: PhysicalName.GENERATE_IF_NEEDED });
    new CfnOutput(consumer, 'Name', { value: stream.streamName });
    app.synth();
    const { Name } = only(Template.fromStack(producer), TYPE).Properties;
    expect(Name).toMatch(/^[a-zA-Z0-9_.-]{1,256}$/);
    Template.fromStack(consumer).hasOutput('Name', { Value: Name });
  });

  test.each([[RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate'], [RemovalPolicy.DESTROY, 'Delete']])(
    'removalPolicy %s', (removalPolicy, deletionPolicy) => {
      expect(only(template({ removalPolicy }), TYPE).DeletionPolicy).toBe(deletionPolicy);
    });

  test('tags of the construct and of the stack', () => {
    const stack = newStack();
    Tags.of(new VideoStream(stack, 'Camera')).add('team', 'doors');
    Tags.of(stack).add('cost', Aws.STACK_NAME);
    expect(only(Template.fromStack(stack), TYPE).Properties).toEqual({ Tags: [{ Key: 'cost', Value: { Ref: 'AWS::StackName' } }, { Key: 'team', Value: 'doors' }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: VideoStream.PROPERTY_INJECTION_ID,
      inject: (original: VideoStreamProps) => ({ mediaType: 'video/h264', ...original }),
    });
    expect(only(template({}, stack), TYPE).Properties).toEqual({ MediaType: 'video/h264' });
  });
});

describe('attributes', () => {
  test('Ref is the name, and the ARN is an attribute', () => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera');
    const id = stack.getLogicalId(stream.node.defaultChild as CfnResource);
    const { streamName, streamArn, streamRef, encryptionKey } = stream;
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    const reference = { streamName: { Ref: id }, streamArn: arn };
    expect(stack.resolve({ streamName, streamArn, streamRef })).toEqual({ ...reference, streamRef: reference });
    expect(encryptionKey).toBeUndefined();
  });

  test('isVideoStream knows a stream from an import and from other values', () => {
    const stack = newStack();
    const values = [new VideoStream(stack, 'Camera'), VideoStream.fromStreamArn(stack, 'Imported', ARN), new kinesisvideo.CfnStream(stack, 'L1'), undefined, null, 'Camera'];
    expect(values.map((value) => VideoStream.isVideoStream(value))).toEqual([true, false, false, false, false, false]);
  });

  test('a stream refers to its key', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Key');
    expect(new VideoStream(stack, 'Camera', { encryptionKey: key }).encryptionKey).toBe(key);
  });
});

describe('image generation', () => {
  const sent = (stack: Stack) => {
    const { ServiceToken, ...properties } = only(Template.fromStack(stack), IMAGES).Properties;
    expect(ServiceToken).toBeDefined();
    return properties;
  };
  const streamArn = { 'Fn::GetAtt': [expect.stringMatching(/^Camera/), 'Arn'] };

  test('sends the interval and the destination by default', () => {
    const stack = newStack();
    new VideoStream(stack, 'Camera', { dataRetention, imageGeneration: images(stack) });
    expect(sent(stack)).toEqual({
      ServiceTimeout: 900, StreamArn: streamArn, SamplingInterval: 3000, Destination: 's3://images', DestinationRegion: { Ref: 'AWS::Region' },
    });
  });

  test('sends all options', () => {
    const stack = newStack({ env });
    new VideoStream(stack, 'Camera', {
      dataRetention,
      imageGeneration: {
        bucket: new s3.Bucket(stack, 'Bucket'),
        keyPrefix: 'front/door',
        samplingInterval: Duration.millis(200),
        format: ImageFormat.JPEG,
        jpegQuality: 70,
        imageSelectorType: ImageSelectorType.SERVER_TIMESTAMP,
        widthPixels: 640,
        heightPixels: 480,
        enabled: false,
        adoptExisting: true,
        forceUpdateNonce: '7',
        removalPolicy: RemovalPolicy.RETAIN,
      },
    });
    expect(sent(stack)).toEqual({
      ServiceTimeout: 900,
      StreamArn: streamArn,
      AdoptExisting: true,
      Retain: true,
      ForceUpdateNonce: '7',
      Enabled: false,
      Format: 'JPEG',
      ImageSelectorType: 'SERVER_TIMESTAMP',
      SamplingInterval: 200,
      JpegQuality: 70,
      WidthPixels: 640,
      HeightPixels: 480,
      Destination: { 'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/^Bucket/) }, '/front/door']] },
      DestinationRegion: 'us-east-1',
    });
    expect(only(Template.fromStack(stack), IMAGES).DeletionPolicy).toBe('Retain');
  });

  test('is deleted if the property is removed from a retained stream: its removal policy is its own', () => {
    const stack = newStack();
    const settings = { imageGeneration: images(stack), notification: notification(stack) };
    const synthesized = template({ dataRetention, removalPolicy: RemovalPolicy.RETAIN, ...settings }, stack);
    for (const type of [IMAGES, NOTIFICATION]) {
      const { DeletionPolicy, Properties } = only(synthesized, type);
      expect([type, DeletionPolicy, Properties.Retain]).toEqual([type, undefined, undefined]);
    }
  });
});

describe('notification', () => {
  test('sends the topic', () => {
    const stack = newStack();
    new VideoStream(stack, 'Camera', { dataRetention, notification: { topic: new sns.Topic(stack, 'Topic') } });
    const { ServiceToken, ...properties } = only(Template.fromStack(stack), NOTIFICATION).Properties;
    expect(properties).toEqual({ ServiceTimeout: 900, StreamArn: { 'Fn::GetAtt': [expect.stringMatching(/^Camera/), 'Arn'] }, TopicArn: { Ref: expect.stringMatching(/^Topic/) } });
  });

  test('can be turned off, adopted, and retained', () => {
    const stack = newStack();
    const options = notification(stack, { enabled: false, adoptExisting: true, forceUpdateNonce: '7', removalPolicy: RemovalPolicy.RETAIN });
    const resource = only(template({ dataRetention, notification: options }, stack), NOTIFICATION);
    expect(resource.Properties).toMatchObject({ Enabled: false, AdoptExisting: true, ForceUpdateNonce: '7', Retain: true, TopicArn: TOPIC_ARN });
    expect(resource.DeletionPolicy).toBe('Retain');
  });
});

describe('the settings of one stream are deployed one after another', () => {
  const dependencies = (synthesized: Template, type: string): string[] => only(synthesized, type).DependsOn ?? [];
  const idOf = (synthesized: Template, type: string) => Object.keys(synthesized.findResources(type))[0];
  const both = (stack: Stack): VideoStreamProps => ({ dataRetention, imageGeneration: images(stack), notification: notification(stack) });

  test('the notification waits for the image generation', () => {
    const stack = newStack();
    const synthesized = template(both(stack), stack);
    expect(dependencies(synthesized, NOTIFICATION)).toContain(idOf(synthesized, IMAGES));
    expect(dependencies(synthesized, IMAGES)).not.toContain(idOf(synthesized, NOTIFICATION));
  });

  test('both wait for the policy of the handlers', () => {
    const stack = newStack();
    const synthesized = template(both(stack), stack);
    for (const type of [IMAGES, NOTIFICATION]) expect(dependencies(synthesized, type)).toContainEqual(expect.stringMatching(/^CdkRtcVideoStreamSettingsPolicy/));
  });

  test('those of different streams are independent', () => {
    const stack = newStack();
    new VideoStream(stack, 'One', { dataRetention, imageGeneration: images(stack) });
    new VideoStream(stack, 'Two', { dataRetention, notification: notification(stack) });
    const synthesized = Template.fromStack(stack);
    expect(dependencies(synthesized, NOTIFICATION)).not.toContain(idOf(synthesized, IMAGES));
  });

  test('no dependency names a setting that a condition leaves out', () => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera', both(stack));
    const setting = stream.node.findAll().find((node) => (node as CfnResource).cfnResourceType === IMAGES) as CfnResource;
    const condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals('a', 'b') });
    Aspects.of(setting).add({ visit: (node) => { (node as CfnResource).cfnOptions.condition = condition; } });
    const synthesized = Template.fromStack(stack);
    expect(dependencies(synthesized, NOTIFICATION)).not.toContain(idOf(synthesized, IMAGES));
    expect([TYPE, IMAGES, NOTIFICATION].map((type) => only(synthesized, type).Condition)).toEqual([undefined, 'Wanted', undefined]);
  });

  test('the settings exist under the condition of their stream', () => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera', both(stack));
    (stream.node.defaultChild as CfnResource).cfnOptions.condition = new CfnCondition(stack, 'Wanted', { expression: Fn.conditionEquals('a', 'b') });
    const synthesized = Template.fromStack(stack);
    expect([TYPE, IMAGES, NOTIFICATION].map((type) => only(synthesized, type).Condition)).toEqual(['Wanted', 'Wanted', 'Wanted']);
  });
});

describe('bad input', () => {
  const withImages = (options: Partial<VideoStreamImageGenerationOptions>) => (stack: Stack): VideoStreamProps => (
    { dataRetention, imageGeneration: images(stack, options) }
  );

  test.each<[string, (stack: Stack) => VideoStreamProps, string]>([
    ['an empty name', () => ({ streamName: '' }), 'streamName: must be letters, digits, and _.- of 1 to 256 characters, got 0 characters (""); leave it out for a generated name'],
    ['a name that is too long', () => ({ streamName: 'a'.repeat(257) }), `streamName: must be letters, digits, and _.- of 1 to 256 characters, got 257 characters ("${'a'.repeat(80)}"); leave it out for a generated name`],
    ['a name with a blank', () => ({ streamName: 'front door' }), 'streamName: must be letters, digits, and _.- of 1 to 256 characters, got 10 characters ("front door"); leave it out for a generated name'],
    ['a name that is a pattern', () => ({ streamName: 'camera-*' }), 'streamName: must be letters, digits, and _.- of 1 to 256 characters, got 8 characters ("camera-*"); leave it out for a generated name'],
    ['a retention of more than ten years', () => ({ dataRetention: Duration.hours(87_601) }), 'dataRetention: must be a whole number of hours from 0 to 87600 (10 years), got 87601 h; leave it out to retain no data'],
    ['a retention of 90 minutes', () => ({ dataRetention: Duration.minutes(90) }), 'dataRetention: must be a whole number of hours from 0 to 87600 (10 years), got 1.5 h; leave it out to retain no data'],
    ['a retention that is a token of another unit', (stack) => ({ dataRetention: Duration.days(new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber) }), 'dataRetention: is known only at deployment, so it must be given in hours, got it in days; use Duration.hours(…)'],
    ['a media type without a subtype', () => ({ mediaType: 'video' }), 'mediaType: must be types such as video/h264, separated by commas, of 1 to 128 characters, got 5 characters ("video"); leave it out'],
    ['a media type that is too long', () => ({ mediaType: `video/${'h'.repeat(123)}` }), `mediaType: must be types such as video/h264, separated by commas, of 1 to 128 characters, got 129 characters ("video/${'h'.repeat(74)}"); leave it out`],
    ['a media type with a blank after the comma', () => ({ mediaType: 'video/h264, audio/aac' }), 'mediaType: must be types such as video/h264, separated by commas, of 1 to 128 characters, got 21 characters ("video/h264, audio/aac"); leave it out'],
    ['a device name with a blank', () => ({ deviceName: 'camera 1' }), 'deviceName: must be letters, digits, and _.- of 1 to 128 characters, got 8 characters ("camera 1"); leave it out'],
    ['a tier that is none', () => ({ defaultStorageTier: 'COLD' as StorageTier }), 'defaultStorageTier: must be HOT or WARM, got "COLD"; leave it out for HOT'],
    ['SNAPSHOT', () => ({ removalPolicy: RemovalPolicy.SNAPSHOT }), 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
    ['image generation without data retention', (stack) => ({ imageGeneration: images(stack) }), 'imageGeneration: image generation needs a stream that retains data, and this stream retains none (dataRetentionInHours 0); set a data retention of 1 hour or more'],
    ['a notification without data retention', (stack) => ({ dataRetention: Duration.hours(0), notification: notification(stack) }), 'notification: a notification needs a stream that retains data, and this stream retains none (dataRetentionInHours 0); set a data retention of 1 hour or more'],
    ['an interval of 199 ms', withImages({ samplingInterval: Duration.millis(199) }), 'imageGeneration.samplingInterval: must be a whole number of milliseconds from 200 to 2147483647, got 199'],
    ['an interval that is a token of another unit', (stack) => withImages({ samplingInterval: Duration.seconds(Lazy.number({ produce: () => 3 })) })(stack), 'imageGeneration.samplingInterval: is known only at deployment, so it must be given in millis, got it in seconds; use Duration.millis(…)'],
    ['a quality of 101', withImages({ jpegQuality: 101 }), 'imageGeneration.jpegQuality: must be a whole number from 1 to 100, got 101; leave it out for 80'],
    ['a quality of PNG images', withImages({ format: ImageFormat.PNG, jpegQuality: 80 }), 'imageGeneration.jpegQuality: is a setting of JPEG images, got one with format PNG; leave it out, or use JPEG'],
    ['a width of 3841', withImages({ widthPixels: 3841 }), 'imageGeneration.widthPixels: must be a whole number from 1 to 3840, got 3841; leave it out for the width of the stream'],
    ['a height of 0', withImages({ heightPixels: 0 }), 'imageGeneration.heightPixels: must be a whole number from 1 to 2160, got 0; leave it out for the height of the stream'],
    ['a prefix with *', withImages({ keyPrefix: 'a*b' }), 'imageGeneration.keyPrefix: may not hold *, got "a*b"; choose another'],
    ['a prefix with * in a bucket of the app', (stack) => withImages({ bucket: new s3.Bucket(stack, 'New'), keyPrefix: 'a*b' })(stack), 'imageGeneration.keyPrefix: may not hold *, got "a*b"; choose another'],
    ['a prefix that makes the URI too long', withImages({ keyPrefix: 'x'.repeat(244) }), 'imageGeneration.keyPrefix: s3://BUCKET/PREFIX must have at most 255 characters, got at least 256; use a shorter prefix'],
    ['a FIFO topic', (stack) => ({ dataRetention, notification: { topic: sns.Topic.fromTopicArn(stack, 'Topic', `${TOPIC_ARN}.fifo`) } }), `notification.topic: must be a standard topic, got the FIFO topic ${TOPIC_ARN}.fifo; Kinesis Video Streams does not support FIFO topics`],
    ['a FIFO topic of the app', (stack) => ({ dataRetention, notification: { topic: new sns.Topic(stack, 'Topic', { fifo: true }) } }), 'notification.topic: must be a standard topic, got the FIFO topic Stack/Topic; Kinesis Video Streams does not support FIFO topics'],
    ['adoption that is a token', (stack) => ({ dataRetention, notification: notification(stack, { adoptExisting: Lazy.any({ produce: () => true }) as unknown as boolean }) }), 'notification.adoptExisting: must be known at synth, got a token; give true or false'],
  ])('%s', (_, props, message) => {
    const stack = newStack();
    expect(problem(() => new VideoStream(stack, 'Camera', props(stack)))).toBe(`[Stack/Camera] ${message}`);
  });

  test('all findings in one error', () => {
    const stack = newStack();
    const found = problem(() => new VideoStream(stack, 'Camera', {
      streamName: 'a b', mediaType: 'video', deviceName: 'a b', imageGeneration: images(stack, { jpegQuality: 0, widthPixels: 0 }), notification: notification(stack),
    }));
    // Three of the stream, the retention of two settings, and two of the images.
    expect(found.split('\n')).toHaveLength(7);
  });

  test.each<[string, VideoStreamProps]>([
    ['a name of 256 characters', { streamName: 'a'.repeat(256) }],
    ['a retention of ten years', { dataRetention: Duration.hours(87_600) }],
    ['a media type of 128 characters', { mediaType: `video/${'h'.repeat(122)}` }],
    ['a device name of 128 characters', { deviceName: 'a'.repeat(128) }],
  ])('%s is within the limits', (_, props) => {
    template(props).resourceCountIs(TYPE, 1);
  });

  test.each([['a key', KEY_ARN.replace('us-east-1', 'eu-west-1')]])('%s of another region', (_, keyArn) => {
    const stack = newStack({ env });
    expect(problem(() => new VideoStream(stack, 'Camera', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', keyArn) })))
      .toBe('[Stack/Camera] encryptionKey: must be in the region of the stream (us-east-1), got Stack/Key in eu-west-1; use a key there');
  });

  test('a bucket of another region', () => {
    const stack = newStack({ env });
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'There', { bucketName: 'images', region: 'eu-west-1' });
    expect(problem(() => new VideoStream(stack, 'Camera', { dataRetention, imageGeneration: images(stack, { bucket }) })))
      .toBe('[Stack/Camera] imageGeneration.bucket: must be in the region of the stream (us-east-1), got a bucket in eu-west-1; use a bucket there');
  });

  test('a retention that an aspect takes from a stream with a setting', () => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera', { dataRetention, notification: notification(stack) });
    (stream.node.defaultChild as kinesisvideo.CfnStream).dataRetentionInHours = 0;
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Camera/Resource] notification: a notification needs a stream that retains data');
  });

  test.each<[string, [string, string][], string]>([
    ['51 tags', Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']), 'tags: at most 50 are possible, got 51; remove some, or exclude them: Tags.of(scope).add(key, value, { excludeResourceTypes: ["AWS::KinesisVideo::Stream"] })'],
    ['an owner tag', [['cdk-rtc:image-generation', 'mine']], 'tags: "cdk-rtc:image-generation" starts with a reserved prefix'],
    ['a reserved tag', [['aws:x', 'mine']], 'tags: "aws:x" starts with a reserved prefix'],
  ])('%s', (_, tags, message) => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera');
    for (const [key, value] of tags) Tags.of(stream).add(key, value);
    expect(problem(() => Template.fromStack(stack))).toContain(`[Stack/Camera] ${message}`);
  });

  const streamWith = (props: (stack: Stack) => VideoStreamProps) => (stack: Stack) => new VideoStream(stack, 'Camera', { dataRetention, ...props(stack) });

  test.each<[string, number, (stack: Stack) => VideoStream]>([
    ['no setting', 50, streamWith(() => ({}))],
    ['image generation', 48, streamWith((stack) => ({ imageGeneration: images(stack) }))],
    ['a notification', 48, streamWith((stack) => ({ notification: notification(stack) }))],
    ['a notification of a mixin', 48, (stack) => {
      const stream = streamWith(() => ({}))(stack);
      stream.with(new mixins.StreamNotification(notification(stack)));
      return stream;
    }],
    ['both settings', 46, streamWith((stack) => ({ imageGeneration: images(stack), notification: notification(stack) }))],
  ])('with %s, %s tags are within the limits, and one more is not', (_, count, make) => {
    const withTags = (tags: number) => {
      const stack = newStack();
      const stream = make(stack);
      for (let index = 0; index < tags; index += 1) Tags.of(stream).add(`k${index}`, 'ünïcode / _.:/=+-@');
      return Template.fromStack(stack);
    };
    withTags(count).resourceCountIs(TYPE, 1);
    expect(problem(() => withTags(count + 1))).toContain(`[Stack/Camera] tags: at most ${count} are possible`);
  });
});

describe('warnings', () => {
  const there = 'eu-west-1';

  test.each<[string, (stack: Stack) => VideoStreamProps, string, string]>([
    ['a bucket of another account', (stack) => ({ imageGeneration: images(stack, { bucket: s3.Bucket.fromBucketAttributes(stack, 'There', { bucketName: 'images', account: '210987654321' }) }) }), 'cdk-rtc:VideoStream.imageGeneration', 'bucket: Kinesis Video Streams is not known to write images to buckets of other accounts, got a bucket of 210987654321 for a stream of 123456789012; use a bucket of 123456789012'],
    ['a topic of another region', (stack) => ({ notification: notification(stack, { topic: sns.Topic.fromTopicArn(stack, 'There', TOPIC_ARN.replace('us-east-1', there)) }) }), 'cdk-rtc:VideoStream.notification', 'topic: Kinesis Video Streams is not known to notify topics of other regions, got a topic in eu-west-1 for a stream in us-east-1; use a topic in us-east-1'],
  ])('%s warns, and the warning can be acknowledged', (_, props, id, message) => {
    const stack = newStack({ env });
    const stream = new VideoStream(stack, 'Camera', { dataRetention, ...props(stack) });
    Annotations.fromStack(stack).hasWarning('/Stack/Camera', Match.stringLikeRegexp(message));
    Validations.of(stream).acknowledge({ id, reason: 'Tried.' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a region without the service warns', () => {
    const stack = newStack({ env: { ...env, region: 'eu-north-1' } });
    new VideoStream(stack, 'Camera');
    Annotations.fromStack(stack).hasWarning('/Stack/Camera', Match.stringLikeRegexp('region: Kinesis Video Streams is not known to be in eu-north-1; it is in af-south-1, .*us-west-2'));
  });

  test('nothing warns about a bucket and a topic of the stack', () => {
    const stack = newStack({ env });
    new VideoStream(stack, 'Camera', { dataRetention, imageGeneration: { bucket: new s3.Bucket(stack, 'Bucket'), samplingInterval: Duration.seconds(1) }, notification: notification(stack) });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('metrics', () => {
  const summary = (stack: Stack, { namespace, metricName, statistic, dimensions, period }: cloudwatch.Metric) =>
    stack.resolve({ namespace, metricName, statistic, dimensions, period: period.toSeconds() });

  test.each<[string, string, (stream: VideoStream) => cloudwatch.Metric]>([
    ['PutMedia.IncomingBytes', 'Sum', (stream) => stream.metricIncomingBytes()],
    ['PutMedia.IncomingFragments', 'Sum', (stream) => stream.metricIncomingFragments()],
    ['PutMedia.ErrorAckCount', 'Sum', (stream) => stream.metricErrorAcks()],
    ['PutMedia.Success', 'Average', (stream) => stream.metricPutMediaSuccess()],
    ['GetMedia.MillisBehindNow', 'Maximum', (stream) => stream.metricMillisBehindNow()],
    ['GetClip.Requests', 'Average', (stream) => stream.metric('GetClip.Requests')],
  ])('%s', (metricName, statistic, metric) => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera');
    expect(summary(stack, metric(stream))).toEqual({
      namespace: 'AWS/KinesisVideo', metricName, statistic, dimensions: { StreamName: stack.resolve(stream.streamName) }, period: 300,
    });
  });

  test('take another statistic, period, and further dimensions', () => {
    const stream = VideoStream.fromStreamArn(newStack(), 'Camera', ARN);
    expect(summary(stream.stack, stream.metricIncomingBytes({ statistic: 'max', period: Duration.minutes(1), dimensionsMap: { More: 'x' } })))
      .toMatchObject({ statistic: 'Maximum', period: 60, dimensions: { StreamName: 'camera', More: 'x' } });
  });

  test('are read in the region of an imported stream', () => {
    const stack = newStack({ env });
    expect(VideoStream.fromStreamArn(stack, 'There', ARN.replace('us-east-1', 'eu-west-1')).metric('x').region).toBe('eu-west-1');
  });

  test.each([
    ['metricAllIncomingBytes', 'PutMedia.IncomingBytes'], ['metricAllErrorAcks', 'PutMedia.ErrorAckCount'],
  ] as const)('%s sums all streams by a Metrics Insights query', (method, metricName) => {
    const metric = VideoStream[method]({ period: Duration.minutes(1) });
    expect(metric).toMatchObject({ expression: `SELECT SUM("${metricName}") FROM SCHEMA("AWS/KinesisVideo", StreamName)`, label: metricName });
    expect(metric.period.toSeconds()).toBe(60);
    expect(metric.warnings).toBeUndefined();
  });

  test('metricAll takes any metric, and a label', () => {
    expect(VideoStream.metricAll('GetClip.Requests', { label: 'Clips' })).toMatchObject({ expression: expect.stringContaining('SUM("GetClip.Requests")'), label: 'Clips' });
  });

  test('an alarm for a stream without media counts missing data', () => {
    const stack = newStack();
    new VideoStream(stack, 'Camera').alarmOnNoMedia('NoMedia');
    expect(only(Template.fromStack(stack), 'AWS::CloudWatch::Alarm').Properties).toMatchObject({
      MetricName: 'PutMedia.IncomingFragments', Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching', EvaluationPeriods: 1,
    });
  });
});

describe('imports', () => {
  test('by ARN', () => {
    const stream = VideoStream.fromStreamArn(newStack(), 'Camera', ARN);
    expect(stream).toMatchObject({ streamArn: ARN, streamName: 'camera', streamRef: { streamArn: ARN, streamName: 'camera' }, env: { region: 'us-east-1', account: '123456789012' } });
    expect(stream.encryptionKey).toBeUndefined();
  });

  test('by an ARN that is a token', () => {
    const stack = newStack();
    const stream = VideoStream.fromStreamArn(stack, 'Camera', Fn.importValue('Arn'));
    expect(stack.resolve(stream.streamName)).toEqual({ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::ImportValue': 'Arn' }] }] });
  });

  test.each(['camera', 'camera-*', '${credentials-iot:ThingName}'])('by the name %s', (name) => {
    const stack = newStack({ env });
    const stream = VideoStream.fromStreamName(stack, 'Camera', name);
    expect(stack.resolve(stream.streamArn)).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:kinesisvideo:us-east-1:123456789012:stream/${name}/*`]] });
    expect(stream.streamName).toBe(name);
  });

  test('by attributes', () => {
    const stack = newStack();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY_ARN);
    expect(VideoStream.fromStreamAttributes(stack, 'Camera', { streamArn: ARN, encryptionKey })).toMatchObject({ streamArn: ARN, encryptionKey });
  });

  test.each(['camera', 'arn:aws:kinesisvideo:us-east-1:123456789012:channel/camera/1', 'arn:aws:kinesis:us-east-1:123456789012:stream/camera'])('%s is no ARN of a stream', (streamArn) => {
    expect(problem(() => VideoStream.fromStreamArn(newStack(), 'Camera', streamArn)))
      .toBe(`[Stack/Camera] streamArn: must be arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME, got ${JSON.stringify(streamArn)}`);
  });

  test('a name with a slash is neither a name nor a pattern', () => {
    expect(problem(() => VideoStream.fromStreamName(newStack(), 'Camera', 'a/b'))).toContain('[Stack/Camera] streamName: must be letters, digits, and _.-');
    expect(problem(() => VideoStream.fromStreamName(newStack(), 'Camera', 'a/*'))).toContain('[Stack/Camera] streamName: may hold only letters, digits, and _.-, the wildcards');
  });

  test('a pattern has no metrics', () => {
    expect(problem(() => VideoStream.fromStreamName(newStack(), 'Camera', 'camera-*').metricIncomingBytes()))
      .toBe('[Stack/Camera] metric: CloudWatch has metrics of single streams, and camera-* matches many streams; import the stream by its own name');
  });
});

describe('recording of a signaling channel', () => {
  const BOTH = ['Stack/Channel', 'Stack/Native'];
  /** The findings of a channel of this library, and of a native channel with the mixin. */
  const recordingFindings = (streamIn: (stack: Stack) => kinesisvideo.IStreamRef) => [
    (stack: Stack) => new SignalingChannel(stack, 'Channel', { mediaStorageStream: streamIn(stack) }),
    (stack: Stack) => new kinesisvideo.CfnSignalingChannel(stack, 'Native').with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream: streamIn(stack) })),
  ].map((record) => problem(() => record(newStack({ env }))));

  test('into a stream that retains data', () => {
    const stack = newStack();
    const mediaStorageStream = new VideoStream(stack, 'Camera', { dataRetention });
    new SignalingChannel(stack, 'Channel', { mediaStorageStream });
    Template.fromStack(stack).hasResourceProperties('Custom::RtcSignalingChannel', { MediaStorageStreamArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Camera'), 'Arn'] } });
  });

  test('needs a stream that retains data', () => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: new VideoStream(stack, 'Camera') });
    expect(problem(() => Template.fromStack(stack)))
      .toContain('[Stack/Channel] mediaStorageStream: Stack/Camera keeps no data (dataRetentionInHours 0), so nothing could be recorded; give it 1 hour or more');
  });

  test.each<[string, (stack: Stack) => VideoStreamProps, string]>([
    ['image generation', (stack) => ({ imageGeneration: images(stack) }), 'image generation'],
    ['a notification', (stack) => ({ notification: notification(stack) }), 'a notification'],
  ])('is not possible with %s', (_, props, noun) => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: new VideoStream(stack, 'Camera', { dataRetention, ...props(stack) }) });
    expect(problem(() => Template.fromStack(stack)))
      .toContain(`[Stack/Channel] mediaStorageStream: Stack/Camera has ${noun}, which the service doesn't support for a stream that records a channel; remove it, or use another stream`);
  });

  test('is not possible with a setting that a mixin adds after the channel', () => {
    const stack = newStack();
    const stream = new kinesisvideo.CfnStream(stack, 'Camera', { dataRetentionInHours: 24 });
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: stream });
    stream.with(new mixins.StreamNotification(notification(stack)));
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Channel] mediaStorageStream: Stack/Camera has a notification');
  });

  test.each(['camera', 'camera-*', '${credentials-iot:ThingName}'])('is not possible into a stream that is imported by the name %s, whose ARN has a wildcard', (name) => {
    expect(recordingFindings((stack) => VideoStream.fromStreamName(stack, 'Camera', name))).toEqual(BOTH.map((path) => `[${path}] `
      + 'mediaStorageStream: must be a stream whose ARN is known, got Stack/Camera, which is imported by its name, so its ARN has a wildcard; import the stream with VideoStream.fromStreamArn'));
  });

  test('is not possible into such a stream if the partition is a text', () => {
    const stack = newStack({ env }, 'Stack', new App({ context: { '@aws-cdk/core:enablePartitionLiterals': true } }));
    expect(problem(() => new SignalingChannel(stack, 'Channel', { mediaStorageStream: VideoStream.fromStreamName(stack, 'Camera', 'camera') })))
      .toContain('mediaStorageStream: must be the ARN of a Kinesis video stream (arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME), got "arn:aws:kinesisvideo:us-east-1:123456789012:stream/camera/*"');
  });

  test.each<[string, Partial<typeof env>]>([['region', { region: 'eu-west-1' }], ['account', { account: '210987654321' }]])('is not possible into an imported stream of another %s', (_, place) => {
    const there = { ...env, ...place };
    const arn = `arn:aws:kinesisvideo:${there.region}:${there.account}:stream/camera/1700000000000`;
    expect(recordingFindings((stack) => VideoStream.fromStreamArn(stack, 'Camera', arn))).toEqual(BOTH.map((path) => `[${path}] `
      + `mediaStorageStream: must be in the channel's own account and region (123456789012, us-east-1), got ${arn}; use a stream there`));
  });

  test.each(['joinStorage', 'joinStorageAsViewer'] as const)('%s includes the use of the key of the stream', (grant) => {
    for (const make of [
      (stack: Stack, encryptionKey: kms.IKey) => new VideoStream(stack, 'Camera', { dataRetention, encryptionKey }),
      (stack: Stack, encryptionKey: kms.IKey) => VideoStream.fromStreamAttributes(stack, 'Camera', { streamArn: ARN, encryptionKey }),
    ]) {
      const stack = newStack();
      const mediaStorageStream = make(stack, kms.Key.fromKeyArn(stack, 'Key', KEY_ARN));
      new SignalingChannel(stack, 'Channel', { mediaStorageStream }).grants[grant](newRole(stack)).assertSuccess();
      Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: Match.arrayWith([{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: KEY_ARN }]) },
      });
    }
  });
});

describe('mixins', () => {
  const l1 = (stack: Stack, dataRetentionInHours: number | undefined = 24) => new kinesisvideo.CfnStream(stack, 'Camera', { dataRetentionInHours });

  test('add the settings to a CfnStream, and to it alone', () => {
    const stack = newStack();
    const stream = l1(stack);
    stream.with(new mixins.StreamNotification(notification(stack)), new mixins.StreamImageGeneration(images(stack)));
    const synthesized = Template.fromStack(stack);
    const StreamArn = { 'Fn::GetAtt': ['Camera', 'Arn'] };
    expect(only(synthesized, IMAGES).Properties).toMatchObject({ StreamArn, Destination: 's3://images', SamplingInterval: 3000 });
    expect(only(synthesized, NOTIFICATION).Properties).toMatchObject({ StreamArn, TopicArn: TOPIC_ARN });
    expect(only(synthesized, TYPE).Properties).toEqual({ DataRetentionInHours: 24 });
  });

  test('applied to several streams by a scope', () => {
    const stack = newStack();
    for (const id of ['One', 'Two']) new kinesisvideo.CfnStream(stack, id, { dataRetentionInHours: 1 });
    new kinesisvideo.CfnSignalingChannel(stack, 'Channel');
    Mixins.of(stack).apply(new mixins.StreamNotification(notification(stack)));
    Template.fromStack(stack).resourceCountIs(NOTIFICATION, 2);
  });

  test('apply to the CfnStream in a VideoStream, and its grants know the setting', () => {
    const stack = newStack();
    const stream = new VideoStream(stack, 'Camera', { dataRetention });
    stream.with(new mixins.StreamNotification(notification(stack)));
    stream.grants.putMedia(newRole(stack));
    Template.fromStack(stack).resourceCountIs(NOTIFICATION, 1);
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain('sns:Publish');
  });

  test('do nothing to another construct, and requireAny throws', () => {
    const stack = newStack();
    const role = newRole(stack);
    const mixin = new mixins.StreamImageGeneration(images(stack));
    role.with(mixin);
    mixin.applyTo(role);
    new mixins.StreamNotification(notification(stack)).applyTo(role);
    expect([mixin.supports(role), mixin.supports(l1(stack))]).toEqual([false, true]);
    expect(() => Mixins.of(role).requireAny().apply(mixin)).toThrow();
    Template.fromStack(stack).resourceCountIs(IMAGES, 0);
  });

  test.each<[string, (stack: Stack) => kinesisvideo.CfnStream | VideoStream, string]>([
    ['a CfnStream that has one by a mixin', (stack) => {
      const stream = l1(stack);
      stream.with(new mixins.StreamNotification(notification(stack)));
      return stream;
    }, 'Stack/Camera'],
    ['a VideoStream that has one by its property', (stack) => new VideoStream(stack, 'Camera', { dataRetention, notification: notification(stack) }), 'Stack/Camera/Resource'],
  ])('a second notification of %s', (_, make, path) => {
    const stack = newStack();
    const stream = make(stack);
    const topic = sns.Topic.fromTopicArn(stack, 'Another', TOPIC_ARN);
    expect(problem(() => stream.with(new mixins.StreamNotification({ topic })))).toBe(`[${path}] notification: this stream already has a notification; configure it only once`);
  });

  test('bad options are found in one error, with the path of the stream', () => {
    const stack = newStack();
    const mixin = new mixins.StreamImageGeneration(images(stack, { samplingInterval: Duration.millis(1), keyPrefix: '*' }));
    expect(problem(() => l1(stack).with(mixin))).toBe('[Stack/Camera] samplingInterval: must be a whole number of milliseconds from 200 to 2147483647, got 1\n'
      + '  keyPrefix: may not hold *, got "*"; choose another');
    const fifo = sns.Topic.fromTopicArn(stack, 'Fifo', `${TOPIC_ARN}.fifo`);
    expect(problem(() => (stack.node.findChild('Camera') as kinesisvideo.CfnStream).with(new mixins.StreamNotification({ topic: fifo })))).toContain('[Stack/Camera] topic: must be a standard topic');
  });

  test('a retention that is set after the mixin counts, and one that is never set fails at synth', () => {
    for (const hours of [1, undefined, 0]) {
      const stack = newStack();
      const stream = l1(stack, 0);
      stream.with(new mixins.StreamImageGeneration(images(stack)));
      stream.dataRetentionInHours = hours;
      const synthesize = () => Template.fromStack(stack).resourceCountIs(IMAGES, 1);
      if (hours) expect(synthesize).not.toThrow();
      else expect(problem(synthesize)).toContain('[Stack/Camera] imageGeneration: image generation needs a stream that retains data');
    }
  });

  test('warn like the properties of a VideoStream', () => {
    const stack = newStack({ env });
    l1(stack).with(new mixins.StreamNotification({ topic: sns.Topic.fromTopicArn(stack, 'There', TOPIC_ARN.replace('us-east-1', 'eu-west-1')) }));
    Annotations.fromStack(stack).hasWarning('/Stack/Camera', Match.stringLikeRegexp('topic: Kinesis Video Streams is not known to notify topics of other regions'));
  });
});

describe.each([['no', {}], ['all recommended', recommendedFlags]])('with %s feature flags', (_, context) => {
  test('used from another stack', () => {
    const app = new App({ context });
    const [producer, consumer] = ['Producer', 'Consumer'].map((id) => new Stack(app, id, { env }));
    const stream = new VideoStream(producer, 'Camera', { dataRetention, imageGeneration: images(producer) });
    stream.grants.putMedia(newRole(consumer));
    new SignalingChannel(consumer, 'Channel', { mediaStorageStream: new VideoStream(producer, 'Recordings', { dataRetention }) });
    new CfnOutput(consumer, 'Name', { value: stream.streamName });
    app.synth();
    expect(consumer.dependencies).toContain(producer);
    Template.fromStack(consumer).hasOutput('Name', {});
    Template.fromStack(consumer).resourceCountIs(IMAGES, 0);
  });

  test('a fixed name is known in another region by itself', () => {
    const app = new App({ context });
    const stream = new VideoStream(new Stack(app, 'Producer', { env }), 'Camera', { streamName: 'front-door' });
    const consumer = new Stack(app, 'Consumer', { env: { ...env, region: 'eu-west-1' } });
    // A template without resources isn't valid.
    new sns.Topic(consumer, 'Topic');
    new CfnOutput(consumer, 'Name', { value: stream.streamName });
    Template.fromStack(consumer).hasOutput('Name', { Value: 'front-door' });
  });
});

test('VideoStreamGrants is for any stream', () => {
  const stack = newStack();
  VideoStreamGrants.fromStream(new kinesisvideo.CfnStream(stack, 'Camera')).getMedia(newRole(stack)).assertSuccess();
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia'], Resource: { 'Fn::GetAtt': ['Camera', 'Arn'] } }] },
  });
});
