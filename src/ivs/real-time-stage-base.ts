import type { IResource } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import type { Construct } from 'constructs';
import { stageIdOf } from './private/stage-id';
import { validateStageArn } from './private/validation';
import { RealTimeStageGrants } from './real-time-stage-grants';
import { type IRealTimeStageMonitoring, RealTimeStageMonitoring } from './real-time-stage-monitoring';
import type { OnStageUpdateOptions } from './stage-update';
import { concrete, opaque } from '../private/concrete';
import { throwIfInvalid } from '../private/errors';

/**
 * An IVS real-time stage, created by a stack or imported.
 */
export interface IRealTimeStage extends IResource, ivs.IStageRef, IRealTimeStageMonitoring {
  /**
   * The ARN of the stage.
   *
   * @attribute
   */
  readonly stageArn: string;

  /**
   * The ID of the stage: the last part of its ARN. It is the dimension `Stage` of metrics, and the `topic` of self-signed participant tokens.
   */
  readonly stageId: string;

  /**
   * The permissions that applications can get for the stage.
   */
  readonly grants: RealTimeStageGrants;

  /**
   * Creates a rule for the updates of the stage: participants that publish or stop publishing, replication, and exchanged tokens. IVS delivers
   * events on a best-effort basis, possibly late or out of order.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and the events that it matches.
   * @throws if the stack or `crossStackScope` is in another region than the stage, where its events are delivered
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
   */
  onStageUpdate(id: string, options?: OnStageUpdateOptions): events.Rule;

  /**
   * Creates a rule for the state of recordings of individual participants: Recording Start, Recording End, Recording Start Failure, and Recording End
   * Failure in the field `event_name` of the detail.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if the stack or `crossStackScope` is in another region than the stage, where its events are delivered
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
   */
  onRecordingStateChange(id: string, options?: events.OnEventOptions): events.Rule;

  /**
   * Creates a rule for the state of compositions of the stage and of their destinations, for example Session Start, Destination Failure, or
   * Destination Reconnecting in the field `event_name` of the detail.
   *
   * @param id The ID of the rule.
   * @param options The target of the rule, its name, and an event pattern that narrows the events.
   * @throws if the stack or `crossStackScope` is in another region than the stage, where its events are delivered
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
   */
  onCompositionStateChange(id: string, options?: events.OnEventOptions): events.Rule;
}

/**
 * A stage, wherever its ARN comes from.
 *
 * @internal
 */
export abstract class RealTimeStageBase extends RealTimeStageMonitoring implements IRealTimeStage {
  public abstract readonly stageArn: string;

  public get stageRef(): ivs.StageReference {
    return { stageArn: this.stageArn };
  }

  public get stageId(): string {
    return stageIdOf(this);
  }

  public get grants(): RealTimeStageGrants {
    return RealTimeStageGrants.fromStage(this);
  }

  public onStageUpdate(id: string, options: OnStageUpdateOptions = {}): events.Rule {
    const { updates, ...rule } = options;
    return this._ruleFor(id, rule, {
      detailType: ['IVS Stage Update'],
      resources: [this.stageArn],
      ...updates && { detail: { event_name: updates } },
    });
  }

  public onRecordingStateChange(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this._ruleFor(id, options, { detailType: ['IVS Participant Recording State Change'], resources: [this.stageArn] });
  }

  public onCompositionStateChange(id: string, options: events.OnEventOptions = {}): events.Rule {
    // The resource of the event is the composition.
    return this._ruleFor(id, options, { detailType: ['IVS Composition State Change'], detail: { stage_arn: [this.stageArn] } });
  }

  /** @internal */
  protected get _noPublisherDescription(): string {
    return 'No participant publishes to the stage: check the participants, their tokens, and their network connections.';
  }

  /** @internal */
  protected _stageFor(): ivs.IStageRef {
    return this;
  }
}

export class ImportedRealTimeStage extends RealTimeStageBase {
  public readonly stageArn: string;

  constructor(scope: Construct, id: string, stageArn: string) {
    throwIfInvalid(scope, validateStageArn('stageArn', concrete(stageArn)), id);
    const arn = opaque(stageArn);
    super(scope, id, { environmentFromArn: arn });
    this.stageArn = arn;
  }
}
