import type { ProbeContext } from './fact';
import type { PolicyStack } from '../test/stored-templates';
import { type PolicyDocument, synthesisedPolicies } from '../test/synthesised-policies';

interface RolePolicy {
  /** The stack of test/policy-stacks.ts that has the policy. */
  readonly stack: PolicyStack;
  /** Actions that the role has not. */
  readonly without?: RegExp;
  /** Resources on which the role has no permission. */
  readonly withoutResource?: RegExp;
}

/**
 * The policies that the roles of probes can have, by name: those that the library synthesizes for a kind of resource, and such policies without one
 * permission, to see whether a service requires the permission.
 */
export const ROLE_POLICIES = {
  'ChimeMeetingPool': { stack: 'simulatedMeetingPool' },
  'IngestConfiguration': { stack: 'ingestConfiguration' },
  'IngestConfiguration without TagResource': { stack: 'ingestConfiguration', without: /^ivs:TagResource$/ },
  'SignalingChannel': { stack: 'signalingChannel' },
  'SignalingChannel without TagResource': { stack: 'signalingChannel', without: /^kinesisvideo:TagResource$/ },
  'SignalingChannel without the stream': { stack: 'signalingChannel', withoutResource: /:stream\// },
  'VoiceConnectorStreaming': { stack: 'voiceConnectorStreaming' },
  'VoiceConnectorStreaming without targets': { stack: 'voiceConnectorStreaming', without: /^(sns|sqs):/ },
} as const satisfies Record<string, RolePolicy>;

export type RolePolicyName = keyof typeof ROLE_POLICIES;

/** The ID of the stack to which the roles of probes belong. No such stack exists: the ID is only in policies and in owner tags. */
export function stackIdOf({ accountId, namePrefix, region }: Pick<ProbeContext, 'accountId' | 'namePrefix' | 'region'>): string {
  return `arn:aws:cloudformation:${region}:${accountId}:stack/${namePrefix}/probes`;
}

const synthesized = new Map<PolicyStack, ReturnType<typeof synthesisedPolicies>>();

/**
 * The policy documents of a role, with the IDs of the stack, the account, and the region filled in. A statement about another resource of the stack, such as
 * a table, is left out, because the resource doesn't exist.
 */
export function policiesOf(name: string, context: Pick<ProbeContext, 'accountId' | 'namePrefix' | 'region'>): PolicyDocument[] {
  const policy: RolePolicy | undefined = ROLE_POLICIES[name as RolePolicyName];
  if (!policy) throw new Error(`policyOf: there is no policy ${name}; use one of ${Object.keys(ROLE_POLICIES).join(', ')}`);
  const fill = synthesized.get(policy.stack) ?? synthesisedPolicies(policy.stack);
  synthesized.set(policy.stack, fill);
  const documents = fill({ stackId: stackIdOf(context), account: context.accountId, region: context.region });
  return documents.map((document) => reduced(document, policy)).filter(({ Statement }) => Statement.length > 0);
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function reduced(document: PolicyDocument, { without, withoutResource }: RolePolicy): PolicyDocument {
  const statements = (document.Statement as Statement[])
    .filter(({ Resource }) => [Resource].flat().every((arn) => typeof arn === 'string' && !withoutResource?.test(arn)))
    .map((statement) => ({ ...statement, Action: [statement.Action].flat().filter((action) => !without?.test(action)) }))
    .filter(({ Action }) => Action.length > 0);
  return { ...document, Statement: statements };
}
