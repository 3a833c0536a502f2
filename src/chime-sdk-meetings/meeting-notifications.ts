import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/**
 * Whom the service tells what happens in meetings, beside the default event bus, which it tells in any case. One of each kind at most.
 *
 * Those of this app get the permission that the service needs, for this account only. If a topic, a queue, or its key is imported, a warning says
 * what its policy must allow. Notifications may come out of order.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/mtgs-sdk-notifications.html
 */
export interface MeetingNotifications {
  /**
   * A standard topic in the region of the pool, not a FIFO topic. Where it is encrypted, the key must be one of your own.
   *
   * @default - none
   */
  readonly snsTopic?: sns.ITopic;

  /**
   * A standard queue in the region of the pool, not a FIFO queue. Where it is encrypted with a key of KMS, the key must be one of your own: the service cannot use
   * the one that AWS manages.
   *
   * @default - none
   */
  readonly sqsQueue?: sqs.IQueue;

  /**
   * A function. Not in the legacy namespace. The pool depends on it. So it may manage attendees and end meetings, but it can't check out meetings
   * or have the pool's name in its environment. For these, notify a topic or a queue from which the function takes its events, or use
   * `onMeetingEvent`.
   *
   * @default - none
   */
  readonly lambdaFunction?: lambda.IFunction;
}
