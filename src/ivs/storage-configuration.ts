import { type IResource, type RemovalPolicy, Resource, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { GENERATED_NAME, validateName, validateNativeTags, validateStorageConfigurationArn } from './private/real-time-stage';
import { isKmsEncrypted, rememberBucket, validateObjectOwnership } from './private/recording-bucket';
import { IVS_REAL_TIME } from './private/regions';
import { STORAGE_CONFIGURATION_RESOURCE_TYPE, type StorageConfigurationProperties } from './private/storage-configuration';
import { brand, isBranded } from '../private/brand';
import { concrete, differ, opaque } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';
import { nameOrGenerated, NativeResource } from '../private/native-resource';
import { warnAboutRegion } from '../private/region-warning';
import { validateRemovalPolicy } from '../private/removal-policy';

/**
 * An IVS real-time storage configuration, created by a stack or imported.
 */
export interface IStorageConfiguration extends IResource, ivs.IStorageConfigurationRef {
  /**
   * The ARN of the storage configuration.
   *
   * @attribute
   */
  readonly storageConfigurationArn: string;
}

/**
 * Properties of a storage configuration.
 */
export interface StorageConfigurationProps {
  /**
   * The name: at most 128 letters, digits, `-`, and `_`. The name need not be unique. A change replaces the storage configuration.
   *
   * @default - generated from the path of the construct
   */
  readonly storageConfigurationName?: string;

  /**
   * The bucket of the recordings, in the account and region of the stack. The bucket must have the object ownership "bucket owner enforced" (the
   * default) or "bucket owner preferred". A change replaces the storage configuration.
   *
   * The recording of individual participants requires server-side encryption with Amazon S3 managed keys (SSE-S3, the default). A bucket with an
   * AWS KMS key causes a warning, because it isn't documented whether IVS records compositions into it (unverified: F-63).
   *
   * The construct adds a statement to the bucket's policy. For an imported bucket, a warning contains the statement that the bucket's policy needs.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
   */
  readonly bucket: s3.IBucket;

  /**
   * What happens to the storage configuration when it leaves the stack. The bucket and its recordings have a policy of their own.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class StorageConfigurationBase extends Resource implements IStorageConfiguration {
  public abstract readonly storageConfigurationArn: string;

  public get storageConfigurationRef(): ivs.StorageConfigurationReference {
    return { storageConfigurationArn: this.storageConfigurationArn };
  }
}

class ImportedStorageConfiguration extends StorageConfigurationBase {
  public readonly storageConfigurationArn: string;

  constructor(scope: Construct, id: string, storageConfigurationArn: string) {
    throwIfInvalid(scope, validateStorageConfigurationArn('storageConfigurationArn', concrete(storageConfigurationArn)), id);
    const arn = opaque(storageConfigurationArn);
    super(scope, id, { environmentFromArn: arn });
    this.storageConfigurationArn = arn;
  }
}

/**
 * An IVS real-time storage configuration: the bucket to which a stage or a composition records.
 *
 * When IVS creates a storage configuration, it adds a statement to the policy of the bucket. CloudFormation overwrites this statement at the next
 * change of the `BucketPolicy` in your stack, and recordings then fail. This construct adds the same statement to the `BucketPolicy`.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateStorageConfiguration.html
 * @example
 *
 * const bucket = new s3.Bucket(this, 'Bucket');
 * const recordings = new rtc.StorageConfiguration(this, 'Recordings', { bucket });
 * new rtc.RealTimeStage(this, 'Studio', { autoParticipantRecording: { storageConfiguration: recordings } });
 */
@propertyInjectable
export class StorageConfiguration extends StorageConfigurationBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.StorageConfiguration';

  /**
   * Returns whether a value is a `StorageConfiguration`, also if another copy of this library in the app created it.
   *
   * For an imported storage configuration it returns false: the result of `fromStorageConfigurationArn` has fewer members.
   *
   * @param x The value to test.
   */
  public static isStorageConfiguration(x: any): x is StorageConfiguration {
    return isBranded(x, 'StorageConfiguration');
  }

  /**
   * Imports an existing storage configuration by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param storageConfigurationArn The ARN of the storage configuration.
   * @throws if the ARN is known at synth and isn't the ARN of a storage configuration
   */
  public static fromStorageConfigurationArn(scope: Construct, id: string, storageConfigurationArn: string): IStorageConfiguration {
    return new ImportedStorageConfiguration(scope, id, storageConfigurationArn);
  }

  private readonly resource: NativeResource;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits: one error that lists all findings
   */
  constructor(scope: Construct, id: string, props: StorageConfigurationProps) {
    super(scope, id);
    brand(this, 'StorageConfiguration');
    const { storageConfigurationName: name, bucket } = props;
    const properties: StorageConfigurationProperties = {
      Name: nameOrGenerated(this, name, GENERATED_NAME),
      S3: { BucketName: bucket.bucketName },
    };
    throwIfInvalid(this, [
      ...validateName('storageConfigurationName', concrete(properties.Name)),
      ...validateBucketEnvironment(this, bucket),
      ...validateObjectOwnership(bucket),
      ...validateRemovalPolicy(props.removalPolicy),
    ]);
    warnAboutRegion(this, 'StorageConfiguration', IVS_REAL_TIME);
    // Overrides and aspects change the bucket after the constructor.
    this.node.addValidation({ validate: () => validateObjectOwnership(bucket) });
    if (isKmsEncrypted(bucket)) {
      Validations.of(this).addWarning('cdk-rtc:StorageConfiguration.encryption',
        `bucket: IVS is not known to record compositions into buckets with an AWS KMS key, got ${bucket.node.path}, and it doesn't record individual participants into them; use BucketEncryption.S3_MANAGED`);
    }
    rememberBucket(this, bucket);
    this.resource = new NativeResource(this, 'Resource', {
      resourceType: STORAGE_CONFIGURATION_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
      validateTags: (tags) => validateNativeTags(tags, STORAGE_CONFIGURATION_RESOURCE_TYPE),
    });
    this.allowRecording(bucket);
  }

  public get storageConfigurationArn() { return this.resource.ref; }

  private allowRecording(bucket: s3.IBucket): void {
    const statement = recordingStatement(this, bucket);
    const { statementAdded, policyDependable } = bucket.addToResourcePolicy(statement);
    // The service adds its own statement to the policy that exists, and fails if CloudFormation creates the policy at the same time.
    if (policyDependable) this.resource.node.addDependency(policyDependable);
    if (statementAdded) return;
    const text = JSON.stringify(Stack.of(this).resolve(statement.toStatementJson()));
    Validations.of(this).addWarning('cdk-rtc:StorageConfiguration.bucket',
      `bucket: ${bucket.node.path} is imported, so its policy can't be extended. If the stack that owns the bucket changes the policy, recordings fail; add the statement ${text} there`);
  }
}

/**
 * Whether recordings of individual participants need more is unverified (F-55).
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
 */
function recordingStatement({ env }: Resource, bucket: s3.IBucket): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`ivs-composite.${env.region}.amazonaws.com`)],
    actions: ['s3:PutObject', 's3:PutObjectAcl'],
    resources: [bucket.arnForObjects('*')],
    conditions: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
  });
}

function validateBucketEnvironment({ env }: Resource, bucket: s3.IBucket): string[] {
  if (!differ(bucket.env.region, env.region) && !differ(bucket.env.account, env.account)) return [];
  return [`bucket: must be in the storage configuration's own account and region (${env.account}, ${env.region}), got ${bucket.node.path} in ${bucket.env.account}, ${bucket.env.region}; use a bucket there`];
}
