import { Stack, Validations } from 'aws-cdk-lib';
import type { Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** The packs of cdk-nag whose rules share names. */
const PACKS_WITH_RULE_NAMES = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321', 'Serverless'];

/** The reasons for suppressing findings, by rule: an ID such as `AwsSolutions-SF1`, or the name that a rule has in several packs. */
export type Reasons = { readonly [rule: string]: string };

/**
 * Suppresses findings of cdk-nag about decisions of the library, so that users don't need to suppress them.
 *
 * Don't suppress findings about decisions of a company, such as its network or its keys. The user sets an option of the library for them, and without
 * the option the finding is correct.
 */
export function suppress(construct: IConstruct, reasons: Reasons): void {
  record(construct, Object.entries(reasons).flatMap(([rule, reason]) =>
    (rule.includes('-') ? [rule] : PACKS_WITH_RULE_NAMES.map((pack) => `${pack}-${rule}`)).map((id) => [id, reason])));
}

/** Suppresses the finding of each wildcard. cdk-nag names a finding after the action or resource in the template. */
export function suppressWildcards(construct: IConstruct, statements: readonly PolicyStatement[], reason: string): void {
  const stack = Stack.of(construct);
  const documents: { Action?: unknown; Resource?: unknown }[] = statements.map((statement) => stack.resolve(statement.toStatementJson()));
  const wildcards = [
    ...documents.flatMap(({ Action }) => listed(Action).map((action) => `Action::${action}`)),
    ...documents.flatMap(({ Resource }) => listed(Resource).map((resource) => `Resource::${flattened(resource)}`)),
  ].filter((finding) => finding.includes('*'));
  record(construct, wildcards.map((finding) => [`AwsSolutions-IAM5[${finding}]`, reason]));
}

/** Suppresses the findings of the wildcards that a grant has added to the policy of its grantee. */
export function suppressGrant(grant: Grant, { grantPrincipal }: IGrantable, reason: string): Grant {
  if (Construct.isConstruct(grantPrincipal)) suppressWildcards(grantPrincipal, grant.principalStatements, reason);
  return grant;
}

/**
 * Records what `Validations.acknowledge` records. That method rejects IDs with more than one `::`. From an ID with one `::` it drops the prefix, and
 * then aws-cdk-lib suppresses the rule in the whole app: a wildcard of this library would hide the user's own wildcards.
 */
function record(construct: IConstruct, rules: readonly (readonly [id: string, reason: string])[]): void {
  if (rules.length === 0) return;
  construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, Object.fromEntries(rules.map(([id, reason]) => [`Annotation::${id}`, reason])));
}

function listed(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** An ARN in the notation of cdk-nag: `arn:<AWS::Partition>:…`, `<LogicalId.Arn>`, and `<name>` for the policy variable `${name}`. */
function flattened(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('${', '<').replaceAll('}', '>');
  const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (join) return join[1].map(flattened).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  return reference ? `<${reference}>` : JSON.stringify(value);
}
