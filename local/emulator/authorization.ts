import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ServiceError } from './errors';
import { Service, Target } from './service';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type PolicyDocument = any;

export interface Principal {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
}

/** Asked at every call, so that the policies are those of that moment. undefined: no such access key. */
export type Principals = (accessKeyId: string) => Promise<Principal | 'unrestricted' | undefined>;

interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** IAM's part of every call. */
export class Authorizer {
  private readonly decided = new Map<string, Promise<Decision>>();

  /** Throws the service's access-denied error unless the principal may do this to every target. */
  async authorize(service: Service, operation: string, principal: Principal, account: string, targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      const action = target.action ?? `${service.iamPrefix}:${operation}`;
      const decision = await this.decide(principal, action, account, target);
      if (!decision.allowed) {
        throw new ServiceError(service.errors.accessDenied,
          `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${target.arn} ${decision.reason}`);
      }
    }
  }

  private async decide(principal: Principal, action: string, account: string, target: Target): Promise<Decision> {
    const question = JSON.stringify([principal, action, account, target.arn, target.tags, target.requestTags, target.tagKeys, target.conditionKeys]);
    const known = this.decided.get(question) ?? simulate(principal, action, account, target);
    this.decided.set(question, known);
    return known;
  }
}

async function simulate(principal: Principal, action: string, account: string, target: Target): Promise<Decision> {
  const outcome = await runSimulation({
    request: { principal: principal.arn, action, resource: { resource: target.arn, accountId: account }, contextVariables: contextOf(target) },
    identityPolicies: principal.policies.map((policy, i) => ({ name: `policy-${i + 1}`, policy: simulatable(policy) })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...target.arn.split(':')[2] === 'kms' && { resourcePolicy: defaultKeyPolicy(target.arn) },
    ...principal.boundary && { permissionBoundaryPolicies: [{ name: 'boundary', policy: simulatable(principal.boundary) }] },
  }, {});
  if (outcome.resultType === 'error') {
    // Nothing that the simulator cannot judge is allowed silently, and the reason shows.
    return { allowed: false, reason: `because the policies could not be evaluated: ${JSON.stringify(outcome.errors)}` };
  }
  return {
    allowed: outcome.overallResult === 'Allowed',
    reason: outcome.overallResult === 'ExplicitlyDenied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`,
  };
}

/** What CDK and the console give a key: it leaves the decision to IAM in its account. */
function defaultKeyPolicy(keyArn: string): PolicyDocument {
  const [, partition, , , account] = keyArn.split(':');
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
  };
}

/** The simulator does not know the service's own name for a tag of a secret, which means the same. */
function simulatable(policy: PolicyDocument): PolicyDocument {
  return JSON.parse(JSON.stringify(policy).replace(/"secretsmanager:ResourceTag\//gi, '"aws:ResourceTag/'));
}

function contextOf(target: Target): Record<string, string | string[]> {
  const keys = target.tagKeys ?? Object.keys(target.requestTags ?? {});
  return {
    ...Object.fromEntries(Object.entries(target.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
    ...Object.fromEntries(Object.entries(target.requestTags ?? {}).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    // An empty set of tags is an absent key.
    ...keys.length > 0 && { 'aws:TagKeys': [...keys] },
    ...target.conditionKeys,
  };
}
