import { DISCONNECT, FAIL, INGEST_CONFIGURATION_LIMITS as LIMITS, type IngestConfigurationProperties, RTMP, RTMPS, WAIT } from './contract';
import { INGEST_CONFIGURATION_RESOURCE_TYPE } from './resource-types';
import type { TagProperty } from '../../private/contract';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';
import { validateTags } from '../../private/tags-validation';

// Unlike the service's own pattern, it allows partitions other than aws.
const STAGE_ARN = /^arn:[a-z\d-]+:ivs:([a-z0-9-]+):([0-9]+):stage\/[a-zA-Z0-9-]+$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateIngestConfiguration(
  properties: Omit<IngestConfigurationProperties, 'SecretArn'>, environment: KnownEnvironment, known?: KnownPaths,
): string[] {
  const { Name, IngestProtocol, InsecureIngest, UserId, Attributes, StageArn, OnLivePublisher } = knownValues(properties, known);
  return [
    ...validateName(Name),
    ...validateProtocol(IngestProtocol, properties.InsecureIngest === undefined ? false : InsecureIngest),
    ...validateUserId(UserId),
    ...validateAttributes(Attributes),
    ...validateStage(StageArn, environment),
    ...validateOnLivePublisher(OnLivePublisher),
  ];
}

export function validateIngestConfigurationTags(tags: readonly TagProperty[]): string[] {
  const pattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  return validateTags(tags, { count: LIMITS.userTags, pattern, resourceType: INGEST_CONFIGURATION_RESOURCE_TYPE });
}

export function validateStageArn(property: string, arn: string | undefined): string[] {
  if (arn === undefined || STAGE_ARN.test(arn)) return [];
  return [`${property}: must be the ARN of an IVS stage (arn:…:ivs:REGION:ACCOUNT:stage/ID), got ${JSON.stringify(arn)}`];
}

function validateName(name: string | undefined): string[] {
  if (name === undefined) return [];
  const wayOut = 'choose another, or leave it out for a generated one';
  if (name.length < LIMITS.name.min || name.length > LIMITS.name.max) {
    return [`ingestConfigurationName: must have ${LIMITS.name.min} to ${LIMITS.name.max} characters, got ${name.length} (${JSON.stringify(name.slice(0, 40))}); ${wayOut}`];
  }
  if (!LIMITS.name.pattern.test(name)) {
    return [`ingestConfigurationName: may hold only letters, digits, - and _, got ${JSON.stringify(name)}; ${wayOut}`];
  }
  return [];
}

function validateProtocol(ingestProtocol: string | undefined, insecureIngest: boolean | undefined): string[] {
  if (ingestProtocol !== undefined && ingestProtocol !== RTMPS && ingestProtocol !== RTMP) {
    return [`ingestProtocol: must be ${RTMPS} or ${RTMP}, got ${JSON.stringify(ingestProtocol)}; leave it out for ${RTMPS}`];
  }
  if (ingestProtocol === RTMP && insecureIngest === false) {
    return [`insecureIngest: must be true with ingestProtocol ${RTMP}, which sends the stream key and the media without encryption; set it, or use ${RTMPS}`];
  }
  return [];
}

function validateUserId(userId: string | undefined): string[] {
  if (userId === undefined || (userId.length >= LIMITS.userId.min && userId.length <= LIMITS.userId.max)) return [];
  return [`userId: must have ${LIMITS.userId.min} to ${LIMITS.userId.max} characters, got ${userId.length} (${JSON.stringify(userId.slice(0, 40))}); shorten it, or leave it out`];
}

function validateAttributes(attributes: { readonly [key: string]: string | undefined } | undefined): string[] {
  const bytes = Buffer.byteLength(Object.entries(attributes ?? {}).flat().join(''));
  if (bytes <= LIMITS.attributes.bytes) return [];
  return [`attributes: keys and values may have ${LIMITS.attributes.bytes} bytes of UTF-8 together, got ${bytes}; shorten them, because every participant receives them`];
}

function validateStage(stageArn: string | undefined, { account, region }: KnownEnvironment): string[] {
  if (stageArn === undefined) return [];
  const [, stageRegion, stageAccount] = STAGE_ARN.exec(stageArn) ?? [];
  if (stageRegion === undefined) return validateStageArn('stage', stageArn);
  if ((region === undefined || stageRegion === region) && (account === undefined || stageAccount === account)) return [];
  return [`stage: must be in the ingest configuration's own account and region (${account ?? 'any'}, ${region ?? 'any'}), got ${stageArn}; use a stage there, or set region`];
}

function validateOnLivePublisher(policy: string | undefined): string[] {
  if (policy === undefined || [WAIT, DISCONNECT, FAIL].includes(policy)) return [];
  return [`onLivePublisher: must be ${WAIT}, ${DISCONNECT} or ${FAIL}, got ${JSON.stringify(policy)}; leave it out for ${WAIT}`];
}
