import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/**
 * The targets that the service notifies of events in meetings, in addition to the default event bus.
 *
 * The policies of topics, queues, keys, and functions of this app allow the service access, for this account only. If a topic, a queue, or its key is
 * imported, a warning states what its policy must allow. Notifications can arrive out of order.
 *
 * @see https://docs.aws.amazon.com/chime-sdk/latest/dg/mtgs-sdk-notifications.html
 */
export interface MeetingNotifications {
  /**
   * A standard topic in the region of the pool, not a FIFO topic. If it is encrypted, the key must be a customer managed key.
   *
   * @default - none
   */
  readonly snsTopic?: sns.ITopic;

  /**
   * A standard queue in the region of the pool, not a FIFO queue. If it is encrypted with a KMS key, the key must be a customer managed key: the service
   * can't use the AWS managed key.
   *
   * @default - none
   */
  readonly sqsQueue?: sqs.IQueue;

  /**
   * A function. Not available in the legacy namespace.
   *
   * The pool depends on the function. The function can get permission to manage attendees and to end meetings, but it can't check out meetings or have
   * the pool's name in its environment. For these, notify a topic or a queue from which the function receives its events, or use `onMeetingEvent`.
   *
   * @default - none
   */
  readonly lambdaFunction?: lambda.IFunction;
}
