import {
  DescribeImageGenerationConfigurationCommand, type ImageGenerationConfiguration, type KinesisVideoClient, UpdateImageGenerationConfigurationCommand,
} from '@aws-sdk/client-kinesis-video';
import * as v from 'valibot';
import { SETTING_ENTRIES, settingOf } from './video-stream';
import {
  DEFAULT_JPEG_QUALITY, IMAGE_GENERATION_BEFORE_TAG, IMAGE_GENERATION_TAG, JPEG, PRODUCER_TIMESTAMP, validateVideoStreamImageGeneration,
  type VideoStreamImageGenerationProperties,
} from '../../src/kinesisvideo/private/video-stream-image-generation';
import type { ResourceHandler } from '../engine/lifecycle';
import { ParentSettingHandler } from '../engine/parent-setting';
import { booleanProperty, integerProperty, type SchemaEntries } from '../engine/properties';

/** By the names of the resource properties. */
type ImageGeneration = Required<Pick<VideoStreamImageGenerationProperties, 'Destination' | 'DestinationRegion' | 'Enabled' | 'Format' | 'ImageSelectorType' | 'SamplingInterval'>>
  & Pick<VideoStreamImageGenerationProperties, 'HeightPixels' | 'JpegQuality' | 'WidthPixels'>;

const schema = v.strictObject({
  ...SETTING_ENTRIES,
  Enabled: v.optional(booleanProperty, 'true'),
  Format: v.optional(v.string(), JPEG),
  ImageSelectorType: v.optional(v.string(), PRODUCER_TIMESTAMP),
  SamplingInterval: integerProperty,
  JpegQuality: v.optional(integerProperty),
  WidthPixels: v.optional(integerProperty),
  HeightPixels: v.optional(integerProperty),
  Destination: v.string(),
  DestinationRegion: v.string(),
} satisfies SchemaEntries<VideoStreamImageGenerationProperties>);

export interface VideoStreamImageGenerationOptions {
  readonly client: (region: string) => KinesisVideoClient;
}

export function videoStreamImageGenerationHandler({ client }: VideoStreamImageGenerationOptions): ResourceHandler {
  return new ParentSettingHandler<ImageGeneration>({
    ...settingOf({
      noun: 'image generation',
      tagKeys: { owner: IMAGE_GENERATION_TAG, former: IMAGE_GENERATION_BEFORE_TAG },
      schema,
      validate: validateVideoStreamImageGeneration,
      toDocument: ({ StreamArn, AdoptExisting, Retain, ...document }): ImageGeneration => (
        { ...document, JpegQuality: document.JpegQuality ?? (document.Format === JPEG ? DEFAULT_JPEG_QUALITY : undefined) }
      ),
      client,
      operations: (kinesisVideo, StreamARN, options) => ({
        describe: async () => {
          const answer = await kinesisVideo.send(new DescribeImageGenerationConfigurationCommand({ StreamARN }), options);
          return answer.ImageGenerationConfiguration && fromWire(answer.ImageGenerationConfiguration);
        },
        update: (document) => kinesisVideo.send(new UpdateImageGenerationConfigurationCommand({
          StreamARN, ImageGenerationConfiguration: document && toWire(document),
        }), options),
      }),
    }),
    // Whether the service fills in values for these members is unverified (F-65).
    optionalMembers: ['JpegQuality', 'WidthPixels', 'HeightPixels'],
    toProperties: (document) => document,
  });
}

function toWire({ Enabled, JpegQuality, Destination, DestinationRegion, ...same }: ImageGeneration) {
  return {
    Status: Enabled ? 'ENABLED' : 'DISABLED',
    ...same,
    FormatConfig: JpegQuality === undefined ? undefined : { JPEGQuality: `${JpegQuality}` },
    DestinationConfig: { Uri: Destination, DestinationRegion },
  } as ImageGenerationConfiguration;
}

function fromWire({ Status, FormatConfig, DestinationConfig, ...same }: ImageGenerationConfiguration) {
  return {
    Enabled: Status === 'ENABLED',
    ...same,
    JpegQuality: FormatConfig?.JPEGQuality === undefined ? undefined : Number(FormatConfig.JPEGQuality),
    Destination: DestinationConfig?.Uri,
    DestinationRegion: DestinationConfig?.DestinationRegion,
  } as ImageGeneration;
}
