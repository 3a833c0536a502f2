import { App, CfnParameter, type CfnResource, PhysicalName, PropertyInjectors, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ivs from 'aws-cdk-lib/aws-ivs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { type IStorageConfiguration, RealTimeStage, StorageConfiguration, type StorageConfigurationProps } from '../../src';
import { problem } from '../problem';

const TYPE = 'AWS::IVS::StorageConfiguration';
const ARN = 'arn:aws:ivs:us-east-1:123456789012:storage-configuration/AbCdEfGhIjKl';
const env = { account: '123456789012', region: 'us-east-1' };

const newStack = (props: { env?: { account: string; region: string } } = { env }, id = 'Stack', app = new App()) => new Stack(app, id, props);
const setup = (props: Partial<StorageConfigurationProps> = {}, bucketProps: s3.BucketProps = {}, stack = newStack()) => {
  const bucket = props.bucket ?? new s3.Bucket(stack, 'Bucket', bucketProps);
  const storage = new StorageConfiguration(stack, 'Recordings', { bucket, ...props });
  return { stack, bucket, storage };
};
const template = (...given: Parameters<typeof setup>) => Template.fromStack(setup(...given).stack);
const logicalId = (synthesized: Template, type: string) => Object.keys(synthesized.findResources(type))[0];

/** https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html */
const statement = (region: unknown, objects: unknown) => ({
  Effect: 'Allow',
  Principal: { Service: region },
  Action: ['s3:PutObject', 's3:PutObjectAcl'],
  Resource: objects,
  Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
});

describe('properties', () => {
  test('the bucket, and a generated name', () => {
    const synthesized = template();
    const [{ Properties }] = Object.values(synthesized.findResources(TYPE));
    expect(Properties).toEqual({ Name: expect.stringMatching(/^Stack-Recordings-?[\w-]*$/), S3: { BucketName: { Ref: logicalId(synthesized, 'AWS::S3::Bucket') } } });
  });

  test('a name of the app', () => {
    template({ storageConfigurationName: 'studio_1' }).hasResourceProperties(TYPE, { Name: 'studio_1' });
    const [{ Properties }] = Object.values(template({ storageConfigurationName: PhysicalName.GENERATE_IF_NEEDED }).findResources(TYPE));
    expect(Properties.Name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
  });

  test('a name that is a token', () => {
    const stack = newStack();
    template({ storageConfigurationName: new CfnParameter(stack, 'Name').valueAsString }, {}, stack).hasResourceProperties(TYPE, { Name: { Ref: 'Name' } });
  });

  test.each([[undefined, undefined], [RemovalPolicy.RETAIN, 'Retain'], [RemovalPolicy.DESTROY, 'Delete']])('removalPolicy %s', (removalPolicy, deletionPolicy) => {
    const [resource] = Object.values(template({ removalPolicy }).findResources(TYPE));
    expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([deletionPolicy, deletionPolicy]);
  });

  test('tags', () => {
    const { stack, storage } = setup();
    Tags.of(storage).add('team', 'studio');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'team', Value: 'studio' }] });
  });

  test('property injection reaches the construct', () => {
    const stack = newStack();
    PropertyInjectors.of(stack).add({
      constructUniqueId: StorageConfiguration.PROPERTY_INJECTION_ID,
      inject: (original: StorageConfigurationProps) => ({ storageConfigurationName: 'company', ...original }),
    });
    template({}, {}, stack).hasResourceProperties(TYPE, { Name: 'company' });
  });

  test('ARN', () => {
    const { stack, storage } = setup();
    const Ref = stack.getLogicalId(storage.node.defaultChild as CfnResource);
    const { storageConfigurationArn, storageConfigurationRef } = storage;
    expect(stack.resolve([storageConfigurationArn, storageConfigurationRef])).toEqual([{ Ref }, { storageConfigurationArn: { Ref } }]);
  });
});

describe('the bucket policy', () => {
  test('has the statement of the service, and exists before the storage configuration', () => {
    const synthesized = template();
    const bucket = logicalId(synthesized, 'AWS::S3::Bucket');
    const policy = Object.values(synthesized.findResources('AWS::S3::BucketPolicy'))[0].Properties;
    expect(policy).toEqual({
      Bucket: { Ref: bucket },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [statement('ivs-composite.us-east-1.amazonaws.com', { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/*']] })],
      },
    });
    synthesized.hasResource(TYPE, { DependsOn: [logicalId(synthesized, 'AWS::S3::BucketPolicy')] });
  });

  test('keeps the other statements of the bucket', () => {
    const [{ Properties }] = Object.values(template({}, { enforceSSL: true }).findResources('AWS::S3::BucketPolicy'));
    expect(Properties.PolicyDocument.Statement.map(({ Effect }: { Effect: string }) => Effect)).toEqual(['Deny', 'Allow']);
  });

  test('two storage configurations of one bucket have one statement', () => {
    const { stack, bucket } = setup();
    new StorageConfiguration(stack, 'Second', { bucket });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
    expect(Properties.PolicyDocument.Statement).toHaveLength(1);
  });

  test('names the region of a stack that knows it only at deployment', () => {
    const [{ Properties }] = Object.values(template({}, {}, newStack({})).findResources('AWS::S3::BucketPolicy'));
    expect(Properties.PolicyDocument.Statement[0].Principal).toEqual({ Service: { 'Fn::Join': ['', ['ivs-composite.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } });
  });

  test('of an imported bucket cannot be extended: a warning has the statement', () => {
    const stack = newStack();
    setup({ bucket: s3.Bucket.fromBucketName(stack, 'Imported', 'recordings') }, {}, stack);
    const [{ entry: { data } }] = Annotations.fromStack(stack).findWarning('/Stack/Recordings', Match.stringLikeRegexp('.*'));
    expect(data).toContain('bucket: Stack/Imported is imported, so its policy can\'t be extended.');
    const json = /add the statement (\{.*\}) there/.exec(data as string)![1];
    expect(JSON.parse(json)).toEqual(statement('ivs-composite.us-east-1.amazonaws.com', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::recordings/*']] }));
    Template.fromStack(stack).resourceCountIs('AWS::S3::BucketPolicy', 0);
  });

  test('no warning comes for a bucket of the app', () => {
    const { stack } = setup();
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('.*'))).toEqual([]);
  });
});

describe('bad input', () => {
  const OWNERSHIP = 'bucket: must have the object ownership BUCKET_OWNER_ENFORCED or BUCKET_OWNER_PREFERRED, got Stack/Bucket with OBJECT_WRITER; leave objectOwnership out';

  test.each<[string, Partial<StorageConfigurationProps>, s3.BucketProps, string]>([
    ['a name that is too long', { storageConfigurationName: 'x'.repeat(129) }, {}, `storageConfigurationName: must be at most 128 letters, digits, - and _, got "${'x'.repeat(129)}"; leave it out for a generated name`],
    ['SNAPSHOT', { removalPolicy: RemovalPolicy.SNAPSHOT }, {}, 'removalPolicy: SNAPSHOT is not possible, there is nothing to take a snapshot of; use DESTROY or RETAIN'],
    ['OBJECT_WRITER', {}, { objectOwnership: s3.ObjectOwnership.OBJECT_WRITER }, OWNERSHIP],
  ])('%s', (_, props, bucketProps, message) => {
    expect(problem(() => setup(props, bucketProps))).toBe(`[Stack/Recordings] ${message}`);
  });

  test.each<[string, s3.BucketProps]>([
    ['SSE-S3', { encryption: s3.BucketEncryption.S3_MANAGED }],
    ['bucket owner enforced', { objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED }],
    ['bucket owner preferred', { objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED }],
  ])('%s is allowed', (_, bucketProps) => {
    template({}, bucketProps).resourceCountIs(TYPE, 1);
  });

  test.each([
    ['region', { region: 'eu-west-1' }, '123456789012, eu-west-1'],
    ['account', { account: '210987654321' }, '210987654321, us-east-1'],
  ])('a bucket of another %s', (_, place, there) => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'recordings', ...place });
    expect(problem(() => setup({ bucket }, {}, stack)))
      .toBe(`[Stack/Recordings] bucket: must be in the storage configuration's own account and region (123456789012, us-east-1), got Stack/Bucket in ${there}; use a bucket there`);
  });

  test('all findings are in one error', () => {
    expect(problem(() => setup({ storageConfigurationName: 'a b', removalPolicy: RemovalPolicy.SNAPSHOT }, {
      objectOwnership: s3.ObjectOwnership.OBJECT_WRITER,
    })).split('\n')).toHaveLength(3);
  });

  test('what an override makes of the bucket later', () => {
    const { stack, bucket } = setup();
    (bucket.node.defaultChild as s3.CfnBucket).addPropertyOverride('OwnershipControls.Rules', [{ ObjectOwnership: 'ObjectWriter' }]);
    expect(problem(() => Template.fromStack(stack))).toContain(`[Stack/Recordings] ${OWNERSHIP}`);
  });

  test('51 tags', () => {
    const { stack, storage } = setup();
    for (let index = 0; index < 51; index += 1) Tags.of(storage).add(`tag-${index}`, 'x');
    expect(() => Template.fromStack(stack)).toThrow('tags: at most 50 are possible, got 51');
  });

  test('a region without the service warns', () => {
    const { stack } = setup({}, {}, newStack({ env: { ...env, region: 'eu-north-1' } }));
    Annotations.fromStack(stack).hasWarning('/Stack/Recordings', Match.stringLikeRegexp('region: IVS real-time is not known to be in eu-north-1'));
  });
});

/* https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html requires SSE-S3, the page on compositions doesn't. */
describe('a bucket with an AWS KMS key', () => {
  const encryptionKeyIn = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555');
  const BUCKETS: [string, (stack: Stack) => s3.IBucket][] = [
    ['SSE-KMS', (stack) => new s3.Bucket(stack, 'Bucket', { encryption: s3.BucketEncryption.KMS })],
    ['SSE-KMS with the key of Amazon S3', (stack) => new s3.Bucket(stack, 'Bucket', { encryption: s3.BucketEncryption.KMS_MANAGED })],
    ['DSSE-KMS', (stack) => new s3.Bucket(stack, 'Bucket', { encryption: s3.BucketEncryption.DSSE_MANAGED })],
    ['an import with its key', (stack) => s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'recordings', encryptionKey: encryptionKeyIn(stack) })],
  ];
  const refusal = '[Stack/Studio] autoParticipantRecording.storageConfiguration: IVS records individual participants only into buckets with server-side encryption with Amazon S3 managed keys (SSE-S3), '
    + 'got Stack/Recordings with the bucket Stack/Bucket, which has an AWS KMS key; use a bucket with BucketEncryption.S3_MANAGED';
  const record = (storageConfiguration: IStorageConfiguration) => new RealTimeStage(storageConfiguration.stack, 'Studio', { autoParticipantRecording: { storageConfiguration } });

  test.each(BUCKETS)('can be the bucket of compositions: %s warns, and the warning can be acknowledged', (_, bucketIn) => {
    const stack = newStack();
    const { storage } = setup({ bucket: bucketIn(stack) }, {}, stack);
    Validations.of(storage).acknowledge({ id: 'cdk-rtc:StorageConfiguration.bucket', reason: 'The policy of the imported bucket has the statement.' });
    Annotations.fromStack(stack).hasWarning('/Stack/Recordings', Match.stringLikeRegexp('bucket: IVS is not known to record compositions into buckets with an AWS KMS key, got Stack/Bucket, and it doesn\'t record individual participants into them'));
    Validations.of(storage).acknowledge({ id: 'cdk-rtc:StorageConfiguration.encryption', reason: 'Tried.' });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    Template.fromStack(stack).resourceCountIs(TYPE, 1);
  });

  test.each(BUCKETS)('can\'t be the bucket of a stage that records participants: %s', (_, bucketIn) => {
    const stack = newStack();
    const { storage } = setup({ bucket: bucketIn(stack) }, {}, stack);
    expect(problem(() => record(storage))).toBe(refusal);
  });

  test('is found if the bucket gets the key after the stage', () => {
    const { stack, bucket, storage } = setup();
    record(storage);
    (bucket.node.defaultChild as s3.CfnBucket).bucketEncryption = { serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' } }] };
    expect(problem(() => Template.fromStack(stack))).toContain(refusal);
  });

  test('is not known of an imported storage configuration', () => {
    const stack = newStack();
    record(StorageConfiguration.fromStorageConfigurationArn(stack, 'Recordings', ARN));
    Template.fromStack(stack).resourceCountIs('AWS::IVS::Stage', 1);
  });
});

describe('imports', () => {
  test('by ARN', () => {
    const storage = StorageConfiguration.fromStorageConfigurationArn(newStack(), 'Imported', ARN.replace('us-east-1', 'eu-west-1'));
    expect(storage).toMatchObject({ storageConfigurationArn: ARN.replace('us-east-1', 'eu-west-1'), env: { account: env.account, region: 'eu-west-1' } });
    expect(storage.storageConfigurationRef).toEqual({ storageConfigurationArn: storage.storageConfigurationArn });
  });

  test('by something that is no such ARN fails', () => {
    expect(problem(() => StorageConfiguration.fromStorageConfigurationArn(newStack(), 'Imported', 'recordings')))
      .toBe('[Stack/Imported] storageConfigurationArn: must be the ARN of an IVS storage configuration (arn:…:ivs:REGION:ACCOUNT:storage-configuration/ID), got "recordings"');
  });

  test('isStorageConfiguration tells a storage configuration from an import and from a CfnStorageConfiguration', () => {
    const { stack, storage } = setup();
    const values = [storage, StorageConfiguration.fromStorageConfigurationArn(stack, 'Imported', ARN), new ivs.CfnStorageConfiguration(stack, 'Native', { s3: { bucketName: 'b' } }), null];
    expect(values.map((value) => StorageConfiguration.isStorageConfiguration(value))).toEqual([true, false, false, false]);
  });
});
