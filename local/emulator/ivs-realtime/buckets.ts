import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../errors';
import type { IvsRealtimeOptions } from './options';
import type { Region } from './state';

interface Policy {
  readonly Version: string;
  readonly Statement: readonly object[];
}

/**
 * Adds the statement that lets the service write recordings. The documentation of CreateStorageConfiguration says that the service does so.
 * https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_CreateStorageConfiguration.html
 */
export function allowRecording(options: IvsRealtimeOptions, region: Region, bucket: string): void {
  const { buckets } = options;
  if (!buckets) return;
  if (!buckets.exists(bucket)) throw new ServiceError('ResourceNotFoundException', `Bucket: ${bucket} not found`);
  const { Statement, ...policy } = parsed(buckets.policyOf(bucket));
  const added = statementsFor(options, region, bucket).filter(statement => !includes(Statement, statement));
  if (added.length > 0) buckets.putPolicy(bucket, JSON.stringify({ ...policy, Statement: [...Statement, ...added] }));
}

/** The service also needs the permission to delete the policy: without its statement, there may be none. */
export function forbidRecording(options: IvsRealtimeOptions, region: Region, bucket: string): void {
  const { buckets, deletedStorage } = options;
  if (!buckets?.exists(bucket) || deletedStorage === 'kept') return;
  const { Statement, ...policy } = parsed(buckets.policyOf(bucket));
  const kept = Statement.filter(statement => !includes(statementsFor(options, region, bucket), statement));
  if (kept.length < Statement.length) buckets.putPolicy(bucket, kept.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: kept }));
}

/** Stores a recording, if the policy of the bucket has all statements that the service needs. */
export function storeRecording(options: IvsRealtimeOptions, region: Region, bucket: string, key: string): void {
  const { buckets } = options;
  if (!buckets?.exists(bucket)) return;
  const { Statement } = parsed(buckets.policyOf(bucket));
  if (statementsFor(options, region, bucket).every(statement => includes(Statement, statement))) buckets.putObject(bucket, key);
}

/** https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html */
function statementsFor({ recordingNeeds }: IvsRealtimeOptions, { region }: Region, bucket: string): object[] {
  const documented = {
    Effect: 'Allow',
    Principal: { Service: `ivs-composite.${region}.amazonaws.com` },
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource: `arn:aws:s3:::${bucket}/*`,
    Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' }, Bool: { 'aws:SecureTransport': 'true' } },
  };
  const own = { Effect: 'Allow', Principal: { Service: 'ivs.amazonaws.com' }, Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/*` };
  return recordingNeeds === 'own' ? [documented, own] : [documented];
}

function parsed(policy: string | undefined): Policy {
  return policy === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(policy);
}

/** The order of the members doesn't matter. */
function includes(statements: readonly object[], statement: object): boolean {
  return statements.some(one => isDeepStrictEqual(one, statement));
}
