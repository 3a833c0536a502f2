import { ServiceError } from '../errors';
import { scrambled, uuid } from '../random';
import { ResourceRequest, ResourceResult, ResourceType } from '../service';
import { Context, findSecret, invalidParameter, regionOf } from './lookup';
import { newSecret, removeSecret } from './secrets';
import { current } from './stages';
import { Secret, Value } from './state';
import { tagsOf } from './tags';
import { addVersion } from './versions';

const knownProperties = ['Description', 'GenerateSecretString', 'KmsKeyId', 'Name', 'SecretString', 'Tags'];

/** AWS::SecretsManager::Secret: Ref and `Id` are the ARN. Deleted, it cannot be restored. A new name makes a new one. */
export function secretType(context: Context): ResourceType {
  const create = (request: ResourceRequest): ResourceResult => {
    const region = regionOf(context, request);
    const name = nameOf(request);
    if (findSecret(region, name, request.now)) throw new ServiceError('ResourceExistsException', `The secret ${name} already exists.`);
    const value = textOf(context, request, name);
    return resultOf(newSecret(context, region, { name, ...wanted(request), value, id: newVersionId(context, { name }) }, request.now).arn);
  };
  return {
    create,
    update: request => {
      const { physicalId = '', now, properties } = request;
      const region = regionOf(context, request);
      const secret = findSecret(region, physicalId, now);
      if (!secret) throw new ServiceError('ResourceNotFoundException', `${physicalId} does not exist`, 404);
      if (properties.Name !== undefined && properties.Name !== secret.name) return create(request);
      region.secrets.change(secret.arn, now, before => ({ ...before, ...wanted(request), changed: now }));
      const value = textOf(context, request, secret.name);
      // A generated one stays.
      if (properties.SecretString !== undefined && value!.content !== secret.versions.at(-1)?.content) {
        addVersion(context, region, secretAt(context, request), { id: newVersionId(context, secret), value: value!, stages: [current] }, now);
      }
      return resultOf(secret.arn);
    },
    delete: request => {
      const { physicalId = '' } = request;
      removeSecret(regionOf(context, request), physicalId, request.now);
      return resultOf(physicalId);
    },
  };
}

/** For versions that no ClientRequestToken names. */
export function newVersionId({ engine }: Context, { name }: Pick<Secret, 'name'>): string {
  return uuid(`${name} ${engine.random()}`);
}

function secretAt(context: Context, request: ResourceRequest): Secret {
  return findSecret(regionOf(context, request), request.physicalId!, request.now)!;
}

function wanted({ properties }: ResourceRequest): Pick<Secret, 'description' | 'kmsKeyId' | 'tags'> {
  const unknown = Object.keys(properties).find(property => !knownProperties.includes(property));
  if (unknown) throw invalidParameter(`AWS::SecretsManager::Secret has no property ${unknown}`);
  return {
    description: properties.Description as string | undefined,
    kmsKeyId: properties.KmsKeyId as string | undefined,
    tags: tagsOf((properties.Tags ?? []) as { Key: string; Value: string }[]),
  };
}

function nameOf({ properties, logicalId = 'Secret', stackId = '', now }: ResourceRequest): string {
  return String(properties.Name ?? `${logicalId}-${scrambled(`${stackId} ${logicalId} ${now}`, 12)}`);
}

interface Generation {
  readonly PasswordLength?: number;
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
}

/** A generated password has letters and digits only, whatever is excluded. */
function textOf({ engine }: Context, { properties }: ResourceRequest, name: string): Value | undefined {
  const generation = properties.GenerateSecretString as Generation | undefined;
  if (properties.SecretString !== undefined) return { member: 'SecretString', content: properties.SecretString as string };
  if (!generation) return undefined;
  const password = scrambled(`${name} ${engine.random()}`, Number(generation.PasswordLength ?? 32));
  const { SecretStringTemplate: template, GenerateStringKey: key } = generation;
  return { member: 'SecretString', content: template !== undefined && key !== undefined ? JSON.stringify({ ...JSON.parse(template), [key]: password }) : password };
}

function resultOf(arn: string): ResourceResult {
  return { physicalId: arn, attributes: { Id: arn } };
}
