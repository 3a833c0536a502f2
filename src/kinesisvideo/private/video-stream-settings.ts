import { type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type { IConstruct } from 'constructs';
import { cfnStreamOf, retainsNothing } from './cfn-stream';
import { VIDEO_STREAM_SETTINGS_POLICY } from './handler-policy';
import { VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE, VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE } from './resource-types';
import { validateImageKeyPrefix, validateVideoStreamImageGeneration, type VideoStreamImageGenerationProperties } from './video-stream-image-generation';
import { validateVideoStreamNotification, type VideoStreamNotificationProperties } from './video-stream-notification';
import type { VideoStreamSettingProperties } from './video-stream-setting';
import { validateAdoptExisting } from '../../private/adopt-existing';
import { amountOf, concrete, differ, isUnknown, knownPaths, validateTokenUnit } from '../../private/concrete';
import { RtcCustomResource } from '../../private/custom-resource';
import type { KnownEnvironment } from '../../private/known';
import { findSharedState, sharedState } from '../../private/shared-state';
import { ConcurrencyLimit } from '../../provider/private/concurrency-limit';
import type { VideoStreamImageGenerationOptions } from '../video-stream-image-generation';
import type { VideoStreamNotificationOptions } from '../video-stream-notification';
import type { VideoStreamSettingOptions } from '../video-stream-setting';

/** A setting of a stream, which a `VideoStream` creates for an option, and a mixin for a `CfnStream`. */
export interface VideoStreamSetting<Options extends VideoStreamSettingOptions> {
  /** The property of a `VideoStream` that has the options. */
  readonly property: 'imageGeneration' | 'notification';
  /** The ID of the custom resource below the stream. */
  readonly id: string;
  readonly noun: string;
  readonly resourceType: string;
  properties(stream: kinesisvideo.CfnStream, options: Options): VideoStreamSettingProperties;
  /** Returns findings, in addition to those that all settings have. */
  validate(stream: kinesisvideo.CfnStream, options: Options): string[];
  warnings(stream: kinesisvideo.CfnStream, options: Options): string[];
}

export const IMAGE_GENERATION: VideoStreamSetting<VideoStreamImageGenerationOptions> = {
  property: 'imageGeneration',
  id: 'ImageGeneration',
  noun: 'image generation',
  resourceType: VIDEO_STREAM_IMAGE_GENERATION_RESOURCE_TYPE,
  properties: imageGenerationProperties,
  validate: (stream, options) => {
    const properties = imageGenerationProperties(stream, options);
    return [
      ...validateVideoStreamImageGeneration(properties, environmentOf(stream), knownPaths(properties)),
      ...validateTokenUnit('samplingInterval', options.samplingInterval, 'millis'),
      // Otherwise, the destination is known, and its validation finds the prefix.
      ...isUnknown(options.bucket.bucketName) ? validateImageKeyPrefix(concrete(options.keyPrefix)) : [],
    ];
  },
  warnings: ({ env }, { bucket }) => differ(bucket.env.account, env.account)
    ? [`bucket: Kinesis Video Streams is not known to write images to buckets of other accounts, got a bucket of ${bucket.env.account} for a stream of ${env.account}; use a bucket of ${env.account}`]
    : [],
};

export const NOTIFICATION: VideoStreamSetting<VideoStreamNotificationOptions> = {
  property: 'notification',
  id: 'Notification',
  noun: 'a notification',
  resourceType: VIDEO_STREAM_NOTIFICATION_RESOURCE_TYPE,
  properties: notificationProperties,
  validate: (stream, { topic }) => {
    const properties = notificationProperties(stream, { topic });
    // The ARN of a topic in the app is a token.
    return isUnknown(topic.topicArn) && topic.fifo
      ? [`topic: must be a standard topic, got the FIFO topic ${topic.node.path}; Kinesis Video Streams does not support FIFO topics`]
      : validateVideoStreamNotification(properties, environmentOf(stream), knownPaths(properties));
  },
  warnings: ({ env }, { topic }) => differ(topic.env.region, env.region)
    ? [`topic: Kinesis Video Streams is not known to notify topics of other regions, got a topic in ${topic.env.region} for a stream in ${env.region}; use a topic in ${env.region}`]
    : [],
};

export const SETTINGS: readonly VideoStreamSetting<never>[] = [IMAGE_GENERATION, NOTIFICATION];

/** Returns findings about the options of a setting that a stream is to have. */
export function validateSetting<Options extends VideoStreamSettingOptions>(
  setting: VideoStreamSetting<Options>, stream: kinesisvideo.CfnStream, options: Options,
): string[] {
  return [
    ...settingOf(setting, stream) ? [`${setting.property}: this stream already has ${setting.noun}; configure it only once`] : [],
    ...validateAdoptExisting(options.adoptExisting),
    ...setting.validate(stream, options),
  ];
}

/** Returns findings about the data retention that a setting needs. Call it in a validation for a stream whose properties can still change. */
export function validateRetention({ property, noun }: VideoStreamSetting<never>, stream: kinesisvideo.CfnStream): string[] {
  if (!retainsNothing(stream)) return [];
  return [`${property}: ${noun} needs a stream that retains data, and this stream retains none (dataRetentionInHours 0); set a data retention of 1 hour or more`];
}

/**
 * Creates the custom resource of a setting below the stream, which keeps the options for its grants.
 *
 * @param construct The construct to which the warnings belong.
 */
export function addSetting<Options extends VideoStreamSettingOptions>(
  setting: VideoStreamSetting<Options>, stream: kinesisvideo.CfnStream, options: Options, construct: IConstruct,
): void {
  const resource = new RtcCustomResource(stream, setting.id, {
    handlerPolicies: [VIDEO_STREAM_SETTINGS_POLICY],
    resourceType: setting.resourceType,
    properties: { ...setting.properties(stream, options) },
    removalPolicy: options.removalPolicy,
  });
  chainSetting(stream, resource);
  sharedState(stream, setting.property, () => options);
  stream.node.addValidation({ validate: () => validateRetention(setting, stream) });
  for (const warning of setting.warnings(stream, options)) Validations.of(construct).addWarning(`cdk-rtc:VideoStream.${setting.property}`, warning);
}

/** The options of a setting of a stream that this app creates. */
export function settingOf<Options extends VideoStreamSettingOptions>(
  { property }: VideoStreamSetting<Options>, stream: kinesisvideo.IStreamRef,
): Options | undefined {
  const resource = cfnStreamOf(stream);
  return resource && findSharedState<Options>(resource, property);
}

/** The number of settings that this app creates for a stream. */
export function settingCount(stream: kinesisvideo.IStreamRef): number {
  return SETTINGS.filter((setting) => settingOf(setting, stream)).length;
}

/** Lets at most one setting of a stream be in flight at once: the service accepts a setting only if the stream is active. */
function chainSetting(stream: kinesisvideo.CfnStream, resource: CfnResource): void {
  ConcurrencyLimit.serialize(resource, stream.node.path);
}

function environmentOf(stream: kinesisvideo.CfnStream): KnownEnvironment {
  return { account: concrete(stream.env.account), region: concrete(stream.env.region) };
}

function imageGenerationProperties(stream: kinesisvideo.CfnStream, options: VideoStreamImageGenerationOptions): VideoStreamImageGenerationProperties {
  const { bucket, keyPrefix } = options;
  return {
    ...commonProperties(stream, options),
    Format: options.format,
    ImageSelectorType: options.imageSelectorType,
    SamplingInterval: amountOf(options.samplingInterval, 'millis')!,
    JpegQuality: options.jpegQuality,
    WidthPixels: options.widthPixels,
    HeightPixels: options.heightPixels,
    Destination: keyPrefix ? `s3://${bucket.bucketName}/${keyPrefix}` : `s3://${bucket.bucketName}`,
    DestinationRegion: isUnknown(bucket.env.region) ? Stack.of(stream).region : bucket.env.region,
  };
}

function notificationProperties(
  stream: kinesisvideo.CfnStream, options: VideoStreamNotificationOptions,
): VideoStreamNotificationProperties {
  return { ...commonProperties(stream, options), TopicArn: options.topic.topicArn };
}

function commonProperties(stream: kinesisvideo.CfnStream, options: VideoStreamSettingOptions & { readonly enabled?: boolean }) {
  return {
    StreamArn: stream.attrArn,
    AdoptExisting: options.adoptExisting || undefined,
    Enabled: options.enabled === false ? false : undefined,
    ForceUpdateNonce: options.forceUpdateNonce,
  };
}
