import { SEARCHES } from './leftovers';
import { PREFIX } from './names';

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** The reads of the cases, in addition to those of the searches. */
const READS = [
  'chime:GetPhoneNumber', 'chime:GetVoiceConnector', 'chime:GetVoiceConnectorLoggingConfiguration', 'chime:GetVoiceConnectorOrigination',
  'chime:GetVoiceConnectorStreamingConfiguration', 'chime:GetVoiceConnectorTermination', 'chime:ListVoiceConnectorTerminationCredentials',
  'ivs:GetIngestConfiguration', 'ivs:GetParticipant', 'ivs:GetStage',
  'kinesisvideo:DescribeImageGenerationConfiguration', 'kinesisvideo:DescribeMediaStorageConfiguration', 'kinesisvideo:DescribeNotificationConfiguration',
  'kinesisvideo:DescribeSignalingChannel', 'kinesisvideo:DescribeStream',
  'lambda:GetAccountSettings',
  'scheduler:GetSchedule',
];

/** What the person who starts a run must be allowed to do. The AWS CDK deploys with the roles of its bootstrap stack. */
export function personPolicy(accountId: string): Policy {
  const own = (service: string, resource: string, isGlobal = false) => `arn:aws:${service}:${isGlobal ? '' : '*'}:${accountId}:${resource}`;
  const searches = [...new Set(SEARCHES.flatMap(({ actions }) => actions))].sort();
  const isRead = (action: string) => /:(List|Describe|Get)/.test(action);
  const statement = (Sid: string, Action: readonly string[], Resource: string | readonly string[]): PolicyStatement => ({ Sid, Effect: 'Allow', Action, Resource });
  return {
    Version: '2012-10-17',
    Statement: [
      statement('DeployWithTheRolesOfTheBootstrapStack', ['sts:AssumeRole'], own('iam', 'role/cdk-*', true)),
      statement('Read', [...new Set([...searches.filter(isRead), ...READS])].sort(), '*'),
      statement('DeleteStacksOfTheRun', ['cloudformation:CancelUpdateStack', 'cloudformation:DeleteStack'], own('cloudformation', `stack/${PREFIX}-*`)),
      statement('UseFunctionsOfTheRun', ['lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'], own('lambda', `function:${PREFIX}-*`)),
      statement('ReadTablesOfTheRun', ['dynamodb:Scan'], own('dynamodb', `table/${PREFIX}-*`)),
    ],
  };
}
