import { type PolicyStack, resourcesOf } from './stored-templates';

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: unknown[];
}

interface Values {
  readonly stackId: string;
  readonly account: string;
  /** Default: us-east-1. */
  readonly region?: string;
}

/** The handlers' policies of a stack as CloudFormation resolves them: those of its template, with their references filled in. */
export function synthesisedPolicies(stack: PolicyStack): (values: Values) => PolicyDocument[] {
  let documents: unknown[] | undefined;
  // The same objects for the same values: the emulator remembers what it knows of a policy.
  const known = new Map<string, PolicyDocument[]>();
  return ({ stackId, account, region = 'us-east-1' }) => {
    const key = `${stackId} ${account} ${region}`;
    const references: Record<string, string> = { 'AWS::StackId': stackId, 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::Region': region };
    documents ??= policyDocuments(stack);
    const policies = known.get(key) ?? documents.map((document) => fill(document, references) as PolicyDocument);
    known.set(key, policies);
    return policies;
  };
}

function policyDocuments(stack: PolicyStack): unknown[] {
  return Object.values(resourcesOf(stack))
    .filter(({ Type, Properties }) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes('HandlerRole'))
    .map(({ Properties }) => Properties.PolicyDocument);
}

function fill(value: unknown, references: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, references));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as Record<string, any>;
  if (Ref !== undefined) return references[Ref];
  if (join) return (fill(join[1], references) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, references)]));
}
