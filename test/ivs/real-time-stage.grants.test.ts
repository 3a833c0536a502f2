import { Authorizer } from '../../local/emulator/authorization';
import { ACCOUNT, REGION } from '../handler-setup';
import { type Permission, permissionsOf, STACKS } from '../iam/permissions';

/** The stack of test/iam, in which each role has one grant. */
const PERMISSIONS = permissionsOf(STACKS.RealTimeStage);

const startArns = PERMISSIONS.find(({ action }) => action === 'ivs:StartComposition')!.resources;
const own = (kind: string) => startArns.find((arn) => arn.includes(`:${kind}/`))!;
const other = (kind: string) => `arn:aws:ivs:${REGION}:${ACCOUNT}:${kind}/OtherOne`;
const USED = ['encoder-configuration', 'storage-configuration', 'channel'];

/** What a call asks of IAM, by https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninteractivevideoservice.html */
const CALLS: Record<string, [action: string, arns: string[]]> = {
  ...Object.fromEntries([
    'CreateParticipantToken', 'DisconnectParticipant', 'GetStage', 'GetStageSession', 'GetParticipant', 'ListStageSessions', 'ListParticipants',
    'ListParticipantEvents', 'UpdateStage', 'DeleteStage', 'TagResource', 'UntagResource', 'ListTagsForResource',
  ].flatMap((operation) => [
    [operation, [operation, [own('stage')]]],
    [`${operation} of another stage`, [operation, [other('stage')]]],
  ])),
  'StartComposition': ['StartComposition', [own('stage'), ...USED.map(own)]],
  'StartComposition of another stage': ['StartComposition', [other('stage'), ...USED.map(own)]],
  ...Object.fromEntries(USED.map((kind) => [`StartComposition with another ${kind}`, ['StartComposition', [own('stage'), ...USED.map((one) => (one === kind ? other : own)(one))]]])),
  'GetComposition': ['GetComposition', [other('composition')]],
  'StopComposition': ['StopComposition', [other('composition')]],
  'StopComposition of another region': ['StopComposition', [other('composition').replace(REGION, 'eu-west-1')]],
  'ListCompositions': ['ListCompositions', [own('stage')]],
};

const authorizer = new Authorizer();
const service = { iamPrefix: 'ivs', errors: { accessDenied: 'AccessDenied' } } as never;

async function isAllowed(permissions: Permission[], [operation, arns]: [string, string[]]): Promise<boolean> {
  const Statement = permissions.map(({ action, resources, conditions }) => ({ Effect: 'Allow', Action: action, Resource: resources, Condition: conditions }));
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/role`, policies: [{ Version: '2012-10-17', Statement }] };
  return authorizer.authorize(service, operation, principal, ACCOUNT, arns.map((arn) => ({ arn }))).then(() => true, (error: Error) => {
    // What the simulator cannot judge proves nothing.
    if (error.message.includes('could not be evaluated')) throw error;
    return false;
  });
}

test.each([
  ['createParticipantToken', 'TokenCreator', ['CreateParticipantToken']],
  ['disconnectParticipant', 'Moderator', ['DisconnectParticipant']],
  ['getStage', 'StageReader', ['GetStage']],
  ['readSessions', 'SessionReader', ['GetStage', 'GetStageSession', 'GetParticipant', 'ListStageSessions', 'ListParticipants', 'ListParticipantEvents']],
  ['startComposition', 'Composer', ['StartComposition', 'GetComposition', 'StopComposition']],
])('%s allows its calls, and nothing more', async (_grant, role, expected) => {
  const permissions = PERMISSIONS.filter((permission) => permission.role === role);
  const allowed: string[] = [];
  for (const [name, call] of Object.entries(CALLS)) if (await isAllowed(permissions, call)) allowed.push(name);
  expect(allowed.sort()).toEqual([...expected].sort());
});

test('a role without a grant may call nothing', async () => {
  for (const call of Object.values(CALLS)) expect(await isAllowed([], call)).toBe(false);
});
