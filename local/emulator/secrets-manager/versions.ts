import { ServiceError } from '../errors';
import { nameFromToken, tokenFromName } from '../paging';
import { CallContext, Input } from '../service';
import { Context, invalidParameter, invalidRequest, notFound, regionOf, secretById, usableSecretById } from './lookup';
import { current, ownerOf, withoutStage, withStages } from './stages';
import { Region, Secret, Value, Version } from './state';

type Output = Record<string, unknown>;

const maximumBytes = 65_536;
const day = 24 * 60 * 60 * 1000;

export function getSecretValue(context: Context, input: Input, call: CallContext): Output {
  const secret = usableSecretById(context, call, input.SecretId, call.readAt);
  const { id, member, content, stages, created } = wantedVersion(keptVersions(context, secret, call.readAt), input);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: id,
    [member]: content,
    ...stages.length > 0 && { VersionStages: stages },
    CreatedDate: new Date(created),
  };
}

export function putSecretValue(context: Context, input: Input, call: CallContext): Output {
  if (input.RotationToken !== undefined) throw new ServiceError('NotEmulated', 'The emulator has no rotation', 501);
  const value = valueOf(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const id = tokenOf(input);
  const secret = usableSecretById(context, call, input.SecretId, call.now);
  const known = versionById(context, secret, id, call.now);
  if (known) assertSameValue(secret, known, value);
  else addVersion(context, regionOf(context, call), secret, { id, value, stages: input.VersionStages ?? [current] }, call.now);
  const { stages } = known ?? versionById(context, secretById(context, call, secret.arn, call.now), id, call.now)!;
  return { ARN: secret.arn, Name: secret.name, VersionId: id, ...stages.length > 0 && { VersionStages: stages } };
}

export function updateSecretVersionStage(context: Context, input: Input, call: CallContext): Output {
  const { SecretId, VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to } = input;
  const secret = usableSecretById(context, call, SecretId, call.now);
  const versions = keptVersions(context, secret, call.now);
  for (const id of [from, to]) {
    if (id !== undefined && !versions.some(version => version.id === id)) throw invalidParameter(`Not a valid version: ${id}`);
  }
  const owner = ownerOf(versions, stage);
  assertStageChange(stage, owner?.id, from, to);
  if (owner?.id !== to) {
    const changed = to === undefined ? withoutStage(versions, stage) : withStages(versions, to, [stage]);
    regionOf(context, call).secrets.change(secret.arn, call.now, now => ({ ...now, versions: changed, changed: call.now }));
  }
  return { ARN: secret.arn, Name: secret.name };
}

function assertStageChange(stage: string, owner: string | undefined, from: string | undefined, to: string | undefined): void {
  if (to === undefined && from === undefined) throw invalidParameter('You must specify MoveToVersionId, RemoveFromVersionId or both.');
  if (to === undefined && stage === current) {
    throw invalidParameter(`You can only move staging label ${current} to a different secret version. It can’t be completely removed.`);
  }
  if (to === undefined && owner !== from) throw invalidParameter(`Staging label ${stage} is not attached to version ${from}.`);
  if (owner === undefined || to === owner) return;
  if (from === undefined) {
    throw invalidParameter(`The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${owner}, `
      + 'so you must explicitly reference that version in RemoveFromVersionId.');
  }
  if (from !== owner) {
    throw invalidParameter(`When you move staging label ${stage}, if you specify RemoveFromVersionId, it must be set to the version `
      + `that currently has the staging label ${stage}.`);
  }
}

export function listSecretVersionIds(context: Context, input: Input, call: CallContext): Output {
  const { SecretId, MaxResults = 100, NextToken, IncludeDeprecated = false } = input;
  const secret = secretById(context, call, SecretId, call.readAt);
  const versions = keptVersions(context, secret, call.readAt).filter(({ stages }) => IncludeDeprecated || stages.length > 0);
  const start = NextToken === undefined ? 0 : positionAfter(versions, NextToken);
  const page = versions.slice(start, start + MaxResults);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: page.map(({ id, stages, created }) => ({
      VersionId: id,
      ...stages.length > 0 && { VersionStages: stages },
      CreatedDate: new Date(created),
      KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
    })),
    ...start + page.length < versions.length && { NextToken: tokenFromName(page.at(-1)!.id) },
  };
}

function positionAfter(versions: Version[], token: string): number {
  const position = versions.findIndex(({ id }) => id === nameFromToken(token));
  if (position < 0) throw new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');
  return position + 1;
}

function wantedVersion(versions: Version[], { VersionId, VersionStage = VersionId === undefined ? current : undefined }: Input): Version {
  const version = VersionId === undefined ? ownerOf(versions, VersionStage) : versions.find(({ id }) => id === VersionId);
  if (!version) throw notFound(VersionId === undefined ? `staging label: ${VersionStage}` : `VersionId: ${VersionId}`);
  if (VersionStage !== undefined && !version.stages.includes(VersionStage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version;
}

/** What of a request becomes a version; undefined when it holds neither text nor bytes. */
export function valueOf({ SecretString, SecretBinary }: Input): Value | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.");
  }
  if (SecretBinary !== undefined) return { member: 'SecretBinary', content: SecretBinary };
  if (SecretString === undefined) return undefined;
  // The model counts characters.
  if (Buffer.byteLength(SecretString, 'utf8') > maximumBytes) {
    throw new ServiceError('ValidationException', '1 validation error detected: Value at \'secretString\' failed to satisfy constraint: '
      + `Member must have length less than or equal to ${maximumBytes}`);
  }
  return { member: 'SecretString', content: SecretString };
}

/** The SDKs send one by themselves. */
export function tokenOf({ ClientRequestToken }: Input): string {
  if (ClientRequestToken === undefined) throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  return ClientRequestToken;
}

/** A version cannot be changed, also when it has lost all its labels. */
export function assertSameValue({ arn }: Secret, version: Version, value: Value): void {
  if (version.member === value.member && version.content === value.content) return;
  throw new ServiceError('ResourceExistsException',
    `You can't use ClientRequestToken ${version.id} because that value is already in use for a version of secret ${arn}.`);
}

export function versionById(context: Context, secret: Secret, id: string, time: number): Version | undefined {
  return keptVersions(context, secret, time).find(version => version.id === id);
}

/** Deprecated versions go after a day, but for the newest. */
export function keptVersions({ options }: Context, { versions }: Secret, time: number): Version[] {
  const { deprecatedVersions = 100 } = options;
  const newest = versions.slice(Math.max(0, versions.length - deprecatedVersions));
  return versions.filter(version => version.stages.length > 0 || time - version.created < day || newest.includes(version));
}

export function addVersion(
  context: Context, region: Region, secret: Secret, { id, value, stages }: { id: string; value: Value; stages: readonly string[] }, now: number,
): void {
  const kept = keptVersions(context, secret, now);
  const attached = kept.length === 0 ? [...new Set([current, ...stages])] : stages;
  const versions = withStages([...kept, { id, ...value, created: now, stages: [] }], id, attached);
  region.values.push(value.content);
  region.secrets.change(secret.arn, now, before => ({ ...before, versions, changed: now }));
}
