import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';

/**
 * Options of the functions that create the resources of a stack. All constructs of a stack share the functions.
 */
export interface RtcProviderOptions {
  /**
   * The VPC in which the functions run. The functions must be able to reach the public endpoints of the services, for example through a NAT gateway,
   * because not all services have interface endpoints.
   *
   * @default - no VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of `vpc` in which the functions run.
   *
   * @default - the VPC's default strategy: private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the functions.
   *
   * @default - if `vpc` is set, one new security group for all functions
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The retention of the functions' log events. All functions use one log group.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Whether the log group is deleted when the stack no longer contains it: with the stack, or in the rollback of the deployment that created it.
   * `RETAIN` keeps the log of a first deployment that failed. Each further attempt then creates another log group. To delete the log groups, use
   * Amazon CloudWatch.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
   * @default RemovalPolicy.DESTROY
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * The key that encrypts the log group and the environment variables of the functions.
   *
   * The policy of a key in this app is extended with the statement that CloudWatch Logs needs. The policy of an imported key must already have it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   * @default - AWS owned keys
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The memory of the two handler functions, in MiB: 128 to 10240.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * The AWS X-Ray tracing mode of the functions, and of the state machine that waits for the resources.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
   * @default Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * The permissions boundary of all roles of the provider.
   *
   * @default - no permissions boundary, except for one that an enclosing scope applies
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * The tags of the provider's functions, roles, log group, and state machine.
   *
   * @default - only the tags of `Tags.of()`
   */
  readonly tags?: { [key: string]: string };

  /**
   * The number of resources of this library that AWS CloudFormation creates, updates, or deletes at the same time, in a stack and its nested stacks.
   *
   * Each resource needs two concurrent AWS Lambda executions. If the account's quota is used up, the deployment of the resource fails with
   * `TooManyRequestsException`. Use 4 for an account with a quota of 10.
   *
   * The limit adds dependencies between the resources (`DependsOn`), in the order of the template's existing dependencies. It changes no resource, so you
   * can add or remove the limit at any time. The deletions of a deployment use the dependencies of the previous template.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
   * @default - no limit
   */
  readonly maxConcurrency?: number;

  /**
   * Whether the permissions of the functions are limited to resources with the owner tag of their own stack (`cdk-rtc:stack`).
   *
   * Turn it off only if a service in your partition doesn't evaluate tag conditions. The handlers check the owner in any case.
   *
   * @default true
   */
  readonly tagConditions?: boolean;
}
