import { MAX_DESTINATION_URI_LENGTH, validateStreamOfSetting, type VideoStreamSettingProperties } from './video-stream-setting';
import { type KnownEnvironment, type KnownKeys, knownValues } from '../../private/known';

/** On the stream: the owner of its image generation. */
export const IMAGE_GENERATION_TAG = 'cdk-rtc:image-generation';

/** On the stream, during a rename: the former owner and the former image generation. */
export const IMAGE_GENERATION_BEFORE_TAG = 'cdk-rtc:image-generation-before';

export interface VideoStreamImageGenerationProperties extends VideoStreamSettingProperties {
  /** Absent: true. */
  readonly Enabled?: boolean;
  /** Absent: JPEG. */
  readonly Format?: string;
  /** Absent: PRODUCER_TIMESTAMP. */
  readonly ImageSelectorType?: string;
  /** In milliseconds. */
  readonly SamplingInterval: number;
  /** Absent: 80 with JPEG. */
  readonly JpegQuality?: number;
  /** Absent: the width of the stream, or the width that keeps the aspect ratio. */
  readonly WidthPixels?: number;
  /** Absent: the height of the stream, or the height that keeps the aspect ratio. */
  readonly HeightPixels?: number;
  /** s3://BUCKET or s3://BUCKET/PREFIX */
  readonly Destination: string;
  /** The region of the bucket, which must be the region of the stream. */
  readonly DestinationRegion: string;
}

export const JPEG = 'JPEG';
export const PNG = 'PNG';

/** The service's default, which the handler puts itself. */
export const DEFAULT_JPEG_QUALITY = 80;

export const PRODUCER_TIMESTAMP = 'PRODUCER_TIMESTAMP';
export const SERVER_TIMESTAMP = 'SERVER_TIMESTAMP';

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html */
export const IMAGE_GENERATION_LIMITS = {
  /** The API's integer has 32 bits; its documentation names no other maximum. */
  samplingInterval: { min: 200, max: 2 ** 31 - 1 },
  jpegQuality: { min: 1, max: 100 },
  widthPixels: { min: 1, max: 3840 },
  heightPixels: { min: 1, max: 2160 },
} as const;

const S3_URI = /^s3:\/\/([^/]+)(?:\/(.*))?$/s;

/** Stands for a bucket whose name is known only at deployment: no bucket has a shorter name. */
const SHORTEST_BUCKET_NAME = 'xxx';

/** Returns findings. The construct calls it at synth, and the handler again for the values that were tokens then. */
export function validateVideoStreamImageGeneration(
  properties: VideoStreamImageGenerationProperties, { account, region }: KnownEnvironment, known?: KnownKeys,
): string[] {
  const {
    StreamArn, Format, ImageSelectorType, SamplingInterval, JpegQuality, WidthPixels, HeightPixels, Destination, DestinationRegion,
  } = knownValues(properties, known);
  const { samplingInterval, widthPixels, heightPixels } = IMAGE_GENERATION_LIMITS;
  return [
    ...validateStreamOfSetting(StreamArn, account),
    ...validateChoice('format', Format, [JPEG, PNG]),
    ...validateChoice('imageSelectorType', ImageSelectorType, [PRODUCER_TIMESTAMP, SERVER_TIMESTAMP]),
    ...validateInteger('samplingInterval', SamplingInterval, samplingInterval, 'number of milliseconds'),
    ...validateJpegQuality(JpegQuality, Format, properties),
    ...validateInteger('widthPixels', WidthPixels, widthPixels, 'number', 'leave it out for the width of the stream'),
    ...validateInteger('heightPixels', HeightPixels, heightPixels, 'number', 'leave it out for the height of the stream'),
    ...validateDestination(Destination),
    ...validateDestinationRegion(DestinationRegion, region),
  ];
}

/**
 * Returns findings about the prefix of the object keys. The validation of the properties finds them only if the name of the bucket is known.
 */
export function validateImageKeyPrefix(keyPrefix = '', bucketName = SHORTEST_BUCKET_NAME): string[] {
  const characters = `s3://${bucketName}/${keyPrefix}`.length;
  return [
    ...keyPrefix.includes('*') ? [`keyPrefix: may not hold *, got ${JSON.stringify(keyPrefix.slice(0, 80))}; choose another`] : [],
    ...characters > MAX_DESTINATION_URI_LENGTH
      ? [`keyPrefix: s3://BUCKET/PREFIX must have at most ${MAX_DESTINATION_URI_LENGTH} characters, got at least ${characters}; use a shorter prefix`] : [],
  ];
}

function validateChoice(path: string, value: string | undefined, [first, second]: [string, string]): string[] {
  if (value === undefined || value === first || value === second) return [];
  return [`${path}: must be ${first} or ${second}, got ${JSON.stringify(value)}; leave it out for ${first}`];
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function validateInteger(path: string, value: number | undefined, { min, max }: Range, noun: string, advice?: string): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [`${path}: must be a whole ${noun} from ${min} to ${max}, got ${value}${advice ? `; ${advice}` : ''}`];
}

function validateJpegQuality(quality: number | undefined, format: string | undefined, given: VideoStreamImageGenerationProperties): string[] {
  const isForPng = given.JpegQuality !== undefined && format === PNG;
  return [
    ...validateInteger('jpegQuality', quality, IMAGE_GENERATION_LIMITS.jpegQuality, 'number', `leave it out for ${DEFAULT_JPEG_QUALITY}`),
    ...isForPng ? [`jpegQuality: is a setting of ${JPEG} images, got one with format ${PNG}; leave it out, or use ${JPEG}`] : [],
  ];
}

function validateDestination(uri: string | undefined): string[] {
  if (uri === undefined) return [];
  const [, bucketName, keyPrefix] = S3_URI.exec(uri) ?? [];
  if (bucketName !== undefined) return validateImageKeyPrefix(keyPrefix, bucketName);
  return [`bucket: the destination must be s3://BUCKET or s3://BUCKET/PREFIX, got ${JSON.stringify(uri.slice(0, 80))}`];
}

function validateDestinationRegion(bucketRegion: string | undefined, region: string | undefined): string[] {
  if (bucketRegion === undefined || region === undefined || bucketRegion === region) return [];
  return [`bucket: must be in the region of the stream (${region}), got a bucket in ${bucketRegion}; use a bucket there`];
}
