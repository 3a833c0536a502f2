import type { Reasons } from '../../private/suppressions';

/** Why findings of cdk-nag about the functions, roles, and policies of the provider are suppressed. */
export const REASONS = {
  inlinePolicy: 'A permission of these roles lives exactly as long as what it is for, and no one else can attach it.',
  wildcards: 'The permission must hold for every name and region that a resource of the stack has had, until the last of them is deleted; what is changed must carry the '
    + 'owner tag of the stack wherever the service evaluates tags. Lists and creates of meetings know no resource, and a key is used as its service documents it.',
  environment: 'Network interfaces and traces know no narrower resource.',
  versions: 'All versions of one function of this stack; the provider framework of the AWS CDK grants it so.',
  tracing: 'Each poll would be a trace. RtcProvider.configure({ tracing }) turns it on.',
};

export const FUNCTION_REASONS: Reasons = {
  LambdaDLQ: 'Nothing is lost silently: a failure goes to CloudFormation or the caller, and a missed run of a schedule is made up for by the next.',
  LambdaConcurrency: 'It runs as often as there are resources being deployed, or callers. To reserve concurrency would take it from the account, where too little is left '
    + 'to reserve by default in new accounts, and a throttled handler would fail deployments.',
  LambdaTracing: REASONS.tracing,
};

/** For the state machine that calls isComplete until the operation is complete. */
export const WAITER_REASONS: Reasons = {
  'IAMNoInlinePolicy': REASONS.inlinePolicy,
  'AwsSolutions-SF1': 'Its executions only repeat one call, and the function called logs what it sees. The delivery of execution logs would take a place in the '
    + 'resource policy that the account has for all of them.',
  'AwsSolutions-SF2': REASONS.tracing,
  'StepFunctionStateMachineXray': REASONS.tracing,
};
