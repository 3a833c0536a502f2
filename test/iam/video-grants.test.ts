import { GRANTEES } from './exceptions';
import { KEY, type Permission, permissionsOf, RECORDINGS_KEY, STACKS, textOf } from './permissions';
import { Emulator, type EmulatorResponse, ivsRealtime, kinesisVideo, kinesisVideoSignaling, secretsManager, VirtualClock } from '../../local/emulator';
import { Authorizer } from '../../local/emulator/authorization';
import { operationOf, signingName } from '../../local/emulator/model';
import { ACCOUNT, REGION } from '../handler-setup';

/*
 * Each grant on channels, streams, and stages: a role with only this grant makes the calls of an application, and without any permission of the grant one of
 * these calls is denied. The emulator answers the operations that it has. For the others, the simulator of IAM decides alone.
 * That a grant allows no other call is in the tests of the grants.
 */

/** The creation time in the ARNs of the stacks, in milliseconds. */
const CREATED = 1_700_000_000_000;

/** A request to an emulated service, or what IAM is asked about a call to another service. */
type Call =
  | { readonly service: string; readonly operation: string; readonly input: Record<string, unknown> }
  | { readonly action: string; readonly arns: readonly string[]; readonly conditionKeys?: Record<string, string> };

const emulator = new Emulator({
  account: ACCOUNT,
  clock: new VirtualClock({ start: CREATED }),
  timings: { creating: 0 },
  rates: 'off',
  services: [kinesisVideo(), kinesisVideoSignaling(), ivsRealtime(), secretsManager()],
  principals: async (accessKeyId) => (accessKeyId === 'OWNER' ? 'unrestricted' : principalOf(granted)) as never,
});

/** The error of a call that is allowed, and whose participant isn't connected. */
const NOT_FOUND = 'ResourceNotFoundException';

/** The permissions of the role that makes the next calls. */
let granted: Permission[] = [];

function principalOf(permissions: Permission[]) {
  const Statement = permissions.map(({ action: Action, resources: Resource, conditions: Condition }) => ({ Effect: 'Allow', Action, Resource, Condition }));
  return { arn: `arn:aws:iam::${ACCOUNT}:role/role`, policies: Statement.length > 0 ? [{ Version: '2012-10-17', Statement }] : [] };
}

async function send(serviceName: string, operation: string, input: object, accessKeyId: string): Promise<EmulatorResponse> {
  const { model } = emulator.service(serviceName);
  const { http: { method, requestUri } } = operationOf(model, operation);
  const scope = `${accessKeyId}/20260101/${REGION}/${signingName(model)}/aws4_request`;
  return emulator.handle({
    method,
    path: `/${serviceName}${requestUri}`,
    headers: {
      'authorization': `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${model.metadata.targetPrefix}.${operation}`,
    },
    body: JSON.stringify(input),
  });
}

async function byOwner(serviceName: string, operation: string, input: object): Promise<any> {
  const { status, body } = await send(serviceName, operation, input, 'OWNER');
  if (status !== 200) throw new Error(`${operation}: ${body}`);
  return JSON.parse(body);
}

const authorizer = new Authorizer();

async function isDenied(call: Call): Promise<boolean> {
  if ('operation' in call) {
    const { status, headers, body } = await send(call.service, call.operation, call.input, 'ROLE');
    const error: string | undefined = status === 200 ? undefined : headers['x-amzn-errortype'] ?? JSON.parse(body).__type;
    if (error === undefined || error === NOT_FOUND) return false;
    if (!/AccessDenied/.test(error)) throw new Error(`${call.operation}: ${body}`);
    return true;
  }
  const { action, arns, conditionKeys } = call;
  const service = { iamPrefix: '', errors: { accessDenied: 'AccessDenied' } } as never;
  return authorizer.authorize(service, '', principalOf(granted), ACCOUNT, arns.map((arn) => ({ action, arn, conditionKeys }))).then(() => false, (error: Error) => {
    // A call that the simulator can't judge proves nothing.
    if (error.message.includes('could not be evaluated')) throw error;
    return true;
  });
}

async function deniedCalls(permissions: Permission[], calls: readonly Call[]): Promise<string[]> {
  granted = permissions;
  const denied: string[] = [];
  for (const call of calls) if (await isDenied(call)) denied.push('operation' in call ? call.operation : call.action);
  return denied;
}

/** The permissions without this resource of this permission. */
const without = (permissions: Permission[], permission: Permission, resource: string): Permission[] => permissions.flatMap((one) => {
  const resources = one === permission ? one.resources.filter((arn) => arn !== resource) : one.resources;
  return resources.length > 0 ? [{ ...one, resources }] : [];
});

const asks = (service: string, arn: string, ...operations: string[]): Call[] => operations.map((operation) => ({ action: `${service}:${operation}`, arns: [arn] }));
const video = (operation: string, input: Record<string, unknown>): Call => ({ service: 'kinesisvideo', operation, input });

const grantedIn = (stack: string): Permission[] => permissionsOf(STACKS[stack]).filter(({ role }) => GRANTEES.test(role));

type Roles = (arnOf: (part: string) => string) => Record<string, Call[]>;

/** `arnOf`: the ARN in the permissions that has this part. `prepare` creates the resources, and returns their ARNs if they differ from those in the permissions. */
const GRANTS: [stack: string, prepare: (arnOf: (part: string) => string) => Promise<Record<string, string>>, roles: Roles][] = [
  ['SignalingChannel', async (arnOf) => {
    for (const [operation, member, part] of [['CreateSignalingChannel', 'ChannelName', ':channel/'], ['CreateStream', 'StreamName', ':stream/recordings/']]) {
      const created = await byOwner('kinesisvideo', operation, { [member]: arnOf(part).split('/')[1] });
      expect(Object.values(created)).toEqual([arnOf(part)]);
    }
    return {};
  }, (arnOf) => {
    const [ChannelARN, StreamARN] = [arnOf(':channel/'), arnOf(':stream/recordings/')];
    const iceServers = [
      video('GetSignalingChannelEndpoint', { ChannelARN }), { service: 'kinesis-video-signaling', operation: 'GetIceServerConfig', input: { ChannelARN } },
    ];
    const peer = (side: string) => [video('DescribeSignalingChannel', { ChannelARN }), ...iceServers, ...asks('kinesisvideo', ChannelARN, `ConnectAs${side}`)];
    const recorded = (join: string) => [
      video('DescribeMediaStorageConfiguration', { ChannelARN }), ...asks('kinesisvideo', ChannelARN, join),
      video('DescribeStream', { StreamARN }), video('GetDataEndpoint', { StreamARN, APIName: 'PUT_MEDIA' }), ...asks('kinesisvideo', StreamARN, 'PutMedia'), ...asks('kms', RECORDINGS_KEY, 'Decrypt', 'GenerateDataKey'),
    ];
    return {
      Master: peer('Master'),
      Viewer: peer('Viewer'),
      StorageMaster: [...peer('Master'), ...recorded('JoinStorageSession')],
      StorageViewer: [...peer('Viewer'), ...recorded('JoinStorageSessionAsViewer')],
      VoiceAgent: iceServers,
    };
  }],
  ['VideoStream', async (arnOf) => {
    expect(await byOwner('kinesisvideo', 'CreateStream', { StreamName: arnOf(':stream/').split('/')[1] })).toEqual({ StreamARN: arnOf(':stream/') });
    return {};
  }, (arnOf) => {
    const StreamARN = arnOf(':stream/');
    const reads = (...operations: string[]) => [video('GetDataEndpoint', { StreamARN, APIName: 'PUT_MEDIA' }), ...asks('kinesisvideo', StreamARN, ...operations)];
    return {
      Producer: [
        video('DescribeStream', { StreamARN }), ...reads('PutMedia'),
        // The service makes these calls with the credentials of the producer.
        ...asks('s3', 'arn:aws:s3:::images/1.jpg', 'PutObject'), ...asks('sns', arnOf(':sns:'), 'Publish'),
      ],
      LiveReader: reads('GetMedia'),
      FragmentReader: reads('ListFragments', 'GetMediaForFragmentList'),
      Player: reads('GetHLSStreamingSessionURL', 'GetDASHStreamingSessionURL'),
      ClipReader: reads('GetClip'),
      ImageReader: reads('GetImages'),
    };
  }],
  ['IngestConfiguration', async (arnOf) => {
    const { ARN } = await byOwner('secrets-manager', 'CreateSecret', { Name: 'stream-key', SecretString: '{}', ClientRequestToken: 'a'.repeat(32) });
    return { [arnOf(':secretsmanager:')]: ARN };
  }, (arnOf) => ({
    Encoder: [
      ...['GetSecretValue', 'DescribeSecret'].map((operation) => ({ service: 'secrets-manager', operation, input: { SecretId: arnOf(':secretsmanager:') } })),
      // Secrets Manager makes this call with the credentials of the reader.
      { action: 'kms:Decrypt', arns: [KEY], conditionKeys: { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` } },
    ],
  })],
  ['RealTimeStage', async (arnOf) => (
    { [arnOf(':stage/')]: emulator.applyResource({ action: 'create', type: 'AWS::IVS::Stage', account: ACCOUNT, region: REGION, properties: {} }).physicalId }
  ), (arnOf) => {
    const arn = arnOf(':stage/');
    const getStage: Call = { service: 'ivs-realtime', operation: 'GetStage', input: { arn } };
    const used = ['encoder-configuration', 'storage-configuration', 'channel'].map((kind) => arnOf(`:${kind}/`));
    return {
      TokenCreator: [{ service: 'ivs-realtime', operation: 'CreateParticipantToken', input: { stageArn: arn } }],
      Moderator: [{ service: 'ivs-realtime', operation: 'DisconnectParticipant', input: { stageArn: arn, participantId: 'Unknown' } }],
      StageReader: [getStage],
      SessionReader: [getStage, ...asks('ivs', arn, 'GetStageSession', 'GetParticipant', 'ListStageSessions', 'ListParticipants', 'ListParticipantEvents')],
      Composer: [{ action: 'ivs:StartComposition', arns: [arn, ...used] }, ...asks('ivs', `arn:aws:ivs:${REGION}:${ACCOUNT}:composition/any`, 'GetComposition', 'StopComposition')],
    };
  }],
];

describe.each(GRANTS)('%s', (stack, prepare, roles) => {
  const permissions = grantedIn(stack);
  const named = (part: string) => permissions.flatMap(({ resources }) => resources).find((arn) => arn.includes(part))!;
  const created = new Map<string, string>();
  const actual = (arn: string) => created.get(arn) ?? arn;
  beforeAll(async () => { for (const [arn, other] of Object.entries(await prepare(named))) created.set(arn, other); });

  test.each(Object.keys(roles(named)))('%s', async (role) => {
    const own = permissions.filter((permission) => permission.role === role).map((one) => ({ ...one, resources: one.resources.map(actual) }));
    const calls = roles((part) => actual(named(part)))[role];
    expect(await deniedCalls(own, calls)).toEqual([]);
    for (const permission of own) {
      for (const resource of permission.resources) {
        const denied = await deniedCalls(without(own, permission, resource), calls);
        expect([textOf(permission), denied.length]).not.toEqual([textOf(permission), 0]);
      }
    }
  });
});

test('every grant on channels, streams, and stages is in the table', () => {
  const grantees = GRANTS.flatMap(([stack]) => grantedIn(stack)).map(({ role }) => role);
  expect([...new Set(grantees)].sort()).toEqual(GRANTS.flatMap(([, , roles]) => Object.keys(roles(() => ''))).sort());
});
