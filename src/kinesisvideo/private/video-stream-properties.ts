import { TAGS_PER_VIDEO_STREAM_SETTING } from './video-stream-setting';
import type { TagProperty } from '../../private/contract';
import { type KnownPaths, knownValues } from '../../private/known';
import { validateTags } from '../../private/tags-validation';

export const VIDEO_STREAM_RESOURCE_TYPE = 'AWS::KinesisVideo::Stream';

/** The properties of AWS::KinesisVideo::Stream that have limits, by the names of the construct's properties. */
export interface VideoStreamLimitedProperties {
  readonly streamName?: string;
  readonly dataRetentionInHours?: number;
  readonly mediaType?: string;
  readonly deviceName?: string;
  readonly defaultStorageTier?: string;
}

export const HOT = 'HOT';
export const WARM = 'WARM';

const NAME = /^[a-zA-Z0-9_.-]+$/;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(,[\w.+-]+\/[\w.+-]+)*$/;

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_CreateStream.html */
const LIMITS = { streamName: 256, deviceName: 128, mediaType: 128, dataRetentionInHours: 87_600 } as const;

/** Returns findings. */
export function validateVideoStream(properties: VideoStreamLimitedProperties, known: KnownPaths): string[] {
  const { streamName, dataRetentionInHours, mediaType, deviceName, defaultStorageTier } = knownValues(properties, known);
  return [
    ...validateStreamName(streamName),
    ...validateDataRetention(dataRetentionInHours),
    ...validateText('mediaType', mediaType, MEDIA_TYPE, 'types such as video/h264, separated by commas,', 'leave it out'),
    ...validateText('deviceName', deviceName, NAME, 'letters, digits, and _.-', 'leave it out'),
    ...defaultStorageTier === undefined || [HOT, WARM].includes(defaultStorageTier) ? []
      : [`defaultStorageTier: must be ${HOT} or ${WARM}, got ${JSON.stringify(defaultStorageTier)}; leave it out for ${HOT}`],
  ];
}

export function validateStreamName(name: string | undefined): string[] {
  return validateText('streamName', name, NAME, 'letters, digits, and _.-', 'leave it out for a generated name');
}

/** Returns findings about the tags of a stream that has a number of settings. */
export function validateVideoStreamTags(tags: readonly TagProperty[], settings: number): string[] {
  return validateTags(tags, {
    count: 50 - settings * TAGS_PER_VIDEO_STREAM_SETTING, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, resourceType: VIDEO_STREAM_RESOURCE_TYPE,
  });
}

function validateText(property: 'streamName' | 'mediaType' | 'deviceName', text: string | undefined, pattern: RegExp, content: string, wayOut: string): string[] {
  if (text === undefined || (pattern.test(text) && text.length <= LIMITS[property])) return [];
  return [`${property}: must be ${content} of 1 to ${LIMITS[property]} characters, got ${text.length} characters (${JSON.stringify(text.slice(0, 80))}); ${wayOut}`];
}

function validateDataRetention(hours: number | undefined): string[] {
  if (hours === undefined || (Number.isInteger(hours) && hours >= 0 && hours <= LIMITS.dataRetentionInHours)) return [];
  return [`dataRetention: must be a whole number of hours from 0 to ${LIMITS.dataRetentionInHours} (10 years), got ${hours} h; leave it out to retain no data`];
}
