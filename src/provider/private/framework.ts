import { Duration, Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as custom_resources from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import type { ProviderFunctions } from './functions';
import { retryThrottledInvocations } from './lambda-concurrency';
import { networkOf } from './network';
import { REASONS, WAITER_REASONS } from './suppression-reasons';
import { TIMING } from '../../private/contract';
import { suppress, suppressWildcards } from '../../private/suppressions';
import type { RtcProviderOptions } from '../rtc-provider-options';

/** The AWS CDK's provider framework grants these to each of its functions, for both handlers. The roles have the permissions of each function instead. */
const FRAMEWORK_GRANTS = ['lambda:GetFunction', 'lambda:InvokeFunction', 'states:StartExecution'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const TRACE_EXECUTIONS = ['xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOG_EXECUTIONS = [
  'logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies', 'logs:GetLogDelivery',
  'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:UpdateLogDelivery',
];

interface Handlers {
  readonly onEvent: lambda.IFunction;
  readonly isComplete: lambda.IFunction;
}

/** The AWS CDK's provider framework: the functions that call the handlers, and the state machine that waits for isComplete. */
export class ProviderFramework {
  public readonly serviceToken: string;
  private readonly provider: custom_resources.Provider;
  private readonly waiterActions = new Set<string[]>();

  constructor(scope: Construct, private readonly options: RtcProviderOptions, private readonly functions: ProviderFunctions, handlers: Handlers) {
    const onEventRole = functions.createRole(scope, 'FrameworkOnEventRole', [allowInvoke(handlers.onEvent), new iam.PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [Lazy.string({ produce: () => this.waiter.stateMachine.ref })],
    })], { ignored: FRAMEWORK_GRANTS });
    const completeRole = functions.createRole(scope, 'FrameworkCompleteRole', [allowInvoke(handlers.isComplete)], { ignored: FRAMEWORK_GRANTS });
    this.provider = new custom_resources.Provider(scope, 'Provider', {
      onEventHandler: handlers.onEvent,
      isCompleteHandler: handlers.isComplete,
      queryInterval: Duration.seconds(TIMING.queryInterval),
      totalTimeout: Duration.seconds(TIMING.queryInterval * TIMING.queryAttempts),
      frameworkOnEventRole: onEventRole,
      frameworkCompleteAndTimeoutRole: completeRole,
      logGroup: functions.logGroup,
      providerFunctionEnvEncryption: options.encryptionKey,
      ...functions.network,
    });
    this.serviceToken = this.provider.serviceToken;
    for (const { node } of this.provider.node.children) {
      if (!lambda.CfnFunction.isCfnFunction(node.defaultChild)) continue;
      (node.id === 'framework-onEvent' ? onEventRole : completeRole).addFunction(node.defaultChild);
    }
    // Every resource refers to this function, and the function depends on its network: CloudFormation deletes both after the last resource.
    const serviceFunction = this.provider.node.findChild('framework-onEvent').node.defaultChild as lambda.CfnFunction;
    serviceFunction.node.addDependency(networkOf(serviceFunction));
    this.applyOptions();
    suppress(this.provider, WAITER_REASONS);
    suppressWildcards(this.provider, [
      new iam.PolicyStatement({ resources: this.cfnFunctions.map(({ attrArn }) => `${attrArn}:*`) }),
    ], REASONS.versions);
  }

  /** Allows the state machine what its tracing and logging need. An aspect can have turned them on. */
  public allowWaiterEnvironment(): void {
    const { tracingConfiguration, loggingConfiguration } = this.waiter.stateMachine;
    if (tracingConfiguration) this.allowWaiter(TRACE_EXECUTIONS);
    if (loggingConfiguration) this.allowWaiter(LOG_EXECUTIONS);
  }

  /** Sets what the provider framework has no properties for. */
  private applyOptions(): void {
    for (const resource of this.cfnFunctions) {
      resource.memorySize = 128;
      if (this.functions.isTraced) resource.tracingConfig = { mode: this.options.tracing! };
    }
    if (this.options.maxConcurrency !== undefined) retryThrottledInvocations(this.provider);
    if (this.functions.isTraced) {
      this.waiter.stateMachine.tracingConfiguration = { enabled: true };
      this.allowWaiter(TRACE_EXECUTIONS);
    }
  }

  private get cfnFunctions(): lambda.CfnFunction[] {
    return this.provider.node.children.map(({ node }) => node.defaultChild).filter((child) => lambda.CfnFunction.isCfnFunction(child));
  }

  /** The provider framework doesn't expose its state machine. The construct IDs can't change, because deployed stacks depend on them. */
  private get waiter(): { role: iam.Role; stateMachine: stepfunctions.CfnStateMachine } {
    const { node } = this.provider.node.findChild('waiter-state-machine');
    return { role: node.findChild('Role') as iam.Role, stateMachine: node.findChild('Resource') as stepfunctions.CfnStateMachine };
  }

  private allowWaiter(actions: string[]): void {
    if (this.waiterActions.has(actions)) return;
    this.waiterActions.add(actions);
    // X-Ray and the delivery of logs support no narrower resource for these actions.
    const statement = new iam.PolicyStatement({ actions, resources: ['*'] });
    this.waiter.role.addToPrincipalPolicy(statement);
    suppressWildcards(this.provider, [statement], REASONS.environment);
  }
}

// GetFunction: after a failed call the framework waits until the function is active again.
function allowInvoke(handler: lambda.IFunction): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['lambda:GetFunction', 'lambda:InvokeFunction'], resources: [handler.functionArn] });
}
