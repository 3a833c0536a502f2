import { CfnResource, Duration, type IResolvable, Lazy, RemovalPolicy, Stack, Tags, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as custom_resources from 'aws-cdk-lib/custom-resources';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, acknowledgeWildcards, type Reasons } from './acknowledgements';
import { concrete } from './concrete';
import { TIMING } from './contract';
import { TRACING_STATEMENT, VPC_STATEMENT } from './environment-rights';
import { throwIfInvalid } from './errors';
import { FunctionDocument, FunctionRole } from './function-role';
import { handlerCode } from './handler-asset';
import { limitConcurrency, retryThrottledInvocations, validateMaxConcurrency } from './lambda-concurrency';
import { networkOf } from './network';
import { resolvedBytes } from './resolved-bytes';
import { findSharedState, sharedState } from './shared-state';
import { validateTags } from './tags-validation';
import type { RtcProviderOptions } from '../provider/rtc-provider-options';

/** A kind of resource: a name and what its handler may do, the same for every property, count and region. */
export interface ResourceKind {
  readonly name: string;
  statements(context: StatementContext): iam.PolicyStatement[];
  /** What is read to compare one with its wish; nothing else may be in it. */
  reads?(context: StatementContext): iam.PolicyStatement[];
}

/** A resource that the handlers create: the one of a construct. */
export interface HandledResource extends CfnResource {
  /** The resource's own kind, and the kinds that its properties need in addition. */
  readonly kinds: readonly ResourceKind[];
  /** Permissions to read the resource, in addition to those of its kinds. */
  readonly reads: readonly iam.PolicyStatement[];
  /** The properties as the template will have them. */
  readonly desired: { readonly [name: string]: unknown };
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
  /** Default: CloudFormation generates one. */
  readonly functionName?: string;
  readonly environment?: Record<string, string>;
}

/** A function that a construct has for itself, made like those of the set: the same code, log group, network, key and memory. */
export interface SetFunctionProps extends HandlerProps {
  /** What its role may do, inline: the permission lives exactly as long as the function. */
  readonly statements: iam.PolicyStatement[];
  /** Where they go: an empty one, for those that are known only later. */
  readonly document?: FunctionDocument;
}

/** Fixed: the logical ids of the set, the service token among them, follow from it. */
const SET_ID = 'CdkRtc';

/** Characters of all inline policies of a role together, without blanks. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LARGEST_INLINE_POLICIES = 10_240;

/** Granted by the provider framework to each of its functions, for both handlers. The roles have the rights of each function instead. */
const FRAMEWORK_GRANTS = ['lambda:GetFunction', 'lambda:InvokeFunction', 'states:StartExecution'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const TRACE_EXECUTIONS = ['xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOG_EXECUTIONS = [
  'logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies', 'logs:GetLogDelivery',
  'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:UpdateLogDelivery',
];

/** Why the answers to cdk-nag are what they are. */
const REASONS = {
  inlinePolicy: 'A permission of these roles lives exactly as long as what it is for, and no one else can attach it.',
  wildcards: 'The permission must hold for every name and region that a resource of the stack has had, until the last of them is deleted; what is changed must carry the '
    + 'owner tag of the stack wherever the service evaluates tags. Lists and creates of meetings know no resource, and a key is used as its service documents it.',
  environment: 'Network interfaces and traces know no narrower resource.',
  versions: 'All versions of one function of this stack; the provider framework of the AWS CDK grants it so.',
  tracing: 'Each poll would be a trace. RtcProvider.configure({ tracing }) turns it on.',
};

const FUNCTION_REASONS: Reasons = {
  LambdaDLQ: 'Nothing is lost silently: a failure goes to CloudFormation or the caller, and a missed run of a schedule is made up for by the next.',
  LambdaConcurrency: 'It runs as often as there are resources being deployed, or callers. To reserve concurrency would take it from the account, where too little is left '
    + 'to reserve by default in new accounts, and a throttled handler would fail deployments.',
  LambdaTracing: REASONS.tracing,
};

const WAITER_REASONS: Reasons = {
  'IAMNoInlinePolicy': REASONS.inlinePolicy,
  'AwsSolutions-SF1': 'Its executions only repeat one call, and the function called logs what it sees. The delivery of execution logs would take a place in the '
    + 'resource policy that the account has for all of them.',
  'AwsSolutions-SF2': REASONS.tracing,
  'StepFunctionStateMachineXray': REASONS.tracing,
};

/** Names of the state that hangs on constructs: the options on a scope, and the mark on a provider set itself. */
const OPTIONS = 'RtcProvider.options';
const SET_MARK = 'ProviderSet';

export function configureProviderSet(scope: IConstruct, options: RtcProviderOptions): void {
  if (findSharedState(scope, OPTIONS)) {
    throw new Error(`[${scope.node.path}] RtcProvider.configure: this scope is configured already; give all options in one call`);
  }
  const existing = scope.node.findAll().find(isProviderSet);
  if (existing) {
    throw new Error(`[${scope.node.path}] RtcProvider.configure: ${existing.node.path} exists already; configure before the first construct of cdk-rtc in this scope`);
  }
  const { memorySize } = options;
  if (memorySize !== undefined && !Token.isUnresolved(memorySize) && (!Number.isInteger(memorySize) || memorySize < 128 || memorySize > 10240)) {
    throwIfInvalid(scope, [`RtcProvider.configure: memorySize: must be a whole number of MiB from 128 to 10240, got ${memorySize}; leave it out for 256`]);
  }
  throwIfInvalid(scope, validateMaxConcurrency(options.maxConcurrency).map((finding) => `RtcProvider.configure: ${finding}`));
  throwIfInvalid(scope, validateProviderTags(options.tags).map((finding) => `RtcProvider.configure: ${finding}`));
  sharedState(scope, OPTIONS, () => options);
}

/** The strictest of what functions, roles, log groups and state machines take. */
function validateProviderTags(tags: { readonly [key: string]: string } = {}): string[] {
  const known = Object.entries(tags).map(([key, value]) => ({ Key: concrete(key) ?? 'unknown', Value: concrete(value) ?? '' }));
  return validateTags(known, { count: 50, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u });
}

/** Whether a construct may count on tag conditions; also where there is no set. */
export function hasTagConditions(scope: IConstruct): boolean {
  return resolveOptions(scope).tagConditions ?? true;
}

/** The inner scope's option holds over the outer one's. */
function resolveOptions(scope: IConstruct): RtcProviderOptions {
  return Object.assign({}, ...scope.node.scopes.map((outer) => findSharedState<RtcProviderOptions>(outer, OPTIONS)));
}

/** Not `instanceof`: another copy of the library may have created it. */
function isProviderSet(construct: IConstruct): construct is ProviderSet {
  return findSharedState(construct, SET_MARK) !== undefined;
}

/** One set a stack: the handlers, the provider framework around them, and a policy for each kind of resource in use. */
export class ProviderSet extends Construct {
  public static getOrCreate(scope: Construct): ProviderSet {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(SET_ID);
    if (!existing) return new ProviderSet(stack);
    if (!isProviderSet(existing)) {
      throwIfInvalid(stack, [`${SET_ID}: this id is reserved for the functions of cdk-rtc, and another construct of the stack has it; give that construct another id`]);
    }
    return existing as ProviderSet;
  }

  /** Not the framework's string: every resource would resolve it anew, step by step. */
  public readonly serviceToken: IResolvable;
  /** What calls the services. */
  public readonly handlers: lambda.IFunction[];
  /** For statements that are not of a kind. */
  public readonly context: StatementContext;
  private readonly options: RtcProviderOptions;
  private readonly handlerRole: FunctionRole;
  private readonly handlerDocument = new FunctionDocument();
  private readonly handlerPolicies: iam.Policy[] = [];
  private readonly logGroup: logs.LogGroup;
  private readonly code: lambda.Code;
  private readonly provider: custom_resources.Provider;
  private readonly waiterActions = new Set<string[]>();
  private readonly resources: HandledResource[] = [];
  private readonly listeners: ((resource: HandledResource) => void)[] = [];
  private readonly network: Pick<lambda.FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

  private constructor(stack: Stack) {
    super(stack, SET_ID);
    sharedState(this, SET_MARK, () => ({}));
    this.options = resolveOptions(this);
    this.code = handlerCode(this);
    this.context = { stack, conditions: ownerConditions(stack, this.options.tagConditions ?? true) };
    const { encryptionKey } = this.options;

    this.logGroup = this.createLogGroup();
    this.network = this.createNetwork();
    this.handlerRole = this.createRole(this, 'HandlerRole', [], { document: this.handlerDocument });
    this.node.addValidation({ validate: () => [...this.completeAfterAspects(), ...this.validateInlinePolicies()] });

    const handler = (name: 'onEvent' | 'isComplete', timeout: number) => this.createFunction(this, name === 'onEvent' ? 'OnEvent' : 'IsComplete', this.handlerRole, {
      description: `cdk-rtc ${name} (${this.node.path})`,
      handler: name,
      timeout: Duration.seconds(timeout),
    });
    const onEventHandler = handler('onEvent', TIMING.onEventTimeout);
    const isCompleteHandler = handler('isComplete', TIMING.isCompleteTimeout);

    const onEventRole = this.createRole(this, 'FrameworkOnEventRole', [allowInvoke(onEventHandler), new iam.PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [Lazy.string({ produce: () => waiterOf(provider).stateMachine.ref })],
    })], { ignored: FRAMEWORK_GRANTS });
    const completeRole = this.createRole(this, 'FrameworkCompleteRole', [allowInvoke(isCompleteHandler)], { ignored: FRAMEWORK_GRANTS });
    const provider: custom_resources.Provider = this.provider = new custom_resources.Provider(this, 'Provider', {
      onEventHandler,
      isCompleteHandler,
      queryInterval: Duration.seconds(TIMING.queryInterval),
      totalTimeout: Duration.seconds(TIMING.queryInterval * TIMING.queryAttempts),
      frameworkOnEventRole: onEventRole,
      frameworkCompleteAndTimeoutRole: completeRole,
      logGroup: this.logGroup,
      providerFunctionEnvEncryption: encryptionKey,
      ...this.network,
    });
    for (const { node } of provider.node.children) {
      if (!lambda.CfnFunction.isCfnFunction(node.defaultChild)) continue;
      (node.id === 'framework-onEvent' ? onEventRole : completeRole).addFunction(node.defaultChild);
    }
    // By its ARN every resource needs this function, and by it the network: both outlive the last Delete.
    const serviceFunction = provider.node.findChild('framework-onEvent').node.defaultChild as lambda.CfnFunction;
    serviceFunction.node.addDependency(networkOf(serviceFunction));
    this.serviceToken = Tokenization.reverseString(provider.serviceToken).firstToken!;
    this.completeProvider(provider);
    acknowledge(this, FUNCTION_REASONS);
    this.handlers = [onEventHandler, isCompleteHandler];
    this.applyOptions(this);
  }

  /** The policy of a kind: every resource of the kind depends on it, so that it outlives the last of them. */
  public policyFor(kind: ResourceKind): iam.Policy {
    const id = `${kind.name}Policy`;
    return (this.node.tryFindChild(id) as iam.Policy | undefined) ?? this.allowHandlers(this, id, kind.statements(this.context));
  }

  /** What the handlers may do with something of one construct. The custom resource that needs it must depend on it. */
  public allowHandlers(scope: Construct, id: string, statements: iam.PolicyStatement[]): iam.Policy {
    const policy = new iam.Policy(scope, id, { statements });
    // Not by the property: a role that `Role.customizeRoles` replaces reports what is in the policy at this moment.
    this.handlerRole.attachPolicy(policy);
    this.handlerPolicies.push(policy);
    acknowledge(policy, { IAMNoInlinePolicy: REASONS.inlinePolicy });
    acknowledgeWildcards(policy, statements, REASONS.wildcards);
    return policy;
  }

  /** A function of one construct, with a role of its own. */
  public addFunction(scope: Construct, id: string, { statements, document, ...props }: SetFunctionProps): lambda.Function {
    const role = this.createRole(scope, `${id}Role`, statements, { document });
    const made = this.createFunction(scope, id, role, props);
    for (const construct of [role, made]) this.applyOptions(construct);
    acknowledge(made, FUNCTION_REASONS);
    acknowledge(role, { LambdaStarPermissions: REASONS.wildcards });
    acknowledgeWildcards(role, statements, REASONS.wildcards);
    return made;
  }

  /** The options for whatever is made beside the set. */
  public applyOptions(scope: Construct): void {
    const { permissionsBoundary, tags } = this.options;
    if (permissionsBoundary) iam.PermissionsBoundary.of(scope).apply(permissionsBoundary);
    for (const [key, value] of Object.entries(tags ?? {})) Tags.of(scope).add(key, value);
  }

  public addResource(resource: HandledResource): void {
    limitConcurrency(resource, (stack) => resolveOptions(stack).maxConcurrency);
    this.resources.push(resource);
    for (const tell of this.listeners) tell(resource);
  }

  /** Tells of every resource of the stack, also of those that are still to be made. */
  public onResource(tell: (resource: HandledResource) => void): void {
    this.resources.forEach(tell);
    this.listeners.push(tell);
  }

  /** For what only aspects of the app have decided. Validation is the last step before the templates are written. */
  private completeAfterAspects(): string[] {
    followConditions(this.resources);
    this.completeWaiter();
    return [];
  }

  /** Kinds are few and their policies constant; what the constructs have for themselves adds up. */
  private validateInlinePolicies(): string[] {
    // In place of a role that `Role.customizeRoles` replaces, the user's own has whatever kind of policies.
    if (!this.handlerRole.node.defaultChild) return [];
    const documents = [this.handlerDocument, ...this.handlerPolicies.map(({ document }) => document)];
    const characters = documents.reduce((sum, document) => sum + resolvedBytes(Stack.of(this), document), 0);
    if (characters <= LARGEST_INLINE_POLICIES) return [];
    const holders = this.handlerPolicies.map(({ node }) => node.scope!).filter((scope) => scope !== this).map(({ node }) => node.path);
    return [`HandlerRole: its inline policies must have at most ${LARGEST_INLINE_POLICIES} characters together, got about ${characters}; `
      + `put some of the ${holders.length} constructs that have one each into another stack, such as ${holders.slice(-3).join(', ')}`];
  }

  private createFunction(scope: Construct, id: string, role: FunctionRole, { description, handler, ...props }: HandlerProps): lambda.Function {
    const made = new lambda.Function(scope, id, {
      description: description.slice(0, 256),
      runtime: lambda.determineLatestNodeRuntime(this),
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
    role.addFunction(made.node.defaultChild as lambda.CfnFunction);
    return made;
  }

  /** What the provider has no properties for. */
  private completeProvider(provider: custom_resources.Provider): void {
    const functions = provider.node.children.map(({ node }) => node.defaultChild).filter((child) => lambda.CfnFunction.isCfnFunction(child));
    for (const resource of functions) {
      resource.memorySize = 128;
      if (this.isTraced()) resource.tracingConfig = { mode: this.options.tracing! };
    }
    if (this.options.maxConcurrency !== undefined) retryThrottledInvocations(provider);
    if (this.isTraced()) {
      waiterOf(provider).stateMachine.tracingConfiguration = { enabled: true };
      this.allowWaiter(TRACE_EXECUTIONS);
    }
    acknowledge(provider, WAITER_REASONS);
    acknowledgeWildcards(provider, [new iam.PolicyStatement({ resources: functions.map(({ attrArn }) => `${attrArn}:*`) })], REASONS.versions);
  }

  /** The rights that the state machine needs for what an aspect has turned on. */
  private completeWaiter(): void {
    const { tracingConfiguration, loggingConfiguration } = waiterOf(this.provider).stateMachine;
    if (tracingConfiguration) this.allowWaiter(TRACE_EXECUTIONS);
    if (loggingConfiguration) this.allowWaiter(LOG_EXECUTIONS);
  }

  private allowWaiter(actions: string[]): void {
    if (this.waiterActions.has(actions)) return;
    this.waiterActions.add(actions);
    const statement = new iam.PolicyStatement({ actions, resources: ['*'] });
    waiterOf(this.provider).role.addToPrincipalPolicy(statement);
    acknowledgeWildcards(this.provider, [statement], REASONS.environment);
  }

  private isTraced(): boolean {
    return (this.options.tracing ?? lambda.Tracing.DISABLED) !== lambda.Tracing.DISABLED;
  }

  private createLogGroup(): logs.LogGroup {
    const { encryptionKey, logRetention } = this.options;
    const { partition, region, account, urlSuffix } = Stack.of(this);
    encryptionKey?.addToResourcePolicy(new iam.PolicyStatement({
      // Unlike most principals, this one has the suffix of its partition.
      principals: [new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`)],
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
    // Here, because one scope may give the VPC and another what goes with it.
    const without = vpc ? [] : Object.entries({ vpcSubnets, securityGroups }).filter(([, value]) => value !== undefined);
    throwIfInvalid(this, [
      ...without.map(([name]) => `RtcProvider.configure: ${name}: need vpc, got them without; give the VPC too, or leave them out`),
      ...vpc && securityGroups?.length === 0 ? ['RtcProvider.configure: securityGroups: must be 1 or more, got none; leave them out for a new one'] : [],
    ]);
    if (!vpc) return {};
    return { vpc, vpcSubnets, securityGroups: securityGroups ?? [new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Functions of cdk-rtc' })] };
  }

  /** Inline, so that the permission lives exactly as long as the role, and costs no resource. */
  private createRole(
    scope: Construct, id: string, statements: iam.PolicyStatement[],
    { document = new FunctionDocument(), ignored }: { readonly document?: FunctionDocument; readonly ignored?: readonly string[] } = {},
  ): FunctionRole {
    const environment = this.environmentStatements();
    const log = new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] });
    document.addStatements(log, ...statements, ...environment);
    const role = new FunctionRole(scope, id, document, ignored);
    acknowledge(role, { IAMNoInlinePolicy: REASONS.inlinePolicy });
    if (environment.some(({ resources }) => resources.includes('*'))) acknowledge(role, { LambdaStarPermissions: REASONS.environment });
    acknowledgeWildcards(role, environment, REASONS.environment);
    return role;
  }

  /** What a function needs for where it runs. */
  private environmentStatements(): iam.PolicyStatement[] {
    const { encryptionKey, vpc } = this.options;
    return [
      ...encryptionKey ? [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] })] : [],
      ...vpc ? [new iam.PolicyStatement(VPC_STATEMENT)] : [],
      ...this.isTraced() ? [new iam.PolicyStatement(TRACING_STATEMENT)] : [],
    ];
  }
}

/** The table, the functions, and the alarms of a conditional resource refer to it, or are of no use without it: they exist under the same condition. */
function followConditions(resources: readonly HandledResource[]): void {
  for (const { cfnOptions: { condition }, node: { scope }, stack } of resources) {
    if (!condition) continue;
    for (const child of scope!.node.findAll()) {
      if (CfnResource.isCfnResource(child) && child.stack === stack) child.cfnOptions.condition ??= condition;
    }
  }
}

// GetFunction: after a failed call the framework waits until the function is active again.
function allowInvoke(handler: lambda.IFunction): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['lambda:GetFunction', 'lambda:InvokeFunction'], resources: [handler.functionArn] });
}

// The provider does not show its state machine, but its construct ids are as good as public: every deployed stack stands on them.
function waiterOf(provider: custom_resources.Provider): { role: iam.Role; stateMachine: stepfunctions.CfnStateMachine } {
  const { node } = provider.node.findChild('waiter-state-machine');
  return { role: node.findChild('Role') as iam.Role, stateMachine: node.findChild('Resource') as stepfunctions.CfnStateMachine };
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
