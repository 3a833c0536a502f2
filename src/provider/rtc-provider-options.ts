import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';

/**
 * Settings of the functions behind the constructs: one set of them serves a whole stack.
 */
export interface RtcProviderOptions {
  /**
   * The VPC in which the functions run. It needs a way to the public endpoints of the services (a NAT gateway), because
   * not all of them have interface endpoints.
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
   * @default - one new security group for all of them, where a VPC is given
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How long the log events of the functions are kept, all in one log group that goes with the stack.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The key that encrypts the log group and the environment variables of the functions.
   *
   * A key of this app gets the statement that CloudWatch Logs needs; an imported one must already have it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   * @default - the keys that AWS owns
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Memory of the two handler functions, in MiB, 128 to 10240.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * AWS X-Ray traces of the functions and of the state machine that waits for them.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
   * @default Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * The permissions boundary of all roles of the set.
   *
   * @default - none of its own; a boundary that an enclosing scope applies reaches these roles too
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * Tags of the functions, roles, log group and state machine of the set.
   *
   * @default - only those that `Tags.of()` gives
   */
  readonly tags?: { [key: string]: string };

  /**
   * How many resources of this library AWS CloudFormation may create, update or delete at the same time, in a stack and the stacks nested in it.
   *
   * Each of them needs two concurrent AWS Lambda executions. If the account has no more left, its deployment fails with `TooManyRequestsException`. Use 4
   * for an account whose quota is 10.
   *
   * The limit consists of dependencies between the resources (`DependsOn`), which follow the dependencies that the template has already. It changes none
   * of the resources, so it may come and go. The deletions of a deployment follow the template before it.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
   * @default - no limit
   */
  readonly maxConcurrency?: number;

  /**
   * Whether the functions may change only what carries the owner tag of their own stack (`cdk-rtc:stack`).
   *
   * Turn it off only where a service in your partition does not evaluate tag conditions; the handlers check the owner all the same.
   *
   * @default true
   */
  readonly tagConditions?: boolean;
}
