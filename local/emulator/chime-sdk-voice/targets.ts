import { knownMembers } from '../model';
import { scrambled } from '../random';
import { CallContext, Input, Operation, Tags, Target } from '../service';
import { requestTags } from '../tags';
import { Context, regionsOf } from './lookup';
import { arnOf, VoiceConnector } from './state';
import { StreamingConfiguration } from './wire';

/* What each operation is about, and what it needs of other services. */
type Targets = Operation['targets'];

export function connectorTarget(context: Context): Targets {
  return (input, call) => {
    const regions = regionsOf(context, call);
    const found = regions.flatMap(({ connectors }) => connectors.all(call.now)).find(({ id }) => id === input.VoiceConnectorId);
    // One that does not exist is asked for where it would be.
    return [{ arn: found?.arn ?? arnOf(regions[0], input.VoiceConnectorId), tags: tagsForIam(context, found) }];
  };
}

export function anyTarget(): Target[] {
  return [{ arn: '*' }];
}

/** A voice connector that doesn't exist yet. */
export function newConnectorTarget(input: Input): Target[] {
  return [{ arn: '*', requestTags: requestTags(input.Tags) }];
}

export function taggedTarget(context: Context): Targets {
  return (input, call) => {
    const arn: string = input.ResourceARN;
    const found = regionsOf(context, call).map(({ connectors }) => connectors.byArn(arn, call.now)).find(Boolean);
    return [{ arn, tags: tagsForIam(context, found), requestTags: requestTags(input.Tags), tagKeys: input.TagKeys }];
  };
}

/** A streaming configuration takes more permissions the more it asks for. */
export function streamingTargets(context: Context): Targets {
  return (input, call) => {
    const { state, model } = context;
    const { targetsNeedPermission = true } = state.options;
    // As the operation sees it.
    const wanted = knownMembers(model, 'StreamingConfiguration', input.StreamingConfiguration) as Partial<StreamingConfiguration>;
    const makesRole = !wanted.Disabled && !state.hasServiceLinkedRole(call.account);
    const notified = wanted.StreamingNotificationTargets?.map(({ NotificationTarget }) => NotificationTarget) ?? [];
    return [
      ...connectorTarget(context)(input, call),
      ...insightsTargets(wanted.MediaInsightsConfiguration?.ConfigurationArn),
      ...makesRole ? [serviceLinkedRoleTarget(call.account)] : [],
      ...targetsNeedPermission && notified.includes('SNS') ? notificationTargets('sns', ['CreateTopic', 'GetTopicAttributes'], call) : [],
      ...targetsNeedPermission && notified.includes('SQS') ? notificationTargets('sqs', ['CreateQueue', 'GetQueueAttributes'], call) : [],
    ];
  };
}

/** What vended logs ask of the caller. https://docs.aws.amazon.com/chime-sdk/latest/ag/monitoring-cloudwatch.html */
const logDelivery = [
  'CreateLogDelivery', 'CreateLogGroup', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies', 'GetLogDelivery', 'ListLogDeliveries',
  'PutResourcePolicy', 'UpdateLogDelivery',
];

/** Also to turn logs off, which deletes their delivery. */
export function loggingTargets(context: Context): Targets {
  return (input, call) => [
    ...connectorTarget(context)(input, call),
    ...context.state.options.loggingNeedsPermission ?? true ? logDelivery.map(action => ({ arn: '*', action: `logs:${action}` })) : [],
  ];
}

/** Put is decided on both, the connector and the media insights configuration. */
function insightsTargets(arn: string | undefined): Target[] {
  return arn === undefined ? [] : [{ arn }, { arn, action: 'chime:GetMediaInsightsPipelineConfiguration' }];
}

const principal = 'voiceconnector.chime.amazonaws.com';

function serviceLinkedRoleTarget(account: string): Target {
  return {
    arn: `arn:aws:iam::${account}:role/aws-service-role/${principal}/AWSServiceRoleForAmazonChimeVoiceConnector`,
    action: 'iam:CreateServiceLinkedRole',
    conditionKeys: { 'iam:AWSServiceName': principal },
  };
}

/** How the topics and queues are called beyond their common beginning is not known, so only a policy for all of them will do. */
function notificationTargets(service: 'sns' | 'sqs', actions: string[], { account, region }: CallContext): Target[] {
  const name = `ChimeVoiceConnector-Streaming-${scrambled(`${service} ${account} ${region}`, 12)}`;
  return actions.map(action => ({ arn: `arn:aws:${service}:${region}:${account}:${name}`, action: `${service}:${action}` }));
}

function tagsForIam({ state, tagBasedAccessControl }: Context, connector: VoiceConnector | undefined): Tags | undefined {
  return state.options.resourceTagConditions && tagBasedAccessControl ? connector?.tags : undefined;
}
