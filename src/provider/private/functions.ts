import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { TRACING_STATEMENT, VPC_STATEMENT } from './environment-permissions';
import { FunctionDocument, FunctionRole } from './function-role';
import { handlerCode } from './handler-asset';
import { REASONS } from './suppression-reasons';
import { throwIfInvalid } from '../../private/errors';
import { suppress, suppressWildcards } from '../../private/suppressions';
import type { RtcProviderOptions } from '../rtc-provider-options';

export interface HandlerProps {
  readonly description: string;
  /** An export of lambda/index.ts. */
  readonly handler: string;
  readonly timeout: Duration;
  /** Default: CloudFormation generates a name. */
  readonly functionName?: string;
  readonly environment?: Record<string, string>;
}

type Network = Pick<lambda.FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

/** Creates the functions of a stack and their roles. All functions share one log group, one network, and the options of the provider. */
export class ProviderFunctions {
  public readonly logGroup: logs.LogGroup;
  public readonly network: Network;
  private readonly code: lambda.Code;

  /**
   * @param scope the scope of the shared resources
   */
  constructor(private readonly scope: Construct, private readonly options: RtcProviderOptions) {
    this.code = handlerCode(scope);
    this.logGroup = createLogGroup(scope, options);
    this.network = createNetwork(scope, options);
  }

  public get isTraced(): boolean {
    return (this.options.tracing ?? lambda.Tracing.DISABLED) !== lambda.Tracing.DISABLED;
  }

  public createFunction(scope: Construct, id: string, role: FunctionRole, { description, handler, ...props }: HandlerProps): lambda.Function {
    const created = new lambda.Function(scope, id, {
      description: description.slice(0, 256),
      runtime: lambda.determineLatestNodeRuntime(this.scope),
      handler: `index.${handler}`,
      code: this.code,
      role,
      logGroup: this.logGroup,
      memorySize: this.options.memorySize ?? 256,
      environmentEncryption: this.options.encryptionKey,
      tracing: this.options.tracing,
      ...this.network,
      ...props,
    });
    role.addFunction(created.node.defaultChild as lambda.CfnFunction);
    return created;
  }

  public createRole(
    scope: Construct, id: string, statements: iam.PolicyStatement[],
    { document = new FunctionDocument(), ignored }: { readonly document?: FunctionDocument; readonly ignored?: readonly string[] } = {},
  ): FunctionRole {
    const environment = this.environmentStatements();
    const log = new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] });
    document.addStatements(log, ...statements, ...environment);
    const role = new FunctionRole(scope, id, document, ignored);
    suppress(role, { IAMNoInlinePolicy: REASONS.inlinePolicy });
    if (environment.some(({ resources }) => resources.includes('*'))) suppress(role, { LambdaStarPermissions: REASONS.environment });
    suppressWildcards(role, environment, REASONS.environment);
    return role;
  }

  /** What a function needs because of the provider's options. */
  private environmentStatements(): iam.PolicyStatement[] {
    const { encryptionKey, vpc } = this.options;
    return [
      ...encryptionKey ? [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] })] : [],
      ...vpc ? [new iam.PolicyStatement(VPC_STATEMENT)] : [],
      ...this.isTraced ? [new iam.PolicyStatement(TRACING_STATEMENT)] : [],
    ];
  }
}

function createLogGroup(scope: Construct, { encryptionKey, logRetention, logRemovalPolicy }: RtcProviderOptions): logs.LogGroup {
  const { partition, region, account, urlSuffix } = Stack.of(scope);
  encryptionKey?.addToResourcePolicy(new iam.PolicyStatement({
    // Unlike most service principals, the principal of CloudWatch Logs has the suffix of its partition.
    principals: [new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`)],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` } },
  }));
  return new logs.LogGroup(scope, 'LogGroup', {
    retention: logRetention ?? logs.RetentionDays.ONE_MONTH,
    removalPolicy: logRemovalPolicy ?? RemovalPolicy.DESTROY,
    encryptionKey,
  });
}

function createNetwork(scope: Construct, { vpc, vpcSubnets, securityGroups }: RtcProviderOptions): Network {
  // Not in `configure`, because an outer scope can give the VPC and an inner scope its subnets.
  const withoutVpc = vpc ? [] : Object.entries({ vpcSubnets, securityGroups }).filter(([, value]) => value !== undefined);
  throwIfInvalid(scope, [
    ...withoutVpc.map(([name]) => `RtcProvider.configure: ${name}: need vpc, got them without; give the VPC too, or leave them out`),
    ...vpc && securityGroups?.length === 0 ? ['RtcProvider.configure: securityGroups: must be 1 or more, got none; leave them out for a new one'] : [],
  ]);
  if (!vpc) return {};
  return { vpc, vpcSubnets, securityGroups: securityGroups ?? [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Functions of cdk-rtc' })] };
}
