import type { Reasons } from '../../private/suppressions';

/** Why findings of cdk-nag about the functions, roles, and policies of the provider are suppressed. */
export const REASONS = {
  inlinePolicy: 'A permission of these roles exists exactly as long as the resources that need it, and no other role can attach it.',
  wildcards: 'The permission must apply to every name and region that a resource of the stack has had, until the last resource is deleted. If the service evaluates tags, '
    + 'changes are limited to resources with the owner tag of the stack. List operations and creates of meetings support no resource. A key is used as its service documents.',
  environment: 'The services support no narrower resource for network interfaces and traces.',
  versions: 'All versions of one function of this stack. The provider framework of the AWS CDK grants them.',
  tracing: 'Each poll would create a trace. RtcProvider.configure({ tracing }) turns tracing on.',
};

export const FUNCTION_REASONS: Reasons = {
  LambdaDLQ: 'Failures are reported to CloudFormation or the caller, and the next run of a schedule does the work of a missed run.',
  LambdaConcurrency: 'The number of executions follows the number of resources in a deployment, or of callers. Reserved concurrency would reduce the quota that the rest '
    + 'of the account can use, new accounts have too little to reserve any, and a throttled handler would fail deployments.',
  LambdaTracing: REASONS.tracing,
};

/** For the state machine that calls isComplete until the operation is complete. */
export const WAITER_REASONS: Reasons = {
  'IAMNoInlinePolicy': REASONS.inlinePolicy,
  'AwsSolutions-SF1': 'Its executions only repeat one call, and the called function writes a log. The delivery of execution logs would use part of the limited size of the '
    + 'account\'s resource policy for log deliveries.',
  'AwsSolutions-SF2': REASONS.tracing,
  'StepFunctionStateMachineXray': REASONS.tracing,
};
