import { KEY } from './permissions';
import { Authorizer } from '../../local/emulator/authorization';
import type { Service, Target } from '../../local/emulator/service';
import { ChimeNamespace } from '../../src/chime-namespace';
import { poolNameOf, PoolSetup, TABLE } from '../chime-sdk-meetings/pool-setup';
import { INSIGHTS, SettingSetup, StreamingSetup } from '../chime-sdk-voice/handler-setup';
import { PhoneNumberAssociationSetup, PhoneNumberSetup } from '../chime-sdk-voice/phone-number-setup';
import { REGION, STACK_ID } from '../handler-setup';
import { IngestSetup, StageEndpointsSetup } from '../ivs/handler-setup';
import { MediaStorageSetup, SignalingSetup, type StreamSettingName, StreamSettingSetup } from '../kinesisvideo/handler-setup';
import { SIP_KEY } from '../policy-stacks';

/** What a role asked for. */
export interface Asked {
  readonly isAllowed: boolean;
  readonly service: Service;
  readonly role: string;
  readonly action: string;
  readonly account: string;
  readonly target: Target;
}

/** What the real handlers ask of IAM in everything that a resource of each kind can live through, under the synthesised policies. */
export async function everythingAsked(): Promise<Asked[]> {
  const asked: Asked[] = [];
  // It still decides.
  const decide = Authorizer.prototype.authorize;
  const spy = jest.spyOn(Authorizer.prototype, 'authorize').mockImplementation(async function (this: Authorizer, service, operation, principal, account, targets) {
    const role = /assumed-role\/([^/]+)/.exec(principal.arn)![1];
    for (const target of targets) {
      const isAllowed = await decide.call(this, service, operation, principal, account, [target]).then(() => true, () => false);
      asked.push({ isAllowed, service, role: roles[role] ?? role, action: target.action ?? `${service.iamPrefix}:${operation}`, account, target });
    }
    return decide.call(this, service, operation, principal, account, targets);
  });
  const roles: Record<string, string> = { HandlerRole: 'CdkRtcHandlerRole', drift: 'DriftMonitorFunctionRole' };
  try {
    await signalingChannels();
    await videoStreamSettings();
    await mediaStorages();
    await voiceConnectors();
    await voiceConnectorSettings();
    await phoneNumbers();
    await phoneNumberAssociations();
    await ingestConfigurations();
    await stageEndpoints();
    Object.assign(roles, { checkout: 'RoomsCheckoutRole', maintainer: 'RoomsMaintainerRole' });
    await meetingPools(ChimeNamespace.CHIME_SDK);
    Object.assign(roles, { checkout: 'LegacyRoomsCheckoutRole', maintainer: 'LegacyRoomsMaintainerRole' });
    await meetingPools(ChimeNamespace.CHIME);
  } finally {
    spy.mockRestore();
  }
  return asked;
}

const TAGGED = { Tags: [{ Key: 'team', Value: 'studio' }] };

/** The stricter reading of the services, and the milder one. */
const READINGS = [true, false];

async function signalingChannels(): Promise<void> {
  for (const tagOnCreateNeedsTagResource of READINGS) {
    const setup = new SignalingSetup({ tagOnCreateNeedsTagResource });
    const MediaStorageStreamArn = setup.stream('recordings');
    const channel = setup.resource();
    const { physicalId } = await channel.create({ ...TAGGED, MediaStorageStreamArn });
    await setup.driftOf([channel]);
    await channel.update({ MessageTtlSeconds: 90 });
    setup.edit(physicalId, { replaceTags: {} });
    await channel.update({ ...TAGGED, MediaStorageStreamArn });
    await channel.update({ ChannelType: 'FULL_MESH' });
    await channel.delete();
    await setup.resource('Lost').onEvent({ type: 'Create', requestId: 'r', properties: {} });
    await setup.resource('Lost').delete('Doorbells-Lost-1A2B3C4D5E6F', {});
    setup.foreignChannel('front');
    await setup.resource('Adopting').create({ ChannelName: 'front', AdoptExisting: true });
    await setup.stop();
  }
}

const STREAM_SETTINGS: Record<StreamSettingName, object> = {
  imageGeneration: { SamplingInterval: 3000, Destination: 's3://images', DestinationRegion: 'us-east-1' },
  notification: { TopicArn: 'arn:aws:sns:us-east-1:123456789012:fragments' },
};

async function videoStreamSettings(): Promise<void> {
  for (const setting of Object.keys(STREAM_SETTINGS) as StreamSettingName[]) {
    const setup = new StreamSettingSetup(setting);
    const StreamArn = setup.stream();
    const resource = setup.resource();
    await resource.create({ StreamArn, ...STREAM_SETTINGS[setting] });
    await resource.update({ StreamArn, ...STREAM_SETTINGS[setting], Enabled: false });
    await setup.driftOf([resource]);
    await resource.delete();
    await setup.stop();
  }
}

async function mediaStorages(): Promise<void> {
  const setup = new MediaStorageSetup();
  const StreamArn = setup.stream('recordings');
  const ChannelArn = setup.foreignChannel('doorbell');
  const resource = setup.resource();
  await resource.create({ ChannelArn, StreamArn });
  await setup.clock.sleep(1_000);
  const replacement = { ChannelArn: setup.foreignChannel('replacement'), StreamArn };
  // A replacement of the channel, which is rolled back.
  await resource.deliverUpdate(replacement);
  await resource.delete(replacement.ChannelArn, replacement);
  await setup.driftOf([resource]);
  await setup.stop();
}

async function voiceConnectors(): Promise<void> {
  const setup = new StreamingSetup();
  const VoiceConnectorArn = setup.connector();
  const streaming = setup.resource();
  await streaming.create({ VoiceConnectorArn, NotificationTargets: ['SNS', 'SQS', 'EventBridge'], MediaInsights: { ConfigurationArn: INSIGHTS } });
  await streaming.update({ VoiceConnectorArn, Namespace: 'CHIME' });
  // Last, because the credentials of who asks are taken when a client is first needed.
  await setup.driftOf([streaming]);
  await streaming.delete();
  await setup.stop();
}

const SETTINGS = {
  termination: [{ AllowedCidrs: ['203.0.113.10/32'], CallingRegions: ['US'] }, { AllowedCidrs: ['203.0.113.11/32'], CallingRegions: ['US'] }],
  origination: [{ Routes: [{ Host: 'sip.example.com' }] }, { Routes: [{ Host: 'sip2.example.com' }] }],
  logging: [{}, { SipMessages: true }],
} as const;

async function voiceConnectorSettings(): Promise<void> {
  for (const [setting, [before, after]] of Object.entries(SETTINGS)) {
    const setup = new SettingSetup(setting as keyof typeof SETTINGS);
    const VoiceConnectorArn = setup.connector();
    const user = setup.secretWith(JSON.stringify({ username: 'alice', password: 'battery' }), 'sip-alice', SIP_KEY);
    const resource = setup.resource();
    await resource.create({ VoiceConnectorArn, ...before, ...setting === 'termination' ? { CredentialSecretArns: [user] } : {} });
    await resource.update({ VoiceConnectorArn, ...after });
    await setup.driftOf([resource]);
    await resource.delete();
    await setup.stop();
  }
}

async function phoneNumbers(): Promise<void> {
  const setup = new PhoneNumberSetup();
  const properties = { ProductType: 'VoiceConnector', OrderTimeout: 900, Region: REGION };
  const search = { ...properties, Source: { Local: { AreaCode: '206' } } };
  const resource = setup.resource();
  const { physicalId } = await resource.create(search);
  await resource.update({ ...search, PhoneNumberName: 'Hotline' });
  await setup.driftOf([resource]);
  await resource.delete();
  // From the deletion queue.
  const restored = setup.resource('Restored');
  await restored.create({ ...properties, Source: { Exactly: { E164PhoneNumber: physicalId } } });
  await restored.delete();
  await setup.stop();
}

async function phoneNumberAssociations(): Promise<void> {
  const setup = new PhoneNumberAssociationSetup();
  const association = { VoiceConnectorArn: setup.connector(), E164PhoneNumber: '+12065550105' };
  await setup.order(association.E164PhoneNumber);
  const resource = setup.resource();
  await resource.create(association);
  await setup.driftOf([resource]);
  await resource.delete();
  await setup.stop();
}

async function ingestConfigurations(): Promise<void> {
  for (const tagOnCreateNeedsTagResource of READINGS) {
    const setup = new IngestSetup({ tagOnCreateNeedsTagResource });
    const SecretArn = setup.secret('stream-key', STACK_ID, KEY);
    const configuration = setup.resource();
    const { physicalId } = await configuration.create({ ...TAGGED, SecretArn, StageArn: setup.stage() });
    await setup.driftOf([configuration]);
    await configuration.update({ SecretArn });
    setup.edit(physicalId, { replaceTags: {} });
    await configuration.update({ SecretArn, ...TAGGED });
    const { physicalId: replacement } = await configuration.update({ SecretArn, UserId: 'alice', OnLivePublisher: 'DISCONNECT' });
    setup.edit(replacement, { state: 'ACTIVE' });
    await configuration.delete();
    await setup.resource('Lost').onEvent({ type: 'Create', requestId: 'r', properties: { SecretArn } });
    await setup.resource('Lost').delete('Doorbells-Lost-1A2B3C4D5E6F', { SecretArn });
    await setup.stop();
  }
}

async function stageEndpoints(): Promise<void> {
  const setup = new StageEndpointsSetup();
  const endpoints = setup.resource();
  await endpoints.create({ StageArn: setup.stage() });
  await endpoints.update({ StageArn: setup.stage() });
  await setup.driftOf([endpoints]);
  await setup.stop();
}

const people = (count: number) => Array.from({ length: count }, (_, i) => `person-${i}`);

async function meetingPools(namespace: ChimeNamespace): Promise<void> {
  for (const strict of READINGS) {
    const meetings = { tagOnCreateNeedsTagResource: strict, joinTokensInLists: !strict };
    const setup = new PoolSetup({ meetings, legacy: { meetings } });
    const POOL = { ...TAGGED, TableName: TABLE, Namespace: namespace, Size: 2 };
    const Attendees = JSON.stringify(people(25).map((ExternalUserId) => ({ ExternalUserId })));
    const refuseOne = (item: string) => setup.emulator.addFault({ kind: 'itemError', item, error: 'Throttling', times: 1 });
    const rooms = setup.resource();
    const { physicalId } = await rooms.create(POOL);
    if (physicalId !== poolNameOf(STACK_ID)) throw new Error('the policies name another pool');
    await setup.driftOf([rooms]);
    const checkout = setup.checkoutFunction(physicalId, { refilled: true });
    refuseOne('bob');
    await checkout({ externalUserIds: ['alice', 'bob'], clientRequestToken: 'first' });
    await checkout({ externalUserIds: ['alice', 'carol'], clientRequestToken: 'first' });
    for (let i = 0; i < 5; i += 1) await setup.checkoutFunction(physicalId)({ externalUserIds: people(25) });
    await setup.maintain(physicalId);
    // Somebody ends what is ready; then the service refuses.
    for (const { id } of setup.meetings()) setup.emulator.edit({ service: namespace === ChimeNamespace.CHIME ? 'chime' : 'chime-sdk-meetings', resource: id, end: true });
    await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
    setup.emulator.addFault({ kind: 'error', error: 'BadRequestException', operation: 'CreateMeetingWithAttendees', times: 1 });
    await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
    await forgottenWhileMade(setup, () => setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] }));
    refuseOne('person-24');
    await rooms.update({ ...POOL, Attendees });
    for (let minute = 0; minute < 7; minute += 1) {
      refuseOne('person-24');
      await setup.checkoutFunction(physicalId)({ externalUserIds: ['alice'] });
      await setup.maintainFor(1, physicalId);
    }
    await Promise.all([...people(12).map((person) => setup.checkoutFunction(physicalId)({ externalUserIds: [person] })), rooms.delete()]);
    // What only a crash leaves: an answer that nobody has written down.
    await setup.resource('Lost').onEvent({ type: 'Create', requestId: 'r', properties: POOL });
    await setup.resource('Lost').delete('Doorbells-Lost-1ABC', POOL);
    await setup.stop();
  }
  await fullAccount(namespace);
}

/** The pool gives up what is being made for somebody who checks out. */
async function forgottenWhileMade(setup: PoolSetup, checkout: () => Promise<unknown>): Promise<void> {
  const stop = setup.emulator.onCall(({ phase, call }) => {
    if (phase !== 'before' || call.operation !== 'CreateMeetingWithAttendees') return;
    stop();
    for (const { pool, item } of setup.items('meeting#').filter(({ life }) => life === 'creating')) {
      setup.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: pool }, item: { S: item } } });
    }
  });
  await checkout();
}

/** As many meetings as an account may have: what is replaced must go first, and checkout gets none. */
async function fullAccount(namespace: ChimeNamespace): Promise<void> {
  const meetings = { quotas: { meetings: 2 } };
  const setup = new PoolSetup({ meetings, legacy: { meetings } });
  const { physicalId } = await setup.resource().create({ TableName: TABLE, Namespace: namespace, Size: 2 });
  await setup.maintainFor(5, physicalId);
  for (const person of people(3)) await setup.checkoutFunction(physicalId)({ externalUserIds: [person] });
  await setup.stop();
}
