import { App, type CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  ParticipantRecordingMediaType, RealTimeStage, type RealTimeStageProps, StorageTier, ThumbnailStorage, VideoStream, type VideoStreamProps,
} from '../src';
import { StreamingSetup } from './chime-sdk-voice/handler-setup';
import { SignalingSetup } from './kinesisvideo/handler-setup';

/* The steps of the section Migration in docs. For settings and owned resources: after the old resource was retained. For native resources: by the template. */

describe('a voice connector\'s streaming configuration', () => {
  let setup: StreamingSetup;
  let arn: string;
  beforeEach(async () => {
    setup = new StreamingSetup();
    arn = setup.connector();
    setup.edit(arn, { streamingConfiguration: { DataRetentionInHours: 7, Disabled: false, StreamingNotificationTargets: [{ NotificationTarget: 'SQS' }] } });
  });
  afterEach(() => setup.stop());

  const desired = () => ({ VoiceConnectorArn: arn, DataRetentionInHours: 7, NotificationTargets: ['SQS'], ExistingConfiguration: 'OVERWRITE', Retain: true });

  test('that already equals the desired document is adopted without a write', async () => {
    await setup.resource().create(desired());
    expect(setup.calls('PutVoiceConnectorStreamingConfiguration')).toEqual([]);
    expect(Object.keys(setup.ownerTags(arn))).toEqual(['cdk-rtc:streaming']);
  });

  test('is taken up again after a rollback that retained it, and then stays without OVERWRITE and goes without RETAIN', async () => {
    await setup.resource().create(desired());
    const resource = setup.resource();
    resource.nextRequestId();
    const { ExistingConfiguration, Retain, ...settled } = desired();
    await resource.create(desired());
    await resource.update(settled);
    expect(setup.calls('PutVoiceConnectorStreamingConfiguration')).toEqual([]);
    await resource.delete();
    expect(setup.streaming(arn)).toBeUndefined();
  });
});

describe('a signaling channel', () => {
  let setup: SignalingSetup;
  beforeEach(async () => { setup = new SignalingSetup(); });
  afterEach(() => setup.stop());

  test('with a linked stream is adopted with its link, and again after a rollback that retained it', async () => {
    const stream = setup.stream('recordings');
    const { physicalId } = await setup.resource('Former').create({ ChannelName: 'front-door', MediaStorageStreamArn: stream });
    setup.edit(physicalId, { replaceTags: {} });
    const desired = { ChannelName: 'front-door', MediaStorageStreamArn: stream, AdoptExisting: true, Retain: true };

    const { mutations } = await setup.counting(async () => {
      expect((await setup.resource().create(desired)).physicalId).toBe(physicalId);
      const again = setup.resource();
      again.nextRequestId();
      expect((await again.create(desired)).physicalId).toBe(physicalId);
    });
    expect(new Set(mutations)).toEqual(new Set(['TagResource']));
    expect(setup.channels()).toHaveLength(1);
    expect(setup.channel()).toMatchObject({ storageStreamArn: stream });
  });
});

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** The resources of a template, by logical ID. */
function resourcesOf(build: (stack: Stack) => void): Record<string, TemplateResource> {
  const stack = new Stack(new App(), 'Migrated');
  build(stack);
  return Template.fromStack(stack).toJSON().Resources;
}

const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

describe('a native stream', () => {
  const native = (props: kinesisvideo.CfnStreamProps) => resourcesOf((stack) => { new kinesisvideo.CfnStream(stack, 'Camera', props); });
  const migrated = (props: VideoStreamProps | ((stack: Stack) => VideoStreamProps)) => resourcesOf((stack) => {
    const stream = new VideoStream(stack, 'FrontCamera', typeof props === 'function' ? props(stack) : props);
    (stream.node.defaultChild as CfnResource).overrideLogicalId('Camera');
  });

  test.each<[string, kinesisvideo.CfnStreamProps, VideoStreamProps | ((stack: Stack) => VideoStreamProps)]>([
    ['retention only', { dataRetentionInHours: 24 }, { dataRetention: Duration.days(1) }],
    ['all properties', {
      name: 'camera',
      dataRetentionInHours: 48,
      mediaType: 'video/h264',
      deviceName: 'door',
      kmsKeyId: keyArn,
      streamStorageConfiguration: { defaultStorageTier: 'WARM' },
    }, (stack) => ({
      streamName: 'camera',
      dataRetention: Duration.days(2),
      mediaType: 'video/h264',
      deviceName: 'door',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', keyArn),
      defaultStorageTier: StorageTier.WARM,
    })],
  ])('keeps its logical ID and its properties (%s), and is retained from then on', (_, before, after) => {
    const { Camera: { Type, Properties }, ...others } = native(before);
    expect(others).toEqual({});
    expect(migrated(after)).toEqual({ Camera: { Type, Properties, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } });
  });

  test('is deleted with the stack as before if the removal policy is DESTROY', () => {
    const { Camera } = migrated({ dataRetention: Duration.days(1), removalPolicy: RemovalPolicy.DESTROY });
    expect(Camera).toEqual({ ...native({ dataRetentionInHours: 24 }).Camera, DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('shows a change of the key if the native stream names its key by ID', () => {
    const before = native({ kmsKeyId: keyArn.split('/')[1] }).Camera.Properties!;
    const after = migrated((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', keyArn) })).Camera.Properties!;
    expect(before.KmsKeyId).not.toBe(after.KmsKeyId);
    expect(after.KmsKeyId).toBe(keyArn);
  });

  test('provides the name and the ARN by the references of the native stream', () => {
    const stack = new Stack();
    const stream = new VideoStream(stack, 'FrontCamera', { dataRetention: Duration.days(1) });
    (stream.node.defaultChild as CfnResource).overrideLogicalId('Camera');
    expect(stack.resolve([stream.streamName, stream.streamArn])).toEqual([{ Ref: 'Camera' }, { 'Fn::GetAtt': ['Camera', 'Arn'] }]);
  });
});

describe('a native stage', () => {
  const native = (props: ivs.CfnStageProps | ((stack: Stack) => ivs.CfnStageProps)) => resourcesOf((stack) => {
    new ivs.CfnStage(stack, 'Stage', typeof props === 'function' ? props(stack) : props);
  });
  const migrated = (props: (stack: Stack) => RealTimeStageProps) => resourcesOf((stack) => {
    const stage = new RealTimeStage(stack, 'Studio', props(stack));
    (stage.node.defaultChild as CfnResource).overrideLogicalId('Stage');
  });
  const nativeStorage = (stack: Stack) => new ivs.CfnStorageConfiguration(stack, 'Storage', { s3: { bucketName: 'recordings' } });

  test('keeps its logical ID, its name, its recording, and its native storage configuration', () => {
    const before = native((stack) => ({
      name: 'studio',
      autoParticipantRecordingConfiguration: {
        storageConfigurationArn: nativeStorage(stack).ref,
        mediaTypes: ['AUDIO_ONLY'],
        recordingReconnectWindowSeconds: 60,
        hlsConfiguration: { participantRecordingHlsConfiguration: { targetSegmentDurationSeconds: 4 } },
        thumbnailConfiguration: { participantThumbnailConfiguration: { recordingMode: 'INTERVAL', targetIntervalSeconds: 30, storage: ['LATEST'] } },
      },
    }));
    expect(Object.keys(before).sort()).toEqual(['Stage', 'Storage']);
    expect(migrated((stack) => ({
      stageName: 'studio',
      autoParticipantRecording: {
        storageConfiguration: nativeStorage(stack),
        mediaType: ParticipantRecordingMediaType.AUDIO_ONLY,
        recordingReconnectWindow: Duration.minutes(1),
        targetSegmentDuration: Duration.seconds(4),
        thumbnails: { targetInterval: Duration.seconds(30), storage: [ThumbnailStorage.LATEST] },
      },
    }))).toEqual(before);
  });

  test('gets a generated name if the property is left out', () => {
    expect(native({}).Stage.Properties).toBeUndefined();
    const { Type, Properties } = migrated(() => ({})).Stage;
    expect({ Type, Properties }).toEqual({
      Type: 'AWS::IVS::Stage',
      Properties: { Name: expect.stringMatching(/^[a-zA-Z0-9_-]+$/), AutoParticipantRecordingConfiguration: { StorageConfigurationArn: '' } },
    });
  });

  test('stays as it is next to an import that grants and monitors', () => {
    const props = { name: 'studio' };
    const resources = resourcesOf((stack) => {
      const stage = new ivs.CfnStage(stack, 'Stage', props);
      const imported = RealTimeStage.fromStageArn(stack, 'Imported', stage.attrArn);
      imported.grants.createParticipantToken(new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
      imported.alarmOnNoPublisher('OffAir');
    });
    expect(resources.Stage).toEqual(native(props).Stage);
    const others = Object.values(resources);
    const arn = { 'Fn::GetAtt': ['Stage', 'Arn'] };
    expect(others.find(({ Type }) => Type === 'AWS::IAM::Policy')).toMatchObject({
      Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'ivs:CreateParticipantToken', Resource: arn }] } },
    });
    expect(JSON.stringify(others.find(({ Type }) => Type === 'AWS::CloudWatch::Alarm'))).toContain(JSON.stringify(arn));
  });
});
