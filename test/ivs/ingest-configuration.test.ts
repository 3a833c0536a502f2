import * as fs from 'node:fs';
import { App, Aws, CfnOutput, CfnParameter, CfnResource, Fn, Lazy, NestedStack, PropertyInjectors, RemovalPolicy, Stack, Stage, Tags, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IngestConfiguration, type IngestConfigurationProps, IngestProtocol, LivePublisherPolicy, RealTimeStage, RtcProvider, StageUpdate } from '../../src';
import { problem } from '../problem';

const recommendedFlags = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
const TYPE = 'Custom::RtcIngestConfiguration';
const SECRET = 'AWS::SecretsManager::Secret';
const env = { account: '123456789012', region: 'us-east-1' };
const STAGE_ARN = 'arn:aws:ivs:us-east-1:123456789012:stage/studio';

const newStack = (props: { env?: { account: string; region: string } } = {}, id = 'Stack', app = new App()) => new Stack(app, id, props);

function template(props?: IngestConfigurationProps): Template {
  const stack = newStack();
  new IngestConfiguration(stack, 'Ingest', props);
  return Template.fromStack(stack);
}

describe('properties', () => {
  test('only where the key goes is sent by default', () => {
    const made = template();
    const { ServiceToken, SecretArn, ...rest } = Object.values(made.findResources(TYPE))[0].Properties;
    expect(ServiceToken).toBeDefined();
    expect(SecretArn).toEqual({ Ref: Object.keys(made.findResources(SECRET))[0] });
    expect(rest).toEqual({ ServiceTimeout: 900 });
  });

  test('attributes come in one order, whatever the order of the map: that of a Java map changes from run to run', () => {
    const [resource] = Object.values(template({ attributes: { position: 'left', lens: 'wide' } }).findResources(TYPE));
    expect(Object.keys(resource.Properties.Attributes)).toEqual(['lens', 'position']);
  });

  test('all are sent', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest', {
      ingestConfigurationName: 'studio',
      stage: new ivs.CfnStage(stack, 'Stage'),
      ingestProtocol: IngestProtocol.RTMP,
      insecureIngest: true,
      redundantIngest: true,
      userId: 'camera 1',
      attributes: { lens: 'wide' },
      onLivePublisher: LivePublisherPolicy.DISCONNECT,
      region: 'eu-west-1',
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Name: 'studio',
      StageArn: { Ref: 'Stage' },
      IngestProtocol: 'RTMP',
      InsecureIngest: true,
      RedundantIngest: true,
      UserId: 'camera 1',
      Attributes: { lens: 'wide' },
      OnLivePublisher: 'DISCONNECT',
      Region: 'eu-west-1',
    });
  });

  test('tags reach the configuration and the secret', () => {
    const stack = newStack();
    Tags.of(new IngestConfiguration(stack, 'Ingest')).add('team', 'live');
    const made = Template.fromStack(stack);
    made.hasResourceProperties(TYPE, { Tags: [{ Key: 'team', Value: 'live' }] });
    made.hasResourceProperties(SECRET, { Tags: [{ Key: 'cdk-rtc:stack', Value: { Ref: 'AWS::StackId' } }, { Key: 'team', Value: 'live' }] });
  });

  test.each([
    [RemovalPolicy.RETAIN, 'Retain', true],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', true],
    [RemovalPolicy.DESTROY, 'Delete', Match.absent()],
  ])('removalPolicy %s holds for both', (removalPolicy, deletionPolicy, retain) => {
    const made = template({ removalPolicy });
    made.hasResource(TYPE, { DeletionPolicy: deletionPolicy, Properties: { Retain: retain } });
    made.hasResource(SECRET, { DeletionPolicy: deletionPolicy });
  });

  test('a policy that is applied later holds for both, too', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest').applyRemovalPolicy(RemovalPolicy.RETAIN);
    const made = Template.fromStack(stack);
    made.hasResource(TYPE, { DeletionPolicy: 'Retain', Properties: { Retain: true } });
    made.hasResource(SECRET, { DeletionPolicy: 'Retain' });
  });

  test('tokens pass through', () => {
    const stack = newStack();
    const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
    new IngestConfiguration(stack, 'Ingest', {
      ingestConfigurationName: parameter('Name'),
      stage: RealTimeStage.fromStageArn(stack, 'Imported', parameter('Stage')),
      ingestProtocol: parameter('Protocol') as IngestProtocol,
      userId: parameter('User'),
      attributes: { lens: parameter('Lens') },
      onLivePublisher: parameter('Policy') as LivePublisherPolicy,
      region: Aws.REGION,
    });
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Name: { Ref: 'Name' },
      StageArn: { Ref: 'Stage' },
      IngestProtocol: { Ref: 'Protocol' },
      UserId: { Ref: 'User' },
      Attributes: { lens: { Ref: 'Lens' } },
      OnLivePublisher: { Ref: 'Policy' },
      Region: { Ref: 'AWS::Region' },
    });
  });

  test('attributes that are a token as a whole pass through', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest', { attributes: Lazy.any({ produce: () => ({ lens: 'wide' }) }) as any });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Attributes: { lens: 'wide' } });
  });

  test('empty attributes are none', () => {
    template({ attributes: {} }).hasResourceProperties(TYPE, { Attributes: Match.absent() });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: IngestConfiguration.PROPERTY_INJECTION_ID,
      inject: (original: IngestConfigurationProps) => ({ redundantIngest: true, ...original }),
    });
    new IngestConfiguration(stack, 'Ingest', {});
    Template.fromStack(stack).hasResourceProperties(TYPE, { RedundantIngest: true });
  });
});

describe('the secret', () => {
  test('is made without a value, which CloudFormation is never to know', () => {
    const [{ Properties }] = Object.values(template().findResources(SECRET));
    expect(Object.keys(Properties).sort()).toEqual(['Description', 'Tags']);
  });

  test('is made before the configuration, and outlives it', () => {
    const made = template();
    expect(JSON.stringify(Object.values(made.findResources(TYPE))[0].Properties)).toContain(Object.keys(made.findResources(SECRET))[0]);
  });

  test('has a key of its own on request, which the handlers may use through Secrets Manager only', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: new kms.Key(stack, 'Key') });
    const made = Template.fromStack(stack);
    made.hasResourceProperties(SECRET, { KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } });
    const [id, policy] = Object.entries(made.findResources('AWS::IAM::Policy')).find(([name]) => name.includes('Encryption'))!;
    expect(policy.Properties.PolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kms:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':key/*']] },
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
    }]);
    made.hasResource(TYPE, { DependsOn: Match.arrayWith([id]) });
  });

  test('without a key of its own there is no such policy', () => {
    expect(Object.keys(template().findResources('AWS::IAM::Policy')).filter((id) => id.includes('Encryption'))).toEqual([]);
  });
});

describe('readers of the stream key', () => {
  /** The logical IDs that a resource refers to, at any depth. */
  const references = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const { Ref: reference, 'Fn::GetAtt': attribute } = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[] };
    return [...reference ? [reference] : [], ...attribute ? [attribute[0]] : [], ...Object.values(value).flatMap(references)];
  };
  const idsOf = (stack: Stack, ingest: IngestConfiguration) => ({
    secret: stack.getLogicalId(ingest.streamKeySecret.node.defaultChild as CfnResource),
    resource: stack.getLogicalId(ingest.node.defaultChild as CfnResource),
  });

  test.each<[string, (secret: secretsmanager.ISecret) => string]>([
    ['secretArn', (secret) => secret.secretArn],
    ['secretFullArn', (secret) => secret.secretFullArn!],
    ['secretName', (secret) => secret.secretName],
    ['secretRef', (secret) => secret.secretRef.secretId],
    ['a dynamic reference to the key', (secret) => secret.secretValueFromJson('streamKey').unsafeUnwrap()],
    ['a dynamic reference to the whole value', (secret) => secret.secretValue.unsafeUnwrap()],
    ['a secret of an ECS container', (secret) => ecs.Secret.fromSecretsManager(secret, 'streamKey').arn],
  ])('by %s come after the custom resource', (_, read) => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    const reader = new CfnResource(stack, 'Reader', { type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value: read(ingest.streamKeySecret) } });
    const { secret, resource } = idsOf(stack, ingest);
    const made = Template.fromStack(stack);
    expect(references(made.findResources('AWS::SSM::Parameter')[stack.getLogicalId(reader)])).toEqual(expect.arrayContaining([secret, resource]));
    // The custom resource itself cannot wait for itself.
    made.hasResourceProperties(TYPE, { SecretArn: { Ref: secret } });
  });

  test('read the ARN of the secret, without the part that makes them wait', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    const { secret, resource } = idsOf(stack, ingest);
    expect(stack.resolve(ingest.streamKeySecret.secretArn)).toEqual({
      'Fn::Select': [0, { 'Fn::Split': ['|', { 'Fn::Join': ['|', [{ Ref: secret }, { Ref: resource }]] }] }],
    });
  });

  test('by an explicit dependency on the secret come after the custom resource', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    new CfnResource(stack, 'Reader', { type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value: '-' } }).node.addDependency(ingest.streamKeySecret);
    const { secret, resource } = idsOf(stack, ingest);
    Template.fromStack(stack).hasResource('AWS::SSM::Parameter', { DependsOn: Match.arrayWith([resource, secret].sort()) });
  });

  test('of another stack import what a deployed version of this stack exports, so that the export stays', () => {
    const producerOf = (app: App) => {
      const stack = newStack({ env }, 'Producer', app);
      return { stack, secret: new IngestConfiguration(stack, 'Ingest').streamKeySecret };
    };
    // The former reference, to the secret alone.
    const former = producerOf(new App());
    const { 'Fn::ImportValue': exportName } = former.stack.resolve(former.stack.exportValue((former.secret.node.defaultChild as secretsmanager.CfnSecret).ref));

    const app = new App();
    const { stack, secret } = producerOf(app);
    new CfnOutput(newStack({ env }, 'Consumer', app), 'Secret', { value: secret.secretArn });
    app.synth();
    const exported = Object.values(Template.fromStack(stack).findOutputs('*')).map(({ Export }) => Export.Name);
    expect(exported).toHaveLength(2);
    expect(exported).toContain(exportName);
  });

  test.each<[string, (ingest: IngestConfiguration, stack: Stack) => unknown, string]>([
    ['the policy of a reader', (ingest, stack) => ingest.grants.readStreamKey(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() })), 'AWS::IAM::Policy'],
    ['the policy of a writer', (ingest, stack) => ingest.streamKeySecret.grantWrite(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() })), 'AWS::IAM::Policy'],
    ['the policy of the secret', (ingest) => ingest.streamKeySecret.denyAccountRootDelete(), 'AWS::SecretsManager::ResourcePolicy'],
  ])('do not delay %s', (_, use, type) => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    use(ingest, stack);
    const { secret, resource } = idsOf(stack, ingest);
    const referenced = Object.values(Template.fromStack(stack).findResources(type)).map((policy) => references(policy));
    const policies = referenced.filter((ids) => ids.includes(secret));
    expect(policies).toHaveLength(1);
    expect(policies[0]).not.toContain(resource);
  });

  test('find the secret under the same ID, with its tags, its policy, and its escape hatch', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    expect(ingest.streamKeySecret.node.path).toBe('Stack/Ingest/StreamKey');
    expect(secretsmanager.Secret.isSecret(ingest.streamKeySecret)).toBe(true);
    expect(ingest.streamKeySecret.node.defaultChild).toBeInstanceOf(secretsmanager.CfnSecret);
  });
});

describe('cost', () => {
  const count = (configurations: number) => {
    const stack = newStack();
    for (let index = 0; index < configurations; index += 1) new IngestConfiguration(stack, `Ingest${index}`);
    return Object.keys(Template.fromStack(stack).toJSON().Resources).length;
  };

  test('15 resources for the first, the secret among them, and two for each further', () => {
    expect(count(1)).toBe(15);
    expect(count(3)).toBe(15 + 2 * 2);
  });
});

describe('the policy of the handlers', () => {
  const statements = (props?: IngestConfigurationProps, tagConditions = true) => {
    const stack = newStack();
    RtcProvider.configure(stack, { tagConditions });
    new IngestConfiguration(stack, 'Ingest', props);
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return policies.find(([id]) => id.includes('IngestConfigurationPolicy'))![1].Properties.PolicyDocument.Statement as any[];
  };

  test('is the same whatever the properties are', () => {
    expect(statements({ ingestConfigurationName: 'studio', region: 'eu-west-1', redundantIngest: true, userId: 'x' })).toEqual(statements());
  });

  test('allows changes under the owner tag only, and nothing on * but the list', () => {
    for (const { Action, Resource, Condition } of statements()) {
      const actions: string[] = [Action].flat();
      expect(actions.every((action) => !action.includes('*'))).toBe(true);
      if (Resource === '*') expect(actions).toEqual(['ivs:ListIngestConfigurations']);
      if (actions.some((action) => /:(Create|Update|Delete|Tag|Untag|Put|GetSecret)/.test(action))) {
        expect(JSON.stringify(Condition)).toContain('Tag/cdk-rtc:stack');
      }
    }
  });

  test('restricts secrets to the owner tag also if the provider has tag conditions turned off', () => {
    const secrets = (all: any[]) => all.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('secretsmanager:')));
    expect(secrets(statements({}, false))).toEqual(secrets(statements()));
    expect(secrets(statements())).toEqual([{
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':secret:*']] },
      Condition: { StringEquals: { 'aws:ResourceTag/cdk-rtc:stack': { Ref: 'AWS::StackId' } } },
    }]);
  });

  test('outlives the configuration', () => {
    const made = template();
    const [policy] = Object.keys(made.findResources('AWS::IAM::Policy')).filter((id) => id.includes('IngestConfigurationPolicy'));
    made.hasResource(TYPE, { DependsOn: [policy] });
  });
});

describe('attributes', () => {
  test('Ref is the ARN, all others are attributes, and no stream key is among them', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    const id = stack.getLogicalId(ingest.node.defaultChild as CfnResource);
    expect(stack.resolve({
      arn: ingest.ingestConfigurationArn, ref: ingest.ingestConfigurationRef, name: ingest.ingestConfigurationName, participant: ingest.participantId,
    })).toEqual({
      arn: { Ref: id },
      ref: { ingestConfigurationArn: { Ref: id } },
      name: { 'Fn::GetAtt': [id, 'Name'] },
      participant: { 'Fn::GetAtt': [id, 'ParticipantId'] },
    });
  });
});

describe('bad input', () => {
  test.each<[string, IngestConfigurationProps, string]>([
    ['RTMP without insecureIngest', { ingestProtocol: IngestProtocol.RTMP }, 'insecureIngest: must be true with ingestProtocol RTMP, which sends the stream key and the media without encryption; set it, or use RTMPS'],
    ['a name with a blank', { ingestConfigurationName: 'a b' }, 'ingestConfigurationName: may hold only letters, digits, - and _, got "a b"; choose another, or leave it out for a generated one'],
    ['an empty name', { ingestConfigurationName: '' }, 'ingestConfigurationName: must have 1 to 128 characters, got 0 (""); choose another, or leave it out for a generated one'],
    ['a name of 129 characters', { ingestConfigurationName: 'a'.repeat(129) }, `ingestConfigurationName: must have 1 to 128 characters, got 129 ("${'a'.repeat(40)}"); choose another, or leave it out for a generated one`],
    ['a user id of 129 characters', { userId: 'a'.repeat(129) }, `userId: must have 1 to 128 characters, got 129 ("${'a'.repeat(40)}"); shorten it, or leave it out`],
    // 3 bytes each.
    ['attributes of 1026 bytes', { attributes: { '€': '€'.repeat(341) } }, 'attributes: keys and values may have 1024 bytes of UTF-8 together, got 1026; shorten them, because every participant receives them'],
    ['a protocol that is none', { ingestProtocol: 'WHIP' as IngestProtocol }, 'ingestProtocol: must be RTMPS or RTMP, got "WHIP"; leave it out for RTMPS'],
    ['a policy that is none', { onLivePublisher: 'HOPE' as LivePublisherPolicy }, 'onLivePublisher: must be WAIT, DISCONNECT or FAIL, got "HOPE"; leave it out for WAIT'],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
  ])('%s', (_, props, message) => {
    expect(problem(() => new IngestConfiguration(newStack(), 'Ingest', props))).toBe(`[Stack/Ingest] ${message}`);
  });

  test('what is just within the limits', () => {
    template({ ingestConfigurationName: 'a'.repeat(128), userId: 'a'.repeat(128), attributes: { a: '€'.repeat(341) } }).resourceCountIs(TYPE, 1);
  });

  test.each([
    ['region', STAGE_ARN.replace('us-east-1', 'eu-west-1')],
    ['account', STAGE_ARN.replace('123456789012', '210987654321')],
  ])('a stage of another %s', (_, arn) => {
    const stack = newStack({ env });
    expect(problem(() => new IngestConfiguration(stack, 'Ingest', { stage: RealTimeStage.fromStageArn(stack, 'Imported', arn) })))
      .toBe(`[Stack/Ingest] stage: must be in the ingest configuration's own account and region (123456789012, us-east-1), got ${arn}; use a stage there, or set region`);
  });

  test('a stage of a stack in another region, where its ARN is a token', () => {
    const app = new App();
    const stage = new ivs.CfnStage(new Stack(app, 'Other', { env: { ...env, region: 'eu-west-1' } }), 'Stage');
    expect(problem(() => new IngestConfiguration(newStack({ env }, 'Stack', app), 'Ingest', { stage })))
      .toBe('[Stack/Ingest] stage: must be in the ingest configuration\'s own account and region (123456789012, us-east-1), got Other/Stage in 123456789012, eu-west-1; use a stage there, or set region');
  });

  test('what is no ARN of a stage', () => {
    const stack = newStack();
    const stage = { stageRef: { stageArn: 'studio' }, env: stack.env, node: stack.node } as any;
    expect(problem(() => new IngestConfiguration(stack, 'Ingest', { stage }))).toBe('[Stack/Ingest] stage: must be the ARN of an IVS stage (arn:…:ivs:REGION:ACCOUNT:stage/ID), got "studio"');
    expect(problem(() => RealTimeStage.fromStageArn(stack, 'Imported', 'studio'))).toBe('[Stack/Imported] stageArn: must be the ARN of an IVS stage (arn:…:ivs:REGION:ACCOUNT:stage/ID), got "studio"');
  });

  test('a key of another region than the stack', () => {
    const stack = newStack({ env });
    const streamKeySecretEncryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555');
    expect(problem(() => new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey })))
      .toBe('[Stack/Ingest] streamKeySecretEncryptionKey: must be in the stack\'s own account and region (123456789012, us-east-1), got Stack/Key in 123456789012, eu-west-1; use a key there');
  });

  test('all findings in one error', () => {
    expect(problem(() => new IngestConfiguration(newStack(), 'Ingest', { ingestProtocol: IngestProtocol.RTMP, ingestConfigurationName: 'a b', userId: '' })).split('\n')).toHaveLength(3);
  });

  test('49 tags', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest');
    for (let index = 0; index < 49; index += 1) Tags.of(ingest).add(`k${index}`, 'v');
    expect(problem(() => Template.fromStack(stack))).toContain('[Stack/Ingest] tags: at most 48 are possible in addition to the owner tags, got 49');
  });

  test('RTMP warns', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest', { ingestProtocol: IngestProtocol.RTMP, insecureIngest: true });
    Annotations.fromStack(stack).hasWarning('/Stack/Ingest', Match.stringLikeRegexp('ingestProtocol: RTMP sends the stream key and the media without encryption'));
  });

  test.each<[string, IngestConfigurationProps]>([
    ['cdk-rtc:IngestConfiguration.insecureIngest', { ingestProtocol: IngestProtocol.RTMP, insecureIngest: true }],
    ['cdk-rtc:IngestConfiguration.region', { region: 'eu-north-1' }],
  ])('the warning %s can be acknowledged', (id, props) => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest', props);
    Validations.of(ingest).acknowledge({ id, reason: 'Accepted.' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a region without the service warns, one with it does not', () => {
    const stack = newStack();
    new IngestConfiguration(stack, 'Ingest', { region: 'eu-north-1' });
    new IngestConfiguration(stack, 'Other', { region: 'eu-west-1' });
    Annotations.fromStack(stack).hasWarning('/Stack/Ingest', Match.stringLikeRegexp('region: IVS real-time is not known to be in eu-north-1'));
    Annotations.fromStack(stack).hasNoWarning('/Stack/Other', Match.anyValue());
  });
});

describe('grants', () => {
  test.each([false, true])('readStreamKey (key of its own: %s)', (withKey) => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const streamKeySecretEncryptionKey = withKey ? new kms.Key(stack, 'Key') : undefined;
    new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey }).grants.readStreamKey(role).assertSuccess();
    const made = Template.fromStack(stack);
    const policy = Object.entries(made.findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Role'));
    expect(policy![1].Properties.PolicyDocument.Statement[0]).toEqual({
      Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: { Ref: Object.keys(made.findResources(SECRET))[0] },
    });
    // The key's own policy lets whoever may read the secret decrypt it.
    if (withKey) expect(JSON.stringify(made.findResources('AWS::KMS::Key'))).toContain('kms:Decrypt');
  });

  const KEY_ARN = `arn:aws:kms:us-east-1:${env.account}:key/11111111-2222-3333-4444-555555555555`;
  const decryption = (Resource: unknown, more: object = {}) => ({
    Effect: 'Allow', Action: 'kms:Decrypt', Resource, Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' }, ...more },
  });

  test.each<[string, (stack: Stack) => kms.IKey, object[]]>([
    ['by its ARN', (stack) => kms.Key.fromKeyArn(stack, 'Key', KEY_ARN), [decryption(KEY_ARN)]],
    ['as the target of an alias', (stack) => new kms.Alias(stack, 'Alias', { aliasName: 'keys', targetKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }), [decryption(KEY_ARN)]],
    ['by the name of an alias', (stack) => kms.Alias.fromAliasName(stack, 'Alias', 'alias/keys'), [
      decryption({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:kms:us-east-1:${env.account}:key/*`]] }, { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/keys' } }),
    ]],
    ['by the name of the alias of the service', (stack) => kms.Alias.fromAliasName(stack, 'Alias', 'alias/aws/secretsmanager'), []],
  ])('readStreamKey includes the decryption with a key that is imported %s, whose policy the app can\'t change', (_, keyIn, expected) => {
    const stack = newStack({ env });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    new IngestConfiguration(stack, 'Ingest', { streamKeySecretEncryptionKey: keyIn(stack) }).grants.readStreamKey(role).assertSuccess();
    const [, policy] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Role'))!;
    expect(policy.Properties.PolicyDocument.Statement.slice(1)).toEqual(expected);
  });
});

describe('metrics', () => {
  test('are those of the stage, by its id', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest', { stage: RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN) });
    const participant = stack.resolve(ingest.participantId);
    const summary = ({ namespace, metricName, statistic, dimensions }: ReturnType<typeof ingest.metric>) =>
      stack.resolve({ namespace, metricName, statistic, dimensions });
    const expected = (metricName: string, statistic: string, dimensions = {}) =>
      ({ namespace: 'AWS/IVSRealTime', metricName, statistic, dimensions: { Stage: 'studio', ...dimensions } });
    expect(summary(ingest.metricPublishers())).toEqual(expected('Publishers', 'Maximum'));
    expect(summary(ingest.metricSubscribers())).toEqual(expected('Subscribers', 'Maximum'));
    expect(summary(ingest.metricPublishFramerate())).toEqual(expected('PublishFramerate', 'Average', { Participant: participant }));
    expect(summary(ingest.metricPublishBitrate())).toEqual(expected('PublishBitrate', 'Average'));
    expect(summary(ingest.metricDownloadPacketLoss({ statistic: 'Maximum' }))).toEqual(expected('DownloadPacketLoss', 'Maximum'));
  });

  test('of all stages of the account and region have no dimension', () => {
    const summary = ({ namespace, metricName, statistic, dimensions, region }: cloudwatch.Metric) =>
      ({ namespace, metricName, statistic, dimensions, region });
    const expected = (metricName: string, statistic: string, region?: string) =>
      ({ namespace: 'AWS/IVSRealTime', metricName, statistic, dimensions: undefined, region });
    expect(summary(IngestConfiguration.metricAll('ConcurrentPublishers'))).toEqual(expected('ConcurrentPublishers', 'Average'));
    expect(summary(IngestConfiguration.metricAllPublishers())).toEqual(expected('ConcurrentPublishers', 'Maximum'));
    expect(summary(IngestConfiguration.metricAllSubscriptions({ statistic: 'Minimum', region: 'eu-west-1' })))
      .toEqual(expected('ConcurrentSubscriptions', 'Minimum', 'eu-west-1'));
  });

  test('of a stage whose ARN is a token', () => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest', { stage: new ivs.CfnStage(stack, 'Stage') });
    expect(stack.resolve(ingest.metricPublishers().dimensions)).toEqual({ Stage: { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'Stage' }] }] } });
  });

  test('are read in the region of the configuration', () => {
    const stack = newStack({ env });
    const stage = RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    expect(new IngestConfiguration(stack, 'Ingest', { stage, region: 'eu-west-1' }).metricPublishers().region).toBe('eu-west-1');
  });

  test('need a stage', () => {
    const ingest = new IngestConfiguration(newStack(), 'Ingest');
    expect(() => ingest.metricPublishers()).toThrow('[Stack/Ingest] metric: IVS has events and metrics of stages only, and this ingest configuration has none that is known; give it a stage');
  });
});

describe('events', () => {
  const pattern = (use: (ingest: IngestConfiguration) => unknown, props: IngestConfigurationProps = {}) => {
    const stack = newStack();
    const ingest = new IngestConfiguration(stack, 'Ingest', { stage: RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN), ...props });
    use(ingest);
    const id = stack.getLogicalId(ingest.node.defaultChild as CfnResource);
    return { id, pattern: Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'))[0].Properties.EventPattern };
  };

  test.each<[string, (ingest: IngestConfiguration) => unknown, string[]]>([
    ['all that are about publishing', (ingest) => ingest.onStageUpdate('Rule'), ['Participant Published', 'Participant Unpublished', 'Participant Publish Error']],
    ['those asked for', (ingest) => ingest.onStageUpdate('Rule', { updates: [StageUpdate.PARTICIPANT_UNPUBLISHED] }), ['Participant Unpublished']],
    ['onPublished', (ingest) => ingest.onPublished('Rule'), ['Participant Published']],
    ['onUnpublished', (ingest) => ingest.onUnpublished('Rule'), ['Participant Unpublished']],
    ['onPublishError', (ingest) => ingest.onPublishError('Rule'), ['Participant Publish Error']],
  ])('%s', (_, use, names) => {
    const { id, pattern: made } = pattern(use);
    expect(made).toEqual({
      'source': ['aws.ivs'],
      'detail-type': ['IVS Stage Update'],
      'resources': [STAGE_ARN],
      'detail': { event_name: names, participant_id: [{ 'Fn::GetAtt': [id, 'ParticipantId'] }] },
    });
  });

  test('onEvent is a rule for every event of the stage, and an event pattern narrows it', () => {
    expect(pattern((ingest) => ingest.onEvent('Rule')).pattern).toEqual({ source: ['aws.ivs'], resources: [STAGE_ARN] });
    expect(pattern((ingest) => ingest.onEvent('Rule', { eventPattern: { detailType: ['IVS Participant Recording State Change'] } })).pattern)
      .toEqual({ 'source': ['aws.ivs'], 'detail-type': ['IVS Participant Recording State Change'], 'resources': [STAGE_ARN] });
  });

  test('onEvent needs a stage, and its region', () => {
    expect(() => new IngestConfiguration(newStack(), 'Ingest').onEvent('Rule')).toThrow('[Stack/Ingest] onEvent: IVS has events and metrics of stages only');
    const stack = newStack({ env });
    const stage = RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    expect(() => new IngestConfiguration(stack, 'Ingest', { stage, region: 'eu-west-1' }).onEvent('Rule'))
      .toThrow('[Stack/Ingest] onEvent: the events come in eu-west-1, the rule Rule would be in us-east-1; give crossStackScope a stack of eu-west-1');
  });

  test('with redundant ingest they are not narrowed to one of the encoders', () => {
    expect(pattern((ingest) => ingest.onPublished('Rule'), { redundantIngest: true }).pattern.detail).toEqual({ event_name: ['Participant Published'] });
  });

  test('come in the region of the stage', () => {
    const stack = newStack({ env });
    const stage = RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    const ingest = new IngestConfiguration(stack, 'Ingest', { stage, region: 'eu-west-1' });
    expect(() => ingest.onPublished('Rule')).toThrow('[Stack/Ingest] Rule: the events come in eu-west-1, the rule would be in us-east-1; give crossStackScope a stack of eu-west-1');
  });

  test('go to a stack of that region by crossStackScope, and to no other', () => {
    const app = new App();
    const [here, there] = ['us-east-1', 'eu-west-1'].map((region) => new Stack(app, `Stack-${region}`, { env: { ...env, region }, crossRegionReferences: true }));
    const stage = RealTimeStage.fromStageArn(here, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    new IngestConfiguration(here, 'Ingest', { stage, region: 'eu-west-1' }).onPublished('Rule', { crossStackScope: there });
    Template.fromStack(there).resourceCountIs('AWS::Events::Rule', 1);
    const local = new IngestConfiguration(here, 'Local', { stage: RealTimeStage.fromStageArn(here, 'LocalStage', STAGE_ARN) });
    expect(() => local.onPublished('Rule', { crossStackScope: there })).toThrow('the events come in us-east-1');
  });

  test('need a stage', () => {
    expect(() => new IngestConfiguration(newStack(), 'Ingest').onPublished('Rule')).toThrow('give it a stage');
  });
});

describe('imports', () => {
  const arn = 'arn:aws:ivs:eu-west-1:123456789012:ingest-configuration/abc';

  test('by ARN', () => {
    const imported = IngestConfiguration.fromIngestConfigurationArn(newStack(), 'Ingest', arn);
    expect(imported).toMatchObject({ ingestConfigurationArn: arn, ingestConfigurationRef: { ingestConfigurationArn: arn }, env: { region: 'eu-west-1', account: '123456789012' } });
    expect(() => imported.participantId).toThrow('[Stack/Ingest] participantId: is not known of this imported ingest configuration; pass it to IngestConfiguration.fromIngestConfigurationAttributes');
    expect(() => imported.grants).toThrow('[Stack/Ingest] streamKeySecret: is not known');
    expect(() => imported.metricPublishers()).toThrow('give it a stage');
  });

  test('by attributes', () => {
    const stack = newStack({ env: { ...env, region: 'eu-west-1' } });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const streamKeySecret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-abcdef');
    const imported = IngestConfiguration.fromIngestConfigurationAttributes(stack, 'Ingest', {
      ingestConfigurationArn: arn, participantId: 'p', streamKeySecret, stage: RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1')),
    });
    imported.grants.readStreamKey(role).assertSuccess();
    imported.onPublished('Rule');
    expect(imported.metricPublishFramerate().dimensions).toEqual({ Stage: 'studio', Participant: 'p' });
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail: { participant_id: ['p'] } } });
  });

  test('of one with redundant ingest, rules are not narrowed', () => {
    const stack = newStack({ env: { ...env, region: 'eu-west-1' } });
    const stage = RealTimeStage.fromStageArn(stack, 'Stage', STAGE_ARN.replace('us-east-1', 'eu-west-1'));
    IngestConfiguration.fromIngestConfigurationAttributes(stack, 'Ingest', { ingestConfigurationArn: arn, participantId: 'p', redundantIngest: true, stage }).onPublished('Rule');
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail: { participant_id: Match.absent() } } });
  });

  test('by an ARN that is a token', () => {
    const stack = newStack();
    expect(stack.resolve(IngestConfiguration.fromIngestConfigurationArn(stack, 'Ingest', Fn.importValue('Arn')).ingestConfigurationArn)).toEqual({ 'Fn::ImportValue': 'Arn' });
  });

  test.each(['arn:aws:ivs:us-east-1:123456789012:channel/c', STAGE_ARN, 'ingest'])('refuses %s', (wrong) => {
    expect(() => IngestConfiguration.fromIngestConfigurationArn(newStack(), 'Ingest', wrong)).toThrow(`[Stack/Ingest] ingestConfigurationArn: must be arn:…:ivs:REGION:ACCOUNT:ingest-configuration/ID, got ${JSON.stringify(wrong)}`);
  });
});

describe.each([['no', {}], ['all recommended', recommendedFlags]])('with %s feature flags', (_, context) => {
  test('used from another stack', () => {
    const app = new App({ context });
    const [producer, consumer] = ['Producer', 'Consumer'].map((id) => new Stack(app, id, { env }));
    const ingest = new IngestConfiguration(producer, 'Ingest');
    ingest.grants.readStreamKey(new iam.Role(consumer, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    new CfnOutput(consumer, 'Participant', { value: ingest.participantId });
    app.synth();
    expect(consumer.dependencies).toContain(producer);
    Template.fromStack(consumer).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('in a stage and in a nested stack', () => {
    const app = new App({ context });
    const outer = new Stack(new Stage(app, 'Production', { env }), 'Outer');
    const nested = new NestedStack(outer, 'Nested');
    new IngestConfiguration(nested, 'Ingest');
    Template.fromStack(nested).resourceCountIs(TYPE, 1);
    Template.fromStack(nested).hasResourceProperties(SECRET, { Tags: [{ Key: 'cdk-rtc:stack', Value: { Ref: 'AWS::StackId' } }] });
  });
});
