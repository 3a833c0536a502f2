import { App, Aspects, CfnOutput, CfnParameter, CfnResource, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IMixin } from 'constructs';
import { PoolSetup, TABLE } from './chime-sdk-meetings/pool-setup';
import { StreamingSetup } from './chime-sdk-voice/handler-setup';
import { RESOURCE_TYPES } from './constructs';
import { IngestSetup } from './ivs/handler-setup';
import { SignalingSetup } from './kinesisvideo/handler-setup';
import { problem } from './problem';
import {
  ChimeMeetingPool, IngestConfiguration, mixins, PhoneNumber, PhoneNumberAssociation, PhoneNumberSource, RealTimeStage, SignalingChannel,
  VideoStream, VoiceConnector, VoiceConnectorLogging, VoiceConnectorOrigination, VoiceConnectorStreaming, VoiceConnectorTermination,
} from '../src';

const connectorIn = (stack: Stack) => VoiceConnector.fromVoiceConnectorId(stack, 'Connector', 'abcdefghijklmnopqrstuv');

/** A stream with a setting, in the place of a construct: the resource of the setting is the default child. */
const streamWith = (stack: Stack, mixin: IMixin) => {
  const stream = new kinesisvideo.CfnStream(stack, 'Construct', { dataRetentionInHours: 1 });
  stream.with(mixin);
  [stream.node.defaultChild] = stream.node.children;
  return stream;
};

type Make = (stack: Stack, forceUpdateNonce?: string) => IConstruct;

const CONSTRUCTS: [string, Make][] = [
  ['SignalingChannel', (stack, forceUpdateNonce) => new SignalingChannel(stack, 'Construct', { forceUpdateNonce })],
  ['IngestConfiguration', (stack, forceUpdateNonce) => new IngestConfiguration(stack, 'Construct', { forceUpdateNonce })],
  ['RealTimeStageEndpoints', (stack, forceUpdateNonce) => {
    const stage = new RealTimeStage(stack, 'Construct', { forceUpdateNonce });
    new CfnOutput(stack, 'Server', { value: stage.rtmpsEndpoint });
    return stage.node.findChild('Endpoints');
  }],
  ['VoiceConnectorStreaming', (stack, forceUpdateNonce) => new VoiceConnectorStreaming(stack, 'Construct', { voiceConnector: connectorIn(stack), forceUpdateNonce })],
  ['ChimeMeetingPool', (stack, forceUpdateNonce) => new ChimeMeetingPool(stack, 'Construct', { size: 1, forceUpdateNonce })],
  ['VoiceConnectorTermination', (stack, forceUpdateNonce) => new VoiceConnectorTermination(stack, 'Construct', {
    voiceConnector: connectorIn(stack), allowedCidrs: ['203.0.113.10/32'], callingRegions: ['US'], forceUpdateNonce,
  })],
  ['VoiceConnectorOrigination', (stack, forceUpdateNonce) => new VoiceConnectorOrigination(stack, 'Construct', {
    voiceConnector: connectorIn(stack), routes: [{ host: 'sip.example.com' }], forceUpdateNonce,
  })],
  ['PhoneNumber', (stack, forceUpdateNonce) => new PhoneNumber(stack, 'Construct', { source: PhoneNumberSource.tollFree(), forceUpdateNonce })],
  ['PhoneNumberAssociation', (stack, forceUpdateNonce) => new PhoneNumberAssociation(stack, 'Construct', {
    voiceConnector: connectorIn(stack), phoneNumber: PhoneNumber.fromE164PhoneNumber(stack, 'Number', '+12065550100'), forceUpdateNonce,
  })],
  ['VideoStreamImageGeneration', (stack, forceUpdateNonce) => streamWith(stack, new mixins.StreamImageGeneration({
    bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'images'), samplingInterval: Duration.seconds(3), forceUpdateNonce,
  }))],
  ['VideoStreamNotification', (stack, forceUpdateNonce) => streamWith(stack, new mixins.StreamNotification({
    topic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:fragments'), forceUpdateNonce,
  }))],
  ['VoiceConnectorLogging', (stack, forceUpdateNonce) => new VoiceConnectorLogging(stack, 'Construct', { voiceConnector: connectorIn(stack), forceUpdateNonce })],
  ['SignalingChannelMediaStorage', (stack, forceUpdateNonce) => {
    const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/recordings/1700000000000');
    const channel = new kinesisvideo.CfnSignalingChannel(stack, 'Construct');
    channel.with(new mixins.SignalingChannelMediaStorage({ mediaStorageStream, forceUpdateNonce }));
    return channel;
  }],
];

const STREAMING = CONSTRUCTS.find(([name]) => name === 'VoiceConnectorStreaming')![1];
const POOL = CONSTRUCTS.find(([name]) => name === 'ChimeMeetingPool')![1];

const newStack = () => new Stack(new App(), 'Stack');
const resourceOf = ({ node }: IConstruct) => (node.defaultChild ?? node.findChild('MediaStorage')) as CfnResource;

test('every custom resource of the library is in the list', () => {
  expect(CONSTRUCTS.map(([name]) => `Custom::Rtc${name}`).sort()).toEqual(RESOURCE_TYPES);
});

describe.each(CONSTRUCTS)('%s', (name, make) => {
  const type = `Custom::Rtc${name}`;

  test('has no nonce in its template by default', () => {
    const stack = newStack();
    make(stack);
    Template.fromStack(stack).hasResourceProperties(type, { ForceUpdateNonce: Match.absent() });
  });

  test('has the nonce in its template, also if it is known only at deployment', () => {
    const stack = newStack();
    make(stack, '2026-11-21');
    Template.fromStack(stack).hasResourceProperties(type, { ForceUpdateNonce: '2026-11-21' });
    const other = newStack();
    make(other, new CfnParameter(other, 'Build').valueAsString);
    Template.fromStack(other).hasResourceProperties(type, { ForceUpdateNonce: { Ref: 'Build' } });
  });

  test.each<[string, (resource: CfnResource) => void]>([
    ['addPropertyOverride', (resource) => resource.addPropertyOverride('DeployedAt', '2026-11-21')],
    ['addOverride', (resource) => resource.addOverride('Properties.DeployedAt', '2026-11-21')],
    ['a token', (resource) => resource.addPropertyOverride('DeployedAt', Fn.importValue('DeployedAt'))],
    ['an aspect', (resource) => Aspects.of(resource).add({ visit: (node) => (node as CfnResource).addPropertyOverride('DeployedAt', '2026-11-21') })],
  ])('refuses an unknown property at synth (%s)', (_, override) => {
    const stack = newStack();
    override(resourceOf(make(stack)));
    const message = problem(() => Template.fromStack(stack));
    const at = name === 'RealTimeStageEndpoints' ? 'Stack/Construct/Endpoints' : 'Stack/Construct';
    expect(message).toContain(`[${at}] DeployedAt: ${type} has no such property, and an override with it would fail the deployment; remove the override, `
      + 'and to force an update set forceUpdateNonce. The properties are ');
    expect(message).toContain('ForceUpdateNonce');
  });

  test('accepts overrides that CloudFormation or the handlers know, and the deletion of a property that is not there', () => {
    const stack = newStack();
    const resource = resourceOf(make(stack));
    resource.addPropertyOverride('ForceUpdateNonce', '1');
    resource.addPropertyOverride('ServiceTimeout', '900');
    resource.addPropertyDeletionOverride('DeployedAt');
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Template.fromStack(stack).hasResourceProperties(type, { ForceUpdateNonce: '1', ServiceTimeout: '900', Retain: true });
  });
});

test.each<[string, Make, string, object]>([
  ['VoiceConnectorStreaming', STREAMING, 'MediaInsights.Enable', { ConfigurationArn: 'arn', Enabled: false }],
  ['ChimeMeetingPool', POOL, 'MeetingFeatures.Video.MaxResolutions', { Video: { MaxResolution: 'HD' } }],
  ['ChimeMeetingPool', POOL, 'Notifications.QueueArn', { SqsQueueArn: 'arn:aws:sqs:us-east-1:123456789012:queue' }],
])('%s refuses an unknown name inside of a property, and accepts the known ones (%#)', (_, make, unknown, known) => {
  const stack = newStack();
  resourceOf(make(stack)).addPropertyOverride(unknown, '1');
  expect(problem(() => Template.fromStack(stack))).toContain(`[Stack/Construct] ${unknown}: `);
  const other = newStack();
  resourceOf(make(other)).addPropertyOverride(unknown.split('.')[0], known);
  Template.fromStack(other);
});

test('a VoiceConnectorStreaming takes no tags, so an override with them is unknown', () => {
  const stack = newStack();
  resourceOf(STREAMING(stack)).addPropertyOverride('Tags', [{ Key: 'a', Value: 'b' }]);
  expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Construct] Tags: Custom::RtcVoiceConnectorStreaming has no such property');
});

test('the keys of attributes are free', () => {
  const stack = newStack();
  resourceOf(new IngestConfiguration(stack, 'Ingest', { attributes: { lens: 'wide' } })).addPropertyOverride('Attributes.camera', 'left');
  Template.fromStack(stack).hasResourceProperties('Custom::RtcIngestConfiguration', { Attributes: { lens: 'wide', camera: 'left' } });
});

describe('an update in which only the nonce has changed', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(() => stop?.());
  const started = <S extends { stop(): Promise<void> }>(setup: S): S => {
    stop = () => setup.stop();
    return setup;
  };

  test('corrects an out-of-band change of a signaling channel', async () => {
    const setup = started(new SignalingSetup());
    const resource = setup.resource();
    const { physicalId } = await resource.create({ MessageTtlSeconds: 30, Tags: [{ Key: 'a', Value: 'b' }] });
    setup.edit(physicalId, { messageTtlSeconds: 7, replaceTags: {} });
    await resource.update({ ...resource.properties, ForceUpdateNonce: '1' });
    expect(setup.channel()).toMatchObject({ arn: physicalId, messageTtlSeconds: 30, tags: { 'a': 'b', 'cdk-rtc:stack': expect.any(String) } });
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
  });

  test('corrects an out-of-band change of an ingest configuration and of its secret', async () => {
    const setup = started(new IngestSetup());
    const SecretArn = setup.secret();
    const resource = setup.resource();
    const { physicalId } = await resource.create({ SecretArn });
    const content = await setup.content(SecretArn);
    setup.edit(physicalId, { redundantIngest: true });
    setup.emulator.edit({ service: 'secrets-manager', resource: SecretArn, secretString: '{}' } as never);
    await resource.update({ SecretArn, ForceUpdateNonce: '1' });
    expect(setup.configuration()).toMatchObject({ arn: physicalId, redundantIngest: false });
    expect(await setup.content(SecretArn)).toEqual(content);
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
  });

  test('corrects an out-of-band change of a voice connector\'s streaming configuration', async () => {
    const setup = started(new StreamingSetup());
    const arn = setup.connector();
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn: arn, DataRetentionInHours: 7 });
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 9, Disabled: true } });
    await resource.update({ VoiceConnectorArn: arn, DataRetentionInHours: 7, ForceUpdateNonce: '1' });
    expect(setup.streaming(arn)).toMatchObject({ DataRetentionInHours: 7, Disabled: false });
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
  });

  test('corrects an out-of-band change of a meeting pool, and replaces a meeting that has ended', async () => {
    const setup = started(new PoolSetup());
    const resource = setup.resource();
    const { physicalId } = await resource.create({ TableName: TABLE, Size: 2 });
    const [item] = (await setup.storedItems()).filter((stored) => stored.item === 'pool');
    const putItem = Object.fromEntries(Object.entries({ ...item, size: 9 }).map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
    setup.emulator.edit({ service: 'dynamodb', resource: TABLE, putItem } as never);
    setup.emulator.edit({ service: 'chime-sdk-meetings', resource: setup.meetings()[0].id, end: true });
    expect((await resource.update({ TableName: TABLE, Size: 2, ForceUpdateNonce: '1' })).physicalId).toBe(physicalId);
    expect(setup.items('pool')[0].size).toBe(2);
    expect(setup.meetings()).toHaveLength(2);
    expect(await setup.driftOf([resource])).toMatchObject({ observed: 1, drifted: [], unobserved: [] });
  });

  test('makes a signaling channel again that was deleted out of band', async () => {
    const setup = started(new SignalingSetup());
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ForceUpdateNonce: '1' });
    setup.edit(physicalId, { delete: true });
    const { physicalId: next } = await resource.update({ ForceUpdateNonce: '2' });
    expect(setup.channel().arn).toBe(next);
  });

  test('calls nothing that changes a resource which is as desired', async () => {
    const setup = started(new SignalingSetup());
    const resource = setup.resource();
    const { physicalId } = await resource.create({ ForceUpdateNonce: '1' });
    const { mutations } = await setup.counting(() => resource.update({ ForceUpdateNonce: '2' }));
    expect(mutations).toEqual([]);
    await resource.update({});
    expect(setup.channel().arn).toBe(physicalId);
  });
});

test('a meeting pool that is to stay is deployed', async () => {
  const setup = new PoolSetup();
  await setup.resource().create({ TableName: TABLE, Size: 1, Retain: true });
  expect(setup.meetings()).toHaveLength(1);
  await setup.stop();
});
