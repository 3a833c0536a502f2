import { FULL_MESH, SIGNALING_CHANNEL_LIMITS as LIMITS, type SignalingChannelProperties, SINGLE_MASTER } from './contract';
import { SIGNALING_CHANNEL_RESOURCE_TYPE } from './resource-types';
import type { TagProperty } from '../../private/contract';
import { type KnownEnvironment, type KnownPaths, knownValues } from '../../private/known';
import { validateTags } from '../../private/tags-validation';

const STREAM_ARN = /^arn:[a-z\d-]+:kinesisvideo:([a-z0-9-]+):([0-9]+):stream\/[a-zA-Z0-9_.-]+\/[0-9]+$/;

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateSignalingChannel(properties: SignalingChannelProperties, environment: KnownEnvironment = {}, known?: KnownPaths): string[] {
  const { ChannelName, ChannelType, MessageTtlSeconds, MediaStorageStreamArn } = knownValues(properties, known);
  return [
    ...validateSignalingChannelName(ChannelName),
    ...validateType(ChannelType),
    ...validateMessageTtl(MessageTtlSeconds, ChannelType),
    ...properties.MediaStorageStreamArn === undefined ? [] : validateMediaStorage(MediaStorageStreamArn, ChannelType, environment),
  ];
}

export function validateSignalingChannelTags(tags: readonly TagProperty[], count: number = LIMITS.userTags): string[] {
  const pattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  return validateTags(tags, { count, pattern, resourceType: SIGNALING_CHANNEL_RESOURCE_TYPE });
}

export function validateSignalingChannelName(name: string | undefined): string[] {
  if (name === undefined) return [];
  const wayOut = 'choose another, or leave it out for a generated one';
  if (name.length < LIMITS.name.min || name.length > LIMITS.name.max) {
    return [`signalingChannelName: must have ${LIMITS.name.min} to ${LIMITS.name.max} characters, got ${name.length} (${JSON.stringify(name.slice(0, 40))}); ${wayOut}`];
  }
  if (!LIMITS.name.pattern.test(name)) {
    return [`signalingChannelName: may hold only letters, digits, and _.-, got ${JSON.stringify(name)}; ${wayOut}`];
  }
  return [];
}

function validateType(type: string | undefined): string[] {
  if (type === undefined || type === SINGLE_MASTER || type === FULL_MESH) return [];
  return [`channelType: must be ${SINGLE_MASTER} or ${FULL_MESH}, got ${JSON.stringify(type)}; leave it out for ${SINGLE_MASTER}`];
}

function validateMessageTtl(seconds: number | undefined, type: string | undefined): string[] {
  if (seconds === undefined) return [];
  const { min, max } = LIMITS.messageTtlSeconds;
  const findings: string[] = [];
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    findings.push(`messageTtl: must be a whole number of seconds from ${min} to ${max}, got ${seconds} s; leave it out for ${LIMITS.messageTtlSeconds.default} s`);
  }
  if (type === FULL_MESH) {
    findings.push(`messageTtl: is a setting of ${SINGLE_MASTER} channels, got ${seconds} s with channelType ${FULL_MESH}; leave it out, or use ${SINGLE_MASTER}`);
  }
  return findings;
}

function validateMediaStorage(arn: string | undefined, type: string | undefined, own: KnownEnvironment): string[] {
  const findings: string[] = [];
  if (type === FULL_MESH) {
    findings.push(`mediaStorageStream: sessions are recorded for ${SINGLE_MASTER} channels only, got one with channelType ${FULL_MESH}; leave it out, or use ${SINGLE_MASTER}`);
  }
  return [...findings, ...validateStreamArn(arn, own)];
}

/** Returns findings about the stream into which a channel of this environment records. */
export function validateStreamArn(arn: string | undefined, own: KnownEnvironment): string[] {
  if (arn === undefined) return [];
  const [, region, account] = STREAM_ARN.exec(arn) ?? [];
  if (region === undefined) {
    return [`mediaStorageStream: must be the ARN of a Kinesis video stream (arn:…:kinesisvideo:REGION:ACCOUNT:stream/NAME/TIME), got ${JSON.stringify(arn)}`];
  }
  if ((own.region !== undefined && region !== own.region) || (own.account !== undefined && account !== own.account)) {
    return [`mediaStorageStream: must be in the channel's own account and region (${own.account ?? 'any'}, ${own.region ?? 'any'}), got ${arn}; use a stream there`];
  }
  return [];
}
