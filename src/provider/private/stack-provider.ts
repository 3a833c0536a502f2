import { CfnResource, Duration, type IResolvable, Stack, Tags, Tokenization } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { ProviderFramework } from './framework';
import { FunctionDocument } from './function-role';
import { type HandlerProps, ProviderFunctions } from './functions';
import { type HandledResource, HandlerPolicies } from './handler-policies';
import { limitConcurrency } from './lambda-concurrency';
import { hasOptions, resolveOptions, setOptions } from './options';
import { FUNCTION_REASONS, REASONS } from './suppression-reasons';
import { shareCondition } from '../../private/condition';
import { TIMING } from '../../private/contract';
import { throwIfInvalid } from '../../private/errors';
import { findSharedState, sharedState } from '../../private/shared-state';
import { suppress, suppressWildcards } from '../../private/suppressions';
import type { RtcProviderOptions } from '../rtc-provider-options';

/** A function of one construct. It shares the code, log group, network, key, and memory of the handlers. */
export interface ConstructFunctionProps extends HandlerProps {
  /** The statements of its role, inline: a permission exists exactly as long as the function. */
  readonly statements: iam.PolicyStatement[];
  /** The document that holds the statements, for a construct that adds statements later. */
  readonly document?: FunctionDocument;
}

/** Can't change: the logical IDs of the provider's resources, the service token among them, depend on this ID. */
const PROVIDER_ID = 'CdkRtc';

/** The name under which a provider holds its mark. */
const MARK = 'StackProvider';

/** The functions that create the resources of one stack: the handlers, the provider framework that calls them, and the policies of the handlers. */
export class StackProvider extends Construct {
  public static configure(scope: IConstruct, options: RtcProviderOptions): void {
    if (hasOptions(scope)) {
      throw new Error(`[${scope.node.path}] RtcProvider.configure: this scope is configured already; give all options in one call`);
    }
    const existing = scope.node.findAll().find(isStackProvider);
    if (existing) {
      throw new Error(`[${scope.node.path}] RtcProvider.configure: ${existing.node.path} exists already; configure before the first construct of cdk-rtc in this scope`);
    }
    setOptions(scope, options);
  }

  public static getOrCreate(scope: Construct): StackProvider {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(PROVIDER_ID);
    if (!existing) return new StackProvider(stack);
    if (!isStackProvider(existing)) {
      throwIfInvalid(stack, [`${PROVIDER_ID}: this id is reserved for the functions of cdk-rtc, and another construct of the stack has it; give that construct another id`]);
    }
    return existing as StackProvider;
  }

  /** One token for all resources. The framework's string is parsed again each time that a resource resolves it. */
  public readonly serviceToken: IResolvable;
  /** The functions that call the services. */
  public readonly handlers: lambda.IFunction[];
  public readonly policies: HandlerPolicies;
  private readonly options: RtcProviderOptions;
  private readonly functions: ProviderFunctions;
  private readonly framework: ProviderFramework;
  private readonly resources: HandledResource[] = [];
  private readonly listeners: ((resource: HandledResource) => void)[] = [];

  private constructor(stack: Stack) {
    super(stack, PROVIDER_ID);
    sharedState(this, MARK, () => ({}));
    this.options = resolveOptions(this);
    this.functions = new ProviderFunctions(this, this.options);
    const document = new FunctionDocument();
    const role = this.functions.createRole(this, 'HandlerRole', [], { document });
    this.policies = new HandlerPolicies(this, role, document, this.options.tagConditions ?? true);
    const handler = (id: string, name: string, timeout: number) => this.functions.createFunction(this, id, role, {
      description: `cdk-rtc ${name} (${this.node.path})`,
      handler: name,
      timeout: Duration.seconds(timeout),
    });
    const onEvent = handler('OnEvent', 'onEvent', TIMING.onEventTimeout);
    const isComplete = handler('IsComplete', 'isComplete', TIMING.isCompleteTimeout);
    this.handlers = [onEvent, isComplete];
    this.framework = new ProviderFramework(this, this.options, this.functions, { onEvent, isComplete });
    this.serviceToken = Tokenization.reverseString(this.framework.serviceToken).firstToken!;
    suppress(this, FUNCTION_REASONS);
    this.applyOptions(this);
    this.node.addValidation({ validate: () => [...this.completeAfterAspects(), ...this.policies.validate()] });
  }

  /** Creates a function of one construct, with a role of its own. */
  public addFunction(scope: Construct, id: string, { statements, document, ...props }: ConstructFunctionProps): lambda.Function {
    const role = this.functions.createRole(scope, `${id}Role`, statements, { document });
    const created = this.functions.createFunction(scope, id, role, props);
    for (const construct of [role, created]) this.applyOptions(construct);
    suppress(created, FUNCTION_REASONS);
    suppress(role, { LambdaStarPermissions: REASONS.wildcards });
    suppressWildcards(role, statements, REASONS.wildcards);
    return created;
  }

  /** Applies the permissions boundary and the tags to a construct outside of the provider. */
  public applyOptions(scope: Construct): void {
    const { permissionsBoundary, tags } = this.options;
    if (permissionsBoundary) iam.PermissionsBoundary.of(scope).apply(permissionsBoundary);
    for (const [key, value] of Object.entries(tags ?? {})) Tags.of(scope).add(key, value);
  }

  public addResource(resource: HandledResource): void {
    limitConcurrency(resource, (stack) => resolveOptions(stack).maxConcurrency);
    this.resources.push(resource);
    for (const notify of this.listeners) notify(resource);
  }

  /** Calls `notify` for every resource of the stack, also for resources that are created later. */
  public onResource(notify: (resource: HandledResource) => void): void {
    this.resources.forEach(notify);
    this.listeners.push(notify);
  }

  /** For properties that aspects of the app set. Validation is the last step before the templates are written. */
  private completeAfterAspects(): string[] {
    // The scope of a mixin's resource is a resource of the user.
    for (const resource of this.resources) if (!CfnResource.isCfnResource(resource.node.scope)) shareCondition(resource);
    this.framework.allowWaiterEnvironment();
    return [];
  }
}

/** Not `instanceof`: another copy of the library may have created the construct. */
function isStackProvider(construct: IConstruct): construct is StackProvider {
  return findSharedState(construct, MARK) !== undefined;
}

