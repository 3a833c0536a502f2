import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { withoutTemplateValidation } from './template-validation';

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: unknown[];
}

/** The handlers' policies as CloudFormation would put them: the template's own, with its references filled in. */
export function synthesisedPolicies(build: (stack: Stack) => void, values: { stackId: string; account: string }): PolicyDocument[] {
  const app = new App();
  // What is wrong with a template, other tests say.
  Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new Stack(app, 'Policies');
  build(stack);
  const references: Record<string, string> = { 'AWS::StackId': values.stackId, 'AWS::AccountId': values.account, 'AWS::Partition': 'aws', 'AWS::Region': 'us-east-1' };
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('HandlerRole'));
  return policies.map(({ Properties }) => fill(Properties.PolicyDocument, references) as PolicyDocument);
}

function fill(value: unknown, references: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, references));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as Record<string, any>;
  if (Ref !== undefined) return references[Ref];
  if (join) return (fill(join[1], references) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, references)]));
}
