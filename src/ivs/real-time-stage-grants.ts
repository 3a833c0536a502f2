import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ivs from 'aws-cdk-lib/aws-ivs';
import {
  CREATE_PARTICIPANT_TOKEN, DISCONNECT_PARTICIPANT, GET_STAGE, MANAGE_COMPOSITIONS, READ_SESSIONS, START_COMPOSITION,
} from './private/iam-actions';
import { suppressGrant } from '../private/suppressions';

/**
 * The resources that compositions of a stage use.
 */
export interface CompositionGrantOptions {
  /**
   * The encoder configurations that compositions can use.
   */
  readonly encoderConfigurations: ivs.IEncoderConfigurationRef[];

  /**
   * The storage configurations to which compositions can record.
   *
   * @default - compositions can't be recorded
   */
  readonly storageConfigurations?: ivs.IStorageConfigurationRef[];

  /**
   * The channels to which compositions can be broadcast.
   *
   * @default - compositions can't be broadcast
   */
  readonly channels?: ivs.IChannelRef[];
}

/**
 * Grants on a stage. Each grant allows the operations of one role.
 *
 * The grants work with a stage of this library, an imported stage, and a `CfnStage`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninteractivevideoservice.html
 */
export class RealTimeStageGrants {
  /**
   * Returns the grants on a stage.
   *
   * @param stage The stage.
   */
  public static fromStage(stage: ivs.IStageRef): RealTimeStageGrants {
    return new RealTimeStageGrants(stage);
  }

  private constructor(private readonly stage: ivs.IStageRef) {}

  /**
   * Grants creating participant tokens, which allow participants to join the stage. IAM can't limit the capabilities of the token or its user ID.
   *
   * @param grantee The principal to grant access to.
   */
  public createParticipantToken(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, CREATE_PARTICIPANT_TOKEN);
  }

  /**
   * Grants disconnecting participants from the stage.
   *
   * If the participant is an encoder that publishes through an ingest configuration, the service also detaches the ingest configuration from its
   * stage. The drift monitor reports this change, and the next update of the `IngestConfiguration` attaches the stage again.
   *
   * @param grantee The principal to grant access to.
   */
  public disconnectParticipant(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, DISCONNECT_PARTICIPANT);
  }

  /**
   * Grants reading the stage, including its endpoints.
   *
   * @param grantee The principal to grant access to.
   */
  public getStage(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, GET_STAGE);
  }

  /**
   * Grants reading the stage, its sessions, their participants, and the events of the participants.
   *
   * @param grantee The principal to grant access to.
   */
  public readSessions(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, READ_SESSIONS);
  }

  /**
   * Grants starting, reading, and stopping compositions.
   *
   * Starting is limited to this stage and to the resources in `options`. Reading and stopping include all compositions of the stage's account and
   * region, because the ARN of a composition is known only after the start.
   *
   * @param grantee The principal to grant access to.
   * @param options The resources that compositions can use.
   * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/server-side-composition.html
   */
  public startComposition(grantee: iam.IGrantable, options: CompositionGrantOptions): iam.Grant {
    const { encoderConfigurations, storageConfigurations = [], channels = [] } = options;
    const start = iam.Grant.addToPrincipal({
      grantee,
      actions: START_COMPOSITION,
      resourceArns: [
        this.stage.stageRef.stageArn,
        ...encoderConfigurations.map(({ encoderConfigurationRef }) => encoderConfigurationRef.encoderConfigurationArn),
        ...storageConfigurations.map(({ storageConfigurationRef }) => storageConfigurationRef.storageConfigurationArn),
        ...channels.map(({ channelRef }) => channelRef.channelArn),
      ],
    });
    const { account, region } = this.stage.env;
    const manage = iam.Grant.addToPrincipal({
      grantee,
      actions: MANAGE_COMPOSITIONS,
      resourceArns: [Stack.of(this.stage).formatArn({ service: 'ivs', account, region, resource: 'composition', resourceName: '*' })],
    });
    return start.combine(suppressGrant(manage, grantee, 'The ARN of a composition is known only after its start.'));
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.stage.stageRef.stageArn] });
  }
}
