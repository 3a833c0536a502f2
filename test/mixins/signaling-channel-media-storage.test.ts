import { App, Aspects, CfnParameter, type CfnResource, Lazy, Mixins, RemovalPolicy, Shims, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { mixins, SignalingChannel, VideoStream } from '../../src';
import { problem } from '../problem';

const TYPE = 'Custom::RtcSignalingChannelMediaStorage';
const env = { account: '123456789012', region: 'us-east-1' };
const ARN = 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/recordings/1700000000000';

const newStack = (id = 'Stack', app = new App()) => new Stack(app, id, { env });
const streamIn = (scope: Construct, id = 'Stream') => new kinesisvideo.CfnStream(scope, id, { dataRetentionInHours: 24 });
const channelIn = (scope: Construct, id = 'Doorbell', props: kinesisvideo.CfnSignalingChannelProps = {}) => new kinesisvideo.CfnSignalingChannel(scope, id, props);
type Props = Partial<mixins.SignalingChannelMediaStorageProps>;
const recording = (mediaStorageStream: kinesisvideo.IStreamRef, props: Props = {}) => (
  new mixins.SignalingChannelMediaStorage({ mediaStorageStream, ...props })
);

describe('the resource', () => {
  test('lets the channel record into the stream, and is deleted before either of them', () => {
    const stack = newStack();
    channelIn(stack).with(recording(streamIn(stack)));
    const template = Template.fromStack(stack);
    const [{ Properties: { ServiceToken, ...properties }, DependsOn }] = Object.values(template.findResources(TYPE));
    expect(ServiceToken).toBeDefined();
    // CloudFormation deletes a resource before those that it refers to, and the policy of the handlers last.
    expect(properties).toEqual({
      ServiceTimeout: 900, ChannelArn: { 'Fn::GetAtt': ['Doorbell', 'Arn'] }, StreamArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
    });
    expect(DependsOn).toEqual([expect.stringMatching(/^CdkRtcSignalingChannelPolicy/)]);
  });

  test('leaves the channel as it is', () => {
    const [plain, mixed] = [newStack(), newStack()];
    channelIn(plain, 'Doorbell', { name: 'front-door', tags: [{ key: 'team', value: 'doors' }] });
    channelIn(mixed, 'Doorbell', { name: 'front-door', tags: [{ key: 'team', value: 'doors' }] }).with(recording(streamIn(mixed)));
    const channelOf = (stack: Stack) => Template.fromStack(stack).findResources('AWS::KinesisVideo::SignalingChannel');
    expect(channelOf(mixed)).toEqual(channelOf(plain));
  });

  test('has every property', () => {
    const stack = newStack();
    channelIn(stack).with(recording(VideoStream.fromStreamArn(stack, 'Imported', ARN), {
      adoptExisting: true, forceUpdateNonce: '7', removalPolicy: RemovalPolicy.RETAIN,
    }));
    Template.fromStack(stack).hasResource(TYPE, {
      DeletionPolicy: 'Retain', Properties: { StreamArn: ARN, AdoptExisting: true, ForceUpdateNonce: '7', Retain: true },
    });
  });

  test('costs the provider of the stack once', () => {
    const stack = newStack();
    for (const id of ['1', '2']) channelIn(stack, `Doorbell${id}`).with(recording(streamIn(stack, `Stream${id}`)));
    const template = Template.fromStack(stack);
    template.resourceCountIs(TYPE, 2);
    expect(Object.keys(template.toJSON().Resources)).toHaveLength(13 + 2 * 3);
  });
});

describe('is applied', () => {
  const count = (stack: Stack) => Object.keys(Template.fromStack(stack).findResources(TYPE)).length;

  test('to the channel in a construct', () => {
    const stack = newStack();
    const wrapper = new Construct(stack, 'Wrapper');
    channelIn(wrapper);
    wrapper.with(recording(streamIn(stack)));
    expect(count(stack)).toBe(1);
  });

  test('by an aspect', () => {
    const stack = newStack();
    channelIn(stack);
    Aspects.of(stack).add(Shims.asAspect(recording(streamIn(stack))));
    expect(count(stack)).toBe(1);
  });

  test.each<[string, (stack: Stack) => Construct]>([
    ['a construct without a channel', (stack) => new Construct(stack, 'Empty')],
    ['a SignalingChannel of this library', (stack) => new SignalingChannel(stack, 'Channel')],
    ['a stream', (stack) => streamIn(stack, 'Other')],
  ])('not to %s, silently; with requireAny there is an error', (_, make) => {
    const stack = newStack();
    const construct = make(stack);
    construct.with(recording(streamIn(stack)));
    recording(streamIn(stack, 'Directly')).applyTo(construct);
    expect(count(stack)).toBe(0);
    expect(() => Mixins.of(construct).requireAny().apply(recording(streamIn(stack, 'Required')))).toThrow(/mixin/i);
  });

  test('to nothing but a CfnSignalingChannel', () => {
    const stack = newStack();
    const mixin = recording(streamIn(stack));
    expect([channelIn(stack), streamIn(stack, 'Other'), stack].map((construct) => mixin.supports(construct))).toEqual([true, false, false]);
  });
});

describe('one error for all findings', () => {
  test('of the constructor, which knows no channel', () => {
    const stack = newStack();
    const stream = VideoStream.fromStreamArn(stack, 'Stream', ARN);
    expect(problem(() => recording({ ...stream, streamRef: { streamName: 'x', streamArn: 'arn:aws:s3:::bucket' } } as never, { adoptExisting: Lazy.any({ produce: () => true }) as never })))
      .toBe('[mixins.SignalingChannelMediaStorage] mediaStorageStream: must be the ARN of a Kinesis video stream (arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME), got "arn:aws:s3:::bucket"\n'
        + '  adoptExisting: must be known at synth, got a token; give true or false');
  });

  test('of the channel', () => {
    const stack = newStack();
    const elsewhere = ARN.replace('us-east-1', 'eu-west-1');
    expect(problem(() => channelIn(stack, 'Doorbell', { type: 'FULL_MESH' }).with(recording(VideoStream.fromStreamArn(stack, 'Stream', elsewhere)))))
      .toBe(`[Stack/Doorbell] mediaStorageStream: must be in the channel's own account and region (123456789012, us-east-1), got ${elsewhere}; use a stream there\n`
        + '  type: sessions are recorded for SINGLE_MASTER channels only, got "FULL_MESH"; leave it out, or use SINGLE_MASTER');
  });

  test('of a stream in another stack whose ARN is known only at deployment', () => {
    const app = new App();
    const other = new Stack(app, 'Other', { env: { ...env, region: 'eu-west-1' } });
    expect(problem(() => channelIn(newStack('Stack', app)).with(recording(streamIn(other)))))
      .toBe('[Stack/Doorbell] mediaStorageStream: must be in the channel\'s own account and region (123456789012, us-east-1), got Other/Stream in 123456789012, eu-west-1; use a stream there');
  });
});

describe('a channel that is changed after the mixin', () => {
  test('to a type that can\'t record fails at synth', () => {
    const stack = newStack();
    const channel = channelIn(stack);
    channel.with(recording(streamIn(stack)));
    channel.type = 'FULL_MESH';
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Doorbell] type: sessions are recorded for SINGLE_MASTER channels only, got "FULL_MESH"');
  });

  test('to a type that is known only at deployment is accepted', () => {
    const stack = newStack();
    const channel = channelIn(stack);
    channel.with(recording(streamIn(stack)));
    channel.type = new CfnParameter(stack, 'Type').valueAsString;
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });
});

describe('the retention of the stream', () => {
  const fleeting = (stack: Stack) => {
    const stream = new kinesisvideo.CfnStream(stack, 'Stream');
    channelIn(stack).with(recording(stream));
    return stream;
  };

  test('can be set after the mixin', () => {
    const stack = newStack();
    fleeting(stack).dataRetentionInHours = 1;
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });

  test('that is never set fails at synth', () => {
    const stack = newStack();
    fleeting(stack);
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Doorbell] mediaStorageStream: Stack/Stream keeps no data (dataRetentionInHours 0), so nothing could be recorded; give it 1 hour or more');
  });

  test('that is known only at deployment, or of an import, is accepted', () => {
    const stack = newStack();
    fleeting(stack).dataRetentionInHours = new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber;
    channelIn(stack, 'Window').with(recording(VideoStream.fromStreamArn(stack, 'Imported', ARN)));
    Template.fromStack(stack).resourceCountIs(TYPE, 2);
  });
});

test('a stream with notifications can\'t record, also if they are added after the mixin', () => {
  const stack = newStack();
  const stream = streamIn(stack);
  channelIn(stack).with(recording(stream));
  stream.with(new mixins.StreamNotification({ topic: new sns.Topic(stack, 'Topic') }));
  expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Doorbell] mediaStorageStream: Stack/Stream has a notification, which the service doesn\'t support for a stream that records a channel; remove it, or use another stream');
});

describe('exclusive use', () => {
  test('a channel takes the mixin once', () => {
    const stack = newStack();
    const channel = channelIn(stack);
    channel.with(recording(streamIn(stack)));
    expect(problem(() => channel.with(recording(streamIn(stack, 'Other')))))
      .toBe('[Stack/Doorbell] mediaStorageStream: the mixin SignalingChannelMediaStorage is applied to this channel already, and a channel records into one stream; apply it once');
  });

  test.each<[string, (stack: Stack, stream: kinesisvideo.CfnStream) => void]>([
    ['another channel with the mixin', (stack, stream) => { channelIn(stack, 'Second').with(recording(stream)); }],
    ['a SignalingChannel', (stack, mediaStorageStream) => { new SignalingChannel(stack, 'Second', { mediaStorageStream }); }],
  ])('a stream records one channel, and not %s too', (_, use) => {
    const stack = newStack();
    const stream = streamIn(stack);
    channelIn(stack).with(recording(stream));
    expect(problem(() => use(stack, stream)))
      .toBe('[Stack/Second] mediaStorageStream: Stack/Doorbell records into this stream already, and a stream can record only one channel; use another stream');
  });

  test('a stream that a SignalingChannel records into is claimed', () => {
    const stack = newStack();
    const mediaStorageStream = streamIn(stack);
    new SignalingChannel(stack, 'First', { mediaStorageStream });
    expect(problem(() => channelIn(stack).with(recording(mediaStorageStream)))).toContain('[Stack/Doorbell] mediaStorageStream: Stack/First records into this stream already');
  });

  test('a mixin on a construct with two channels names the second', () => {
    const stack = newStack();
    const wrapper = new Construct(stack, 'Wrapper');
    for (const id of ['First', 'Second']) channelIn(wrapper, id);
    expect(problem(() => wrapper.with(recording(streamIn(stack))))).toContain('[Stack/Wrapper/Second] mediaStorageStream: Stack/Wrapper/First records into this stream already');
  });
});

test('a stream that depends on the channel is a cycle, which the AWS CDK reports', () => {
  const stack = newStack();
  const stream = streamIn(stack);
  const channel = channelIn(stack);
  channel.with(recording(stream));
  stream.node.addDependency(channel);
  expect(() => Template.fromStack(stack)).toThrow(/cycl|depend/i);
});

test('a retained recording can be chosen on the resource', () => {
  const stack = newStack();
  const channel = channelIn(stack);
  channel.with(recording(streamIn(stack)));
  (channel.node.findChild('MediaStorage') as CfnResource).applyRemovalPolicy(RemovalPolicy.RETAIN);
  Template.fromStack(stack).hasResource(TYPE, { DeletionPolicy: 'Retain', Properties: { Retain: true } });
});

test.each([['cn-north-1', 1], ['us-gov-west-1', 0], ['mars-west-1', 1]])('in %s there are %s warnings', (region, count) => {
  const stack = new Stack(new App(), 'Stack', { env: { account: env.account, region } });
  channelIn(stack).with(recording(streamIn(stack)));
  const warnings = Annotations.fromStack(stack).findWarning('/Stack/Doorbell', Match.stringLikeRegexp(`channels are not known to record in ${region}`));
  expect(warnings).toHaveLength(count);
});

test('in a stack without an environment nothing is compared that isn\'t known', () => {
  const stack = new Stack(new App(), 'Stack');
  channelIn(stack).with(recording(VideoStream.fromStreamArn(stack, 'Imported', ARN)));
  Template.fromStack(stack).hasResourceProperties(TYPE, { StreamArn: ARN });
});
