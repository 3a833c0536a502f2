import { Annotations, type CfnResource, Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Provider } from 'aws-cdk-lib/custom-resources';
import { StackLanes } from './stack-lanes';

/** The quota of concurrent Lambda executions that many new accounts have. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const SMALL_QUOTA = 10;

/** Of one resource in flight: the provider framework's function, and the handler that it waits for. */
const EXECUTIONS_PER_RESOURCE = 2;

/** Leaves room in the small quota for what a failed deployment still runs while it is rolled back. */
const RECOMMENDED = 4;

/** On the outermost stack: how many resources it and those nested in it have that nothing limits. */
const UNLIMITED = Symbol.for('cdk-rtc.unlimitedResources');

/** Findings out. */
export function validateMaxConcurrency(maxConcurrency: number | undefined): string[] {
  if (maxConcurrency === undefined) return [];
  if (!Token.isUnresolved(maxConcurrency) && Number.isInteger(maxConcurrency) && maxConcurrency >= 1) return [];
  const got = Token.isUnresolved(maxConcurrency) ? 'a value that is known only at deployment' : maxConcurrency;
  return [`maxConcurrency: must be a whole number of 1 or more, got ${got}; use ${RECOMMENDED} for a quota of ${SMALL_QUOTA}, or leave it out for no limit`];
}

/** Limits how many resources are in flight at once, or says that an account with a small quota needs the limit. */
export function limitConcurrency(resource: CfnResource, maxConcurrencyOf: (stack: Stack) => number | undefined): void {
  StackLanes.limit(resource, maxConcurrencyOf);
  if (maxConcurrencyOf(Stack.of(resource)) !== undefined) return;
  let outermost: Stack & { [UNLIMITED]?: number } = Stack.of(resource);
  while (outermost.nestedStackParent) outermost = outermost.nestedStackParent;
  const count = outermost[UNLIMITED] = (outermost[UNLIMITED] ?? 0) + 1;
  if (count !== SMALL_QUOTA / EXECUTIONS_PER_RESOURCE + 1) return;
  Annotations.of(outermost).addInfoV2('cdk-rtc:RtcProvider.maxConcurrency',
    `This stack has more than ${count - 1} resources of cdk-rtc. AWS CloudFormation deploys and deletes them at the same time, and each needs ${EXECUTIONS_PER_RESOURCE} `
    + `concurrent AWS Lambda executions. Many new accounts have a quota of ${SMALL_QUOTA}. If yours has, call RtcProvider.configure(scope, { maxConcurrency: ${RECOMMENDED} }) `
    + 'before the first construct of cdk-rtc.');
}

/**
 * The AWS SDK in the framework's functions repeats a throttled invocation of a handler twice, within a few seconds; then the resource fails, and a
 * failed Delete leaves something behind. With 10 attempts it goes on for about a minute, and the framework itself starts again once.
 *
 * Only where the resources in flight are limited: otherwise the framework's functions alone can take up the quota, and each would wait for a
 * handler that can't start. Not AWS_RETRY_MODE=adaptive: that delays first attempts, too, and each function instance would measure for itself.
 */
export function retryThrottledInvocations(provider: Provider): void {
  for (const id of ['framework-onEvent', 'framework-isComplete']) (provider.node.findChild(id) as lambda.Function).addEnvironment('AWS_MAX_ATTEMPTS', '10');
}
