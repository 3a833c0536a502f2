import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { withoutTemplateValidation } from './template-validation';

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: unknown[];
}

/** The handlers' policies as CloudFormation would put them: the template's own, with its references filled in. It is synthesised once. */
export function synthesisedPolicies(build: (stack: Stack) => void): (values: { stackId: string; account: string }) => PolicyDocument[] {
  let documents: unknown[] | undefined;
  return ({ stackId, account }) => {
    documents ??= policyDocuments(build);
    const references: Record<string, string> = { 'AWS::StackId': stackId, 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::Region': 'us-east-1' };
    return documents.map((document) => fill(document, references) as PolicyDocument);
  };
}

function policyDocuments(build: (stack: Stack) => void): unknown[] {
  return Object.values(synthesised(build).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('HandlerRole'))
    .map(({ Properties }) => Properties.PolicyDocument);
}

/** The template of a stack; what is wrong with it, other tests say. */
export function synthesised(build: (stack: Stack) => void): Template {
  const app = new App();
  Validations.of(app).addPlugins(withoutTemplateValidation);
  const stack = new Stack(app, 'Policies');
  build(stack);
  return Template.fromStack(stack);
}

function fill(value: unknown, references: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, references));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as Record<string, any>;
  if (Ref !== undefined) return references[Ref];
  if (join) return (fill(join[1], references) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, references)]));
}
