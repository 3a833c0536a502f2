import { type Duration, type IResource, RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kinesisvideo from 'aws-cdk-lib/aws-kinesisvideo';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { isNamePattern, nameFromArn, validateNamePattern } from './private/arn';
import { KINESIS_VIDEO_STREAMS } from './private/regions';
import { validateStreamName, validateVideoStream, validateVideoStreamTags, type VideoStreamLimitedProperties } from './private/video-stream-properties';
import {
  addSetting, IMAGE_GENERATION, NOTIFICATION, settingCount, validateRetention, validateSetting, type VideoStreamSetting,
} from './private/video-stream-settings';
import { VideoStreamGrants } from './video-stream-grants';
import type { VideoStreamImageGenerationOptions } from './video-stream-image-generation';
import type { VideoStreamNotificationOptions } from './video-stream-notification';
import type { VideoStreamSettingOptions } from './video-stream-setting';
import { alarm } from '../private/alarm';
import { brand, isBranded } from '../private/brand';
import { amountOf, concrete, differ, knownPaths, opaque, validateTokenUnit } from '../private/concrete';
import { shareConditionAtSynth } from '../private/condition';
import { tagProperties } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { warnAboutRegion } from '../private/region-warning';
import { validateRemovalPolicy } from '../private/removal-policy';
import { resourceMetric } from '../private/resource-metric';
import type { RtcAlarmOptions } from '../rtc-alarm-options';

/**
 * The storage tier of the data of a stream.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_StreamStorageConfiguration.html
 */
export enum StorageTier {
  /** Data with the lowest latency. */
  HOT = 'HOT',

  /** Data that is kept for a long time. AWS bills at least 30 days. */
  WARM = 'WARM',
}

/**
 * A Kinesis video stream.
 */
export interface IVideoStream extends IResource, kinesisvideo.IStreamRef {
  /**
   * The name of the stream.
   *
   * @attribute
   */
  readonly streamName: string;

  /**
   * The ARN of the stream. Its last part is the time of creation, so a stream that is created later with the same name has a different ARN.
   *
   * @attribute
   */
  readonly streamArn: string;

  /**
   * The customer-managed key that encrypts the stream, if it is known.
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Grants of permissions on this stream.
   */
  readonly grants: VideoStreamGrants;

  /**
   * Returns a metric of this stream, in the namespace `AWS/KinesisVideo`.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and additional dimensions.
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/monitoring-cloudwatch.html
   */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the bytes that producers sent: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricIncomingBytes(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the complete fragments that producers sent: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricIncomingFragments(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the errors that the service reported to producers in acks: the sum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricErrorAcks(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the share of fragments that were written successfully, from 0 to 1: the average over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricPutMediaSuccess(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Returns the metric for the time by which the consumers of `GetMedia` are behind, in milliseconds: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   */
  metricMillisBehindNow(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Creates an alarm for a stream without media: less than 1 complete fragment in 5 minutes by default. Missing data counts as no media.
   *
   * @param id The ID of the alarm.
   * @param options The threshold, the period, or the name, if they differ from the defaults.
   */
  alarmOnNoMedia(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm;
}

/**
 * Properties of a video stream.
 */
export interface VideoStreamProps {
  /**
   * The name of the stream: 1 to 256 letters, digits, `_`, `.`, or `-`, unique in the account and region.
   *
   * A change replaces the stream. With `RemovalPolicy.RETAIN`, the old stream and its data stay.
   *
   * @default - generated by CloudFormation
   */
  readonly streamName?: string;

  /**
   * How long the stream retains media: 0 to 87,600 whole hours (10 years). Changed in place.
   *
   * Image generation, notifications, and the recording of signaling channels need at least 1 hour.
   *
   * @default Duration.hours(0) - no media is retained
   */
  readonly dataRetention?: Duration;

  /**
   * The media types of the tracks, separated by commas, for example `video/h264,audio/aac`: 1 to 128 characters. The console plays only streams whose type
   * it knows. Changed in place.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_CreateStream.html
   * @default - no media type
   */
  readonly mediaType?: string;

  /**
   * The name of the device that writes to the stream: 1 to 128 letters, digits, `_`, `.`, or `-`. The service stores the name and doesn't use it. Changed in
   * place.
   *
   * @default - no device name
   */
  readonly deviceName?: string;

  /**
   * The key that encrypts the media, in the region of the stream. The grants include its use.
   *
   * The service can't change the key of a stream. To use another key, create a new stream: also change `streamName`, or,
   * if the stream has none, the ID of the construct. If only the key changes, the grants name the new key, and producers and consumers lose access.
   *
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html
   * @default - the key `aws/kinesisvideo` that AWS manages
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * The storage tier of new media. Whether CloudFormation can change the tier in place is unverified (F-57).
   *
   * @default StorageTier.HOT
   */
  readonly defaultStorageTier?: StorageTier;

  /**
   * Writes images of the video to a bucket. Requires `dataRetention`. Not supported for a stream that records a signaling channel.
   *
   * @default - no image generation
   */
  readonly imageGeneration?: VideoStreamImageGenerationOptions;

  /**
   * Publishes a message for each tagged fragment. Requires `dataRetention`. Not supported for a stream that records a signaling channel.
   *
   * @default - no notification
   */
  readonly notification?: VideoStreamNotificationOptions;

  /**
   * What happens to the stream and its media when it is removed from the stack or replaced.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Attributes of an existing video stream.
 */
export interface VideoStreamAttributes {
  /**
   * The ARN of the stream.
   */
  readonly streamArn: string;

  /**
   * The customer-managed key that encrypts the stream.
   *
   * @default - the grants include no permissions on a key
   */
  readonly encryptionKey?: kms.IKeyRef;
}

const METRIC_NAMESPACE = 'AWS/KinesisVideo';

abstract class VideoStreamBase extends Resource implements IVideoStream {
  public abstract readonly streamName: string;
  public abstract readonly streamArn: string;
  public abstract readonly encryptionKey?: kms.IKeyRef;
  public readonly grants: VideoStreamGrants = VideoStreamGrants.fromStream(this);

  public get streamRef(): kinesisvideo.StreamReference {
    return { streamName: this.streamName, streamArn: this.streamArn };
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (isNamePattern(this.streamName)) {
      throwIfInvalid(this, [`metric: CloudWatch has metrics of single streams, and ${this.streamName} matches many streams; import the stream by its own name`]);
    }
    return resourceMetric(this, METRIC_NAMESPACE, metricName, { StreamName: this.streamName }, props);
  }

  public metricIncomingBytes(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.IncomingBytes', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricIncomingFragments(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.IncomingFragments', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricErrorAcks(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.ErrorAckCount', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  public metricPutMediaSuccess(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PutMedia.Success', props);
  }

  public metricMillisBehindNow(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('GetMedia.MillisBehindNow', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  public alarmOnNoMedia(id: string, options?: RtcAlarmOptions): cloudwatch.Alarm {
    return alarm(this, id, (props) => this.metricIncomingFragments(props), {
      threshold: 1,
      alarmDescription: 'No media arrives in the video stream: check the producer, its network connection, and its permissions.',
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    }, options);
  }
}

class ImportedVideoStream extends VideoStreamBase {
  public readonly streamArn: string;
  public readonly encryptionKey?: kms.IKeyRef;

  constructor(scope: Construct, id: string, public readonly streamName: string, { streamArn, encryptionKey }: VideoStreamAttributes) {
    const arn = opaque(streamArn);
    super(scope, id, { environmentFromArn: arn });
    this.streamArn = arn;
    this.encryptionKey = encryptionKey;
  }
}

/**
 * A Kinesis video stream.
 *
 * CloudFormation creates the stream. The properties `imageGeneration` and `notification` add settings that CloudFormation doesn't support.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/what-is-kinesis-video.html
 * @example
 *
 * const stream = new rtc.VideoStream(this, 'Camera', {
 *   dataRetention: Duration.days(1),
 *   mediaType: 'video/h264',
 * });
 * stream.grants.putMedia(deviceRole);
 * stream.grants.play(viewerRole);
 */
@propertyInjectable
export class VideoStream extends VideoStreamBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.VideoStream';

  /**
   * Returns whether a value is a `VideoStream`, also if another copy of this library in the app created it.
   *
   * For an imported resource it returns false: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isVideoStream(x: any): x is VideoStream {
    return isBranded(x, 'VideoStream');
  }

  /**
   * Returns the sum of a metric over all streams of the account and region: a Metrics Insights query, because the service has only metrics of single streams.
   *
   * @param metricName The name of the metric.
   * @param props The period (5 minutes by default), the label, or the color.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/query_with_cloudwatch-metrics-insights.html
   */
  public static metricAll(metricName: string, props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return new cloudwatch.MathExpression({
      label: metricName, ...props, expression: `SELECT SUM("${metricName}") FROM SCHEMA("${METRIC_NAMESPACE}", StreamName)`,
    });
  }

  /**
   * Returns the metric for the bytes that producers sent to all streams of the account and region: the sum over 5 minutes.
   *
   * @param props The period, the label, or the color, if they differ from the defaults.
   */
  public static metricAllIncomingBytes(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.metricAll('PutMedia.IncomingBytes', props);
  }

  /**
   * Returns the metric for the errors that the service reported to all producers of the account and region in acks: the sum over 5 minutes.
   *
   * @param props The period, the label, or the color, if they differ from the defaults.
   */
  public static metricAllErrorAcks(props?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return this.metricAll('PutMedia.ErrorAckCount', props);
  }

  /**
   * Imports an existing stream by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param streamArn The ARN of the stream.
   * @throws if the ARN is known at synth and isn't the ARN of a Kinesis video stream
   */
  public static fromStreamArn(scope: Construct, id: string, streamArn: string): IVideoStream {
    return this.fromStreamAttributes(scope, id, { streamArn });
  }

  /**
   * Imports an existing stream of the stack's account and region by its name. The ARN of the construct has a wildcard in place of the time of creation:
   * use it for grants and metrics, but don't pass it to an API.
   *
   * To grant permissions to a fleet, the name can contain wildcards and policy variables, such as `${credentials-iot:ThingName}`. Such a stream has
   * no metrics.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param streamName The name of the stream.
   * @throws if the name is known at synth and isn't the name of a stream or a pattern
   */
  public static fromStreamName(scope: Construct, id: string, streamName: string): IVideoStream {
    throwIfInvalid(scope, isNamePattern(streamName)
      ? validateNamePattern('streamName', streamName)
      : validateStreamName(concrete(streamName)), id);
    const streamArn = Stack.of(scope).formatArn({ service: 'kinesisvideo', resource: 'stream', resourceName: `${streamName}/*` });
    return new ImportedVideoStream(scope, id, streamName, { streamArn });
  }

  /**
   * Imports an existing stream by its attributes.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param attributes The attributes of the stream.
   * @throws if the ARN is known at synth and isn't the ARN of a Kinesis video stream
   */
  public static fromStreamAttributes(scope: Construct, id: string, attributes: VideoStreamAttributes): IVideoStream {
    return new ImportedVideoStream(scope, id, nameFromArn(scope, id, 'streamArn', attributes.streamArn, 'stream'), attributes);
  }

  public readonly encryptionKey?: kms.IKeyRef;

  private readonly resource: kinesisvideo.CfnStream;
  private nameAttribute?: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties of the construct.
   * @throws one error for all properties that are outside of their limits. The deployment checks values that are known only then.
   */
  constructor(scope: Construct, id: string, props: VideoStreamProps = {}) {
    super(scope, id, { physicalName: props.streamName });
    brand(this, 'VideoStream');
    this.encryptionKey = props.encryptionKey;
    const properties: VideoStreamLimitedProperties = {
      // Not the property, because only `physicalName` resolves PhysicalName.GENERATE_IF_NEEDED.
      streamName: props.streamName === undefined ? undefined : this.physicalName,
      dataRetentionInHours: amountOf(props.dataRetention, 'hours'),
      mediaType: props.mediaType,
      deviceName: props.deviceName,
      defaultStorageTier: props.defaultStorageTier,
    };
    const { streamName: name, dataRetentionInHours, mediaType, deviceName, defaultStorageTier } = properties;
    this.resource = new kinesisvideo.CfnStream(this, 'Resource', {
      name,
      dataRetentionInHours,
      mediaType,
      deviceName,
      kmsKeyId: props.encryptionKey?.keyRef.keyArn,
      streamStorageConfiguration: defaultStorageTier === undefined ? undefined : { defaultStorageTier },
    });
    this.validate(props, properties);
    this.resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
    // Aspects add tags after the constructor, and mixins add settings.
    this.node.addValidation({ validate: () => validateVideoStreamTags(tagProperties(this.resource.tags), settingCount(this)) });
    shareConditionAtSynth(this.resource);

    if (props.imageGeneration) addSetting(IMAGE_GENERATION, this.resource, props.imageGeneration, this);
    if (props.notification) addSetting(NOTIFICATION, this.resource, props.notification, this);
  }

  // Each attribute is a reference. It is created only if a stack uses it.
  public get streamName() { return this.nameAttribute ??= this.getResourceNameAttribute(this.resource.ref); }
  public get streamArn() { return this.resource.attrArn; }

  private validate(props: VideoStreamProps, properties: VideoStreamLimitedProperties): void {
    throwIfInvalid(this, [
      ...validateVideoStream(properties, knownPaths(properties)),
      ...validateTokenUnit('dataRetention', props.dataRetention, 'hours'),
      ...validateKeyRegion(this, props.encryptionKey),
      ...this.validateOption(IMAGE_GENERATION, props.imageGeneration),
      ...this.validateOption(NOTIFICATION, props.notification),
      ...validateRemovalPolicy(props.removalPolicy),
    ]);
    warnAboutRegion(this, 'VideoStream', KINESIS_VIDEO_STREAMS);
  }

  private validateOption<Options extends VideoStreamSettingOptions>(setting: VideoStreamSetting<Options>, options: Options | undefined): string[] {
    if (!options) return [];
    return [
      ...validateRetention(setting, this.resource),
      ...validateSetting(setting, this.resource, options).map((finding) => `${setting.property}.${finding}`),
    ];
  }
}

/** With a key of another region, the deployment succeeds, but the service rejects all media. */
function validateKeyRegion({ env }: Resource, key: kms.IKeyRef | undefined): string[] {
  if (!key || !differ(key.env.region, env.region)) return [];
  return [`encryptionKey: must be in the region of the stream (${env.region}), got ${key.node.path} in ${key.env.region}; use a key there`];
}
