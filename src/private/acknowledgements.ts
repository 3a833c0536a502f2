import { Stack, Validations } from 'aws-cdk-lib';
import type { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** The packs of cdk-nag whose rules have the same names. */
const PACKS_WITH_RULE_NAMES = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321', 'Serverless'];

/** Reasons why something stays as it is, by the rule that asks: an id as `AwsSolutions-SF1`, or the name that a rule has in several packs. */
export type Reasons = { readonly [rule: string]: string };

/**
 * Answers cdk-nag for what the library has decided, so that its users do not have to.
 *
 * Not for what is a company's decision (whose network, whose keys): an option of the library settles that, and until then the finding is right.
 */
export function acknowledge(construct: IConstruct, reasons: Reasons): void {
  record(construct, Object.entries(reasons).flatMap(([rule, reason]) =>
    (rule.includes('-') ? [rule] : PACKS_WITH_RULE_NAMES.map((pack) => `${pack}-${rule}`)).map((id) => [id, reason])));
}

/** Wildcards are findings one by one, each with its action or resource as it will be in the template. */
export function acknowledgeWildcards(construct: IConstruct, statements: readonly PolicyStatement[], reason: string): void {
  const stack = Stack.of(construct);
  const documents: { Action?: unknown; Resource?: unknown }[] = statements.map((statement) => stack.resolve(statement.toStatementJson()));
  const wildcards = [
    ...documents.flatMap(({ Action }) => listed(Action).map((action) => `Action::${action}`)),
    ...documents.flatMap(({ Resource }) => listed(Resource).map((resource) => `Resource::${flattened(resource)}`)),
  ].filter((finding) => finding.includes('*'));
  record(construct, wildcards.map((finding) => [`AwsSolutions-IAM5[${finding}]`, reason]));
}

/** The same for what a grant has added to the policy of whoever got it. */
export function acknowledgeGrant(grant: Grant, { grantPrincipal }: IGrantable, reason: string): Grant {
  if (Construct.isConstruct(grantPrincipal)) acknowledgeWildcards(grantPrincipal, grant.principalStatements, reason);
  return grant;
}

/**
 * As `Validations.acknowledge` does, which refuses ids with more than one `::`. With one it leaves the prefix out, and then
 * aws-cdk-lib takes the rule for acknowledged in the whole app: a wildcard of ours would hide the user's own.
 */
function record(construct: IConstruct, rules: readonly (readonly [id: string, reason: string])[]): void {
  if (rules.length === 0) return;
  construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, Object.fromEntries(rules.map(([id, reason]) => [`Annotation::${id}`, reason])));
}

function listed(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** An ARN as cdk-nag writes it: `arn:<AWS::Partition>:…`, `<LogicalId.Arn>`. */
function flattened(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (join) return join[1].map(flattened).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  return reference ? `<${reference}>` : JSON.stringify(value);
}
