import { Annotations, type IResource, type Resource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IDependable } from 'constructs';
import { NOTIFICATION_TARGETS_OF_MEETINGS, validateNotificationRegion } from './meeting-pool-validation';
import { concrete } from '../../private/concrete';
import type { MeetingNotifications } from '../meeting-notifications';

/** https://docs.aws.amazon.com/chime-sdk/latest/dg/mtgs-sdk-notifications.html */
const PRINCIPAL = 'meetings.chime.amazonaws.com';
const LEGACY_PRINCIPAL = 'chime.amazonaws.com';

/** Lets the service notify, in the name of this account only. What the meetings must wait for comes back. */
export function allowNotifications(pool: Resource, { snsTopic, sqsQueue, lambdaFunction }: MeetingNotifications, legacy: boolean): IDependable[] {
  const principal = new iam.ServicePrincipal(legacy ? LEGACY_PRINCIPAL : PRINCIPAL);
  const { account } = Stack.of(pool);
  const statement = (actions: string[], resource: string) => new iam.PolicyStatement({
    principals: [principal], actions, resources: [resource], conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  const needed: IDependable[] = [];
  const add = (property: string, { statementAdded, policyDependable }: iam.AddToResourcePolicyResult, actions: string[]) => {
    if (policyDependable) needed.push(policyDependable);
    if (!statementAdded) {
      Annotations.of(pool).addWarningV2(`cdk-rtc:ChimeMeetingPool.${property}`,
        `notifications.${property}: belongs to no stack of this app; its policy must allow ${principal.service} ${actions.join(', ')} where aws:SourceAccount is this account`);
    }
  };
  const allowKey = (key: kms.IKey | undefined) => key && allowUseOfKey(key, principal, account);

  if (snsTopic) {
    const actions = ['sns:Publish'];
    add('snsTopic', snsTopic.addToResourcePolicy(statement(actions, snsTopic.topicArn)), actions);
    allowKey(snsTopic.masterKey);
  }
  if (sqsQueue) {
    const actions = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
    add('sqsQueue', sqsQueue.addToResourcePolicy(statement(actions, sqsQueue.queueArn)), actions);
    allowKey(sqsQueue.encryptionMasterKey);
  }
  if (lambdaFunction) {
    const id = `CdkRtcNotifications${legacy ? 'Legacy' : ''}`;
    // Several pools may notify one function.
    if (!lambdaFunction.permissionsNode.tryFindChild(id)) {
      lambdaFunction.addPermission(id, { principal, sourceAccount: account });
    }
    const permission = lambdaFunction.permissionsNode.tryFindChild(id);
    if (permission) needed.push(permission);
  }
  return needed;
}

function allowUseOfKey(key: kms.IKey, principal: iam.ServicePrincipal, account: string): void {
  key.addToResourcePolicy(new iam.PolicyStatement({
    principals: [principal],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  }));
}

/** The environment tells where the ARN is a token; and the service cannot use the keys that AWS manages. */
export function validateNotificationTargets({ snsTopic, sqsQueue }: MeetingNotifications = {}, poolRegion?: string): string[] {
  const regional = (property: string, arn: string | undefined, target: IResource | undefined) => {
    const region = concrete(target?.env.region);
    return region === undefined || !Token.isUnresolved(arn) ? [] : validateNotificationRegion(property, region, poolRegion);
  };
  const ordered = (property: string, target: { readonly fifo: boolean } | undefined, kind: string) => target?.fifo
    ? [`notifications.${property}: must be a standard ${kind}, got a FIFO ${kind}, to which the service is not known to send the message group ID that each message needs; use a standard ${kind}`] : [];
  const managed = sqsQueue?.encryptionType === sqs.QueueEncryption.KMS_MANAGED;
  return [
    ...regional(NOTIFICATION_TARGETS_OF_MEETINGS.SnsTopicArn.property, snsTopic?.topicArn, snsTopic),
    ...regional(NOTIFICATION_TARGETS_OF_MEETINGS.SqsQueueArn.property, sqsQueue?.queueArn, sqsQueue),
    ...ordered(NOTIFICATION_TARGETS_OF_MEETINGS.SnsTopicArn.property, snsTopic, 'topic'),
    ...ordered(NOTIFICATION_TARGETS_OF_MEETINGS.SqsQueueArn.property, sqsQueue, 'queue'),
    ...managed ? ['notifications.sqsQueue: is encrypted with the key that AWS manages, which the service cannot use; encrypt it with SQS_MANAGED, or with a key of your own'] : [],
  ];
}
