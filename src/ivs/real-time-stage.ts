import { type Duration, type RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { REAL_TIME_STAGE_ENDPOINTS_POLICY } from './private/handler-policy';
import {
  GENERATED_NAME, REAL_TIME_STAGE_RESOURCE_TYPE, type RealTimeStageProperties, validateNativeTags, validateRealTimeStage,
} from './private/real-time-stage';
import { REAL_TIME_STAGE_ENDPOINTS, type RealTimeStageEndpointsAttributes, type RealTimeStageEndpointsProperties } from './private/real-time-stage-endpoints';
import { validateParticipantRecording } from './private/recording-bucket';
import { IVS_REAL_TIME } from './private/regions';
import { REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE } from './private/resource-types';
import { type IRealTimeStage, ImportedRealTimeStage, RealTimeStageBase } from './real-time-stage-base';
import { STAGE_METRIC_NAMESPACE } from './real-time-stage-monitoring';
import { brand, isBranded } from '../private/brand';
import { amountOf, differ, knownPaths, validateTokenUnit } from '../private/concrete';
import { followCondition } from '../private/condition';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { nameOrGenerated, NativeResource } from '../private/native-resource';
import { warnAboutRegion } from '../private/region-warning';
import { validateRemovalPolicy } from '../private/removal-policy';

/**
 * The media of a participant that a stage records.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_AutoParticipantRecordingConfiguration.html
 */
export enum ParticipantRecordingMediaType {
  /** Audio and video. */
  AUDIO_VIDEO = 'AUDIO_VIDEO',

  /** Audio only. */
  AUDIO_ONLY = 'AUDIO_ONLY',
}

/**
 * How a stage stores the thumbnails of a recording.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_ParticipantThumbnailConfiguration.html
 */
export enum ThumbnailStorage {
  /** Every thumbnail is an object of its own. */
  SEQUENTIAL = 'SEQUENTIAL',

  /** Every thumbnail overwrites the previous one. */
  LATEST = 'LATEST',
}

/**
 * Options of the thumbnails of recordings.
 */
export interface ParticipantThumbnailOptions {
  /**
   * The time between two thumbnails: whole seconds from 1 second to 1 day.
   *
   * @default Duration.seconds(60)
   */
  readonly targetInterval?: Duration;

  /**
   * How the thumbnails are stored: one or both of the values.
   *
   * @default [ThumbnailStorage.SEQUENTIAL]
   */
  readonly storage?: ThumbnailStorage[];
}

/**
 * Options of the automatic recording of individual participants.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
 */
export interface AutoParticipantRecordingOptions {
  /**
   * The bucket of the recordings, in the account and region of the stage: a `StorageConfiguration`. Its bucket must have server-side encryption with
   * Amazon S3 managed keys (SSE-S3, the default of a bucket).
   */
  readonly storageConfiguration: ivs.IStorageConfigurationRef;

  /**
   * The media that is recorded.
   *
   * @default ParticipantRecordingMediaType.AUDIO_VIDEO
   */
  readonly mediaType?: ParticipantRecordingMediaType;

  /**
   * The time in which a publisher can reconnect and continue the same recording: whole seconds from 0 to 300.
   *
   * @default Duration.seconds(0) - every connection is a recording of its own
   */
  readonly recordingReconnectWindow?: Duration;

  /**
   * The length of the recorded segments: whole seconds from 2 to 10. A segment is longer if it must end before a keyframe.
   *
   * @default Duration.seconds(6)
   */
  readonly targetSegmentDuration?: Duration;

  /**
   * The thumbnails of the recordings. For the defaults, pass an empty object.
   *
   * @default - no thumbnails
   */
  readonly thumbnails?: ParticipantThumbnailOptions;
}

/**
 * Properties of a stage.
 */
export interface RealTimeStageProps {
  /**
   * The name: at most 128 letters, digits, `-`, and `_`. The name need not be unique. Changed in place.
   *
   * @default - generated from the path of the construct
   */
  readonly stageName?: string;

  /**
   * Records every participant that publishes to the stage. Changed in place. The service rejects a change while a recording is active, so deploy the
   * change when no participant publishes.
   *
   * @default - no recording
   */
  readonly autoParticipantRecording?: AutoParticipantRecordingOptions;

  /**
   * A value whose change reads the endpoints of the stage again, such as a timestamp or a build number. Without a use of an endpoint, it has no
   * effect.
   *
   * @default - the endpoints are read again when another property of the stage changes
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the stage when it leaves the stack. The deletion of a stage disconnects its participants.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An IVS real-time stage: a virtual room in which participants exchange audio and video.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
 * @example
 *
 * const stage = new rtc.RealTimeStage(this, 'Studio', {
 *   autoParticipantRecording: {
 *     storageConfiguration: new rtc.StorageConfiguration(this, 'Recordings', { bucket: new s3.Bucket(this, 'Bucket') }),
 *   },
 * });
 * stage.grants.createParticipantToken(apiFunction);
 */
@propertyInjectable
export class RealTimeStage extends RealTimeStageBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.RealTimeStage';

  /**
   * Returns whether a value is a `RealTimeStage`, also if another copy of this library in the app created it.
   *
   * For an imported stage it returns false: the result of `fromStageArn` has fewer members.
   *
   * @param x The value to test.
   */
  public static isRealTimeStage(x: any): x is RealTimeStage {
    return isBranded(x, 'RealTimeStage');
  }

  /**
   * Returns a metric of all stages of the account and region together: a metric without dimensions in the namespace `AWS/IVSRealTime`.
   *
   * IVS has two such metrics, `ConcurrentPublishers` and `ConcurrentSubscriptions`.
   *
   * @param metricName The name of the metric.
   * @param props The statistic (the average by default), the period (5 minutes by default), and the region (that of the stack by default).
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/stage-health.html
   */
  public static metricAll(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: STAGE_METRIC_NAMESPACE, metricName, ...props });
  }

  /**
   * Returns the metric for the participants that publish to any stage of the account and region: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllPublishers(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('ConcurrentPublishers', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * Returns the metric for the subscriptions to publishers on all stages of the account and region: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllSubscriptions(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricAll('ConcurrentSubscriptions', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * Imports an existing stage by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param stageArn The ARN of the stage.
   * @throws if the ARN is known at synth and isn't the ARN of a stage
   */
  public static fromStageArn(scope: Construct, id: string, stageArn: string): IRealTimeStage {
    return new ImportedRealTimeStage(scope, id, stageArn);
  }

  private readonly resource: NativeResource;
  private readonly endpointProperties: Omit<RealTimeStageEndpointsProperties, 'StageArn'>;
  private endpointsResource?: RtcCustomResource;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties.
   * @throws if a property is outside of its limits: one error that lists all findings
   */
  constructor(scope: Construct, id: string, props: RealTimeStageProps = {}) {
    super(scope, id);
    brand(this, 'RealTimeStage');
    const properties: RealTimeStageProperties = {
      Name: nameOrGenerated(this, props.stageName, GENERATED_NAME),
      AutoParticipantRecordingConfiguration: recordingProperties(props.autoParticipantRecording),
    };
    this.validate(props, properties);
    this.endpointProperties = { StageProperties: properties, ForceUpdateNonce: props.forceUpdateNonce };
    this.resource = new NativeResource(this, 'Resource', {
      resourceType: REAL_TIME_STAGE_RESOURCE_TYPE,
      properties: { ...properties },
      removalPolicy: props.removalPolicy,
      validateTags: (tags) => validateNativeTags(tags, REAL_TIME_STAGE_RESOURCE_TYPE),
    });
  }

  public get stageArn() { return this.resource.ref; }

  /**
   * The server URL for encoders, `rtmps://HOST:443/app/`. The encoder also needs the stream key of an `IngestConfiguration`, whose secret has both.
   *
   * The first use of an endpoint adds a custom resource that reads the stage during the deployment, and again when the stage or `forceUpdateNonce`
   * changes. The service may change the endpoint after 14 days. `RtcDriftMonitor` reports a change.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_StageEndpoints.html
   * @attribute
   */
  public get rtmpsEndpoint(): string {
    return this.endpoint('RtmpsEndpoint');
  }

  /**
   * The server URL for encoders without encryption, `rtmp://HOST/app/`. It requires an ingest configuration with `insecureIngest`.
   *
   * The first use of an endpoint adds a custom resource that reads the stage during the deployment, and again when the stage or `forceUpdateNonce`
   * changes. The service may change the endpoint after 14 days. `RtcDriftMonitor` reports a change.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_StageEndpoints.html
   * @attribute
   */
  public get rtmpEndpoint(): string {
    return this.endpoint('RtmpEndpoint');
  }

  /**
   * The WHIP endpoint, with which encoders publish by a participant token. Self-signed tokens contain it as `whip_url`.
   *
   * The first use of an endpoint adds a custom resource that reads the stage during the deployment, and again when the stage or `forceUpdateNonce`
   * changes. The service may change the endpoint after 14 days. `RtcDriftMonitor` reports a change.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_StageEndpoints.html
   * @attribute
   */
  public get whipEndpoint(): string {
    return this.endpoint('WhipEndpoint');
  }

  /**
   * The events endpoint, a WebSocket URL. Self-signed tokens contain it as `events_url`.
   *
   * The first use of an endpoint adds a custom resource that reads the stage during the deployment, and again when the stage or `forceUpdateNonce`
   * changes. The service may change the endpoint after 14 days. `RtcDriftMonitor` reports a change.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_StageEndpoints.html
   * @attribute
   */
  public get eventsEndpoint(): string {
    return this.endpoint('EventsEndpoint');
  }

  private endpoint(name: keyof RealTimeStageEndpointsAttributes): string {
    this.endpointsResource ??= this.addEndpoints();
    return this.endpointsResource.getAtt(name).toString();
  }

  private addEndpoints(): RtcCustomResource {
    const properties: RealTimeStageEndpointsProperties = { StageArn: this.stageArn, ...this.endpointProperties };
    // In a scope of its own, because the resources of a scope get the condition of its custom resource.
    const resource = new RtcCustomResource(new Construct(this, 'Endpoints'), 'Resource', {
      handlerPolicies: [REAL_TIME_STAGE_ENDPOINTS_POLICY],
      resourceType: REAL_TIME_STAGE_ENDPOINTS_RESOURCE_TYPE,
      properties: { ...properties },
      watchedAttributes: REAL_TIME_STAGE_ENDPOINTS,
    });
    // At once, because the input of a drift monitor is rendered before the condition is shared.
    followCondition(resource, this.resource);
    return resource;
  }

  private validate({ autoParticipantRecording: recording, removalPolicy }: RealTimeStageProps, properties: RealTimeStageProperties): void {
    throwIfInvalid(this, [
      ...validateRealTimeStage(properties, knownPaths(properties)),
      ...validateTokenUnit('autoParticipantRecording.recordingReconnectWindow', recording?.recordingReconnectWindow, 'seconds'),
      ...validateTokenUnit('autoParticipantRecording.targetSegmentDuration', recording?.targetSegmentDuration, 'seconds'),
      ...validateTokenUnit('autoParticipantRecording.thumbnails.targetInterval', recording?.thumbnails?.targetInterval, 'seconds'),
      ...validateStorageEnvironment(this, recording?.storageConfiguration),
      ...recording ? validateParticipantRecording(recording.storageConfiguration) : [],
      ...validateRemovalPolicy(removalPolicy),
    ]);
    // Overrides and aspects change the bucket after the constructor.
    if (recording) this.node.addValidation({ validate: () => validateParticipantRecording(recording.storageConfiguration) });
    warnAboutRegion(this, 'RealTimeStage', IVS_REAL_TIME);
  }
}

/** The whole document, because it is unverified (F-54) whether the service resets a member that an update leaves out. */
function recordingProperties(options: AutoParticipantRecordingOptions | undefined): RealTimeStageProperties['AutoParticipantRecordingConfiguration'] {
  if (!options) return { StorageConfigurationArn: '' };
  const { storageConfiguration, mediaType, recordingReconnectWindow, targetSegmentDuration, thumbnails } = options;
  return {
    StorageConfigurationArn: storageConfiguration.storageConfigurationRef.storageConfigurationArn,
    MediaTypes: [mediaType ?? ParticipantRecordingMediaType.AUDIO_VIDEO],
    RecordingReconnectWindowSeconds: amountOf(recordingReconnectWindow, 'seconds') ?? 0,
    HlsConfiguration: { ParticipantRecordingHlsConfiguration: { TargetSegmentDurationSeconds: amountOf(targetSegmentDuration, 'seconds') ?? 6 } },
    ThumbnailConfiguration: {
      ParticipantThumbnailConfiguration: thumbnails ? {
        RecordingMode: 'INTERVAL',
        TargetIntervalSeconds: amountOf(thumbnails.targetInterval, 'seconds') ?? 60,
        Storage: thumbnails.storage ?? [ThumbnailStorage.SEQUENTIAL],
      } : { RecordingMode: 'DISABLED' },
    },
  };
}

function validateStorageEnvironment({ env }: RealTimeStage, storage: ivs.IStorageConfigurationRef | undefined): string[] {
  if (!storage || (!differ(storage.env.region, env.region) && !differ(storage.env.account, env.account))) return [];
  return [`autoParticipantRecording.storageConfiguration: must be in the stage's own account and region (${env.account}, ${env.region}), got ${storage.node.path} in ${storage.env.account}, ${storage.env.region}; use a storage configuration there`];
}
