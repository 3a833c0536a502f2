import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { DENIED, type Exception, excuses, GRANTEES, NOT_IN_REFERENCE, ON_EVERYTHING, REACHES_NEIGHBOURS, UNUSED } from './exceptions';
import { type Asked, everythingAsked } from './lifecycles';
import { everyPermission, everything, type Permission, permissionsOf, rolesOf, servicesLetIn, STACKS, textOf, withResourcePolicies } from './permissions';
import { changesSomething, unknownTo } from './reference';
import { Authorizer } from '../../local/emulator/authorization';
import { resolvedBytes } from '../../src/private/resolved-bytes';
import { ACCOUNT, stackId } from '../handler-setup';
import { synthesised } from '../policy-stacks';

const EVERYTHING = everyPermission();
const authorizer = new Authorizer();

interface Question {
  readonly action: string;
  readonly target: Asked['target'];
}

/** Whether this permission lets a role do it. All statements are Allow, so a role may do what one of its permissions allows. */
async function allows({ action: Action, resources: Resource, conditions: Condition }: Permission, { action, target }: Question): Promise<boolean> {
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, Condition }] };
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/role`, policies: [policy] };
  const service = { iamPrefix: '', errors: { accessDenied: 'AccessDenied' } } as never;
  return authorizer.authorize(service, '', principal, ACCOUNT, [{ ...target, action }]).then(() => true, (error: Error) => {
    // What the simulator cannot judge proves nothing.
    if (error.message.includes('could not be evaluated')) throw error;
    return false;
  });
}

/** Those that no exception excuses, and the exceptions that excuse nothing. */
function unexcused(permissions: Permission[], exceptions: Exception[]): { permissions: string[]; superfluous: string[] } {
  return {
    permissions: [...new Set(permissions.filter((permission) => !exceptions.some((exception) => excuses(exception, permission))).map(textOf))],
    superfluous: exceptions.filter((exception) => !permissions.some((permission) => excuses(exception, permission))).map(({ reason }) => reason),
  };
}

/** All that a permission asks for besides tags is so. */
function circumstancesOf({ conditions }: Permission): Record<string, string> {
  const keys = Object.values(conditions).flatMap((operator) => Object.entries(operator)).filter(([key]) => !key.startsWith('aws:'));
  return Object.fromEntries(keys.map(([key, value]) => [key, String(value)]));
}

const NONE = { permissions: [], superfluous: [] };

describe('in the life of a resource', () => {
  let asked: Asked[];
  beforeAll(async () => { asked = await everythingAsked(); });

  const distinct = () => {
    const known = ({ role, action, isAllowed, target }: Asked) => JSON.stringify([role, action, isAllowed, target]);
    return [...new Map(asked.map((request) => [known(request), request])).values()];
  };

  test('every call is allowed, alone and among all, but for what the table excuses', async () => {
    const denied: Permission[] = [];
    const onlyAlone: string[] = [];
    for (const { isAllowed, role, action, target } of distinct()) {
      // Of what carries tags nothing is excused.
      if (!isAllowed) {
        denied.push({ role, action, resources: [target.tags ? `${target.arn} with tags` : target.arn], conditions: {}, policy: '' });
        continue;
      }
      const among = EVERYTHING.filter((permission) => permission.role === role && permission.action === action);
      const judged = await Promise.all(among.map((permission) => allows(permission, { action, target })));
      if (!judged.includes(true)) onlyAlone.push(`${role} ${action} on ${target.arn}`);
    }
    expect(unexcused(denied, DENIED)).toEqual(NONE);
    expect(onlyAlone).toEqual([]);
  });

  test('every permission is used, but for what the table excuses', async () => {
    const unused: Permission[] = [];
    // Of several resources each must be.
    for (const permission of EVERYTHING.flatMap((one) => one.resources.map((resource) => ({ ...one, resources: [resource] })))) {
      let isUsed = false;
      for (const request of distinct()) {
        isUsed ||= request.role === permission.role && request.action === permission.action && await allows(permission, request);
      }
      if (!isUsed) unused.push(permission);
    }
    expect(unexcused(unused, UNUSED)).toEqual(NONE);
  });
});

test('alone, a construct has no permission that it does not have among all', () => {
  const among = new Set(EVERYTHING.map(({ action, resources }) => `${action} ${shapes(resources)}`));
  for (const [name, build] of Object.entries(STACKS)) {
    expect([name, permissionsOf(build).map(({ action, resources }) => `${action} ${shapes(resources)}`).filter((text) => !among.has(text))]).toEqual([name, []]);
  }
});

test('a stack without logging of voice connectors has no permission to deliver logs', () => {
  const delivering = Object.entries(STACKS).filter(([, build]) => permissionsOf(build).some(({ role, action }) => role === 'CdkRtcHandlerRole' && action === 'logs:CreateLogDelivery'));
  expect(delivering.map(([name]) => name)).toEqual(['VoiceConnectorLogging', 'RtcDriftMonitor', 'everything']);
});

const ORDER_OR_RELEASE = ['chime:CreatePhoneNumberOrder', 'chime:DeletePhoneNumber', 'chime:RestorePhoneNumber', 'chime:UpdatePhoneNumber'];

test('only a stack that orders phone numbers has a permission to order, to restore, to change, or to release one, and only its handlers have it', async () => {
  const ordering: Record<string, string[]> = {};
  for (const [name, build] of Object.entries(STACKS)) {
    const roles = new Set<string>();
    for (const permission of permissionsOf(build).filter(({ action }) => ORDER_OR_RELEASE.includes(action) || action.includes('*'))) {
      for (const action of ORDER_OR_RELEASE) if (await allows(permission, { action, target: { arn: '*' } })) roles.add(permission.role);
    }
    if (roles.size > 0) ordering[name] = [...roles];
  }
  expect(ordering).toEqual({ PhoneNumber: ['CdkRtcHandlerRole'], RtcDriftMonitor: ['CdkRtcHandlerRole'] });
});

test('the handler policies of all kinds together have at most 8,500 of the 10,240 characters of a role, so that constructs can have policies of their own', () => {
  let stack!: Stack;
  const template = synthesised((built) => {
    stack = built;
    everything(built);
  });
  // Those of a construct have an ID of the construct.
  const policies = Object.entries<any>(template.toJSON().Resources).filter(([id, { Type, Properties }]) => (
    Type === 'AWS::IAM::Policy' && id.startsWith('CdkRtc') && JSON.stringify(Properties.Roles).includes('CdkRtcHandlerRole')
  ));
  const names = policies.map(([id]) => id.replace(/^CdkRtc|Policy\w+$/g, ''));
  expect(names).toEqual(expect.arrayContaining(['VoiceConnectorStreaming', 'VoiceConnectorSettings', 'VoiceConnectorLogDelivery', 'LegacyChimeMeetingPool']));
  expect(policies.reduce((sum, [, { Properties }]) => sum + resolvedBytes(stack, Properties.PolicyDocument), 0)).toBeLessThanOrEqual(8_500);
});

/** Logical ids differ from stack to stack. */
function shapes(resources: string[]): string {
  return resources.map((arn) => arn.replace(/[0-9A-F]{8}(?=[-:/]|$)/g, 'ID')).join(' ');
}

test('where tag conditions are off, the same is allowed on the same resources', () => {
  const without = permissionsOf((stack) => everything(stack, { tagConditions: false }));
  const distinct = (permissions: Permission[]) => [...new Set(permissions.map((permission) => textOf({ ...permission, conditions: {} })))].sort();
  expect(distinct(without)).toEqual(distinct(permissionsOf(STACKS.everything)));
  // Those that are not the option's: of secrets and keys, and of what grants give.
  const conditioned = without.filter(({ role, conditions }) => !GRANTEES.test(role) && /cdk-rtc:/.test(JSON.stringify(conditions)));
  expect(conditioned.map(({ action }) => action.split(':')[0]).filter((service) => service !== 'secretsmanager')).toEqual([]);
});

test('what is excused for the provider framework of the AWS CDK is in its code', () => {
  const library = path.dirname(require.resolve('aws-cdk-lib/package.json'));
  const outbound = readFileSync(path.join(library, 'custom-resources', 'lib', 'provider-framework', 'runtime', 'outbound.js'), 'utf8');
  // After a failed call it waits until the function is active again, which asks for GetFunction.
  for (const call of ['.invoke(', 'waitUntilFunctionActiveV2', '.startExecution(']) expect(outbound).toContain(call);
});

test('each role is for one service', () => {
  for (const build of Object.values(STACKS)) {
    for (const { role, assumedBy } of rolesOf(build).filter((one) => !GRANTEES.test(one.role))) {
      expect([role, assumedBy]).toEqual([role, expect.stringMatching(/^(lambda|states|scheduler)\.amazonaws\.com( if aws:SourceAccount = 123456789012)?$/)]);
    }
  }
});

test('a service is let in for this account or one thing of it only', () => {
  const letIn = servicesLetIn(withResourcePolicies);
  expect(letIn.map(({ service }) => service)).toEqual(expect.arrayContaining(['meetings.chime.amazonaws.com', 'events.amazonaws.com', 'logs.us-east-1.amazonaws.com']));
  const limits = ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'];
  const isLimited = (keys: Record<string, unknown>) => limits.some((key) => String(keys[key]).includes(ACCOUNT));
  expect(letIn.filter(({ conditions }) => !Object.values(conditions).some(isLimited))).toEqual([]);
  // AWS documents the account's condition for queues, not for their keys.
  const limitedIfSent = letIn.filter(({ conditions }) => Object.keys(conditions).every((operator) => operator.endsWith('IfExists')));
  expect(limitedIfSent.map(({ resource }) => resource)).toEqual(['QueueKey']);
});

describe('by the service authorization reference of AWS', () => {
  test('nothing is allowed on every resource, but actions without one and what the table excuses', async () => {
    const broad: Permission[] = [];
    for (const permission of EVERYTHING.filter(({ resources }) => resources.includes('*'))) {
      if ((await unknownTo({ ...permission, conditions: {} })).length > 0) broad.push(permission);
    }
    expect(unexcused(broad, ON_EVERYTHING)).toEqual(NONE);
  });

  test('each action exists, on its own resources, under condition keys that it knows, but for what the table excuses', async () => {
    const odd: Permission[] = [];
    for (const permission of EVERYTHING) {
      const findings = (await unknownTo(permission)).filter((finding) => !/ on \*, /.test(finding));
      if (findings.length > 0) odd.push(permission);
    }
    expect(unexcused(odd, NOT_IN_REFERENCE)).toEqual(NONE);
  });
});

test('nothing that carries another stack\'s owner tags can be changed, seized or deleted, but for what the table excuses', async () => {
  const otherStack = stackId('OtherStack', '2');
  const foreign = { 'cdk-rtc:stack': otherStack, 'cdk-rtc:resource': 'x', 'cdk-rtc:pool': 'OtherStack-Rooms-1-1' };
  const reaching: Permission[] = [];
  const withoutLegacy: string[] = [];
  for (const [name, build] of Object.entries(STACKS)) {
    for (const permission of permissionsOf(build)) {
      if (!await changesSomething(permission.action)) continue;
      const own = Object.values(permission.conditions).flatMap((keys) => Object.entries(keys)).find(([key]) => key === 'aws:ResourceTag/cdk-rtc:stack');
      // The streams of one log group, and the versions of one function.
      const isOne = /^(logs|lambda):/.test(permission.action);
      for (const pattern of permission.resources.filter((arn) => arn.includes('*') && !isOne)) {
        const arn = pattern === '*' ? '*' : pattern.replace(/\*/g, 'other');
        const isCreate = /:Create(Meeting|SignalingChannel|IngestConfiguration)/.test(permission.action);
        // A new resource has no owner yet: the request must tag it with this stack's owner tag.
        const tags = isCreate ? { requestTags: foreign } : { tags: foreign, requestTags: { ...foreign, 'cdk-rtc:stack': own ? String(own[1]) : otherStack } };
        const action = permission.action.replace('GenerateDataKey*', 'GenerateDataKey').replace('ReEncrypt*', 'ReEncryptFrom');
        const isUnlisted = permission.action === 'chime:CreateMeeting' && pattern !== '*';
        const target = { arn, isUnlisted, ...tags, conditionKeys: circumstancesOf(permission) };
        // The simulator judges by the same reference: what is not in it cannot be judged, and counts as allowed.
        const cannotBeJudged = !isUnlisted && NOT_IN_REFERENCE.some((exception) => excuses(exception, permission));
        if (cannotBeJudged || await allows(permission, { action, target })) {
          reaching.push(permission);
          if (/Meeting|Attendee/.test(permission.action) && !/legacy|everything/.test(name)) withoutLegacy.push(`${name}: ${textOf(permission)}`);
        }
      }
    }
  }
  expect(unexcused(reaching, REACHES_NEIGHBOURS)).toEqual(NONE);
  // What a legacy pool needs comes with one only.
  expect(withoutLegacy).toEqual([]);
});
