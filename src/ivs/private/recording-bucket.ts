import type { CfnResource } from 'aws-cdk-lib';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { findSharedState, sharedState } from '../../private/shared-state';
import { renderedResource } from '../../private/template-resource';

interface EncryptionRule {
  readonly ServerSideEncryptionByDefault?: { readonly SSEAlgorithm?: unknown };
}

/** The part of AWS::S3::Bucket that the service restricts. */
interface BucketProperties {
  readonly BucketEncryption?: { readonly ServerSideEncryptionConfiguration?: EncryptionRule[] };
  readonly OwnershipControls?: { readonly Rules?: { readonly ObjectOwnership?: unknown }[] };
}

/** The name under which a storage configuration holds its bucket. */
const BUCKET = 'recordingBucket';

/** Keeps the bucket of a storage configuration for the stages that use it. */
export function rememberBucket(storage: ivs.IStorageConfigurationRef, bucket: s3.IBucket): void {
  sharedState(storage, BUCKET, () => bucket);
}

/** The bucket of a storage configuration. Undefined for an imported or native storage configuration. */
export function bucketOf(storage: ivs.IStorageConfigurationRef): s3.IBucket | undefined {
  return findSharedState<s3.IBucket>(storage, BUCKET);
}

/** Whether a bucket is known to encrypt its objects with an AWS KMS key. */
export function isKmsEncrypted(bucket: s3.IBucket): boolean {
  const rules = propertiesOf(bucket).BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  return bucket.encryptionKey !== undefined || rules.map(({ ServerSideEncryptionByDefault }) => ServerSideEncryptionByDefault?.SSEAlgorithm)
    .some((algorithm) => typeof algorithm === 'string' && algorithm.startsWith('aws:kms'));
}

/** Returns findings about the object ownership, which every use of a storage configuration needs. Call it again in a validation, because it can change. */
export function validateObjectOwnership(bucket: s3.IBucket): string[] {
  const rules = propertiesOf(bucket).OwnershipControls?.Rules ?? [];
  if (!rules.some(({ ObjectOwnership }) => ObjectOwnership === s3.ObjectOwnership.OBJECT_WRITER)) return [];
  return [`bucket: must have the object ownership BUCKET_OWNER_ENFORCED or BUCKET_OWNER_PREFERRED, got ${bucket.node.path} with OBJECT_WRITER; leave objectOwnership out`];
}

/** Returns findings about the encryption that the recording of individual participants needs. Call it again in a validation, because it can change. */
export function validateParticipantRecording(storage: ivs.IStorageConfigurationRef): string[] {
  const bucket = bucketOf(storage);
  if (!bucket || !isKmsEncrypted(bucket)) return [];
  return ['autoParticipantRecording.storageConfiguration: IVS records individual participants only into buckets with server-side encryption with Amazon S3 managed keys (SSE-S3), '
    + `got ${storage.node.path} with the bucket ${bucket.node.path}, which has an AWS KMS key; use a bucket with BucketEncryption.S3_MANAGED`];
}

function propertiesOf(bucket: s3.IBucket): BucketProperties {
  const resource = bucket.node.defaultChild;
  return s3.CfnBucket.isCfnBucket(resource) ? renderedResource(resource as CfnResource).Properties ?? {} : {};
}
