import { SignatureV4 } from '@smithy/signature-v4';
import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { LocalDeployment, type Session } from './local-deployment';
import { Authorizer } from '../../local/emulator/authorization';
import { Sha256 } from '../../local/launcher/function-url';
import { SignalingChannel } from '../../src';

/* The WebRTC SDK for JavaScript builds its signer and its client from the attributes of a channel, and connects as the roles of the grants. */

const SERVICE = { iamPrefix: 'kinesisvideo', errors: { accessDenied: 'AccessDeniedException' } } as never;

let local: LocalDeployment;
let service: SignalingService;
beforeAll(async () => { local = await LocalDeployment.start(); });
afterAll(() => local?.stop());
beforeEach(() => {
  service = new SignalingService();
  Object.assign(globalThis, { WebSocket: class extends Connection { constructor(url: string) { super(url, service); } } });
});
afterEach(() => { Reflect.deleteProperty(globalThis, 'WebSocket'); });

/**
 * The service at the other end of the connections. It checks the signature of each request, the permission, and that the endpoint is the one of the
 * channel for this side, and passes on messages. https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-websocket-apis.html
 */
class SignalingService {
  readonly sessions = new Map<string, Session>();
  private readonly authorizer = new Authorizer();
  private readonly masters = new Map<string, Connection>();
  private readonly viewers = new Map<string, Connection>();

  async connect(connection: Connection, url: URL): Promise<void> {
    const { 'X-Amz-Signature': signature, ...query } = Object.fromEntries(url.searchParams);
    const { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': clientId } = query;
    const [accessKeyId, , region, name] = query['X-Amz-Credential'].split('/');
    const session = this.sessions.get(accessKeyId)!;
    if (await signatureOf(url, query, session) !== signature) throw new Error('InvalidSignatureException');
    if (name !== 'kinesisvideo' || region !== arn.split(':')[3]) throw new Error(`signed for ${name} in ${region}`);
    const operation = clientId === undefined ? 'ConnectAsMaster' : 'ConnectAsViewer';
    const principal = await local.cloud.principal(accessKeyId);
    if (principal === undefined || principal === 'unrestricted') throw new Error('not the session of a role');
    const { tags } = local.channels().find((channel) => channel.arn === arn)!;
    await this.authorizer.authorize(SERVICE, operation, principal, arn.split(':')[4], [{ arn, tags }]);
    if (!url.hostname.startsWith(clientId === undefined ? 'm-' : 'v-')) throw new Error(`${url.hostname} does not serve ${operation}`);
    if (!url.hostname.includes(`.kinesisvideo.${region}.`)) throw new Error(`${url.hostname} is not in ${region}`);
    (clientId === undefined ? this.masters : this.viewers).set(clientId ?? arn, connection);
    connection.receive = ({ action: messageType, messagePayload, recipientClientId }) => {
      const recipient = clientId === undefined ? this.viewers.get(recipientClientId) : this.masters.get(arn);
      recipient!.deliver({ messageType, messagePayload, senderClientId: clientId });
    };
  }
}

/** The signature by another implementation than the SDK's. */
async function signatureOf(url: URL, query: Record<string, string>, credentials: Session): Promise<string> {
  const own = Object.entries(query).filter(([key]) => ['X-Amz-ChannelARN', 'X-Amz-ClientId'].includes(key));
  const signer = new SignatureV4({ service: 'kinesisvideo', region: query['X-Amz-Credential'].split('/')[2], credentials, sha256: Sha256 });
  const signingDate = new Date(query['X-Amz-Date'].replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  const request = { method: 'GET', protocol: 'wss:', hostname: url.hostname, path: url.pathname, headers: { host: url.host }, query: Object.fromEntries(own) };
  const signed = await signer.presign(request, { expiresIn: Number(query['X-Amz-Expires']), signingDate });
  return signed.query!['X-Amz-Signature'] as string;
}

/** What the SDK uses of a WebSocket. */
class Connection extends EventTarget {
  receive!: (message: any) => void;

  constructor(url: string, to: SignalingService) {
    super();
    to.connect(this, new URL(url)).then(
      () => this.dispatchEvent(new Event('open')),
      ({ message }: Error) => this.dispatchEvent(Object.assign(new Event('error'), { message })),
    );
  }

  send(text: string): void {
    this.receive(JSON.parse(text));
  }

  deliver(message: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
  }

  close(): void {
    this.dispatchEvent(new Event('close'));
  }
}

async function assume(roleArn: string): Promise<Session> {
  const session = await local.assume(roleArn);
  service.sessions.set(session.accessKeyId, session);
  return session;
}

/** Connected, or the reason why not. */
async function opened(client: SignalingClient): Promise<string> {
  const outcome = new Promise<string>((resolve) => {
    client.once('open', () => resolve('open'));
    client.once('error', ({ message }) => resolve(message));
  });
  client.open();
  return outcome;
}

const received = (client: SignalingClient, event: string) => new Promise<unknown[]>((resolve) => {
  client.once(event, (...values) => resolve(values));
});

const peers = (region?: string) => (stack: Stack) => {
  const channel = new SignalingChannel(stack, 'Channel', { region });
  const role = (id: string, grant: (grantee: iam.Role) => unknown) => {
    const made = new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
    grant(made);
    new CfnOutput(stack, `${id}Arn`, { value: made.roleArn });
  };
  role('Device', (grantee) => channel.grants.master(grantee));
  role('Phone', (grantee) => channel.grants.viewer(grantee));
  role('Agent', (grantee) => channel.grants.iceServers(grantee));
  new CfnOutput(stack, 'ChannelArn', { value: channel.signalingChannelArn });
  new CfnOutput(stack, 'MasterEndpoint', { value: channel.masterWssEndpoint });
  new CfnOutput(stack, 'ViewerEndpoint', { value: channel.viewerWssEndpoint });
};

test.each([undefined, 'eu-central-1'])('a device and a phone exchange messages, and no role connects as a side without its grant: %s', async (region) => {
  const { outputs: { Peers } } = await local.deployed('Peers', peers(region));
  const [device, phone, agent] = [await assume(Peers.DeviceArn), await assume(Peers.PhoneArn), await assume(Peers.AgentArn)];
  const channel = { channelARN: Peers.ChannelArn, region: region ?? 'us-east-1' };
  const asMaster = { ...channel, channelEndpoint: Peers.MasterEndpoint, role: Role.MASTER };
  const asViewer = { ...channel, channelEndpoint: Peers.ViewerEndpoint, role: Role.VIEWER, clientId: 'phone-1' };
  const master = (credentials: Session) => new SignalingClient({ ...asMaster, credentials });
  const viewer = (credentials: Session) => new SignalingClient({ ...asViewer, credentials });

  const [camera, screen] = [master(device), viewer(phone)];
  expect([await opened(camera), await opened(screen)]).toEqual(['open', 'open']);
  const offer = received(camera, 'sdpOffer');
  screen.sendSdpOffer({ type: 'offer', sdp: 'v=0' } as never);
  expect(await offer).toEqual([{ type: 'offer', sdp: 'v=0' }, 'phone-1']);
  const answer = received(screen, 'sdpAnswer');
  camera.sendSdpAnswer({ type: 'answer', sdp: 'v=1' } as never, 'phone-1');
  expect(await answer).toEqual([{ type: 'answer', sdp: 'v=1' }, undefined]);
  for (const client of [camera, screen]) client.close();

  const refused = await Promise.all([opened(master(phone)), opened(viewer(device)), opened(master(agent)), opened(viewer(agent))]);
  expect(refused).toEqual(['Master', 'Viewer', 'Master', 'Viewer'].map((side) =>
    expect.stringContaining(`is not authorized to perform: kinesisvideo:ConnectAs${side} on resource: ${Peers.ChannelArn}`)));
  expect(await opened(master({ ...device, secretAccessKey: 'another' }))).toBe('InvalidSignatureException');

  // The emulator has one host for all regions, so the region of the channel is that of the signature.
  const iceServers = (of: Session, ChannelARN: string) => local.call(of, 'kinesis-video-signaling', 'kinesisvideo', '/v1/get-ice-server-config', { ChannelARN }, channel.region);
  for (const peer of [device, phone, agent]) {
    const { status, body } = await iceServers(peer, Peers.ChannelArn);
    expect({ status, uris: body.IceServerList[0].Uris }).toEqual({ status: 200, uris: expect.arrayContaining([expect.stringMatching(/^turns:.*:443\?transport=tcp$/)]) });
  }
  expect(await iceServers(agent, Peers.ChannelArn.replace('/Peers-', '/Others-'))).toMatchObject({
    status: 403, body: { message: expect.stringContaining('is not authorized to perform: kinesisvideo:GetIceServerConfig') },
  });
  await local.destroyed('Peers');
});
