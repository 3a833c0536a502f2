import { type IResource, type RemovalPolicy, Resource, Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { IngestConfigurationGrants } from './ingest-configuration-grants';
import type { IngestConfigurationAttributes as Attributes, IngestConfigurationProperties } from './private/contract';
import { INGEST_CONFIGURATION_POLICY, STREAM_KEY_ENCRYPTION_POLICY } from './private/handler-policy';
import { IVS_REAL_TIME } from './private/regions';
import { INGEST_CONFIGURATION_RESOURCE_TYPE } from './private/resource-types';
import { StreamKeySecret } from './private/stream-key-secret';
import { validateIngestConfiguration, validateIngestConfigurationTags } from './private/validation';
import { RealTimeStage } from './real-time-stage';
import { type IRealTimeStageMonitoring, RealTimeStageMonitoring } from './real-time-stage-monitoring';
import { type OnStageUpdateOptions, StageUpdate } from './stage-update';
import { brand, isBranded } from '../private/brand';
import { concrete, differ, knownPaths, opaque } from '../private/concrete';
import { STACK_TAG } from '../private/contract';
import { RtcCustomResource } from '../private/custom-resource';
import { throwIfInvalid } from '../private/errors';
import { validateLateKey } from '../private/late-key';
import { validateRegion } from '../private/region-validation';
import { warnAboutRegion } from '../private/region-warning';
import { suppress } from '../private/suppressions';

/**
 * How an encoder sends its media.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-rtmp-publishing.html
 */
export enum IngestProtocol {
  /** RTMP over TLS. */
  RTMPS = 'RTMPS',

  /** RTMP without encryption, also of the stream key. Requires `insecureIngest`. */
  RTMP = 'RTMP',
}

/**
 * What happens if a publisher is live while the configuration is updated or deleted. The service then rejects both operations. Before a deletion, the
 * handler can disconnect the publisher.
 */
export enum LivePublisherPolicy {
  /**
   * An update in place waits until the stream ends, and fails after 7.5 minutes. A deletion waits for 6.5 minutes, and then disconnects the publisher.
   * A replacement doesn't wait: the new configuration is created immediately, and the old configuration is deleted in the same way as any other.
   */
  WAIT = 'WAIT',

  /** A deletion disconnects the publisher immediately. An update in place waits as with WAIT, because the service can't disconnect a publisher for it. */
  DISCONNECT = 'DISCONNECT',

  /**
   * An update and a deletion fail immediately. If a replaced configuration still has a live publisher during the cleanup, CloudFormation skips its
   * deletion. The error message contains its ARN, so that you can delete it manually.
   */
  FAIL = 'FAIL',
}

/**
 * An IVS real-time ingest configuration.
 */
export interface IIngestConfiguration extends IResource, ivs.IIngestConfigurationRef, IRealTimeStageMonitoring {
  /**
   * The ARN of the ingest configuration.
   *
   * @attribute
   */
  readonly ingestConfigurationArn: string;

  /**
   * The ID of the participant that represents the encoder on the stage.
   *
   * @attribute
   */
  readonly participantId: string;

  /**
   * The secret with the stream key, as JSON: `ingestConfigurationArn`, `participantId`, `streamKey`, and with redundant ingest
   * `redundantIngestCredentials`, a list of `participantId` and `streamKey`.
   *
   * With a stage, the secret also has the server URL of the encoder: `rtmpsEndpoint`, or `rtmpEndpoint` with the protocol RTMP. Every create and update
   * reads the URL from the stage. The service may change the URL after 14 days. `forceUpdateNonce` refreshes it, and `RtcDriftMonitor` reports a change.
   *
   * Every reference to the secret of an ingest configuration of this app also waits for the stream key: CloudFormation creates or updates
   * a resource that uses `secretArn`, `secretName`, `secretValueFromJson('streamKey')`, or `secretValueFromJson('rtmpsEndpoint')` after the secret has
   * the values.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-rtmp-publishing.html
   */
  readonly streamKeySecret: secretsmanager.ISecret;

  /**
   * Grants of permissions on the stream key.
   */
  readonly grants: IngestConfigurationGrants;

  /**
   * Creates a rule for the events of the encoder on its stage. IVS delivers events on a best-effort basis, possibly late or out of order. The detail of
   * an event has `event_name`, `session_id`, `participant_id`, `user_id`, and more.
   *
   * With redundant ingest, each encoder is a separate participant. The rule then matches the events of all participants.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and the events that it matches.
   * @throws if there is no stage, or if the stack or `crossStackScope` is in another region than the ingest configuration, where its events are delivered
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
   */
  onStageUpdate(id: string, options?: OnStageUpdateOptions): events.Rule;

  /**
   * Creates a rule for the event that the encoder starts publishing.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if there is no stage, or if the stack or `crossStackScope` is in another region than the ingest configuration, where its events are delivered
   */
  onPublished(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Creates a rule for the event that the encoder stops publishing.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if there is no stage, or if the stack or `crossStackScope` is in another region than the ingest configuration, where its events are delivered
   */
  onUnpublished(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Creates a rule for failed attempts to publish. The event's `error_code` has the reason, such as a bit rate or a resolution that is too high.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if there is no stage, or if the stack or `crossStackScope` is in another region than the ingest configuration, where its events are delivered
   */
  onPublishError(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Returns the metric for the frames per second that arrive from the encoder: the average over 5 minutes. IVS has this metric for RTMP and RTMPS
   * publishers only.
   *
   * With redundant ingest, each encoder is a separate participant. Set the dimension `Participant` to the participant's ID from the secret.
   *
   * @param props The statistic, the period, or the dimensions, if they differ from the defaults.
   * @throws if there is no stage
   */
  metricPublishFramerate(props?: cloudwatch.MetricOptions): cloudwatch.Metric;

}

/**
 * Properties of an ingest configuration.
 */
export interface IngestConfigurationProps {
  /**
   * The name: 1 to 128 letters, digits, `-`, or `_`. It doesn't need to be unique. A change replaces the configuration and its stream key.
   *
   * @default - generated from the stack name and the construct ID
   */
  readonly ingestConfigurationName?: string;

  /**
   * The stage to which an encoder publishes, in the same account and region. Updated in place if no publisher is live: see `onLivePublisher`.
   *
   * If the stage is deleted outside of this stack, IVS detaches the stage from the configuration. The next update of this resource attaches it again.
   *
   * @default - no stage, so the stream key can't be used yet
   */
  readonly stage?: ivs.IStageRef;

  /**
   * The protocol with which the encoder sends its media. A change replaces the configuration and its stream key.
   *
   * @default IngestProtocol.RTMPS
   */
  readonly ingestProtocol?: IngestProtocol;

  /**
   * Whether to allow ingest without TLS, so that the stream key and the media can be read in transit. Required for RTMP. A change replaces the
   * configuration and its stream key.
   *
   * @default false
   */
  readonly insecureIngest?: boolean;

  /**
   * Whether two encoders can send the same stream, so that one replaces the other if it fails. The secret then holds credentials for both.
   * Updated in place if no publisher is live: see `onLivePublisher`.
   *
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-rtmp-publishing.html
   * @default false
   */
  readonly redundantIngest?: boolean;

  /**
   * Your ID for the participant: 1 to 128 characters. All participants receive it, so don't use personal data.
   * A change replaces the configuration and its stream key.
   *
   * @default - no user ID
   */
  readonly userId?: string;

  /**
   * Attributes of the participant: keys and values of at most 1 KB of UTF-8 in total. All participants receive them, so don't use personal data.
   * A change replaces the configuration and its stream key.
   *
   * @default - no attributes
   */
  readonly attributes?: { [key: string]: string };

  /**
   * What happens if a publisher is live while the configuration is updated or deleted.
   *
   * @default LivePublisherPolicy.WAIT
   */
  readonly onLivePublisher?: LivePublisherPolicy;

  /**
   * The key that encrypts the secret with the stream key, in the stack's account and region. A change encrypts the secret again.
   *
   * @default - the key of the account for Secrets Manager, `aws/secretsmanager`
   */
  readonly streamKeySecretEncryptionKey?: kms.IKey;

  /**
   * The region of the configuration and its stage. The secret is in the stack's region. A change replaces the configuration and its stream key.
   *
   * @default - the region of the stack
   */
  readonly region?: string;

  /**
   * A value whose change forces an update, such as a timestamp or a build number. Otherwise CloudFormation sends no update if no property has
   * changed. Every update compares the ingest configuration and its secret with these properties and corrects differences, for example after an out-of-band change.
   *
   * @default - no forced update
   */
  readonly forceUpdateNonce?: string;

  /**
   * What happens to the configuration and its secret when they are removed from the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Attributes of an existing ingest configuration.
 */
export interface IngestConfigurationAttributes {
  /**
   * The ARN of the ingest configuration.
   */
  readonly ingestConfigurationArn: string;

  /**
   * The ID of the participant that represents the encoder on the stage.
   *
   * @default - reading `participantId` throws
   */
  readonly participantId?: string;

  /**
   * Whether it has redundant ingest. Rules then match the events of all participants, because each encoder is a separate participant.
   *
   * @default false
   */
  readonly redundantIngest?: boolean;

  /**
   * The secret with the stream key.
   *
   * @default - reading `streamKeySecret` or `grants` throws
   */
  readonly streamKeySecret?: secretsmanager.ISecret;

  /**
   * The stage to which an encoder publishes.
   *
   * @default - no stage, and metrics and rules throw
   */
  readonly stage?: ivs.IStageRef;
}

const PUBLISHING = [StageUpdate.PARTICIPANT_PUBLISHED, StageUpdate.PARTICIPANT_UNPUBLISHED, StageUpdate.PARTICIPANT_PUBLISH_ERROR];

const NO_ROTATION = 'IVS creates one stream key per ingest configuration. Only a replacement of the ingest configuration has a new stream key.';

abstract class IngestConfigurationBase extends RealTimeStageMonitoring implements IIngestConfiguration {
  public abstract readonly ingestConfigurationArn: string;
  public abstract readonly participantId: string;
  public abstract readonly streamKeySecret: secretsmanager.ISecret;
  protected abstract readonly stage?: ivs.IStageRef;
  protected abstract readonly redundantIngest: boolean;

  public get ingestConfigurationRef(): ivs.IngestConfigurationReference {
    return { ingestConfigurationArn: this.ingestConfigurationArn };
  }

  public get grants(): IngestConfigurationGrants {
    return IngestConfigurationGrants.fromStreamKeySecret(this.streamKeySecret);
  }

  public onStageUpdate(id: string, options: OnStageUpdateOptions = {}): events.Rule {
    const { updates = PUBLISHING, ...rule } = options;
    return this._ruleFor(id, rule, {
      detailType: ['IVS Stage Update'],
      resources: [this._stageFor('onStageUpdate').stageRef.stageArn],
      detail: { event_name: updates, ...this.redundantIngest ? {} : { participant_id: [this.participantId] } },
    });
  }

  public onPublished(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onStageUpdate(id, { ...options, updates: [StageUpdate.PARTICIPANT_PUBLISHED] });
  }

  public onUnpublished(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onStageUpdate(id, { ...options, updates: [StageUpdate.PARTICIPANT_UNPUBLISHED] });
  }

  public onPublishError(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onStageUpdate(id, { ...options, updates: [StageUpdate.PARTICIPANT_PUBLISH_ERROR] });
  }

  public metricPublishFramerate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('PublishFramerate', { ...props, dimensionsMap: { Participant: this.participantId, ...props?.dimensionsMap } });
  }

  /** @internal */
  protected get _noPublisherDescription(): string {
    return 'No participant publishes to the stage: the encoder is off, has lost its connection, or uses another stream key.';
  }

  /** @internal */
  protected _stageFor(member: string): ivs.IStageRef {
    if (!this.stage) throwIfInvalid(this, [`${member}: IVS has events and metrics of stages only, and this ingest configuration has none that is known; give it a stage`]);
    return this.stage!;
  }
}

class ImportedIngestConfiguration extends IngestConfigurationBase {
  public readonly ingestConfigurationArn: string;
  protected readonly stage?: ivs.IStageRef;
  protected readonly redundantIngest: boolean;

  constructor(scope: Construct, id: string, private readonly attributes: IngestConfigurationAttributes) {
    const ingestConfigurationArn = opaque(attributes.ingestConfigurationArn);
    super(scope, id, { environmentFromArn: ingestConfigurationArn });
    this.ingestConfigurationArn = ingestConfigurationArn;
    this.stage = attributes.stage;
    this.redundantIngest = attributes.redundantIngest ?? false;
  }

  public get participantId(): string { return this.given('participantId', this.attributes.participantId); }
  public get streamKeySecret(): secretsmanager.ISecret { return this.given('streamKeySecret', this.attributes.streamKeySecret); }

  private given<T>(attribute: string, value: T | undefined): T {
    if (value === undefined) {
      throwIfInvalid(this, [`${attribute}: is not known of this imported ingest configuration; pass it to IngestConfiguration.fromIngestConfigurationAttributes`]);
    }
    return value!;
  }
}

/**
 * An IVS real-time ingest configuration, with which an encoder (OBS, FFmpeg, or a hardware encoder) publishes to a stage over RTMPS.
 *
 * The stream key alone allows publishing. The handler writes it from the service directly to a secret of the stack. No template, attribute, event, or
 * log contains it. A replacement has a new stream key, and the secret holds it before the deployment completes.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-stream-ingest.html
 * @example
 *
 * const ingest = new rtc.IngestConfiguration(this, 'Studio', {
 *   stage: new rtc.RealTimeStage(this, 'Stage'),
 * });
 * ingest.grants.readStreamKey(encoderRole);
 */
@propertyInjectable
export class IngestConfiguration extends IngestConfigurationBase {
  /** The ID under which `PropertyInjectors` find this construct. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-rtc.IngestConfiguration';

  /**
   * Returns whether a value is an `IngestConfiguration`, also if another copy of this library in the app created it.
   *
   * For an imported resource it returns false: the result of a `from…` method has fewer members.
   *
   * @param x The value to test.
   */
  public static isIngestConfiguration(x: any): x is IngestConfiguration {
    return isBranded(x, 'IngestConfiguration');
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
    return RealTimeStage.metricAll(metricName, props);
  }

  /**
   * Returns the metric for the participants that publish to any stage of the account and region: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllPublishers(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return RealTimeStage.metricAllPublishers(props);
  }

  /**
   * Returns the metric for the subscriptions to publishers on all stages of the account and region: the maximum over 5 minutes.
   *
   * @param props The statistic, the period, or the region, if they differ from the defaults.
   */
  public static metricAllSubscriptions(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return RealTimeStage.metricAllSubscriptions(props);
  }

  /**
   * Imports an existing ingest configuration by its ARN.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param ingestConfigurationArn The ARN of the ingest configuration.
   * @throws if the ARN is known at synth and isn't the ARN of an ingest configuration
   */
  public static fromIngestConfigurationArn(scope: Construct, id: string, ingestConfigurationArn: string): IIngestConfiguration {
    return this.fromIngestConfigurationAttributes(scope, id, { ingestConfigurationArn });
  }

  /**
   * Imports an existing ingest configuration by its attributes.
   *
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param attributes The attributes of the ingest configuration.
   * @throws if the ARN is known at synth and isn't the ARN of an ingest configuration
   */
  public static fromIngestConfigurationAttributes(scope: Construct, id: string, attributes: IngestConfigurationAttributes): IIngestConfiguration {
    const arn = concrete(attributes.ingestConfigurationArn);
    if (arn !== undefined && !/^arn:[a-z\d-]+:ivs:[a-z0-9-]+:[0-9]+:ingest-configuration\/[a-zA-Z0-9-]+$/.test(arn)) {
      throwIfInvalid(scope, [`ingestConfigurationArn: must be arn:…:ivs:REGION:ACCOUNT:ingest-configuration/ID, got ${JSON.stringify(arn)}`], id);
    }
    return new ImportedIngestConfiguration(scope, id, attributes);
  }

  public readonly streamKeySecret: secretsmanager.ISecret;

  /**
   * The stage to which an encoder publishes.
   */
  protected readonly stage?: ivs.IStageRef;

  /**
   * Whether two encoders can send the same stream.
   */
  protected readonly redundantIngest: boolean;

  private readonly secret: StreamKeySecret;
  private readonly resource: RtcCustomResource;
  private nameAttribute?: string;

  /**
   * @param scope The scope of the construct.
   * @param id The ID of the construct in its scope.
   * @param props The properties of the construct.
   * @throws one error for all properties that are outside of their limits. The deployment checks values that are known only then.
   */
  constructor(scope: Construct, id: string, props: IngestConfigurationProps = {}) {
    super(scope, id, { physicalName: props.ingestConfigurationName, region: props.region });
    brand(this, 'IngestConfiguration');
    this.stage = props.stage;
    this.redundantIngest = props.redundantIngest ?? false;
    const properties = {
      // Not the property, because only `physicalName` resolves PhysicalName.GENERATE_IF_NEEDED.
      Name: props.ingestConfigurationName === undefined ? undefined : this.physicalName,
      StageArn: props.stage?.stageRef.stageArn,
      IngestProtocol: props.ingestProtocol,
      InsecureIngest: props.insecureIngest || undefined,
      RedundantIngest: props.redundantIngest || undefined,
      UserId: props.userId,
      Attributes: concrete(props.attributes) ? sortedAttributes(props.attributes!) : props.attributes,
      OnLivePublisher: props.onLivePublisher,
      Region: props.region,
      ForceUpdateNonce: props.forceUpdateNonce,
    } satisfies Omit<IngestConfigurationProperties, 'SecretArn'>;
    this.validate(props, properties);

    this.streamKeySecret = this.secret = this.createSecret(props.streamKeySecretEncryptionKey);
    const allProperties: IngestConfigurationProperties = { ...properties, SecretArn: this.secret.secretArn };
    this.resource = new RtcCustomResource(this, 'Resource', {
      handlerPolicies: [INGEST_CONFIGURATION_POLICY, ...this.secret.encryptionKey ? [STREAM_KEY_ENCRYPTION_POLICY] : []],
      resourceType: INGEST_CONFIGURATION_RESOURCE_TYPE,
      properties: { ...allProperties },
      removalPolicy: props.removalPolicy,
      validateTags: validateIngestConfigurationTags,
    });
    this.secret.awaitWriter(this.resource);
    if (props.removalPolicy !== undefined) this.secret.applyRemovalPolicy(props.removalPolicy);
  }

  // Each attribute is a reference. It is created only if a stack uses it.
  public get ingestConfigurationArn() { return this.resource.ref; }
  public get participantId() { return this.attribute('ParticipantId'); }

  /**
   * The name of the ingest configuration.
   *
   * @attribute
   */
  public get ingestConfigurationName(): string {
    return this.nameAttribute ??= this.getResourceNameAttribute(this.attribute('Name'));
  }

  /**
   * What happens to the configuration and its secret when they are removed from the stack.
   *
   * @param policy The removal policy of both.
   */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    super.applyRemovalPolicy(policy);
    this.secret.applyRemovalPolicy(policy);
  }

  private attribute(name: keyof Attributes): string {
    return this.resource.getAtt(name).toString();
  }

  /** Creates the secret without a value, so that CloudFormation never has one. Its description lacks the construct path, so that a renamed construct has an equal secret. */
  private createSecret(encryptionKey?: kms.IKey): StreamKeySecret {
    const secret = new StreamKeySecret(this, 'StreamKey', { description: 'Stream key of an IVS ingest configuration', encryptionKey });
    const resource = secret.node.defaultChild as secretsmanager.CfnSecret;
    resource.generateSecretString = undefined;
    const { kmsKeyId } = resource;
    this.node.addValidation({ validate: () => validateLateKey('streamKeySecretEncryptionKey', 'secret', kmsKeyId, resource.kmsKeyId) });
    // The policy of the handlers allows access only with this tag.
    Tags.of(secret).add(STACK_TAG, Stack.of(this).stackId);
    suppress(secret, { 'AwsSolutions-SMG4': NO_ROTATION, 'SecretsManagerRotationEnabled': NO_ROTATION });
    return secret;
  }

  private validate(props: IngestConfigurationProps, properties: Omit<IngestConfigurationProperties, 'SecretArn'>): void {
    const region = concrete(this.env.region);
    throwIfInvalid(this, [
      ...validateIngestConfiguration(properties, { account: concrete(this.env.account), region }, knownPaths(properties)),
      ...validateRegion('region', concrete(props.region)),
      ...validateStageEnvironment(this, props.stage),
      ...validateKeyEnvironment(this, props.streamKeySecretEncryptionKey),
    ]);
    if (props.ingestProtocol === IngestProtocol.RTMP) {
      Validations.of(this).addWarning('cdk-rtc:IngestConfiguration.insecureIngest',
        'ingestProtocol: RTMP sends the stream key and the media without encryption; use RTMPS if the encoder supports it');
    }
    warnAboutRegion(this, 'IngestConfiguration', IVS_REAL_TIME);
  }
}

/** In some languages a map has no stable order. In Java the order changes from run to run, which would change the template. */
function sortedAttributes(attributes: { readonly [key: string]: string }): { [key: string]: string } | undefined {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Compares the environments if the ARN is a token. */
function validateStageEnvironment(configuration: Resource, stage: ivs.IStageRef | undefined): string[] {
  if (!stage || !Token.isUnresolved(stage.stageRef.stageArn)) return [];
  if (!differ(stage.env.region, configuration.env.region) && !differ(stage.env.account, configuration.env.account)) return [];
  return [`stage: must be in the ingest configuration's own account and region (${configuration.env.account}, ${configuration.env.region}), got ${stage.node.path} in ${stage.env.account}, ${stage.env.region}; use a stage there, or set region`];
}

/** The secret is in the stack's region, also if the ingest configuration is in another region. */
function validateKeyEnvironment({ stack }: Resource, key: kms.IKey | undefined): string[] {
  if (!key || (!differ(key.env.region, stack.region) && !differ(key.env.account, stack.account))) return [];
  return [`streamKeySecretEncryptionKey: must be in the stack's own account and region (${stack.account}, ${stack.region}), got ${key.node.path} in ${key.env.account}, ${key.env.region}; use a key there`];
}
