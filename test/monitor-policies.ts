import { resourcesOf } from './stored-templates';
import type { PolicyDocument } from './synthesised-policies';

const known = new Map<string, PolicyDocument[]>();

/** What the role of a stack's monitor may do, as CloudFormation would put it; every table and key is the one of the test. */
export function monitorPolicies(stackId: string): PolicyDocument[] {
  const policies = known.get(stackId) ?? documents().map((document) => filled(document, stackId) as PolicyDocument);
  known.set(stackId, policies);
  return policies;
}

function documents(): unknown[] {
  const [[, { Properties }]] = Object.entries(resourcesOf('driftMonitor'))
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith('DriftMonitorFunctionRole'));
  return Properties.Policies.map(({ PolicyDocument: document }: { PolicyDocument: unknown }) => document);
}

function filled(document: unknown, stackId: string): unknown {
  const [, , , region, account] = stackId.split(':');
  const references: Record<string, string> = { 'AWS::StackId': stackId, 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::Region': region };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, any>;
    if (Ref !== undefined) return references[Ref];
    if (join) return (fill(join[1]) as string[]).join(join[0]);
    if (attribute) return attribute[0].includes('Table') ? `arn:aws:dynamodb:${region}:${account}:table/*` : `arn:aws:other:::${attribute[0]}`;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  return fill(document);
}
