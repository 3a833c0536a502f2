import { ArnFormat, CfnResource, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';

/** The service supports no narrower resource for these actions. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
export const VPC_STATEMENT = {
  actions: [
    'ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
};

export const TRACING_STATEMENT = { actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], resources: ['*'] };

/**
 * The permissions that a function needs for its VPC, dead-letter target, tracing, layers, key, and log group. The library, a property
 * injector, or an aspect may have set these properties. Without the permissions the deployment fails, or the function doesn't log.
 */
export function environmentPermissions(resource: lambda.CfnFunction, resolve: (value: unknown) => unknown): iam.PolicyStatement[] {
  const stack = Stack.of(resource);
  const { VpcConfig, DeadLetterConfig, TracingConfig, Layers, KmsKeyArn, LoggingConfig } = propertiesOf(resource);
  const [subnets, mode] = [VpcConfig?.SubnetIds, TracingConfig?.Mode].map(resolve);
  const [target, group] = [DeadLetterConfig?.TargetArn, LoggingConfig?.LogGroup] as (string | undefined)[];
  return [
    ...subnets && !(Array.isArray(subnets) && subnets.length === 0) ? [new iam.PolicyStatement(VPC_STATEMENT)] : [],
    ...mode && mode !== 'Disabled' ? [new iam.PolicyStatement(TRACING_STATEMENT)] : [],
    ...KmsKeyArn ? [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [KmsKeyArn as string] })] : [],
    ...target ? deadLetterPermissions(stack, target) : [],
    ...group ? logPermissions(stack, group) : [],
    ...JSON.stringify(resolve(Layers) ?? '').includes(':LambdaInsightsExtension') ? insightsPermissions(stack) : [],
  ];
}

/** The properties as they will be in the template, by CloudFormation's names, including those that aspects and overrides have set. */
function propertiesOf(resource: lambda.CfnFunction): FunctionProperties {
  const { Properties = {} } = (resource as unknown as { rawOverrides: { Properties?: FunctionProperties } }).rawOverrides;
  return {
    VpcConfig: named(resource.vpcConfig),
    DeadLetterConfig: named(resource.deadLetterConfig),
    TracingConfig: named(resource.tracingConfig),
    LoggingConfig: named(resource.loggingConfig),
    Layers: resource.layers,
    KmsKeyArn: resource.kmsKeyArn,
    ...Properties,
  };
}

interface FunctionProperties {
  readonly VpcConfig?: { readonly SubnetIds?: unknown };
  readonly DeadLetterConfig?: { readonly TargetArn?: unknown };
  readonly TracingConfig?: { readonly Mode?: unknown };
  readonly LoggingConfig?: { readonly LogGroup?: unknown };
  readonly Layers?: unknown;
  readonly KmsKeyArn?: unknown;
}

function named(value: object | undefined): { readonly [name: string]: unknown } | undefined {
  if (!value || Token.isUnresolved(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.charAt(0).toUpperCase() + name.slice(1), member]));
}

const SENDING: { readonly [service: string]: string[] } = { sqs: ['sqs:SendMessage'], sns: ['sns:Publish'] };

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function deadLetterPermissions(stack: Stack, target: string): iam.PolicyStatement[] {
  const queueOrTopic = targetOf(target);
  const service = queueOrTopic ? queueOrTopic.cfnResourceType.split('::')[1].toLowerCase() : target.split(':')[2];
  const actions = SENDING[service] ?? Object.values(SENDING).flat();
  const key = (queueOrTopic as unknown as { readonly kmsMasterKeyId?: unknown } | undefined)?.kmsMasterKeyId;
  return [
    new iam.PolicyStatement({ actions, resources: [target] }),
    // The key can be an ID, an alias, or an ARN. An AWS managed key needs no permissions.
    ...key === undefined || String(key).includes('alias/aws/') ? [] : [new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [stack.formatArn({ service: 'kms', resource: 'key/*' })],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${stack.region}.amazonaws.com` } },
    })],
  ];
}

function targetOf(arn: string): CfnResource | undefined {
  const reference = Tokenization.reverseString(arn).tokens.find((token) => Reference.isReference(token) && CfnResource.isCfnResource(token.target));
  return Reference.isReference(reference) ? reference.target as CfnResource : undefined;
}

function logPermissions(stack: Stack, group: string): iam.PolicyStatement[] {
  const target = targetOf(group);
  const arn = logs.CfnLogGroup.isCfnLogGroup(target)
    ? target.attrArn
    : stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: `${group}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [arn] })];
}

/** The permissions of the managed policy CloudWatchLambdaInsightsExecutionRolePolicy. */
function insightsPermissions(stack: Stack): iam.PolicyStatement[] {
  const group = stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: '/aws/lambda-insights', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return [new iam.PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], resources: [group, `${group}:*`] })];
}
