import { ServiceError } from '../errors';
import { scrambled } from '../random';
import { CallContext, Input, Tags } from '../service';
import { assertName, Context, findSecret, invalidParameter, invalidRequest, livingSecrets, regionOf, secretById } from './lookup';
import { current } from './stages';
import { arnOf, Region, Secret, Value } from './state';
import { tagsOf } from './tags';
import { addVersion, assertSameValue, keptVersions, tokenOf, valueOf, versionById } from './versions';

type Output = Record<string, unknown>;

const day = 24 * 60 * 60 * 1000;
const notEmulated = ['AddReplicaRegions', 'ForceOverwriteReplicaSecret', 'Type', 'CrossAccountPrimaryARN'];

/** Idempotent by its token, if there is a value. */
export function createSecret(context: Context, input: Input, call: CallContext): Output {
  const unknown = notEmulated.find(member => input[member] !== undefined);
  if (unknown) throw new ServiceError('NotEmulated', `The emulator does not know ${unknown}`, 501);
  assertName(input.Name);
  const value = valueOf(input);
  const id = value && tokenOf(input);
  const tags = tagsOf(input.Tags ?? []);
  const region = regionOf(context, call);
  const existing = findSecret(region, input.Name, call.now);
  if (existing) {
    assertRepeated(context, existing, id, value, call.now);
  } else {
    newSecret(context, region, { name: input.Name, description: input.Description, kmsKeyId: input.KmsKeyId, tags, id, value }, call.now);
  }
  const { arn, name } = findSecret(region, input.Name, call.now)!;
  return { ARN: arn, Name: name, ...id !== undefined && { VersionId: id } };
}

export interface NewSecret {
  readonly name: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags: Tags;
  readonly value?: Value;
  /** Of the version that holds the value. */
  readonly id?: string;
}

export function newSecret(context: Context, region: Region, { id, value, ...wanted }: NewSecret, now: number): Secret {
  const arn = newArn(context, region, wanted.name);
  region.secrets.add({ ...wanted, arn, created: now, changed: now, versions: [] }, now);
  const secret = region.secrets.byArn(arn, now)!;
  if (id !== undefined && value) addVersion(context, region, secret, { id, value, stages: [current] }, now);
  return secret;
}

function newArn({ engine }: Context, region: Region, name: string): string {
  return arnOf(region, `${name}-${scrambled(`${name} ${engine.random()}`, 6)}`);
}

function assertRepeated(context: Context, existing: Secret, id: string | undefined, value: Value | undefined, now: number): void {
  if (existing.deletionDate !== undefined) {
    throw invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.");
  }
  const version = id !== undefined && versionById(context, existing, id, now);
  if (!version || !value) throw new ServiceError('ResourceExistsException', `The operation failed because the secret ${existing.name} already exists.`);
  assertSameValue(existing, version, value);
}

/** Without LastAccessedDate: reads change nothing here. */
export function describeSecret(context: Context, input: Input, call: CallContext): Output {
  const secret = secretById(context, call, input.SecretId, call.readAt);
  const staged = keptVersions(context, secret, call.readAt).filter(({ stages }) => stages.length > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    CreatedDate: new Date(secret.created),
    LastChangedDate: new Date(secret.changed),
    ...secret.deletionDate !== undefined && { DeletedDate: new Date(secret.deletionDate) },
    ...Object.keys(secret.tags).length > 0 && { Tags: Object.entries(secret.tags).map(([Key, tag]) => ({ Key, Value: tag })) },
    ...staged.length > 0 && { VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])) },
  };
}

export function deleteSecret(context: Context, input: Input, call: CallContext): Output {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = input;
  if (force && days !== undefined) throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  const region = regionOf(context, call);
  // To delete by force what does not exist is no error; the answer looks as if it had existed.
  if (force && !findSecret(region, input.SecretId, call.now)) {
    return { ARN: newArn(context, region, input.SecretId), Name: input.SecretId, DeletionDate: new Date(call.now) };
  }
  const { arn, name, deletionDate: scheduled } = secretById(context, call, input.SecretId, call.now);
  if (!force && scheduled !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was already scheduled for deletion.");
  }
  const deletionDate = force ? call.now + (context.options.deletion ?? 0) : call.now + (days ?? 30) * day;
  region.secrets.change(arn, call.now, secret => ({ ...secret, deletionDate, changed: call.now }));
  return { ARN: arn, Name: name, DeletionDate: new Date(deletionDate) };
}

export function restoreSecret(context: Context, input: Input, call: CallContext): Output {
  const { arn, name } = secretById(context, call, input.SecretId, call.now);
  regionOf(context, call).secrets.change(arn, call.now, secret => {
    const { deletionDate, ...restored } = secret;
    return deletionDate === undefined ? secret : { ...restored, changed: call.now };
  });
  return { ARN: arn, Name: name };
}

/** At once and for ever. */
export function removeSecret(region: Region, arn: string, now: number): void {
  if (livingSecrets(region, now).some(secret => secret.arn === arn)) region.secrets.change(arn, now, () => undefined);
}
