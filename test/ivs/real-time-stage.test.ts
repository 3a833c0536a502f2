import { App, CfnOutput, CfnParameter, type CfnResource, Duration, PhysicalName, PropertyInjectors, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import {
  type IRealTimeStage, ParticipantRecordingMediaType, RealTimeStage, RealTimeStageGrants, type RealTimeStageProps, StageUpdate, StorageConfiguration,
  ThumbnailStorage,
} from '../../src';
import { problem } from '../problem';

const TYPE = 'AWS::IVS::Stage';
const STAGE_ID = 'AbCdEfGhIjKl';
const STAGE_ARN = `arn:aws:ivs:us-east-1:123456789012:stage/${STAGE_ID}`;
const STORAGE_ARN = 'arn:aws:ivs:us-east-1:123456789012:storage-configuration/AbCdEfGhIjKl';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string } } = { env }, id = 'Stack', app = new App()) => new Stack(app, id, props);
const storageIn = (stack: Stack, arn = STORAGE_ARN) => StorageConfiguration.fromStorageConfigurationArn(stack, 'Storage', arn);
const template = (props?: RealTimeStageProps, stack = newStack()) => {
  new RealTimeStage(stack, 'Studio', props);
  return Template.fromStack(stack);
};
const recorded = (options: Partial<NonNullable<RealTimeStageProps['autoParticipantRecording']>> = {}, stack = newStack()) =>
  template({ autoParticipantRecording: { storageConfiguration: storageIn(stack), ...options } }, stack);

describe('properties', () => {
  test('by default, the name is generated, and recording is disabled', () => {
    const [{ Properties }] = Object.values(template().findResources(TYPE));
    expect(Properties).toEqual({ Name: expect.stringMatching(/^Stack-Studio-?[\w-]*$/), AutoParticipantRecordingConfiguration: { StorageConfigurationArn: '' } });
  });

  test('a stage adds one resource, and no functions', () => {
    expect(Object.keys(template().toJSON().Resources)).toHaveLength(1);
  });

  test('by default, a recording has audio and video, no thumbnails, and segments of 6 seconds, and is not continued', () => {
    recorded().hasResourceProperties(TYPE, {
      AutoParticipantRecordingConfiguration: {
        StorageConfigurationArn: STORAGE_ARN,
        MediaTypes: ['AUDIO_VIDEO'],
        RecordingReconnectWindowSeconds: 0,
        HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 6 } },
        ThumbnailConfiguration: {
          ParticipantThumbnailConfiguration: { RecordingMode: 'DISABLED', TargetIntervalSeconds: Match.absent(), Storage: Match.absent() },
        },
      },
    });
  });

  test('all options of a recording are sent', () => {
    recorded({
      mediaType: ParticipantRecordingMediaType.AUDIO_ONLY,
      recordingReconnectWindow: Duration.minutes(5),
      targetSegmentDuration: Duration.seconds(10),
      thumbnails: { targetInterval: Duration.days(1), storage: [ThumbnailStorage.SEQUENTIAL, ThumbnailStorage.LATEST] },
    }).hasResourceProperties(TYPE, {
      AutoParticipantRecordingConfiguration: {
        MediaTypes: ['AUDIO_ONLY'],
        RecordingReconnectWindowSeconds: 300,
        HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: 10 } },
        ThumbnailConfiguration: {
          ParticipantThumbnailConfiguration: { RecordingMode: 'INTERVAL', TargetIntervalSeconds: 86_400, Storage: ['SEQUENTIAL', 'LATEST'] },
        },
      },
    });
  });

  test('an empty object has the default thumbnails', () => {
    recorded({ thumbnails: {} }).hasResourceProperties(TYPE, {
      AutoParticipantRecordingConfiguration: {
        ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { RecordingMode: 'INTERVAL', TargetIntervalSeconds: 60, Storage: ['SEQUENTIAL'] } },
      },
    });
  });

  test('a CfnStorageConfiguration is accepted', () => {
    const stack = newStack();
    const storageConfiguration = new ivs.CfnStorageConfiguration(stack, 'Storage', { s3: { bucketName: 'recordings' } });
    const { storageConfigurationArn } = storageConfiguration.storageConfigurationRef;
    template({ autoParticipantRecording: { storageConfiguration } }, stack).hasResourceProperties(TYPE, {
      AutoParticipantRecordingConfiguration: { StorageConfigurationArn: stack.resolve(storageConfigurationArn) },
    });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string) => new CfnParameter(stack, id);
    const number = (id: string) => Token.asNumber(new CfnParameter(stack, id, { type: 'Number' }).value);
    template({
      stageName: parameter('Name').valueAsString,
      autoParticipantRecording: {
        storageConfiguration: storageIn(stack, parameter('Storage-').valueAsString),
        mediaType: parameter('Media').valueAsString as ParticipantRecordingMediaType,
        recordingReconnectWindow: Duration.seconds(number('Window')),
        targetSegmentDuration: Duration.seconds(number('Segment')),
        thumbnails: { targetInterval: Duration.seconds(number('Interval')), storage: [parameter('Kind').valueAsString as ThumbnailStorage] },
      },
    }, stack).hasResourceProperties(TYPE, {
      Name: { Ref: 'Name' },
      AutoParticipantRecordingConfiguration: {
        StorageConfigurationArn: { Ref: 'Storage' },
        MediaTypes: [{ Ref: 'Media' }],
        RecordingReconnectWindowSeconds: { Ref: 'Window' },
        HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: { Ref: 'Segment' } } },
        ThumbnailConfiguration: { ParticipantThumbnailConfiguration: { TargetIntervalSeconds: { Ref: 'Interval' }, Storage: [{ Ref: 'Kind' }] } },
      },
    });
  });

  test('a name that is generated if another stack needs it', () => {
    const [{ Properties }] = Object.values(template({ stageName: PhysicalName.GENERATE_IF_NEEDED }).findResources(TYPE));
    expect(Properties.Name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
  });

  test('the generated name of a construct with a long path', () => {
    const stack = newStack();
    new RealTimeStage(stack, 'Studio'.repeat(40));
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(TYPE));
    expect(Properties.Name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
  });

  test.each([[undefined, undefined], [RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.DESTROY, 'Delete']])('removalPolicy %s', (removalPolicy, deletionPolicy) => {
    const [resource] = Object.values(template({ removalPolicy }).findResources(TYPE));
    expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([deletionPolicy, deletionPolicy]);
  });

  test('applyRemovalPolicy reaches the resource', () => {
    const stack = newStack();
    new RealTimeStage(stack, 'Studio').applyRemovalPolicy(RemovalPolicy.RETAIN);
    Template.fromStack(stack).hasResource(TYPE, { DeletionPolicy: 'Retain' });
  });

  test('tags of the construct and of the stack', () => {
    const stack = newStack();
    const stage = new RealTimeStage(stack, 'Studio');
    Tags.of(stage).add('team', 'studio');
    Tags.of(stack).add('cost', 'center');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'cost', Value: 'center' }, { Key: 'team', Value: 'studio' }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: RealTimeStage.PROPERTY_INJECTION_ID,
      inject: (original: RealTimeStageProps) => ({ stageName: 'company', ...original }),
    });
    template({}, stack).hasResourceProperties(TYPE, { Name: 'company' });
  });
});

describe('bad input', () => {
  const recording = (options: Partial<NonNullable<RealTimeStageProps['autoParticipantRecording']>>) => problem(() => recorded(options));
  const path = '[Stack/Studio] autoParticipantRecording';

  test.each<[string, RealTimeStageProps, string]>([
    ['a name that is too long', { stageName: 'x'.repeat(129) }, `stageName: must be at most 128 letters, digits, - and _, got "${'x'.repeat(129)}"; leave it out for a generated name`],
    ['a name with other characters', { stageName: 'a b' }, 'stageName: must be at most 128 letters, digits, - and _, got "a b"; leave it out for a generated name'],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
  ])('%s', (_, props, message) => {
    expect(problem(() => template(props))).toBe(`[Stack/Studio] ${message}`);
  });

  test.each([['', ''], ['128 characters', 'x'.repeat(128)]])('a name that is allowed: %s', (_, stageName) => {
    template({ stageName }).hasResourceProperties(TYPE, { Name: stageName });
  });

  test.each([
    ['0.5 s', Duration.millis(500), 0.5], ['301 s', Duration.seconds(301), 301],
  ])('a reconnect window of %s', (_, recordingReconnectWindow, seconds) => {
    expect(recording({ recordingReconnectWindow })).toBe(`${path}.recordingReconnectWindow: must be whole seconds from 0 to 300, got ${seconds}; leave it out for the default`);
  });

  test.each([1, 11])('segments of %s s', (seconds) => {
    expect(recording({ targetSegmentDuration: Duration.seconds(seconds) }))
      .toBe(`${path}.targetSegmentDuration: must be whole seconds from 2 to 10, got ${seconds}; leave it out for the default`);
  });

  test.each([0, 86_401])('thumbnails every %s s', (seconds) => {
    expect(recording({ thumbnails: { targetInterval: Duration.seconds(seconds) } }))
      .toBe(`${path}.thumbnails.targetInterval: must be whole seconds from 1 to 86400, got ${seconds}; leave it out for the default`);
  });

  test.each([
    ['none', [], '[]'],
    ['a value twice', [ThumbnailStorage.LATEST, ThumbnailStorage.LATEST], '["LATEST","LATEST"]'],
  ])('thumbnail storage: %s', (_, storage, got) => {
    expect(recording({ thumbnails: { storage } })).toBe(`${path}.thumbnails.storage: must have 1 to 2 different values, got ${got}; leave it out for SEQUENTIAL`);
  });

  test('enums that are none', () => {
    expect(recording({ mediaType: 'NONE' as ParticipantRecordingMediaType })).toBe(`${path}.mediaType: must be AUDIO_VIDEO or AUDIO_ONLY, got "NONE"; leave it out for AUDIO_VIDEO`);
    expect(recording({ thumbnails: { storage: ['ALL' as ThumbnailStorage] } })).toBe(`${path}.thumbnails.storage: must be SEQUENTIAL or LATEST, got "ALL"; leave it out for SEQUENTIAL`);
  });

  test('durations that are tokens in another unit', () => {
    const minutes = () => Duration.minutes(Token.asNumber({ Ref: 'Minutes' }));
    expect(recording({ recordingReconnectWindow: minutes(), targetSegmentDuration: minutes(), thumbnails: { targetInterval: minutes() } }).split('\n')).toEqual([
      `${path}.recordingReconnectWindow: is known only at deployment, so it must be given in seconds, got it in minutes; use Duration.seconds(…)`,
      '  autoParticipantRecording.targetSegmentDuration: is known only at deployment, so it must be given in seconds, got it in minutes; use Duration.seconds(…)',
      '  autoParticipantRecording.thumbnails.targetInterval: is known only at deployment, so it must be given in seconds, got it in minutes; use Duration.seconds(…)',
    ]);
  });

  test.each([
    ['region', STORAGE_ARN.replace('us-east-1', 'eu-west-1'), '123456789012, eu-west-1'],
    ['account', STORAGE_ARN.replace('123456789012', '210987654321'), '210987654321, us-east-1'],
  ])('a storage configuration of another %s', (_, arn, there) => {
    const stack = newStack();
    expect(problem(() => recorded({ storageConfiguration: storageIn(stack, arn) }, newStack())))
      .toBe(`${path}.storageConfiguration: must be in the stage's own account and region (123456789012, us-east-1), got Stack/Storage in ${there}; use a storage configuration there`);
  });

  test('an ARN of something else', () => {
    const storageConfiguration = { storageConfigurationRef: { storageConfigurationArn: STAGE_ARN }, env, node: newStack().node } as any;
    expect(recording({ storageConfiguration }))
      .toBe(`${path}.storageConfiguration: must be the ARN of an IVS storage configuration (arn:…:ivs:REGION:ACCOUNT:storage-configuration/ID), got "${STAGE_ARN}"`);
  });

  test('all findings are in one error', () => {
    const stack = newStack();
    expect(problem(() => template({
      stageName: 'a b',
      removalPolicy: RemovalPolicy.SNAPSHOT,
      autoParticipantRecording: {
        storageConfiguration: storageIn(stack, STORAGE_ARN.replace('us-east-1', 'eu-west-1')),
        mediaType: 'NONE' as ParticipantRecordingMediaType,
        recordingReconnectWindow: Duration.minutes(6),
        targetSegmentDuration: Duration.seconds(1),
        thumbnails: { targetInterval: Duration.days(2), storage: [] },
      },
    }, stack)).split('\n')).toHaveLength(8);
  });

  test.each([
    ['51 tags', (stage: RealTimeStage) => Array.from({ length: 51 }, (_, index) => Tags.of(stage).add(`tag-${index}`, 'x')), 'tags: at most 50 are possible, got 51'],
    ['a reserved key', (stage: RealTimeStage) => Tags.of(stage).add('aws:x', 'x'), 'tags: "aws:x" starts with a reserved prefix'],
  ])('%s', (_, tag, message) => {
    const stack = newStack();
    tag(new RealTimeStage(stack, 'Studio'));
    expect(() => Template.fromStack(stack)).toThrow(message);
  });

  test('50 tags are allowed', () => {
    const stack = newStack();
    const stage = new RealTimeStage(stack, 'Studio');
    for (let index = 0; index < 50; index += 1) Tags.of(stage).add(`tag-${index}`, 'x');
    expect(Object.values(Template.fromStack(stack).findResources(TYPE))[0].Properties.Tags).toHaveLength(50);
  });

  test('a region without the service warns', () => {
    const stack = newStack({ env: { ...env, region: 'eu-north-1' } });
    new RealTimeStage(stack, 'There');
    Annotations.fromStack(stack).hasWarning('/Stack/There', Match.stringLikeRegexp('region: IVS real-time is not known to be in eu-north-1'));
  });
});

describe('attributes', () => {
  test('ARN and ID', () => {
    const stack = newStack();
    const stage = new RealTimeStage(stack, 'Studio');
    const { stageArn, stageId, stageRef } = stage;
    const Ref = stack.getLogicalId(stage.node.defaultChild as CfnResource);
    expect(stack.resolve({ stageArn, stageId, stageRef })).toEqual({
      stageArn: { Ref }, stageId: { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref }] }] }, stageRef: { stageArn: { Ref } },
    });
  });

  test('reach another stack', () => {
    const app = new App();
    const stage = new RealTimeStage(newStack({ env }, 'Studios', app), 'Studio');
    const tokens = newStack({ env }, 'Tokens', app);
    new CfnOutput(tokens, 'Topic', { value: stage.stageId });
    expect(Template.fromStack(tokens).findOutputs('Topic').Topic.Value).toEqual({ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::ImportValue': expect.any(String) }] }] });
  });

  test('of an imported stage', () => {
    const stage = RealTimeStage.fromStageArn(newStack(), 'Imported', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    expect(stage).toMatchObject({ stageArn: STAGE_ARN.replace('us-east-1', 'eu-west-1'), stageId: STAGE_ID, env: { region: 'eu-west-1', account: env.account } });
    expect(stage.stageRef).toEqual({ stageArn: stage.stageArn });
  });

  test('an import by something that is no ARN of a stage fails', () => {
    expect(problem(() => RealTimeStage.fromStageArn(newStack(), 'Imported', STORAGE_ARN)))
      .toBe(`[Stack/Imported] stageArn: must be the ARN of an IVS stage (arn:…:ivs:REGION:ACCOUNT:stage/ID), got "${STORAGE_ARN}"`);
  });

  test('isRealTimeStage tells a stage from an import and from a CfnStage', () => {
    const stack = newStack();
    const values = [new RealTimeStage(stack, 'Studio'), RealTimeStage.fromStageArn(stack, 'Imported', STAGE_ARN), new ivs.CfnStage(stack, 'Native'), undefined];
    expect(values.map((value) => RealTimeStage.isRealTimeStage(value))).toEqual([true, false, false, false]);
  });
});

const compositions = (place: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ivs:${place}:composition/*`]] });

describe('grants', () => {
  const imported = (stack: Stack): ivs.IStageRef => RealTimeStage.fromStageArn(stack, 'Studio', STAGE_ARN);
  const statements = (grant: (grants: RealTimeStageGrants, role: iam.Role, stack: Stack) => iam.Grant, stage = imported) => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    grant(RealTimeStageGrants.fromStage(stage(stack)), role, stack).assertSuccess();
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return Properties.PolicyDocument.Statement;
  };
  const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

  test.each<[string, (grants: RealTimeStageGrants, role: iam.Role) => iam.Grant, string | string[]]>([
    ['createParticipantToken', (grants, role) => grants.createParticipantToken(role), 'ivs:CreateParticipantToken'],
    ['disconnectParticipant', (grants, role) => grants.disconnectParticipant(role), 'ivs:DisconnectParticipant'],
    ['getStage', (grants, role) => grants.getStage(role), 'ivs:GetStage'],
    ['readSessions', (grants, role) => grants.readSessions(role), [
      'ivs:GetParticipant', 'ivs:GetStage', 'ivs:GetStageSession', 'ivs:ListParticipantEvents', 'ivs:ListParticipants', 'ivs:ListStageSessions',
    ]],
  ])('%s allows its operations on this stage only', (_, grant, actions) => {
    const sorted = statements(grant).map(({ Action, ...rest }: any) => ({ ...rest, Action: Array.isArray(Action) ? [...Action].sort() : Action }));
    expect(sorted).toEqual([allow(actions, STAGE_ARN)]);
  });

  const of = (kind: string) => `arn:aws:ivs:us-east-1:123456789012:${kind}/AbCdEfGhIjKl`;
  const encoders = (stack: Stack) => [{ encoderConfigurationRef: { encoderConfigurationArn: of('encoder-configuration') }, env, node: stack.node } as unknown as ivs.IEncoderConfigurationRef];

  test('startComposition allows the start on the stage and on what the composition uses', () => {
    expect(statements((grants, role, stack) => grants.startComposition(role, {
      encoderConfigurations: encoders(stack),
      storageConfigurations: [storageIn(stack)],
      channels: [{ channelRef: { channelArn: of('channel') }, env, node: stack.node } as unknown as ivs.IChannelRef],
    }))).toEqual([
      allow('ivs:StartComposition', [STAGE_ARN, of('encoder-configuration'), STORAGE_ARN, of('channel')]),
      allow(['ivs:GetComposition', 'ivs:StopComposition'], compositions('us-east-1:123456789012')),
    ]);
  });

  test('without storage configurations and channels, compositions cannot use any', () => {
    expect(statements((grants, role, stack) => grants.startComposition(role, { encoderConfigurations: encoders(stack) }))[0])
      .toEqual(allow('ivs:StartComposition', [STAGE_ARN, of('encoder-configuration')]));
  });

  test('compositions are those of the account and region of the stage', () => {
    const there = (stack: Stack) => RealTimeStage.fromStageArn(stack, 'There', 'arn:aws:ivs:eu-west-1:210987654321:stage/AbCdEfGhIjKl');
    expect(statements((grants, role, stack) => grants.startComposition(role, { encoderConfigurations: encoders(stack) }), there)[1].Resource)
      .toEqual(compositions('eu-west-1:210987654321'));
  });

  test('a CfnStage is accepted, and a stage has the same grants', () => {
    const native = statements((grants, role) => grants.getStage(role), (stack) => new ivs.CfnStage(stack, 'Native'));
    expect(native).toEqual([allow('ivs:GetStage', { Ref: 'Native' })]);
    const own = statements((_, role, stack) => (stack.node.findChild('Own') as RealTimeStage).grants.getStage(role), (stack) => new RealTimeStage(stack, 'Own'));
    expect(own).toEqual([allow('ivs:GetStage', { Ref: expect.stringMatching(/^Own/) })]);
  });
});

describe.each<[string, (stack: Stack) => IRealTimeStage]>([
  ['a stage', (stack) => new RealTimeStage(stack, 'Studio')],
  ['an imported stage', (stack) => RealTimeStage.fromStageArn(stack, 'Studio', STAGE_ARN)],
])('events of %s', (_name, make) => {
  const pattern = (rule: (stage: IRealTimeStage) => unknown) => {
    const stack = newStack();
    const stage = make(stack);
    rule(stage);
    const [{ Properties: { EventPattern } }] = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'));
    return { EventPattern, stageArn: stack.resolve(stage.stageArn) };
  };

  test.each<[string, (stage: IRealTimeStage) => unknown, (stageArn: unknown) => object]>([
    ['onEvent', (stage) => stage.onEvent('Rule'), (stageArn) => ({ resources: [stageArn] })],
    ['onStageUpdate', (stage) => stage.onStageUpdate('Rule'), (stageArn) => ({ 'detail-type': ['IVS Stage Update'], 'resources': [stageArn] })],
    ['onStageUpdate with events', (stage) => stage.onStageUpdate('Rule', {
      updates: [StageUpdate.PARTICIPANT_REPLICATION_START, StageUpdate.PARTICIPANT_REPLICATION_END, StageUpdate.TOKEN_EXCHANGED],
    }), (stageArn) => ({
      'detail-type': ['IVS Stage Update'], 'resources': [stageArn], 'detail': { event_name: ['Participant Replication Start', 'Participant Replication End', 'Token Exchanged'] },
    })],
    ['onRecordingStateChange', (stage) => stage.onRecordingStateChange('Rule'), (stageArn) => ({ 'detail-type': ['IVS Participant Recording State Change'], 'resources': [stageArn] })],
    ['onCompositionStateChange', (stage) => stage.onCompositionStateChange('Rule'), (stageArn) => ({ 'detail-type': ['IVS Composition State Change'], 'detail': { stage_arn: [stageArn] } })],
  ])('%s', (_, rule, expected) => {
    const { EventPattern, stageArn } = pattern(rule);
    expect(EventPattern).toEqual({ source: ['aws.ivs'], ...expected(stageArn) });
  });

  test('a pattern of the app narrows the events', () => {
    const { EventPattern, stageArn } = pattern((stage) => stage.onRecordingStateChange('Rule', { eventPattern: { detail: { event_name: ['Recording End'] } } }));
    expect(EventPattern).toMatchObject({ resources: [stageArn], detail: { event_name: ['Recording End'] } });
  });
});

test('a rule in another region than the stage fails', () => {
  const stack = newStack();
  const stage = RealTimeStage.fromStageArn(stack, 'Studio', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
  expect(problem(() => stage.onCompositionStateChange('Rule')))
    .toBe('[Stack/Studio] Rule: the events come in eu-west-1, the rule would be in us-east-1; give crossStackScope a stack of eu-west-1');
  expect(problem(() => stage.onEvent('Any')))
    .toBe('[Stack/Studio] onEvent: the events come in eu-west-1, the rule Any would be in us-east-1; give crossStackScope a stack of eu-west-1');
});

describe('metrics', () => {
  test.each<[string, (stage: IRealTimeStage) => cloudwatch.Metric, string, string]>([
    ['metricPublishers', (stage) => stage.metricPublishers(), 'Publishers', 'Maximum'],
    ['metricSubscribers', (stage) => stage.metricSubscribers(), 'Subscribers', 'Maximum'],
    ['metricPublishBitrate', (stage) => stage.metricPublishBitrate(), 'PublishBitrate', 'Average'],
    ['metricSubscribeBitrate', (stage) => stage.metricSubscribeBitrate(), 'SubscribeBitrate', 'Average'],
    ['metricDownloadPacketLoss', (stage) => stage.metricDownloadPacketLoss(), 'DownloadPacketLoss', 'Average'],
    ['metricDroppedFrames', (stage) => stage.metricDroppedFrames(), 'DroppedFrames', 'Average'],
  ])('%s', (_, make, metricName, statistic) => {
    const metric = make(RealTimeStage.fromStageArn(newStack(), 'Studio', STAGE_ARN));
    expect(metric).toMatchObject({ namespace: 'AWS/IVSRealTime', metricName, statistic, dimensions: { Stage: STAGE_ID } });
    expect(metric.period.toMinutes()).toBe(5);
  });

  test.each<[string, Record<string, string>]>([
    ['PublishFramerate', { Participant: 'p' }],
    ['PublishBitrate', { Participant: 'p', SimulcastLayer: 'hi', MediaType: 'video' }],
  ])('%s of a participant has the dimensions of the service', (metricName, dimensionsMap) => {
    const metric = RealTimeStage.fromStageArn(newStack(), 'Studio', STAGE_ARN).metric(metricName, { statistic: 'min', dimensionsMap });
    expect(metric).toMatchObject({ namespace: 'AWS/IVSRealTime', metricName, statistic: 'Minimum' });
    expect(metric.dimensions).toEqual({ Stage: STAGE_ID, ...dimensionsMap });
  });

  test('of all stages have no dimension', () => {
    expect(RealTimeStage.metricAll('ConcurrentPublishers', { statistic: 'min' })).toMatchObject({ namespace: 'AWS/IVSRealTime', metricName: 'ConcurrentPublishers', statistic: 'Minimum', dimensions: undefined });
    expect(RealTimeStage.metricAllPublishers()).toMatchObject({ metricName: 'ConcurrentPublishers', statistic: 'Maximum', dimensions: undefined });
    expect(RealTimeStage.metricAllSubscriptions({ statistic: 'avg' })).toMatchObject({ metricName: 'ConcurrentSubscriptions', statistic: 'Average', dimensions: undefined });
  });

  test('an alarm for a stage without a publisher', () => {
    const stack = newStack();
    new RealTimeStage(stack, 'Studio').alarmOnNoPublisher('NoPublisher');
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/IVSRealTime',
      MetricName: 'Publishers',
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      Dimensions: [{ Name: 'Stage', Value: { 'Fn::Select': [1, { 'Fn::Split': ['/', Match.anyValue()] }] } }],
    });
  });
});
