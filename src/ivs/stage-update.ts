import type * as events from 'aws-cdk-lib/aws-events';

/**
 * An event of a stage.
 *
 * @see https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
 */
export enum StageUpdate {
  /** A participant started publishing. */
  PARTICIPANT_PUBLISHED = 'Participant Published',
  /** A participant stopped publishing. */
  PARTICIPANT_UNPUBLISHED = 'Participant Unpublished',
  /** A participant failed to publish. */
  PARTICIPANT_PUBLISH_ERROR = 'Participant Publish Error',
  /** The replication of a participant to another stage started. */
  PARTICIPANT_REPLICATION_START = 'Participant Replication Start',
  /** The replication of a participant to another stage ended. */
  PARTICIPANT_REPLICATION_END = 'Participant Replication End',
  /** A participant exchanged its token for a token with other capabilities or attributes. */
  TOKEN_EXCHANGED = 'Token Exchanged',
}

/**
 * Options of a rule for the events of a stage.
 */
export interface OnStageUpdateOptions extends events.OnEventOptions {
  /**
   * The events that the rule matches.
   *
   * @default - of a stage, all events; of an ingest configuration, the events about publishing
   */
  readonly updates?: StageUpdate[];
}
