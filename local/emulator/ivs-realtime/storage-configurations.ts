import { CallContext, Input, ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { allowRecording, forbidRecording } from './buckets';
import { assertOwnAccount, assertVerified, Context, invalidRequest, notFound, regionOf, regionOfResource, shown } from './lookup';
import { pageByArn } from './paging';
import { members } from './recording';
import { Region, StorageConfiguration } from './state';
import { assertTags } from './tags';

type Output = Record<string, unknown>;

const type = 'AWS::IVS::StorageConfiguration';

/** AWS::IVS::StorageConfiguration: Ref and `Arn` are the ARN. Everything but the tags makes a new one. */
export function storageConfigurationType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult => {
    const { arn } = newConfiguration(context, regionOfResource(context, type, request), wanted(request), request.now);
    return resultOf(arn);
  };
  return {
    create,
    update: request => {
      const { physicalId = '', now } = request;
      const { storageConfigurations } = regionOfResource(context, type, request);
      const current = storageConfigurations.byArn(physicalId, now);
      if (!current) throw notFound(physicalId);
      const { name, bucketName, tags } = wanted(request);
      if (name !== current.name || bucketName !== current.bucketName) return create(request);
      storageConfigurations.change(physicalId, now, same => sameTags(same.tags, tags) ? same : { ...same, tags });
      return resultOf(physicalId);
    },
    delete: request => {
      const { physicalId = '', now } = request;
      removeConfiguration(context, regionOfResource(context, type, request), physicalId, now);
      return resultOf(physicalId);
    },
  };
}

export function createStorageConfiguration(context: Context, input: Input, call: CallContext): Output {
  assertVerified(context);
  const { name, s3: { bucketName }, tags } = input;
  assertTags(tags ?? {});
  const created = newConfiguration(context, regionOf(context, call), { name: name ?? '', bucketName, tags: tags ?? {} }, call.now);
  return { storageConfiguration: details(context, created) };
}

/** Compositions, which would refuse it, don't exist here. */
export function deleteStorageConfiguration(context: Context, { arn }: Input, call: CallContext): Output {
  assertOwnAccount(call, arn);
  const region = regionOf(context, call);
  if (!region.storageConfigurations.byArn(arn, call.now)) throw notFound(arn);
  removeConfiguration(context, region, arn, call.now);
  return {};
}

export function listStorageConfigurations(context: Context, { maxResults, nextToken }: Input, call: CallContext): Output {
  const all = regionOf(context, call).storageConfigurations.all(call.readAt);
  const { page, nextToken: next } = pageByArn(all, maxResults ?? 100, nextToken ?? undefined);
  return { storageConfigurations: page.map(configuration => details(context, configuration)), nextToken: next };
}

function newConfiguration(context: Context, region: Region, given: Omit<StorageConfiguration, 'arn'>, now: number): StorageConfiguration {
  allowRecording(context.options, region, given.bucketName);
  const configuration: StorageConfiguration = { arn: region.newArn('storage-configuration'), ...given };
  region.storageConfigurations.add(configuration, now);
  return configuration;
}

function removeConfiguration({ options }: Context, region: Region, arn: string, now: number): void {
  const configuration = region.storageConfigurations.byArn(arn, now);
  if (!configuration) return;
  region.storageConfigurations.change(arn, now, () => undefined);
  const isUsed = region.storageConfigurations.all(now).some(({ bucketName }) => bucketName === configuration.bucketName);
  if (!isUsed) forbidRecording(options, region, configuration.bucketName);
}

function details(context: Context, { arn, name, bucketName, tags }: StorageConfiguration): Output {
  return { arn, name: shown(context, name), s3: { bucketName }, tags: shown(context, tags) };
}

function wanted({ properties }: ResourceRequest): Omit<StorageConfiguration, 'arn'> {
  const { Name = '', S3, Tags = [] } = members(type, properties, ['Name', 'S3', 'Tags']);
  const { BucketName } = members('S3', S3, ['BucketName']);
  if (typeof BucketName !== 'string' || !/^[a-z0-9.-]{3,63}$/.test(BucketName)) throw invalidRequest(`${type} needs the property S3.BucketName, the name of a bucket`);
  if (typeof Name !== 'string' || !/^[a-zA-Z0-9_-]{0,128}$/.test(Name)) throw invalidRequest('Name must match [a-zA-Z0-9-_]* and have at most 128 characters');
  const tags = mapOfTags(Tags as { Key: string; Value: string }[], invalidRequest);
  assertTags(tags);
  return { name: Name, bucketName: BucketName, tags };
}

function resultOf(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { Arn: arn } };
}
