import { ServiceError } from '../errors';
import { Input } from '../service';
import { Context, invalidRequest, notFound } from './lookup';
import { ParticipantRecording, Region, Stage } from './state';

type Properties = Record<string, unknown>;

/** The settings of the service by default. */
const DEFAULTS: Omit<ParticipantRecording, 'storageConfigurationArn'> = {
  mediaTypes: ['AUDIO_VIDEO'],
  recordingReconnectWindowSeconds: 0,
  targetSegmentDurationSeconds: 6,
  thumbnails: { recordingMode: 'DISABLED', targetIntervalSeconds: 60, storage: ['SEQUENTIAL'] },
};

/** What the service takes for a setting that an update doesn't contain, or the update of a stage that contains none. */
function omitted({ options }: Context, current: ParticipantRecording | undefined) {
  const { omittedRecording = 'reset' } = options;
  return {
    all: ['kept', 'kept-without-settings'].includes(omittedRecording) ? current : undefined,
    one: ['kept', 'kept-with-settings'].includes(omittedRecording) ? current ?? DEFAULTS : DEFAULTS,
  };
}

/** The member of CreateStage and UpdateStage. The model has checked each value. */
export function requestedRecording(
  context: Context, region: Region, given: Input, now: number, current?: Pick<Stage, 'recording'>,
): ParticipantRecording | undefined {
  const { all, one } = omitted(context, current?.recording);
  if (given === undefined || given === null) return all;
  if (given.recordParticipantReplicas !== undefined) throw new ServiceError('NotEmulated', 'Replicas of participants are not recorded here', 400);
  const { storageConfigurationArn, thumbnailConfiguration: thumbnails, hlsConfiguration: hls } = given;
  if (storageConfigurationArn === '') return undefined;
  if (!region.storageConfigurations.byArn(storageConfigurationArn, now)) {
    // CreateStage has no error for a resource that doesn't exist.
    throw current ? notFound(storageConfigurationArn) : invalidRequest(notFound(storageConfigurationArn).message);
  }
  return {
    storageConfigurationArn,
    mediaTypes: given.mediaTypes ?? one.mediaTypes,
    recordingReconnectWindowSeconds: given.recordingReconnectWindowSeconds ?? one.recordingReconnectWindowSeconds,
    targetSegmentDurationSeconds: hls?.targetSegmentDurationSeconds ?? one.targetSegmentDurationSeconds,
    thumbnails: { ...one.thumbnails, ...thumbnails },
  };
}

/** The property AutoParticipantRecordingConfiguration of AWS::IVS::Stage. */
export function recordingOf(
  context: Context, region: Region, property: unknown, now: number, current?: ParticipantRecording,
): ParticipantRecording | undefined {
  const { all, one } = omitted(context, current);
  if (property === undefined) return all;
  const given = members('AutoParticipantRecordingConfiguration', property, [
    'StorageConfigurationArn', 'MediaTypes', 'RecordingReconnectWindowSeconds', 'HlsConfiguration', 'ThumbnailConfiguration',
  ]);
  const hls = members('HlsConfiguration', given.HlsConfiguration, ['ParticipantRecordingHlsConfiguration']);
  const segments = members('ParticipantRecordingHlsConfiguration', hls.ParticipantRecordingHlsConfiguration, ['TargetSegmentDurationSeconds']);
  const thumbnail = members('ThumbnailConfiguration', given.ThumbnailConfiguration, ['ParticipantThumbnailConfiguration']);
  const thumbnails = members('ParticipantThumbnailConfiguration', thumbnail.ParticipantThumbnailConfiguration, ['RecordingMode', 'TargetIntervalSeconds', 'Storage']);
  const { StorageConfigurationArn: storageConfigurationArn } = given;
  if (typeof storageConfigurationArn !== 'string') throw invalidRequest('AutoParticipantRecordingConfiguration needs the property StorageConfigurationArn');
  const recording = {
    storageConfigurationArn,
    mediaTypes: oneOf('MediaTypes', given.MediaTypes ?? one.mediaTypes, ['AUDIO_VIDEO', 'AUDIO_ONLY'], 1),
    recordingReconnectWindowSeconds: whole('RecordingReconnectWindowSeconds', given.RecordingReconnectWindowSeconds ?? one.recordingReconnectWindowSeconds, 0, 300),
    targetSegmentDurationSeconds: whole('TargetSegmentDurationSeconds', segments.TargetSegmentDurationSeconds ?? one.targetSegmentDurationSeconds, 2, 10),
    thumbnails: {
      recordingMode: oneOf('RecordingMode', [thumbnails.RecordingMode ?? one.thumbnails.recordingMode], ['INTERVAL', 'DISABLED'], 1)[0],
      targetIntervalSeconds: whole('TargetIntervalSeconds', thumbnails.TargetIntervalSeconds ?? one.thumbnails.targetIntervalSeconds, 1, 86_400),
      storage: oneOf('Storage', thumbnails.Storage ?? one.thumbnails.storage, ['SEQUENTIAL', 'LATEST'], 2),
    },
  };
  if (storageConfigurationArn === '') return undefined;
  if (!region.storageConfigurations.byArn(storageConfigurationArn, now)) throw invalidRequest(`${storageConfigurationArn} does not exist`);
  return recording;
}

export function members(path: string, value: unknown, known: readonly string[]): Properties {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidRequest(`${path} must be an object`);
  const unknown = Object.keys(value).find(name => !known.includes(name));
  if (unknown) throw invalidRequest(`${path} has no property ${unknown}`);
  return value as Properties;
}

/** A template may hold a number as a string. */
function whole(path: string, value: unknown, min: number, max: number): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (!Number.isInteger(number) || (number as number) < min || (number as number) > max) throw invalidRequest(`${path} must be an integer from ${min} to ${max}`);
  return number as number;
}

function oneOf(path: string, value: unknown, known: readonly string[], max: number): string[] {
  const isKnown = Array.isArray(value) && value.every((item, index) => known.includes(item) && value.indexOf(item) === index);
  if (!isKnown || value.length > max) throw invalidRequest(`${path} must have at most ${max} different values of ${known.join(', ')}`);
  return value;
}
