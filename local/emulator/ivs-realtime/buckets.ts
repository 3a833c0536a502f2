import { ServiceError } from '../errors';
import type { IvsRealtimeOptions } from './options';
import type { Region } from './state';

/** What the service does with the buckets of the account. */
export interface Buckets {
  exists(bucket: string): boolean;
  /** Undefined: the bucket has no policy. */
  policyOf(bucket: string): string | undefined;
  /** Undefined: the policy is deleted. */
  putPolicy(bucket: string, policy: string | undefined): void;
}

interface Policy {
  readonly Version: string;
  readonly Statement: readonly object[];
}

/**
 * Adds the statement that lets the service write recordings. The documentation of CreateStorageConfiguration says that the service does so.
 * https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateStorageConfiguration.html
 */
export function allowRecording({ buckets }: IvsRealtimeOptions, region: Region, bucket: string): void {
  if (!buckets) return;
  if (!buckets.exists(bucket)) throw new ServiceError('ResourceNotFoundException', `Bucket: ${bucket} not found`);
  const { Statement, ...policy } = parsed(buckets.policyOf(bucket));
  const added = statementFor(region, bucket);
  if (!Statement.some(statement => isSame(statement, added))) buckets.putPolicy(bucket, JSON.stringify({ ...policy, Statement: [...Statement, added] }));
}

/** The service also needs the permission to delete the policy: without its statement, there may be none. */
export function forbidRecording({ buckets, deletedStorage }: IvsRealtimeOptions, region: Region, bucket: string): void {
  if (!buckets?.exists(bucket) || deletedStorage === 'kept') return;
  const { Statement, ...policy } = parsed(buckets.policyOf(bucket));
  const kept = Statement.filter(statement => !isSame(statement, statementFor(region, bucket)));
  if (kept.length < Statement.length) buckets.putPolicy(bucket, kept.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: kept }));
}

/** https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html */
function statementFor({ region }: Region, bucket: string): object {
  return {
    Effect: 'Allow',
    Principal: { Service: `ivs-composite.${region}.amazonaws.com` },
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource: `arn:aws:s3:::${bucket}/*`,
    Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
  };
}

function parsed(policy: string | undefined): Policy {
  return policy === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(policy);
}

function isSame(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
