import { invalidRequest } from './lookup';
import { ParticipantRecording, Region } from './state';

type Properties = Record<string, unknown>;

/** The property AutoParticipantRecordingConfiguration of AWS::IVS::Stage. Without a storage configuration, nothing is recorded. */
export function recordingOf(region: Region, property: unknown, now: number): ParticipantRecording | undefined {
  if (property === undefined) return undefined;
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
    mediaTypes: oneOf('MediaTypes', given.MediaTypes ?? ['AUDIO_VIDEO'], ['AUDIO_VIDEO', 'AUDIO_ONLY'], 1),
    recordingReconnectWindowSeconds: whole('RecordingReconnectWindowSeconds', given.RecordingReconnectWindowSeconds ?? 0, 0, 300),
    targetSegmentDurationSeconds: whole('TargetSegmentDurationSeconds', segments.TargetSegmentDurationSeconds ?? 6, 2, 10),
    thumbnails: {
      recordingMode: oneOf('RecordingMode', [thumbnails.RecordingMode ?? 'DISABLED'], ['INTERVAL', 'DISABLED'], 1)[0],
      targetIntervalSeconds: whole('TargetIntervalSeconds', thumbnails.TargetIntervalSeconds ?? 60, 1, 86_400),
      storage: oneOf('Storage', thumbnails.Storage ?? ['SEQUENTIAL'], ['SEQUENTIAL', 'LATEST'], 2),
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
