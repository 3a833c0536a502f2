import { Annotations, type CfnResource, Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Provider } from 'aws-cdk-lib/custom-resources';
import { ConcurrencyLimit } from './concurrency-limit';

/** The quota of concurrent Lambda executions in many new accounts. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const SMALL_QUOTA = 10;

/** Each resource in flight runs the provider framework's function, and the handler that the function waits for. */
const EXECUTIONS_PER_RESOURCE = 2;

/** Leaves part of the small quota for the executions of a failed deployment that are still running during its rollback. */
const RECOMMENDED = 4;

/** The key, on the outermost stack, of the number of resources without a limit in the stack and its nested stacks. */
const UNLIMITED = Symbol.for('cdk-rtc.unlimitedResources');

export function validateMaxConcurrency(maxConcurrency: number | undefined): string[] {
  if (maxConcurrency === undefined) return [];
  if (!Token.isUnresolved(maxConcurrency) && Number.isInteger(maxConcurrency) && maxConcurrency >= 1) return [];
  const got = Token.isUnresolved(maxConcurrency) ? 'a value that is known only at deployment' : maxConcurrency;
  return [`maxConcurrency: must be a whole number of 1 or more, got ${got}; use ${RECOMMENDED} for a quota of ${SMALL_QUOTA}, or leave it out for no limit`];
}

/** Limits how many resources are in flight at once. Without a limit, informs the user that an account with a small quota needs one. */
export function limitConcurrency(resource: CfnResource, maxConcurrencyOf: (stack: Stack) => number | undefined): void {
  ConcurrencyLimit.limit(resource, maxConcurrencyOf);
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
 * Retries throttled invocations of a handler for longer. By default, the AWS SDK in the framework's functions retries an invocation twice, within a
 * few seconds. Then the resource fails, and a failed Delete leaves the resource behind. With 10 attempts the SDK retries for about a minute, and the
 * framework itself repeats the attempts once.
 *
 * Use it only if the resources in flight are limited. Otherwise the framework's functions alone can use up the quota, and each waits for a handler
 * that can't start. AWS_RETRY_MODE=adaptive doesn't fit: it also delays first attempts, and each function instance measures separately.
 */
export function retryThrottledInvocations(provider: Provider): void {
  for (const id of ['framework-onEvent', 'framework-isComplete']) (provider.node.findChild(id) as lambda.Function).addEnvironment('AWS_MAX_ATTEMPTS', '10');
}
