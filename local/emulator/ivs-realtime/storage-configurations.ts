import { ResourceRequest, ResourceResult, ResourceType } from '../service';
import { mapOfTags, sameTags } from '../tags';
import { Context, invalidRequest, notFound, regionOfResource } from './lookup';
import { members } from './recording';
import { StorageConfiguration } from './state';
import { assertTags } from './tags';

const type = 'AWS::IVS::StorageConfiguration';

/**
 * AWS::IVS::StorageConfiguration: Ref and `Arn` are the ARN. Everything but the tags makes a new one.
 *
 * What the service writes into the policy of the bucket is not emulated, because the bucket is in another emulator.
 */
export function storageConfigurationType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult => {
    const region = regionOfResource(context, type, request);
    const configuration: StorageConfiguration = { arn: region.newArn('storage-configuration'), ...wanted(request) };
    region.storageConfigurations.add(configuration, request.now);
    return resultOf(configuration.arn);
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
      regionOfResource(context, type, request).storageConfigurations.change(physicalId, now, () => undefined);
      return resultOf(physicalId);
    },
  };
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
