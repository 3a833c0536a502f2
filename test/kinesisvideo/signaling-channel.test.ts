import * as fs from 'node:fs';
import { App, Aws, CfnOutput, CfnParameter, CfnResource, Duration, Fn, Lazy, NestedStack, PhysicalName, PropertyInjectors, RemovalPolicy, Stack, Stage, Tags, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ChannelType, SignalingChannel, SignalingChannelGrants, type SignalingChannelProps, SignalingOperation, VideoStream } from '../../src';
import { problem } from '../problem';

const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const TYPE = 'Custom::RtcSignalingChannel';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string }; crossRegionReferences?: boolean } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);

function template(props?: SignalingChannelProps): Template {
  const stack = newStack();
  new SignalingChannel(stack, 'Channel', props);
  return Template.fromStack(stack);
}

describe('properties', () => {
  test('none are sent by default', () => {
    const { ServiceToken, ...rest } = Object.values(template().findResources(TYPE))[0].Properties;
    expect(ServiceToken).toBeDefined();
    expect(rest).toEqual({ ServiceTimeout: 900 });
  });

  test('all are sent', () => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', {
      signalingChannelName: 'front-door',
      channelType: ChannelType.SINGLE_MASTER,
      messageTtl: Duration.minutes(2),
      mediaStorageStream: new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 24 }),
      adoptExisting: true,
      region: 'eu-west-1',
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      ChannelName: 'front-door',
      ChannelType: 'SINGLE_MASTER',
      MessageTtlSeconds: 120,
      MediaStorageStreamArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
      AdoptExisting: true,
      Region: 'eu-west-1',
    });
  });

  test('tags reach the resource, and excludeResourceTypes keeps them away', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel');
    Tags.of(channel).add('team', 'doors');
    Tags.of(stack).add('cost', '7', { excludeResourceTypes: [TYPE] });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'team', Value: 'doors' }] });
  });

  test.each([
    [RemovalPolicy.RETAIN, 'Retain', true],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', true],
    [RemovalPolicy.DESTROY, 'Delete', Match.absent()],
  ])('removalPolicy %s', (removalPolicy, deletionPolicy, retain) => {
    template({ removalPolicy }).hasResource(TYPE, { DeletionPolicy: deletionPolicy, Properties: { Retain: retain } });
  });

  test('a policy that is applied later is known to the handler, too', () => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel').applyRemovalPolicy(RemovalPolicy.RETAIN);
    Template.fromStack(stack).hasResource(TYPE, { DeletionPolicy: 'Retain', Properties: { Retain: true } });
  });

  test('a physical name that is generated if needed', () => {
    const app = new App();
    const producer = new Stack(app, 'Producer', { env });
    const consumer = new Stack(app, 'Consumer', { env: { ...env, region: 'eu-west-1' } });
    const channel = new SignalingChannel(producer, 'Channel', { signalingChannelName: PhysicalName.GENERATE_IF_NEEDED });
    new iam.Role(consumer, 'Role', { assumedBy: new iam.AccountRootPrincipal(), description: channel.signalingChannelName });
    app.synth();
    const { ChannelName } = Object.values(Template.fromStack(producer).findResources(TYPE))[0].Properties;
    Template.fromStack(consumer).hasResourceProperties('AWS::IAM::Role', { Description: ChannelName });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
    new SignalingChannel(stack, 'Channel', {
      signalingChannelName: parameter('Name').valueAsString,
      channelType: parameter('Type').valueAsString as ChannelType,
      messageTtl: Duration.seconds(parameter('Ttl', 'Number').valueAsNumber),
      region: Aws.REGION,
      mediaStorageStream: { streamRef: { streamName: 's', streamArn: parameter('Stream').valueAsString }, env: stack.env, node: stack.node } as any,
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      ChannelName: { Ref: 'Name' },
      ChannelType: { Ref: 'Type' },
      MessageTtlSeconds: { Ref: 'Ttl' },
      MediaStorageStreamArn: { Ref: 'Stream' },
      Region: { Ref: 'AWS::Region' },
    });
  });

  test('a tag whose value is a token passes the validation', () => {
    const stack = newStack();
    Tags.of(new SignalingChannel(stack, 'Channel')).add('stack', Aws.STACK_NAME);
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'stack', Value: { Ref: 'AWS::StackName' } }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: SignalingChannel.PROPERTY_INJECTION_ID,
      inject: (original: SignalingChannelProps) => ({ messageTtl: Duration.seconds(30), ...original }),
    });
    new SignalingChannel(stack, 'Channel', {});
    Template.fromStack(stack).hasResourceProperties(TYPE, { MessageTtlSeconds: 30 });
  });
});

describe('attributes', () => {
  test('Ref is the ARN, all others are attributes', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel');
    const id = stack.getLogicalId(channel.node.defaultChild as CfnResource);
    const attribute = (name: string) => ({ 'Fn::GetAtt': [id, name] });
    expect(stack.resolve({
      signalingChannelArn: channel.signalingChannelArn,
      signalingChannelName: channel.signalingChannelName,
      masterWssEndpoint: channel.masterWssEndpoint,
      masterHttpsEndpoint: channel.masterHttpsEndpoint,
      viewerWssEndpoint: channel.viewerWssEndpoint,
      viewerHttpsEndpoint: channel.viewerHttpsEndpoint,
      signalingChannelRef: channel.signalingChannelRef,
    })).toEqual({
      signalingChannelArn: { Ref: id },
      signalingChannelName: attribute('ChannelName'),
      masterWssEndpoint: attribute('MasterWssEndpoint'),
      masterHttpsEndpoint: attribute('MasterHttpsEndpoint'),
      viewerWssEndpoint: attribute('ViewerWssEndpoint'),
      viewerHttpsEndpoint: attribute('ViewerHttpsEndpoint'),
      signalingChannelRef: { signalingChannelArn: { Ref: id }, signalingChannelName: attribute('ChannelName') },
    });
  });

  test('WEBRTC endpoints come with a stream', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel', { mediaStorageStream: new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 24 }) });
    expect(stack.resolve([channel.masterWebrtcEndpoint, channel.viewerWebrtcEndpoint])).toEqual([
      { 'Fn::GetAtt': [expect.any(String), 'MasterWebrtcEndpoint'] }, { 'Fn::GetAtt': [expect.any(String), 'ViewerWebrtcEndpoint'] },
    ]);
  });

  test.each(['masterWebrtcEndpoint', 'viewerWebrtcEndpoint'] as const)('%s without a stream fails', (attribute) => {
    const channel = new SignalingChannel(newStack(), 'Channel');
    expect(() => channel[attribute]).toThrow(`[Stack/Channel] ${attribute}: exists only for a channel with a mediaStorageStream; give one`);
  });
});

describe('bad input', () => {
  const arn = 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/s/1';

  test.each<[string, SignalingChannelProps, string]>([
    ['a TTL of 4 s', { messageTtl: Duration.seconds(4) }, 'messageTtl: must be a whole number of seconds from 5 to 120, got 4 s; leave it out for 60 s'],
    ['a TTL of 121 s', { messageTtl: Duration.seconds(121) }, 'messageTtl: must be a whole number of seconds from 5 to 120, got 121 s; leave it out for 60 s'],
    ['a TTL of 5.5 s', { messageTtl: Duration.millis(5500) }, 'messageTtl: must be a whole number of seconds from 5 to 120, got 5.5 s; leave it out for 60 s'],
    ['a name with a blank', { signalingChannelName: 'front door' }, 'signalingChannelName: may hold only letters, digits, and _.-, got "front door"; choose another, or leave it out for a generated one'],
    ['an empty name', { signalingChannelName: '' }, 'signalingChannelName: must have 1 to 256 characters, got 0 (""); choose another, or leave it out for a generated one'],
    ['a name of 257 characters', { signalingChannelName: 'a'.repeat(257) }, `signalingChannelName: must have 1 to 256 characters, got 257 ("${'a'.repeat(40)}"); choose another, or leave it out for a generated one`],
    ['a type that is none', { channelType: 'STAR' as ChannelType }, 'channelType: must be SINGLE_MASTER or FULL_MESH, got "STAR"; leave it out for SINGLE_MASTER'],
    ['a TTL with FULL_MESH', { channelType: ChannelType.FULL_MESH, messageTtl: Duration.seconds(60) }, 'messageTtl: is a setting of SINGLE_MASTER channels, got 60 s with channelType FULL_MESH; leave it out, or use SINGLE_MASTER'],
    ['adoptExisting without a name', { adoptExisting: true }, 'adoptExisting: needs signalingChannelName, the name of the channel to adopt; give it, or leave adoptExisting out'],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
  ])('%s', (_, props, message) => {
    expect(problem(() => new SignalingChannel(newStack(), 'Channel', props))).toBe(`[Stack/Channel] ${message}`);
  });

  test.each([5, 120])('a TTL of %d s is within the limits', (seconds) => {
    template({ messageTtl: Duration.seconds(seconds) }).hasResourceProperties(TYPE, { MessageTtlSeconds: seconds });
  });

  test('a name of 256 characters is within the limits', () => {
    template({ signalingChannelName: 'a'.repeat(256) }).resourceCountIs(TYPE, 1);
  });

  const imported = (stack: Stack, streamArn: string) => VideoStream.fromStreamArn(stack, 'Stream', streamArn);

  test('media storage with FULL_MESH', () => {
    const stack = newStack();
    expect(problem(() => new SignalingChannel(stack, 'Channel', { channelType: ChannelType.FULL_MESH, mediaStorageStream: imported(stack, arn) })))
      .toBe('[Stack/Channel] mediaStorageStream: sessions are recorded for SINGLE_MASTER channels only, got one with channelType FULL_MESH; leave it out, or use SINGLE_MASTER');
  });

  test.each([
    ['another region', arn.replace('us-east-1', 'eu-west-1')],
    ['another account', arn.replace('123456789012', '210987654321')],
  ])('a stream of %s', (_, streamArn) => {
    const stack = newStack({ env });
    expect(problem(() => new SignalingChannel(stack, 'Channel', { mediaStorageStream: imported(stack, streamArn) })))
      .toBe(`[Stack/Channel] mediaStorageStream: must be in the channel's own account and region (123456789012, us-east-1), got ${streamArn}; use a stream there`);
  });

  test('a stream of a stack in another region, where its ARN is a token', () => {
    const app = new App();
    const stream = new kinesisvideo.CfnStream(new Stack(app, 'Other', { env: { ...env, region: 'eu-west-1' } }), 'Stream', { dataRetentionInHours: 1 });
    expect(problem(() => new SignalingChannel(newStack({ env }, 'Stack', app), 'Channel', { mediaStorageStream: stream })))
      .toBe('[Stack/Channel] mediaStorageStream: must be in the channel\'s own account and region (123456789012, us-east-1), got Other/Stream in 123456789012, eu-west-1; use a stream there');
  });

  test.each([undefined, 0])('a stream that keeps data for %s hours', (dataRetentionInHours) => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', { mediaStorageStream: new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours }) });
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Channel] mediaStorageStream: Stack/Stream keeps no data (dataRetentionInHours 0), so nothing could be recorded; give it 1 hour or more');
  });

  test('what is no ARN of a stream', () => {
    const stack = newStack();
    const stream = { streamRef: { streamName: 's', streamArn: 'recordings' }, env: stack.env, node: stack.node } as any;
    expect(problem(() => new SignalingChannel(stack, 'Channel', { mediaStorageStream: stream })))
      .toBe('[Stack/Channel] mediaStorageStream: must be the ARN of a Kinesis video stream (arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME), got "recordings"');
  });

  test('two channels of an app that record into one stream', () => {
    const stack = newStack();
    const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 });
    new SignalingChannel(stack, 'One', { mediaStorageStream });
    expect(problem(() => new SignalingChannel(stack, 'Two', { mediaStorageStream })))
      .toBe('[Stack/Two] mediaStorageStream: Stack/One records into this stream already, and a stream can record only one channel; use another stream');
  });

  test('all findings in one error', () => {
    expect(problem(() => new SignalingChannel(newStack(), 'Channel', { messageTtl: Duration.seconds(4), signalingChannelName: 'a b', channelType: 'STAR' as ChannelType })).split('\n')).toHaveLength(3);
  });

  test.each<[string, [string, string][], string]>([
    ['47 tags', Array.from({ length: 47 }, (_, index) => [`k${index}`, 'v']), 'tags: at most 46 are possible in addition to the owner tags, got 47; remove some, or exclude them: Tags.of(scope).add(key, value, { excludeResourceTypes: ["Custom::RtcSignalingChannel"] })'],
    ['a key of 129 characters', [['k'.repeat(129), 'v']], 'tags: a key must have 1 to 128 characters, got 129'],
    ['a value of 257 characters', [['k', 'v'.repeat(257)]], 'tags: the value of "k" must have at most 256 characters, got 257'],
    ['a character that the service rejects', [['k', 'v!']], 'tags: "k" or its value "v!" has a character that the service rejects'],
    ['an owner tag', [['cdk-rtc:stack', 'mine']], 'tags: "cdk-rtc:stack" starts with a reserved prefix'],
  ])('%s', (_, tags, message) => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel');
    for (const [key, value] of tags) Tags.of(channel).add(key, value);
    expect(problem(() => Template.fromStack(stack))).toContain(`[Stack/Channel] ${message}`);
  });

  test('46 tags are within the limits', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel');
    for (let index = 0; index < 46; index += 1) Tags.of(channel).add(`k${index}`, 'ünïcode / _.:/=+-@');
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });

  test('a region without the service warns', () => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', { region: 'eu-north-1' });
    Annotations.fromStack(stack).hasWarning('/Stack/Channel', Match.stringLikeRegexp('region: Kinesis Video Streams is not known to be in eu-north-1; it is in af-south-1, .*us-west-2'));
  });

  test('a warning can be acknowledged', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel', { region: 'eu-north-1' });
    Validations.of(channel).acknowledge({ id: 'cdk-rtc:SignalingChannel.region', reason: 'The region is new.' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a region with the service does not', () => {
    const stack = newStack();
    new SignalingChannel(stack, 'Channel', { region: 'eu-west-1' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('grants', () => {
  const statements = (grant: (grants: SignalingChannelGrants, role: iam.Role) => iam.Grant, withStream = false) => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const mediaStorageStream = withStream ? new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1 }) : undefined;
    const channel = new SignalingChannel(stack, 'Channel', { mediaStorageStream });
    grant(channel.grants, role).assertSuccess();
    const policy = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Role'))![1];
    return policy.Properties.PolicyDocument.Statement.map(({ Action, Resource }: any) => ({ Action, Resource }));
  };
  const peer = ['kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];
  const channelArn = { Ref: expect.stringMatching(/^Channel/) };

  test('master', () => {
    expect(statements((grants, role) => grants.master(role))).toEqual([{ Action: ['kinesisvideo:ConnectAsMaster', ...peer], Resource: channelArn }]);
  });

  test('viewer', () => {
    expect(statements((grants, role) => grants.viewer(role))).toEqual([{ Action: ['kinesisvideo:ConnectAsViewer', ...peer], Resource: channelArn }]);
  });

  test('iceServers', () => {
    const actions = ['kinesisvideo:GetIceServerConfig', 'kinesisvideo:GetSignalingChannelEndpoint'];
    expect(statements((grants, role) => grants.iceServers(role))).toEqual([{ Action: actions, Resource: channelArn }]);
    expect(statements((grants, role) => grants.iceServers(role), true)).toEqual([{ Action: actions, Resource: channelArn }]);
  });

  test.each([
    ['joinStorage', 'kinesisvideo:ConnectAsMaster', 'kinesisvideo:JoinStorageSession'],
    ['joinStorageAsViewer', 'kinesisvideo:ConnectAsViewer', 'kinesisvideo:JoinStorageSessionAsViewer'],
  ] as const)('%s', (method, connect, join) => {
    const channel = { Action: [connect, ...peer, 'kinesisvideo:DescribeMediaStorageConfiguration', join], Resource: channelArn };
    expect(statements((grants, role) => grants[method](role))).toEqual([channel]);
    expect(statements((grants, role) => grants[method](role), true)).toEqual([channel, {
      Action: ['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint', 'kinesisvideo:PutMedia'], Resource: { 'Fn::GetAtt': ['Stream', 'Arn'] },
    }]);
  });

  describe.each(['joinStorage', 'joinStorageAsViewer'] as const)('%s of an encrypted stream', (method) => {
    const join = (kmsKeyId?: (stack: Stack) => string | undefined, encryptionKey?: (stack: Stack) => kms.IKeyRef, context = recommendedFlags) => {
      const stack = newStack({ env }, 'Stack', new App({ context }));
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      const mediaStorageStream = new kinesisvideo.CfnStream(stack, 'Stream', { dataRetentionInHours: 1, kmsKeyId: kmsKeyId?.(stack) });
      new SignalingChannel(stack, 'Channel', { mediaStorageStream }).grants[method](role, encryptionKey?.(stack)).assertSuccess();
      const policy = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Role'))![1];
      const granted: any[] = policy.Properties.PolicyDocument.Statement;
      return { stack, ofKeys: granted.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('kms:'))) };
    };
    const use = (Resource: unknown, Condition?: unknown) => ({ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource, ...Condition ? { Condition } : {} });
    const local = (resource: string) => `arn:aws:kms:us-east-1:123456789012:${resource}`;
    const inPartition = (resource: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:kms:us-east-1:123456789012:${resource}`]] });
    const aliased = (alias: unknown) => ({ 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } });
    const id = '11111111-2222-3333-4444-555555555555';
    const arn = `arn:aws:kms:us-east-1:123456789012:key/${id}`;
    const keyOf = (stack: Stack) => new kms.Key(stack, 'Key');
    const l1KeyOf = (stack: Stack) => new kms.CfnKey(stack, 'Key', { keyPolicy: { Version: '2012-10-17', Statement: [] } });
    const keyArn = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };

    test.each<[string, (stack: Stack) => string, unknown]>([
      ['the ID of a key of the app', (stack) => keyOf(stack).keyId, use(keyArn)],
      ['the ARN of a key of the app', (stack) => keyOf(stack).keyArn, use(keyArn)],
      ['the ID of an L1 key', (stack) => l1KeyOf(stack).ref, use(keyArn)],
      ['an ID', () => id, use(local(`key/${id}`))],
      ['the ID of a multi-Region key', () => 'mrk-1234', use(local('key/mrk-1234'))],
      ['an ARN', () => arn, use(arn)],
      ['an ARN with pseudo parameters', () => `arn:${Aws.PARTITION}:kms:us-east-1:123456789012:key/${id}`, use(inPartition(`key/${id}`))],
      ['an alias', () => 'alias/recordings', use(local('key/*'), aliased('alias/recordings'))],
      ['the ARN of an alias', () => 'arn:aws:kms:eu-west-1:123456789012:alias/recordings', use('arn:aws:kms:eu-west-1:123456789012:key/*', aliased('alias/recordings'))],
      ['an alias of the app', (stack) => new kms.Alias(stack, 'Alias', { aliasName: 'recordings', targetKey: keyOf(stack) }).aliasName, use(local('key/*'), aliased({ Ref: expect.stringMatching(/^Alias/) }))],
      ['an L1 alias', (stack) => new kms.CfnAlias(stack, 'Alias', { aliasName: 'alias/recordings', targetKeyId: keyOf(stack).keyId }).ref, use(local('key/*'), aliased({ Ref: 'Alias' }))],
    ])('grants the use of the key: %s', (_, kmsKeyId, statement) => {
      const { stack, ofKeys } = join(kmsKeyId);
      expect(ofKeys).toEqual([statement]);
      Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    });

    test('without the feature flag for references to aliases, an alias of the app counts by its name', () => {
      const { ofKeys } = join((stack) => new kms.Alias(stack, 'Alias', { aliasName: 'recordings', targetKey: keyOf(stack) }).aliasName, undefined, {});
      expect(ofKeys).toEqual([use(inPartition('key/*'), aliased('alias/recordings'))]);
    });

    test.each<[string, ((stack: Stack) => string) | undefined]>([
      ['no key', undefined], ['the alias of the key that AWS manages', () => 'alias/aws/kinesisvideo'],
    ])('grants nothing on keys with %s', (_, kmsKeyId) => {
      expect(join(kmsKeyId).ofKeys).toEqual([]);
    });

    test('warns if the key is known only at deployment', () => {
      const { stack, ofKeys } = join((scope) => new CfnParameter(scope, 'KeyId').valueAsString);
      expect(ofKeys).toEqual([]);
      Annotations.fromStack(stack).hasWarning('/Stack/Stream', Match.stringLikeRegexp('^kmsKeyId: is known only at deployment, so a grant doesn\'t include the use of the key; pass the key, as joinStorage'));
    });

    test.each<[string, (stack: Stack) => kms.IKeyRef, unknown]>([
      ['of the app', keyOf, keyArn], ['imported', (stack) => kms.Key.fromKeyArn(stack, 'Key', arn), arn], ['an L1', l1KeyOf, keyArn],
    ])('takes the key as a parameter, in place of what the stream says: %s', (_, encryptionKey, resource) => {
      const { stack, ofKeys } = join((scope) => new CfnParameter(scope, 'KeyId').valueAsString, encryptionKey);
      expect(ofKeys).toEqual([use(resource)]);
      Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    });
  });

  test('joinStorage of an imported stream takes the key as a parameter', () => {
    const stack = newStack({ env });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/s/1');
    new SignalingChannel(stack, 'Channel', { mediaStorageStream }).grants.joinStorage(role, kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/k'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: 'arn:aws:kms:us-east-1:123456789012:key/k' }]) },
    });
  });

  test('work with an L1 channel', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    SignalingChannelGrants.fromSignalingChannel(new kinesisvideo.CfnSignalingChannel(stack, 'Channel', { type: 'SINGLE_MASTER' })).viewer(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [Match.objectLike({ Resource: { 'Fn::GetAtt': ['Channel', 'Arn'] } })] } });
  });
});

describe('metrics', () => {
  test('have the namespace and dimension of the service', () => {
    const stack = newStack();
    const channel = new SignalingChannel(stack, 'Channel', { signalingChannelName: 'front-door' });
    const name = stack.resolve(channel.signalingChannelName);
    const summary = ({ namespace, metricName, statistic, dimensions }: ReturnType<typeof channel.metric>) =>
      stack.resolve({ namespace, name: metricName, statistic, dimensions });
    expect(summary(channel.metricMessagesTransferred())).toEqual({ namespace: 'AWS/KinesisVideo', name: 'MessagesTransferred.Count', statistic: 'Sum', dimensions: { SignalingChannelName: name } });
    expect(summary(channel.metricTurnConnectedMinutes())).toEqual({ namespace: 'AWS/KinesisVideo', name: 'TURNConnectedMinutes', statistic: 'Sum', dimensions: { SignalingChannelName: name } });
    expect(summary(channel.metricFailures(SignalingOperation.CONNECT_AS_MASTER))).toEqual({
      namespace: 'AWS/KinesisVideo', name: 'Failure', statistic: 'Sum', dimensions: { Operation: 'ConnectAsMaster', SignalingChannelName: name },
    });
    expect(summary(channel.metricLatency(SignalingOperation.GET_ICE_SERVER_CONFIG, { statistic: 'p99' }))).toEqual({
      namespace: 'AWS/KinesisVideo', name: 'Latency', statistic: 'p99', dimensions: { Operation: 'GetIceServerConfig', SignalingChannelName: name },
    });
  });

  test('are read in the region of the channel', () => {
    const stack = newStack({ env });
    expect(new SignalingChannel(stack, 'Channel', { region: 'eu-west-1' }).metric('Failure').region).toBe('eu-west-1');
    expect(SignalingChannel.fromSignalingChannelArn(stack, 'Other', 'arn:aws:kinesisvideo:eu-west-1:123456789012:channel/c/1').metric('Failure').region).toBe('eu-west-1');
    expect(new SignalingChannel(stack, 'Here').metric('Failure').region).toBe('us-east-1');
  });

  test('take further dimensions', () => {
    const channel = new SignalingChannel(newStack(), 'Channel');
    expect(channel.metricFailures(SignalingOperation.JOIN_STORAGE_SESSION, { dimensionsMap: { Role: 'MASTER' } }).dimensions).toMatchObject({ Role: 'MASTER', Operation: 'JoinStorageSession' });
  });
});

describe('imports', () => {
  const arn = 'arn:aws-cn:kinesisvideo:cn-north-1:123456789012:channel/front-door/1700000000000';

  test('by ARN', () => {
    const channel = SignalingChannel.fromSignalingChannelArn(newStack(), 'Channel', arn);
    expect(channel).toMatchObject({ signalingChannelArn: arn, signalingChannelName: 'front-door', env: { region: 'cn-north-1', account: '123456789012' } });
  });

  test('by an ARN that is a token', () => {
    const stack = newStack();
    const channel = SignalingChannel.fromSignalingChannelArn(stack, 'Channel', Fn.importValue('Arn'));
    expect(stack.resolve(channel.signalingChannelName)).toEqual({ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::ImportValue': 'Arn' }] }] });
  });

  test('by name', () => {
    const stack = newStack({ env });
    const channel = SignalingChannel.fromSignalingChannelName(stack, 'Channel', 'front-door');
    expect(stack.resolve(channel.signalingChannelArn)).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kinesisvideo:us-east-1:123456789012:channel/front-door/*']] });
    expect(channel.signalingChannelName).toBe('front-door');
  });

  test('by attributes', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const channel = SignalingChannel.fromSignalingChannelAttributes(stack, 'Channel', {
      signalingChannelArn: arn,
      masterWssEndpoint: 'wss://m',
      masterHttpsEndpoint: 'https://m',
      viewerWssEndpoint: 'wss://v',
      viewerHttpsEndpoint: 'https://v',
      mediaStorageStream: VideoStream.fromStreamArn(stack, 'Stream', 'arn:aws-cn:kinesisvideo:cn-north-1:123456789012:stream/s/1'),
    });
    expect([channel.masterWssEndpoint, channel.masterHttpsEndpoint, channel.viewerWssEndpoint, channel.viewerHttpsEndpoint]).toEqual(['wss://m', 'https://m', 'wss://v', 'https://v']);
    channel.grants.joinStorage(role);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('kinesisvideo:PutMedia');
  });

  test.each(['masterWssEndpoint', 'masterHttpsEndpoint', 'viewerWssEndpoint', 'viewerHttpsEndpoint'] as const)('%s fails where it is not known, and says where to pass it', (attribute) => {
    const channel = SignalingChannel.fromSignalingChannelArn(newStack(), 'Channel', arn);
    expect(() => channel[attribute]).toThrow(`[Stack/Channel] ${attribute}: is not known of this imported channel; pass it to SignalingChannel.fromSignalingChannelAttributes`);
  });

  test.each(['arn:aws:kinesisvideo:us-east-1:123456789012:stream/s/1', 'arn:aws:s3:::bucket', 'arn:aws:ivs:us-east-1:123456789012:channel/c', 'my-channel', 'arn:foo'])('refuses %s', (wrong) => {
    expect(() => SignalingChannel.fromSignalingChannelArn(newStack(), 'Channel', wrong)).toThrow(`signalingChannelArn: must be arn:…:kinesisvideo:REGION:ACCOUNT:channel/NAME/TIME, got ${JSON.stringify(wrong)}`);
  });

  test('refuses a bad name', () => {
    expect(() => SignalingChannel.fromSignalingChannelName(newStack(), 'Channel', 'a b')).toThrow('signalingChannelName: may hold only letters');
  });

  describe('by a pattern, for the policies of a fleet', () => {
    const patterns = [
      'camera-*', '*', 'camera-?', '${credentials-iot:ThingName}', 'camera-${aws:PrincipalTag/site}-front', "${aws:PrincipalTag/team, 'company-wide'}",
      // Longer than a name can be.
      `\${aws:PrincipalTag/${'a'.repeat(128)}}`.repeat(2),
    ];
    const grantedTo = (stack: Stack, grant: (role: iam.Role) => unknown): string[] => {
      grant(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
      const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as any[];
      return Properties.PolicyDocument.Statement.map(({ Resource }: any) => JSON.stringify(Resource));
    };

    test.each(patterns)('the name %s', (name) => {
      const stack = newStack();
      const channel = SignalingChannel.fromSignalingChannelName(stack, 'Channel', name);
      expect(channel.signalingChannelName).toBe(name);
      expect(grantedTo(stack, (role) => channel.grants.master(role))).toEqual([expect.stringContaining(`:channel/${name}/*`)]);
    });

    test.each(patterns)('the name %s in an ARN', (name) => {
      const stack = newStack();
      const channelArn = `arn:aws:kinesisvideo:us-east-1:123456789012:channel/${name}/*`;
      const streamArn = `arn:aws:kinesisvideo:us-east-1:123456789012:stream/${name}/*`;
      const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', streamArn);
      const channel = SignalingChannel.fromSignalingChannelAttributes(stack, 'Channel', { signalingChannelArn: channelArn, mediaStorageStream });
      expect(channel).toMatchObject({ signalingChannelName: name, env: { account: '123456789012', region: 'us-east-1' } });
      expect(mediaStorageStream.streamRef.streamName).toBe(name);
      expect(grantedTo(stack, (role) => channel.grants.joinStorage(role))).toEqual([channelArn, streamArn].map((granted) => JSON.stringify(granted)));
    });

    test.each(['camera-${credentials-iot:ThingName', 'camera-$', 'camera-${}', 'camera *', 'camera/*'])('%s is neither a name nor a pattern', (name) => {
      expect(problem(() => SignalingChannel.fromSignalingChannelName(newStack(), 'Channel', name))).toBe('[Stack/Channel] signalingChannelName: may hold only letters, digits, '
        + `and _.-, the wildcards * and ?, and policy variables as \${credentials-iot:ThingName}, got ${JSON.stringify(name)}`);
    });

    test('has no metrics', () => {
      const channel = SignalingChannel.fromSignalingChannelName(newStack(), 'Channel', 'camera-*');
      const message = '[Stack/Channel] metric: belongs to a single channel, and camera-* matches many channels; import the channel by its own name';
      expect(problem(() => channel.metricTurnConnectedMinutes())).toBe(message);
      expect(problem(() => channel.alarmOnFailures('Alarm', SignalingOperation.CONNECT_AS_MASTER))).toBe(message);
    });

    test.each(['masterWssEndpoint', 'masterHttpsEndpoint', 'viewerWssEndpoint', 'viewerHttpsEndpoint'] as const)('has no %s', (attribute) => {
      const channel = SignalingChannel.fromSignalingChannelName(newStack(), 'Channel', '${credentials-iot:ThingName}');
      expect(problem(() => channel[attribute])).toBe(`[Stack/Channel] ${attribute}: belongs to a single channel, and \${credentials-iot:ThingName} matches many channels; `
        + 'import one channel with SignalingChannel.fromSignalingChannelAttributes');
    });

    test('is the name of no channel, and of no stream to record into', () => {
      const stack = newStack();
      expect(() => new SignalingChannel(stack, 'Channel', { signalingChannelName: 'camera-*' })).toThrow('signalingChannelName: may hold only letters');
      const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/camera-*/1');
      expect(() => new SignalingChannel(stack, 'Recorded', { mediaStorageStream })).toThrow('mediaStorageStream: must be the ARN of a Kinesis video stream');
    });
  });
});

describe.each([['no', {}], ['all recommended', recommendedFlags]])('with %s feature flags', (_, context) => {
  test('used from another stack', () => {
    const app = new App({ context });
    const [producer, consumer] = ['Producer', 'Consumer'].map((id) => new Stack(app, id, { env }));
    const channel = new SignalingChannel(producer, 'Channel');
    channel.grants.viewer(new iam.Role(consumer, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    new CfnOutput(consumer, 'Endpoint', { value: channel.viewerWssEndpoint });
    app.synth();
    expect(consumer.dependencies).toContain(producer);
    Template.fromStack(consumer).hasOutput('Endpoint', {});
    Template.fromStack(consumer).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('used from another region, with crossRegionReferences', () => {
    const app = new App({ context });
    const producer = new Stack(app, 'Producer', { env, crossRegionReferences: true });
    const consumer = new Stack(app, 'Consumer', { env: { ...env, region: 'eu-west-1' }, crossRegionReferences: true });
    const channel = new SignalingChannel(producer, 'Channel');
    channel.grants.viewer(new iam.Role(consumer, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    new CfnOutput(consumer, 'Endpoint', { value: channel.viewerWssEndpoint });
    app.synth();
    // By an export reader, or by Fn::GetStackOutput, as the flags have it.
    Template.fromStack(consumer).hasOutput('Endpoint', {});
    expect(JSON.stringify(Template.fromStack(consumer).findOutputs('Endpoint'))).toContain('ViewerWssEndpoint');
  });

  test('a fixed name is known in another region by itself', () => {
    const app = new App({ context });
    const channel = new SignalingChannel(new Stack(app, 'Producer', { env }), 'Channel', { signalingChannelName: 'front-door' });
    const consumer = new Stack(app, 'Consumer', { env: { ...env, region: 'eu-west-1' } });
    new CfnOutput(consumer, 'Name', { value: channel.signalingChannelName });
    new iam.Role(consumer, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    Template.fromStack(consumer).hasOutput('Name', { Value: 'front-door' });
  });

  test('in a stage and in a nested stack', () => {
    const app = new App({ context });
    const stack = new Stack(new Stage(app, 'Stage'), 'Stack');
    const nested = new NestedStack(stack, 'Nested');
    const channel = new SignalingChannel(nested, 'Channel');
    new CfnOutput(stack, 'Endpoint', { value: channel.masterWssEndpoint });
    Template.fromStack(nested).resourceCountIs(TYPE, 1);
    Template.fromStack(stack).resourceCountIs(TYPE, 0);
    Template.fromStack(stack).hasOutput('Endpoint', { Value: { 'Fn::GetAtt': [Match.anyValue(), Match.stringLikeRegexp('^Outputs\\.')] } });
  });

  test('a lazy name is not validated before it is known', () => {
    const stack = new Stack(new App({ context }), 'Stack');
    new SignalingChannel(stack, 'Channel', { signalingChannelName: Lazy.string({ produce: () => 'front-door' }) });
    Template.fromStack(stack).hasResourceProperties(TYPE, { ChannelName: 'front-door' });
  });
});
