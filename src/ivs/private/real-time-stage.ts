import type { TagProperty } from '../../private/contract';
import { type Known, type KnownPaths, knownValues } from '../../private/known';
import { validateTags } from '../../private/tags-validation';

/** The properties of AWS::IVS::Stage. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ivs-stage.html */
export interface RealTimeStageProperties {
  readonly Name: string;
  readonly AutoParticipantRecordingConfiguration: AutoParticipantRecordingProperties;
}

interface AutoParticipantRecordingProperties {
  /** An empty string disables recording. */
  readonly StorageConfigurationArn: string;
  readonly MediaTypes?: string[];
  readonly RecordingReconnectWindowSeconds?: number;
  readonly HlsConfiguration?: { readonly ParticipantRecordingHlsConfiguration: { readonly TargetSegmentDurationSeconds: number } };
  readonly ThumbnailConfiguration?: { readonly ParticipantThumbnailConfiguration: ParticipantThumbnailProperties };
}

interface ParticipantThumbnailProperties {
  readonly RecordingMode: string;
  readonly TargetIntervalSeconds?: number;
  readonly Storage?: string[];
}

export const REAL_TIME_STAGE_RESOURCE_TYPE = 'AWS::IVS::Stage';

const NAME_LENGTH = 128;

/** What a generated name may contain, also that of a storage configuration. */
export const GENERATED_NAME = { maxLength: NAME_LENGTH, allowedSpecialCharacters: '_-' };

const NAME = /^[a-zA-Z0-9_-]*$/;

// Unlike the service's own pattern, it allows partitions other than aws.
const STORAGE_CONFIGURATION_ARN = /^arn:[a-z\d-]+:ivs:[a-z0-9-]+:[0-9]+:storage-configuration\/[a-zA-Z0-9-]+$/;

/** https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_AutoParticipantRecordingConfiguration.html */
const LIMITS = {
  recordingReconnectWindow: { min: 0, max: 300 },
  targetSegmentDuration: { min: 2, max: 10 },
  targetInterval: { min: 1, max: 86_400 },
  storage: { min: 1, max: 2 },
} as const;

const MEDIA_TYPES = ['AUDIO_VIDEO', 'AUDIO_ONLY'];
const THUMBNAIL_STORAGES = ['SEQUENTIAL', 'LATEST'];

/** Returns findings. */
export function validateRealTimeStage(properties: RealTimeStageProperties, known: KnownPaths): string[] {
  const { Name, AutoParticipantRecordingConfiguration: recording } = knownValues(properties, known);
  return [
    ...validateName('stageName', Name),
    ...recording ? validateRecording(recording) : [],
  ];
}

/** Returns findings. */
export function validateName(property: string, name: string | undefined): string[] {
  if (name === undefined || (NAME.test(name) && name.length <= NAME_LENGTH)) return [];
  return [`${property}: must be at most ${NAME_LENGTH} letters, digits, - and _, got ${JSON.stringify(name.slice(0, 140))}; leave it out for a generated name`];
}

/** Returns findings. */
export function validateStorageConfigurationArn(property: string, arn: string | undefined): string[] {
  if (arn === undefined || STORAGE_CONFIGURATION_ARN.test(arn)) return [];
  return [`${property}: must be the ARN of an IVS storage configuration (arn:…:ivs:REGION:ACCOUNT:storage-configuration/ID), got ${JSON.stringify(arn)}`];
}

/** Returns findings. */
export function validateNativeTags(tags: readonly TagProperty[], resourceType: string): string[] {
  return validateTags(tags, { count: 50, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, resourceType });
}

function validateRecording(recording: Known<AutoParticipantRecordingProperties>): string[] {
  const { MediaTypes, RecordingReconnectWindowSeconds, HlsConfiguration, ThumbnailConfiguration, StorageConfigurationArn } = recording;
  const { TargetIntervalSeconds, Storage } = ThumbnailConfiguration?.ParticipantThumbnailConfiguration ?? {};
  const path = 'autoParticipantRecording';
  return [
    ...StorageConfigurationArn === '' ? [] : validateStorageConfigurationArn(`${path}.storageConfiguration`, StorageConfigurationArn),
    ...(MediaTypes ?? []).filter((type) => type !== undefined && !MEDIA_TYPES.includes(type))
      .map((type) => `${path}.mediaType: must be ${MEDIA_TYPES.join(' or ')}, got ${JSON.stringify(type)}; leave it out for ${MEDIA_TYPES[0]}`),
    ...validateSeconds(`${path}.recordingReconnectWindow`, RecordingReconnectWindowSeconds, LIMITS.recordingReconnectWindow),
    ...validateSeconds(`${path}.targetSegmentDuration`, HlsConfiguration?.ParticipantRecordingHlsConfiguration?.TargetSegmentDurationSeconds, LIMITS.targetSegmentDuration),
    ...validateSeconds(`${path}.thumbnails.targetInterval`, TargetIntervalSeconds, LIMITS.targetInterval),
    ...validateStorage(`${path}.thumbnails.storage`, Storage),
  ];
}

function validateSeconds(property: string, seconds: number | undefined, { min, max }: { readonly min: number; readonly max: number }): string[] {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= min && seconds <= max)) return [];
  return [`${property}: must be whole seconds from ${min} to ${max}, got ${seconds}; leave it out for the default`];
}

function validateStorage(property: string, storage: readonly (string | undefined)[] | undefined): string[] {
  if (storage === undefined) return [];
  const { min, max } = LIMITS.storage;
  const given = storage.filter((item) => item !== undefined);
  return [
    ...storage.length >= min && storage.length <= max && new Set(given).size === given.length ? []
      : [`${property}: must have ${min} to ${max} different values, got ${JSON.stringify(storage)}; leave it out for ${THUMBNAIL_STORAGES[0]}`],
    ...given.filter((item) => !THUMBNAIL_STORAGES.includes(item))
      .map((item) => `${property}: must be ${THUMBNAIL_STORAGES.join(' or ')}, got ${JSON.stringify(item)}; leave it out for ${THUMBNAIL_STORAGES[0]}`),
  ];
}
