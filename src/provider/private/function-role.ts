import { Aws, type CfnCondition, Fn, type IResolveContext, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { environmentPermissions, TRACING_STATEMENT } from './environment-permissions';

/** A resource that can have a CloudFormation condition. */
interface Conditional {
  readonly cfnOptions: { readonly condition?: CfnCondition };
}

/** A policy statement that exists under the condition of its resource. */
interface ConditionalStatement {
  readonly statement: iam.PolicyStatement;
  readonly resource: Conditional;
}

interface RenderedStatement {
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/**
 * The inline policy of functions. It is rendered together with the template, after property injectors and aspects: only then the properties of the
 * functions and the conditions of the resources are known.
 */
export class FunctionDocument extends iam.PolicyDocument {
  private readonly given: (iam.PolicyStatement | ConditionalStatement)[] = [];
  private readonly functions: lambda.CfnFunction[] = [];

  /** Adds a function whose role has this policy. */
  public addFunction(resource: lambda.CfnFunction): void {
    this.functions.push(resource);
  }

  public override addStatements(...statements: iam.PolicyStatement[]): void {
    super.addStatements(...statements);
    // The constructor of the base class calls this method before the list exists.
    if (statements.length > 0) this.given.push(...statements);
  }

  /** Adds statements that name a resource. If the resource has a condition, the statements exist under the same condition. */
  public addStatementsOf(resource: Conditional, statements: readonly iam.PolicyStatement[]): void {
    super.addStatements(...statements);
    this.given.push(...statements.map((statement) => ({ statement, resource })));
  }

  public override resolve(context: IResolveContext): unknown {
    const always = new iam.PolicyDocument();
    const conditional: unknown[] = [];
    for (const item of this.given) {
      const { statement, resource } = 'statement' in item ? item : { statement: item, resource: undefined };
      const condition = resource?.cfnOptions.condition;
      if (condition) conditional.push(Fn.conditionIf(condition.logicalId, statement.toStatementJson(), Aws.NO_VALUE));
      else always.addStatements(statement);
    }
    const { Statement, ...document } = always.resolve(context) as { Statement: RenderedStatement[] };
    const missing = this.missing((value) => context.resolve(value), Statement);
    return { ...document, Statement: [...Statement, ...conditional, ...missing.map((statement) => statement.toStatementJson())] };
  }

  /** The permissions that the functions need because of their properties, and that the statements don't grant. */
  public missing(resolve: (value: unknown) => unknown, statements: readonly unknown[] = this.given.map(toJson)): iam.PolicyStatement[] {
    const existing = statements.map((statement) => resolve(statement) as RenderedStatement);
    const result: iam.PolicyStatement[] = [];
    for (const statement of this.functions.flatMap((resource) => environmentPermissions(resource, resolve))) {
      const rendered = resolve(statement.toStatementJson()) as RenderedStatement;
      if (existing.some((other) => covers(other, rendered))) continue;
      existing.push(rendered);
      result.push(statement);
    }
    return result;
  }
}

/**
 * The role of functions that the library creates. Its one inline policy holds all its permissions, so that a permission exists exactly as long as the
 * role, and before the function that needs the permission. Permissions that injectors, aspects, and grants of the app add are part of the same policy.
 */
export class FunctionRole extends iam.Role {
  private readonly ignored: ReadonlySet<string>;
  private readonly reported = new Set<string>();
  private readonly policies = new Set<iam.Policy>();

  /**
   * @param ignored The actions that the AWS CDK adds by itself, and that `document` already allows or the functions must not have.
   */
  constructor(scope: Construct, id: string, private readonly document: FunctionDocument, ignored: readonly string[] = []) {
    super(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), inlinePolicies: { Inline: document } });
    // `environmentPermissions` adds the actions of tracing to the document.
    this.ignored = new Set([...TRACING_STATEMENT.actions, ...ignored]);
    // Validation runs after all aspects, and before the AWS CDK writes the report of `Role.customizeRoles`.
    this.node.addValidation({ validate: () => this.reportMissing() });
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    if (!statement.actions.length || !statement.actions.every((action) => this.ignored.has(action))) {
      this.document.addStatements(statement);
      this.replacement?.addToPrincipalPolicy(statement);
    }
    return { statementAdded: true, policyDependable: this };
  }

  public override addToPolicy(statement: iam.PolicyStatement): boolean {
    return this.addToPrincipalPolicy(statement).statementAdded;
  }

  /** If a feature flag is on, the AWS CDK creates a policy for each statement. */
  public override attachInlinePolicy(policy: iam.Policy): void {
    if (this.policies.has(policy)) return super.attachInlinePolicy(policy);
    const { Statement = [] }: { Statement?: object[] } = policy.document.toJSON() ?? {};
    for (const statement of Statement) this.addToPrincipalPolicy(iam.PolicyStatement.fromJson(statement));
  }

  /** Adds a function that has this role. */
  public addFunction(resource: lambda.CfnFunction): void {
    this.document.addFunction(resource);
  }

  /** Attaches a policy that is a separate resource. */
  public attachPolicy(policy: iam.Policy): void {
    // The policy attaches itself to the role in turn.
    this.policies.add(policy);
    super.attachInlinePolicy(policy);
  }

  /** The role with which `Role.customizeRoles` replaces this one. Its report has only the statements that are added to it. */
  public get replacement(): iam.IRole | undefined {
    return this.node.tryFindChild(`PrecreatedRole${this.node.id}`) as iam.IRole | undefined;
  }

  private reportMissing(): string[] {
    for (const statement of this.replacement ? this.document.missing((value) => Stack.of(this).resolve(value)) : []) {
      const text = JSON.stringify(statement.toStatementJson());
      if (!this.reported.has(text)) this.replacement!.addToPrincipalPolicy(statement);
      this.reported.add(text);
    }
    return [];
  }
}

function toJson(item: iam.PolicyStatement | ConditionalStatement): unknown {
  return ('statement' in item ? item.statement : item).toStatementJson();
}

/** Whether a statement allows all that another statement allows. */
function covers(existing: RenderedStatement, needed: RenderedStatement): boolean {
  return JSON.stringify(existing.Condition) === JSON.stringify(needed.Condition)
    && isSubset(needed.Action, existing.Action)
    && isSubset(needed.Resource, existing.Resource);
}

function isSubset(part: unknown, whole: unknown): boolean {
  const [parts, wholes] = [part, whole].map((value) => (Array.isArray(value) ? value : [value]).map((item) => JSON.stringify(item)));
  return parts.every((item) => wholes.includes(item));
}
