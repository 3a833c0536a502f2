import * as path from 'node:path';
import { Duration, type IResolvable, Lazy, RemovalPolicy, Stack, Tags, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as custom_resources from 'aws-cdk-lib/custom-resources';
import { Construct, type IConstruct } from 'constructs';
import { TIMING } from './contract';
import { throwIfInvalid } from './errors';
import type { RtcProviderOptions } from '../rtc-provider';

/** A kind of resource: a name and what its handler may do, the same for every property, count and region. */
export interface ResourceKind {
  readonly name: string;
  statements(context: StatementContext): iam.PolicyStatement[];
}

export interface StatementContext {
  readonly stack: Stack;
  /** The conditions under which something of this stack may be changed; empty where tag conditions are off. */
  readonly conditions: OwnerConditions;
}

export interface OwnerConditions {
  readonly create: Conditions;
  readonly change: Conditions;
  /** Tagging needs one statement each: what nobody owns may be taken, what is ours may be tagged, nothing else. */
  readonly tag: Conditions[];
}

type Conditions = { [operator: string]: unknown };

interface HandlerProps {
  readonly description: string;
  /** An export of lambda/index.ts. */
  readonly handler: string;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
}

/** A function that a construct has for itself, made like those of the set: the same code, log group, network, key and memory. */
export interface SetFunctionProps extends HandlerProps {
  /** What its role may do, inline: the permission lives exactly as long as the function. */
  readonly statements: iam.PolicyStatement[];
}

/** Fixed: the logical ids of the set, the service token among them, follow from it. */
const SET_ID = 'CdkRtc';

const optionsOf = new WeakMap<IConstruct, RtcProviderOptions>();

export function configureProviderSet(scope: IConstruct, options: RtcProviderOptions): void {
  if (optionsOf.has(scope)) {
    throw new Error(`[${scope.node.path}] RtcProvider.configure: this scope is configured already; give all options in one call`);
  }
  const existing = scope.node.findAll().find((node) => node instanceof ProviderSet);
  if (existing) {
    throw new Error(`[${scope.node.path}] RtcProvider.configure: ${existing.node.path} exists already; configure before the first construct of cdk-rtc in this scope`);
  }
  const { memorySize } = options;
  if (memorySize !== undefined && !Token.isUnresolved(memorySize) && (!Number.isInteger(memorySize) || memorySize < 128 || memorySize > 10240)) {
    throwIfInvalid(scope, [`RtcProvider.configure: memorySize: must be a whole number of MiB from 128 to 10240, got ${memorySize}; leave it out for 256`]);
  }
  optionsOf.set(scope, options);
}

/** Whether a construct may count on tag conditions; also where there is no set. */
export function hasTagConditions(scope: IConstruct): boolean {
  return resolveOptions(scope).tagConditions ?? true;
}

/** The inner scope's option holds over the outer one's. */
function resolveOptions(scope: IConstruct): RtcProviderOptions {
  return Object.assign({}, ...scope.node.scopes.map((outer) => optionsOf.get(outer)));
}

/** One set a stack: the handlers, the provider framework around them, and a policy for each kind of resource in use. */
export class ProviderSet extends Construct {
  public static getOrCreate(scope: Construct): ProviderSet {
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(SET_ID) as ProviderSet | undefined) ?? new ProviderSet(stack);
  }

  /** Not the framework's string: every resource would resolve it anew, step by step. */
  public readonly serviceToken: IResolvable;
  /** For statements that are not of a kind. */
  public readonly context: StatementContext;
  private readonly options: RtcProviderOptions;
  private readonly handlerRole: iam.Role;
  private readonly logGroup: logs.LogGroup;
  private readonly code = lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'lib', 'lambda'));
  private readonly network: Pick<lambda.FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

  private constructor(stack: Stack) {
    super(stack, SET_ID);
    this.options = resolveOptions(this);
    this.context = { stack, conditions: ownerConditions(stack, this.options.tagConditions ?? true) };
    const { encryptionKey } = this.options;

    this.logGroup = this.createLogGroup();
    this.network = this.createNetwork();
    this.handlerRole = this.createRole(this, 'HandlerRole');

    const handler = (name: 'onEvent' | 'isComplete', timeout: number) => this.createFunction(this, name === 'onEvent' ? 'OnEvent' : 'IsComplete', this.handlerRole, {
      description: `cdk-rtc ${name} (${this.node.path})`,
      handler: name,
      timeout: Duration.seconds(timeout),
    });
    const onEventHandler = handler('onEvent', TIMING.onEventTimeout);
    const isCompleteHandler = handler('isComplete', TIMING.isCompleteTimeout);

    // The framework's own grants would let each of its functions call both handlers, in a policy of its own: these roles hold just what each function does.
    const onEventRole = this.createRole(this, 'FrameworkOnEventRole', allowInvoke(onEventHandler), new iam.PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [Lazy.string({ produce: () => waiterStateMachineArn(provider) })],
    }));
    const completeRole = this.createRole(this, 'FrameworkCompleteRole', allowInvoke(isCompleteHandler));
    const provider: custom_resources.Provider = new custom_resources.Provider(this, 'Provider', {
      onEventHandler,
      isCompleteHandler,
      queryInterval: Duration.seconds(TIMING.queryInterval),
      totalTimeout: Duration.seconds(TIMING.queryInterval * TIMING.queryAttempts),
      frameworkOnEventRole: onEventRole.withoutPolicyUpdates(),
      frameworkCompleteAndTimeoutRole: completeRole.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      providerFunctionEnvEncryption: encryptionKey,
      ...this.network,
    });
    this.serviceToken = Tokenization.reverseString(provider.serviceToken).firstToken!;
    this.applyOptions(this);
  }

  /** The policy of a kind: every resource of the kind depends on it, so that it outlives the last of them. */
  public policyFor(kind: ResourceKind): iam.Policy {
    const id = `${kind.name}Policy`;
    return (this.node.tryFindChild(id) as iam.Policy | undefined) ?? new iam.Policy(this, id, {
      roles: [this.handlerRole],
      statements: kind.statements(this.context),
    });
  }

  /** What the handlers may do with something of one construct. The custom resource that needs it must depend on it. */
  public allowHandlers(scope: Construct, id: string, statements: iam.PolicyStatement[]): iam.Policy {
    return new iam.Policy(scope, id, { roles: [this.handlerRole], statements });
  }

  /** A function of one construct. Its role takes no further permissions. */
  public addFunction(scope: Construct, id: string, { statements, ...props }: SetFunctionProps): lambda.Function {
    const role = this.createRole(scope, `${id}Role`, ...statements);
    const made = this.createFunction(scope, id, role, props);
    for (const construct of [role, made]) this.applyOptions(construct);
    return made;
  }

  private createFunction(scope: Construct, id: string, role: iam.Role, { description, handler, ...props }: HandlerProps): lambda.Function {
    return new lambda.Function(scope, id, {
      description: description.slice(0, 256),
      runtime: lambda.determineLatestNodeRuntime(this),
      handler: `index.${handler}`,
      code: this.code,
      role: role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      memorySize: this.options.memorySize ?? 256,
      environmentEncryption: this.options.encryptionKey,
      ...this.network,
      ...props,
    });
  }

  private applyOptions(scope: Construct): void {
    const { permissionsBoundary, tags } = this.options;
    if (permissionsBoundary) iam.PermissionsBoundary.of(scope).apply(permissionsBoundary);
    for (const [key, value] of Object.entries(tags ?? {})) Tags.of(scope).add(key, value);
  }

  private createLogGroup(): logs.LogGroup {
    const { encryptionKey, logRetention } = this.options;
    const { partition, region, account } = Stack.of(this);
    encryptionKey?.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` } },
    }));
    return new logs.LogGroup(this, 'LogGroup', {
      retention: logRetention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      encryptionKey,
    });
  }

  private createNetwork(): ProviderSet['network'] {
    const { vpc, vpcSubnets, securityGroups } = this.options;
    if (!vpc) return {};
    return { vpc, vpcSubnets, securityGroups: securityGroups ?? [new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Functions of cdk-rtc' })] };
  }

  /** Inline, so that the permission lives exactly as long as the role, and costs no resource. */
  private createRole(scope: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Role {
    const document = new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] }),
        ...statements,
      ],
    });
    if (this.options.encryptionKey) {
      document.addStatements(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.options.encryptionKey.keyArn] }));
    }
    if (this.options.vpc) {
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html: the service knows no narrower resource for these.
      document.addStatements(new iam.PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }));
    }
    return new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), inlinePolicies: { Inline: document } });
  }
}

// GetFunction: after a failed call the framework waits until the function is active again.
function allowInvoke(handler: lambda.IFunction): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['lambda:GetFunction', 'lambda:InvokeFunction'], resources: [handler.functionArn] });
}

// The provider does not show its state machine, but its construct ids are as good as public: every deployed stack stands on them.
function waiterStateMachineArn(provider: custom_resources.Provider): string {
  const stateMachine = provider.node.findChild('waiter-state-machine').node.findChild('Resource');
  return (stateMachine as stepfunctions.CfnStateMachine).ref;
}

function ownerConditions(stack: Stack, tagConditions: boolean): OwnerConditions {
  if (!tagConditions) return { create: {}, change: {}, tag: [{}] };
  const requested = { 'aws:RequestTag/cdk-rtc:stack': stack.stackId };
  const owned = { 'aws:ResourceTag/cdk-rtc:stack': stack.stackId };
  return {
    create: { StringEquals: requested },
    change: { StringEquals: owned },
    tag: [{ StringEquals: requested, Null: { 'aws:ResourceTag/cdk-rtc:stack': 'true' } }, { StringEquals: owned }],
  };
}
