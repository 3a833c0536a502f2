import { CfnResource, type IResource, type Resource, Stack, Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Dependable, type IDependable } from 'constructs';
import { NOTIFICATION_TARGETS_OF_MEETINGS, validateNotificationRegion } from './meeting-pool-validation';
import { concrete } from '../../private/concrete';
import { dependencyPath } from '../../private/dependency-path';
import type { MeetingNotifications } from '../meeting-notifications';

/** https://docs.aws.amazon.com/chime-sdk/latest/dg/mtgs-sdk-notifications.html */
const PRINCIPAL = 'meetings.chime.amazonaws.com';
const LEGACY_PRINCIPAL = 'chime.amazonaws.com';

const USE_KEY = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/** Allows the service to notify the targets, for this account only. Returns the permissions that the meetings must wait for. */
export function allowNotifications(pool: Resource, { snsTopic, sqsQueue, lambdaFunction }: MeetingNotifications, legacy: boolean): IDependable[] {
  const principal = new iam.ServicePrincipal(legacy ? LEGACY_PRINCIPAL : PRINCIPAL);
  const { account } = Stack.of(pool);
  const statement = (actions: string[], resource: string) => new iam.PolicyStatement({
    principals: [principal], actions, resources: [resource], conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  const needed: IDependable[] = [];
  const useOfKey = `${principal.service} ${USE_KEY.join(', ')}, which is possible only for a key of your own, not for one that AWS manages`;
  const add = (property: string, result: iam.AddToResourcePolicyResult, actions: string[], key: kms.IKey | undefined) => {
    const { statementAdded, policyDependable } = result;
    if (policyDependable) needed.push(unlessDependent(pool, policyDependable));
    const validations = Validations.of(pool);
    if (!statementAdded) {
      const ofKey = key ? '' : `. If it is encrypted, the policy of its key must allow ${useOfKey}`;
      validations.addWarning(`cdk-rtc:ChimeMeetingPool.${property}`,
        `notifications.${property}: belongs to no stack of this app; its policy must allow ${principal.service} ${actions.join(', ')} where aws:SourceAccount is this account${ofKey}`);
    }
    if (key && !allowUseOfKey(key, principal, account).statementAdded) {
      validations.addWarning(`cdk-rtc:ChimeMeetingPool.${property}Key`,
        `notifications.${property}: its key belongs to no stack of this app; the key's policy must allow ${useOfKey}`);
    }
  };

  if (snsTopic) {
    const actions = ['sns:Publish'];
    add('snsTopic', snsTopic.addToResourcePolicy(statement(actions, snsTopic.topicArn)), actions, snsTopic.masterKey);
  }
  if (sqsQueue) {
    const actions = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
    add('sqsQueue', sqsQueue.addToResourcePolicy(statement(actions, sqsQueue.queueArn)), actions, sqsQueue.encryptionMasterKey);
  }
  if (lambdaFunction) {
    const id = `CdkRtcNotifications${legacy ? 'Legacy' : ''}`;
    // Whether the service needs the permission is unverified (F-40). Several pools can notify one function.
    if (!lambdaFunction.permissionsNode.tryFindChild(id)) {
      lambdaFunction.addPermission(id, { principal, sourceAccount: account });
    }
    const permission = lambdaFunction.permissionsNode.tryFindChild(id);
    if (permission) needed.push(permission);
  }
  return needed;
}

/**
 * The policy of a target depends on the pool if it also allows a rule of the pool with the same target. The meetings can't wait for such a policy. The
 * dependency is lazy, because rules can be added later.
 */
function unlessDependent(pool: Resource, policy: IDependable): IDependable {
  const dependable: IDependable = {};
  Dependable.implement(dependable, {
    get dependencyRoots() {
      const roots = Dependable.of(policy).dependencyRoots;
      const constructs = roots.flatMap(({ node }) => node.findAll());
      const resources = constructs.filter((construct): construct is CfnResource => CfnResource.isCfnResource(construct));
      const local = resources.filter(({ stack }) => stack === pool.stack);
      return dependencyPath(local.map(({ ref }) => ref), resourceOf(pool)) ? [] : roots;
    },
  });
  return dependable;
}

const ALTERNATIVES: Record<keyof MeetingNotifications, string> = {
  lambdaFunction: 'notify a topic or a queue from which the function takes its events, or use onMeetingEvent',
  snsTopic: 'notify another topic, or use onMeetingEvent',
  sqsQueue: 'notify another queue, or use onMeetingEvent',
};

/** CloudFormation would report a cycle only at deployment, and without a solution. */
export function validateNotificationCycles(pool: Resource, { lambdaFunction, snsTopic, sqsQueue }: MeetingNotifications): string[] {
  const arns = { lambdaFunction: lambdaFunction?.functionArn, snsTopic: snsTopic?.topicArn, sqsQueue: sqsQueue?.queueArn };
  return (Object.keys(arns) as (keyof MeetingNotifications)[]).flatMap((property) => {
    const arn = arns[property];
    const path = arn === undefined ? undefined : dependencyPath(arn, resourceOf(pool));
    if (!path) return [];
    const names = [pool, ...path].map(({ node }) => node.path.replace(/\/Resource$/, ''));
    return [`notifications.${property}: must not depend on the pool, which depends on it, got the cycle ${names.join(' → ')}; ${ALTERNATIVES[property]}`];
  });
}

function resourceOf(pool: Resource): CfnResource {
  return pool.node.findChild('Resource') as CfnResource;
}

function allowUseOfKey(key: kms.IKey, principal: iam.ServicePrincipal, account: string): iam.AddToResourcePolicyResult {
  return key.addToResourcePolicy(new iam.PolicyStatement({
    principals: [principal],
    actions: USE_KEY,
    // In the policy of a key, * is that key.
    resources: ['*'],
    // AWS's page has the condition on the topic and the queue, not on the key: the service may not send the account with the use of a key
    // (unverified: F-41).
    conditions: { StringEqualsIfExists: { 'aws:SourceAccount': account } },
  }));
}

/** If an ARN is a token, the environment of the target has its region. The service can't use AWS managed keys. */
export function validateNotificationTargets({ snsTopic, sqsQueue }: MeetingNotifications = {}, poolRegion?: string): string[] {
  const regional = (property: string, arn: string | undefined, target: IResource | undefined) => {
    const region = concrete(target?.env.region);
    return region === undefined || !Token.isUnresolved(arn) ? [] : validateNotificationRegion(property, region, poolRegion);
  };
  const isManaged = (key: kms.IKey | undefined) => key !== undefined && /:alias\/aws\//.test(key.keyArn);
  const managed = (property: string, wayOut: string) =>
    `notifications.${property}: is encrypted with the key that AWS manages, which the service cannot use; ${wayOut}`;
  // Unverified: F-43.
  const ordered = (property: string, target: { readonly fifo: boolean } | undefined, kind: string) => target?.fifo
    ? [`notifications.${property}: must be a standard ${kind}, got a FIFO ${kind}, to which the service is not known to send the message group ID that each message needs; use a standard ${kind}`] : [];
  return [
    ...regional(NOTIFICATION_TARGETS_OF_MEETINGS.SnsTopicArn.property, snsTopic?.topicArn, snsTopic),
    ...regional(NOTIFICATION_TARGETS_OF_MEETINGS.SqsQueueArn.property, sqsQueue?.queueArn, sqsQueue),
    ...ordered(NOTIFICATION_TARGETS_OF_MEETINGS.SnsTopicArn.property, snsTopic, 'topic'),
    ...ordered(NOTIFICATION_TARGETS_OF_MEETINGS.SqsQueueArn.property, sqsQueue, 'queue'),
    ...isManaged(snsTopic?.masterKey) ? [managed('snsTopic', 'encrypt it with a key of your own')] : [],
    ...sqsQueue?.encryptionType === sqs.QueueEncryption.KMS_MANAGED || isManaged(sqsQueue?.encryptionMasterKey)
      ? [managed('sqsQueue', 'encrypt it with SQS_MANAGED, or with a key of your own')] : [],
  ];
}
