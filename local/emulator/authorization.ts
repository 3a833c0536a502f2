import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ServiceError } from './errors';
import { Service, Target } from './service';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type PolicyDocument = any;

export interface Principal {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  /** The role of the session was deleted, for example with its stack, while a function was still running. */
  readonly isRoleDeleted?: boolean;
}

/** Asked at every call, so that the policies are those of that moment. undefined: no such access key. */
export type Principals = (accessKeyId: string) => Promise<Principal | 'unrestricted' | undefined>;

interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** What IAM has decided, whichever emulator asked: it depends on nothing but the question. */
const decided = new Map<string, Promise<Decision>>();
const REMEMBERED = 20_000;

/** IAM's part of every call. */
export class Authorizer {

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

  private decide(principal: Principal, action: string, account: string, target: Target): Promise<Decision> {
    const { tags, requestTags, tagKeys, conditionKeys = {}, isUnlisted } = target;
    const arn = alike(target.arn, principal);
    const matters = (given: Target['tags'] = {}) => Object.entries(given).map(([key, value]) => (isAskedFor(principal, key) ? [key, value] : key));
    // The ID of a secret and the ID of its version differ in almost every call.
    const keys = Object.entries(conditionKeys).map(([key, value]) => (isMentioned(principal, key) ? [key, value] : key));
    const asked = [matters(tags), matters(requestTags), tagKeys, keys, isUnlisted];
    const question = JSON.stringify([identityOf(principal), action, account, arn, ...asked]);
    const answered = decided.get(question);
    if (answered) return answered;
    if (decided.size >= REMEMBERED) decided.clear();
    const decision = simulate(principal, action, account, target);
    decided.set(question, decision);
    return decision;
  }
}

/** Of a policy, what each question needs: policies are long, and asked about at every call. */
interface Known {
  /** By which one that says the same is met again. */
  readonly number: number;
  /** Whether it looks at the value of a tag. */
  readonly asksFor: (tag: string) => boolean;
  /** Whether it contains the name of a condition key, as a condition or as a policy variable. */
  readonly mentions: (conditionKey: string) => boolean;
  /** The ARNs that it names, with their quotation marks. */
  readonly arns: readonly string[];
}

const numbers = new Map<string, number>();
const knowledge = new WeakMap<object, Known>();

function known(policy: PolicyDocument): Known {
  const met = knowledge.get(policy);
  if (met) return met;
  const text = JSON.stringify(policy);
  const number = numbers.get(text) ?? numbers.size;
  numbers.set(text, number);
  const lowerCase = text.toLowerCase();
  const tags = new Set([...lowerCase.matchAll(/tag\/([^"]*)"/g)].map(([, tag]) => tag));
  const made = {
    number,
    asksFor: (tag: string) => tags.has(tag.toLowerCase()),
    mentions: (conditionKey: string) => lowerCase.includes(conditionKey.toLowerCase()),
    arns: text.match(/"arn:[^"]*"/g) ?? [],
  };
  knowledge.set(policy, made);
  return made;
}

function allOf({ policies, boundary }: Principal): Known[] {
  return [...policies, ...boundary ? [boundary] : []].map(known);
}

function identityOf({ arn, policies, boundary }: Principal): unknown[] {
  return [arn, policies.map((policy) => known(policy).number), boundary];
}

/** Whether a policy looks at the value of this tag: only then is it another question. */
function isAskedFor(principal: Principal, tag: string): boolean {
  return allOf(principal).some((policy) => policy.asksFor(tag));
}

/** Whether a policy looks at the value of this condition key: only then is it another question. */
function isMentioned(principal: Principal, conditionKey: string): boolean {
  return allOf(principal).some((policy) => policy.mentions(conditionKey));
}

/**
 * The resource, or one like it about which the policies say the same: ids and times are almost always others. If every ARN that the policies
 * name of the service ends in `/*` or `:*`, its wildcard covers at least the last part of any ARN that it matches.
 */
function alike(arn: string, principal: Principal): string {
  const [, , service] = arn.split(':');
  const isOpen = (named: string) => {
    const [, , own = ''] = named.split(':');
    const isOfOther = own !== service && !/[*?$]/.test(own);
    return isOfOther || /[/:]\*"$/.test(named);
  };
  return allOf(principal).every(({ arns }) => arns.every(isOpen)) ? arn.replace(LAST_PART, (_, separator) => `${separator}0`) : arn;
}

const LAST_PART = /([/:])[^/:]*$/;

async function simulate(principal: Principal, action: string, account: string, target: Target): Promise<Decision> {
  const judged = (policy: PolicyDocument) => (target.isUnlisted ? aboutEverything(simulatable(policy), target.arn) : simulatable(policy));
  const resource = target.isUnlisted ? '*' : target.arn;
  const outcome = await runSimulation({
    request: { principal: principal.arn, action, resource: { resource, accountId: account }, contextVariables: contextOf(target) },
    identityPolicies: principal.policies.map(judged).filter(({ Statement }) => Statement.length !== 0).map((policy, i) => ({ name: `policy-${i + 1}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...target.arn.split(':')[2] === 'kms' && { resourcePolicy: defaultKeyPolicy(target.arn) },
    ...principal.boundary && { permissionBoundaryPolicies: [{ name: 'boundary', policy: judged(principal.boundary) }] },
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

/**
 * The simulator knows an action for which the reference lists no resource on `*` only. The statements that match the ARN are judged as statements
 * about everything, and the others are left out.
 */
function aboutEverything(policy: PolicyDocument, arn: string): PolicyDocument {
  const matches = (patterns: string | string[]) => [patterns].flat().some((pattern) => asExpression(pattern).test(arn));
  const isAbout = ({ Resource, NotResource }: PolicyDocument) => (Resource === undefined ? !matches(NotResource) : matches(Resource));
  const statements = [policy.Statement].flat().filter(isAbout);
  return { ...policy, Statement: statements.map(({ Resource, NotResource, ...statement }) => ({ ...statement, Resource: '*' })) };
}

function asExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`);
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
