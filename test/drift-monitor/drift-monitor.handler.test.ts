import { monitorDrift } from '../../lambda/drift-monitor/monitor';
import type { Deployment } from '../../lambda/drift-monitor/stack';
import type { Log } from '../../lambda/engine/log';
import { PoolSetup, TABLE } from '../chime-sdk-meetings/pool-setup';
import { INSIGHTS, StreamingSetup } from '../chime-sdk-voice/handler-setup';
import type { StackResource } from '../cloudformation';
import { type HandlerSetup, STACK_ID, stackId } from '../handler-setup';
import { IngestSetup } from '../ivs/handler-setup';
import { SignalingSetup } from '../kinesisvideo/handler-setup';

const OTHER_STACK = stackId('Other', '2');
let setup: HandlerSetup;
afterEach(() => setup.stop());

async function start<S extends HandlerSetup>(made: S): Promise<S> {
  setup = made;
  return made;
}

/** What a run says of the one resource that drifted, and that it has changed nothing. */
async function differencesOf(resource: StackResource): Promise<Record<string, [string, string]>> {
  const before = setup.emulator.calls.length;
  const { drifted, unobserved, observed } = await setup.driftOf([resource]);
  expect(setup.emulator.calls.slice(before).filter(({ mutated }) => mutated)).toEqual([]);
  expect({ unobserved, observed }).toEqual({ unobserved: [], observed: 1 });
  expect(drifted).toHaveLength(1);
  const [{ propertyDifferences, ...of }] = drifted;
  const { logicalId, physicalId, resourceType } = resource;
  expect(of).toEqual({ stackId: STACK_ID, logicalResourceId: logicalId, physicalResourceId: physicalId, resourceType, driftStatus: 'MODIFIED' });
  return Object.fromEntries(propertyDifferences.map(({ propertyPath, expectedValue, actualValue }) => [propertyPath, [expectedValue, actualValue]]));
}

const inSync = { observed: 1, drifted: [], unobserved: [] };
const deleted = { observed: 1, unobserved: [], drifted: [expect.objectContaining({ driftStatus: 'DELETED', propertyDifferences: [] })] };

describe('a signaling channel', () => {
  let signaling: SignalingSetup;
  let channel: StackResource;
  beforeEach(async () => {
    signaling = await start(new SignalingSetup());
    channel = signaling.resource();
    await channel.create({ MessageTtlSeconds: 30, MediaStorageStreamArn: signaling.stream('recordings'), Tags: [{ Key: 'team', Value: 'doors' }] });
  });

  test('reports each property that was changed out of band, until an update corrects it', async () => {
    expect(await signaling.driftOf([channel])).toEqual(inSync);
    signaling.edit(channel.physicalId!, { messageTtlSeconds: 10, storageStreamArn: null, tags: { team: 'windows', cost: 'not asked for' } });
    expect(await differencesOf(channel)).toEqual({
      '/MessageTtlSeconds': ['30', '10'],
      '/MediaStorageStreamArn': [channel.properties.MediaStorageStreamArn, 'none'],
      '/Tags/team': ['doors', 'windows'],
    });
    await channel.update({ ...channel.properties, Tags: [{ Key: 'team', Value: 'doors' }, { Key: 'corrected', Value: 'yes' }] });
    expect(await signaling.driftOf([channel])).toEqual(inSync);
  });

  test('reports the owner if its tags are missing or name another stack', async () => {
    signaling.edit(channel.physicalId!, { tags: { 'cdk-rtc:stack': null, 'cdk-rtc:resource': null } });
    expect(await differencesOf(channel)).toEqual({ '/Tags/cdk-rtc:stack': [STACK_ID, 'none'] });
    signaling.edit(channel.physicalId!, { tags: { 'cdk-rtc:stack': OTHER_STACK, 'cdk-rtc:resource': 'x' } });
    expect(await differencesOf(channel)).toEqual({ '/Tags/cdk-rtc:stack': [STACK_ID, OTHER_STACK] });
  });

  test('is reported as deleted if it is missing or being deleted', async () => {
    signaling.edit(channel.physicalId!, { status: 'DELETING' });
    expect(await signaling.driftOf([channel])).toEqual(deleted);
    signaling.edit(channel.physicalId!, { delete: true });
    expect(await signaling.driftOf([channel])).toEqual(deleted);
  });

  test('is unobserved at once where no repetition helps', async () => {
    const before = signaling.clock.now();
    expect(await signaling.driftOf([channel], { overrides: { Colour: 'red' } })).toMatchObject({ observed: 0, unobserved: [{ reason: expect.stringContaining('Colour') }] });
    expect(signaling.clock.now()).toBe(before);
  });

  test('is unobserved where its service denies to read it, and nothing is said to have drifted', async () => {
    signaling.emulator.addFault({ kind: 'accessDenied', operation: 'ListTagsForResource' });
    expect(await signaling.driftOf([channel])).toEqual({ observed: 0, drifted: [], unobserved: [{ logicalResourceId: 'Channel', reason: expect.stringContaining('AccessDenied') }] });
    expect(signaling.calls('ListTagsForResource').filter(({ outcome }) => outcome === 'AccessDeniedException')).toHaveLength(1);
  });

  test('is observed in spite of a throttle that passes, and unobserved where it stays', async () => {
    signaling.emulator.addFault({ kind: 'throttle', operation: 'DescribeSignalingChannel', times: 4 });
    expect(await signaling.driftOf([channel])).toEqual(inSync);
    signaling.emulator.addFault({ kind: 'throttle', operation: 'DescribeSignalingChannel' });
    const before = signaling.calls('DescribeSignalingChannel').length;
    expect(await signaling.driftOf([channel])).toMatchObject({ observed: 0, unobserved: [{ reason: expect.stringContaining('ClientLimitExceeded') }] });
    // Three times the client's three.
    expect(signaling.calls('DescribeSignalingChannel').slice(before)).toHaveLength(9);
  });

  test('is unobserved while it changes, and with properties that are not understood', async () => {
    expect(await signaling.driftOf([channel], { overrides: { Colour: 'red' } })).toMatchObject({ unobserved: [{ reason: expect.stringContaining('Colour') }] });
    signaling.edit(channel.physicalId!, { status: 'UPDATING' });
    expect(await signaling.driftOf([channel])).toMatchObject({ drifted: [], unobserved: [{ reason: expect.stringContaining('UPDATING') }] });
  });
});

describe('an ingest configuration', () => {
  let ingest: IngestSetup;
  let configuration: StackResource;
  beforeEach(async () => {
    ingest = await start(new IngestSetup());
    configuration = ingest.resource();
    await configuration.create({ SecretArn: ingest.secret(), StageArn: ingest.stage() });
  });

  test('reports the stage and the redundancy, until an update corrects them', async () => {
    expect(await ingest.driftOf([configuration])).toEqual(inSync);
    const { StageArn, SecretArn } = configuration.properties;
    ingest.edit(configuration.physicalId!, { stageArn: null, redundantIngest: true });
    expect(await differencesOf(configuration)).toMatchObject({ '/StageArn': [StageArn, 'none'], '/RedundantIngest': ['false', 'true'] });
    await configuration.update({ SecretArn, StageArn, UserId: undefined, Tags: [{ Key: 'corrected', Value: 'yes' }] });
    expect(await ingest.driftOf([configuration])).toEqual(inSync);
  });

  test('reports the operations that detach a stage as the possible cause of a missing stage, in the event and in the log', async () => {
    const possibleCause = 'DisconnectParticipant of the encoder, or the deletion of the stage';
    ingest.edit(configuration.physicalId!, { stageArn: null, redundantIngest: true });
    const [{ propertyDifferences }] = (await ingest.driftOf([configuration])).drifted;
    // With redundant ingest, the configuration has another stream key, which the secret doesn't hold.
    expect(propertyDifferences.map((difference) => [difference.propertyPath, difference.possibleCause])).toEqual([
      ['/StageArn', possibleCause], ['/RedundantIngest', undefined], ['/SecretArn', undefined],
    ]);
    expect(JSON.stringify(ingest.logged)).toContain(possibleCause);
  });

  test('reports no cause if the encoder publishes to another stage', async () => {
    ingest.edit(configuration.physicalId!, { stageArn: ingest.stage() });
    const [{ propertyDifferences }] = (await ingest.driftOf([configuration])).drifted;
    expect(propertyDifferences).toContainEqual(expect.objectContaining({ propertyPath: '/StageArn' }));
    expect(propertyDifferences.filter((difference) => difference.possibleCause !== undefined)).toEqual([]);
  });

  test('reports a secret that holds another key, without any part of the key', async () => {
    const { streamKey } = await ingest.content(configuration.properties.SecretArn as string);
    ingest.emulator.edit({ service: 'secrets-manager', resource: configuration.properties.SecretArn as string, secretString: '{"streamKey":"another-key"}' });
    expect(await differencesOf(configuration)).toEqual({ '/SecretArn': [`holds the stream key of ${configuration.physicalId}`, 'holds something else'] });
    const written = JSON.stringify([ingest.logged, ingest.reported]);
    expect(written).not.toContain(streamKey);
    expect(written).not.toContain('another-key');
  });

  test('is deleted where it is missing, differs in its owner, and is unobserved where it cannot be read', async () => {
    ingest.edit(configuration.physicalId!, { tags: { 'cdk-rtc:stack': OTHER_STACK } });
    expect(await differencesOf(configuration)).toEqual({ '/Tags/cdk-rtc:stack': [STACK_ID, OTHER_STACK] });
    const denied = ingest.emulator.addFault({ kind: 'accessDenied', operation: 'GetIngestConfiguration' });
    expect(await ingest.driftOf([configuration])).toMatchObject({ observed: 0, drifted: [], unobserved: [{ logicalResourceId: 'Ingest' }] });
    ingest.emulator.removeFaults(denied);
    ingest.emulator.addFault({ kind: 'throttle', operation: 'GetIngestConfiguration', times: 2 });
    ingest.edit(configuration.physicalId!, { delete: true });
    expect(await ingest.driftOf([configuration])).toEqual(deleted);
  });

  test('waits for its turn among many: one a second', async () => {
    const since = ingest.clock.now();
    expect(await ingest.driftOf(Array.from({ length: 20 }, () => configuration))).toMatchObject({ observed: 20, unobserved: [] });
    expect(ingest.clock.now() - since).toBeGreaterThanOrEqual(19_000);
  });
});

describe('voice connector streaming', () => {
  let voice: StreamingSetup;
  let streaming: StackResource;
  beforeEach(async () => {
    voice = await start(new StreamingSetup());
    streaming = voice.resource();
    await streaming.create({ VoiceConnectorArn: voice.connector(), DataRetentionInHours: 5, NotificationTargets: ['SQS', 'EventBridge'] });
  });

  test('reports each member that was changed out of band, until an update corrects it', async () => {
    expect(await voice.driftOf([streaming])).toEqual(inSync);
    voice.edit(streaming.physicalId!, { streamingConfiguration: { DataRetentionInHours: 1, Disabled: true, StreamingNotificationTargets: [{ NotificationTarget: 'SQS' }] } });
    expect(await differencesOf(streaming)).toEqual({
      '/DataRetentionInHours': ['5', '1'],
      '/Enabled': ['true', 'false'],
      '/NotificationTargets': ['["EventBridge","SQS"]', '["SQS"]'],
    });
    await streaming.update({ ...streaming.properties, DataRetentionInHours: 6 });
    expect(await voice.driftOf([streaming])).toEqual(inSync);
  });

  test('differs in its media insights, and in whether it is to stay', async () => {
    await streaming.update({ ...streaming.properties, MediaInsights: { ConfigurationArn: INSIGHTS } });
    expect(await voice.driftOf([streaming])).toEqual(inSync);
    const owner = voice.ownerTags(streaming.physicalId!)['cdk-rtc:streaming'];
    voice.edit(streaming.physicalId!, {
      tags: { 'cdk-rtc:streaming': `${owner}/retained` },
      streamingConfiguration: { DataRetentionInHours: 5, Disabled: false, StreamingNotificationTargets: [{ NotificationTarget: 'SQS' }, { NotificationTarget: 'EventBridge' }], MediaInsightsConfiguration: { ConfigurationArn: INSIGHTS, Disabled: true } },
    });
    expect(await differencesOf(streaming)).toEqual({
      '/MediaInsights': [JSON.stringify({ ConfigurationArn: INSIGHTS, Enabled: true }), JSON.stringify({ ConfigurationArn: INSIGHTS, Enabled: false })],
      '/Retain': ['false', 'true'],
    });
  });

  test('is compared in the legacy namespace, too', async () => {
    await streaming.update({ ...streaming.properties, Namespace: 'CHIME' });
    expect(await voice.driftOf([streaming])).toEqual(inSync);
    voice.edit(streaming.physicalId!, { streamingConfiguration: { DataRetentionInHours: 1, Disabled: false } });
    expect(await differencesOf(streaming)).toMatchObject({ '/DataRetentionInHours': ['5', '1'] });
    expect(voice.calls('GetVoiceConnectorStreamingConfiguration').at(-1)!.service).toBe('chime');
  });

  test('differs in its owner, and is deleted with its configuration or its voice connector', async () => {
    const { 'cdk-rtc:streaming': owner } = voice.ownerTags(streaming.physicalId!);
    voice.edit(streaming.physicalId!, { tags: { 'cdk-rtc:streaming': `${OTHER_STACK}/x` } });
    expect(await differencesOf(streaming)).toEqual({ '/Tags/cdk-rtc:streaming': [owner, `${OTHER_STACK}/x`] });
    voice.edit(streaming.physicalId!, { tags: { 'cdk-rtc:streaming': owner }, streamingConfiguration: null });
    expect(await voice.driftOf([streaming])).toEqual(deleted);
    voice.edit(streaming.physicalId!, { delete: true });
    expect(await voice.driftOf([streaming])).toEqual(deleted);
  });
});

describe('a meeting pool', () => {
  let pools: PoolSetup;
  let pool: StackResource;
  beforeEach(async () => {
    pools = await start(new PoolSetup());
    pool = pools.resource();
    const Tags = [{ Key: 'team', Value: 'rooms' }];
    await pool.create({
      TableName: TABLE, Size: 2, MeetingFeatures: { Attendee: { MaxCount: 10 } }, Attendees: '[{"ExternalUserId":"bot"}]', ReservedAttendees: 3, Tags,
    });
  });

  test('is in sync while its meetings end and are replaced', async () => {
    expect(await pools.driftOf([pool])).toEqual(inSync);
    for (const { id } of pools.meetings()) pools.emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
    expect(await pools.driftOf([pool])).toEqual(inSync);
  });

  test('reports changed settings in its table, without any join token', async () => {
    const [item] = (await pools.storedItems()).filter((stored) => stored.item === 'pool');
    const settings = JSON.parse(item.settings);
    const Tags = settings.Tags.map(({ Key, Value }: { Key: string; Value: string }) => ({ Key, Value: Key === 'team' ? 'halls' : Value }));
    Object.assign(settings, { MediaRegion: 'eu-west-1', MeetingFeatures: undefined, ReservedAttendees: 1, Tags });
    const putItem = Object.fromEntries(Object.entries({ ...item, size: 9, minimumRemainingLifetime: 60_000, settings: JSON.stringify(settings) })
      .map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
    pools.emulator.edit({ service: 'dynamodb', resource: TABLE, putItem } as never);
    expect(await differencesOf(pool)).toEqual({
      '/Size': ['2', '9'],
      '/MinimumRemainingLifetimeSeconds': ['120', '60'],
      '/MediaRegion': ['us-east-1', 'eu-west-1'],
      '/Tags/team': ['rooms', 'halls'],
      '/MeetingFeatures': ['{"Attendee":{"MaxCount":10}}', 'none'],
      '/ReservedAttendees': ['3', '1'],
    });
    expect(pools.leakedJoinTokens(pools.reported)).toEqual([]);
  });

  test('is unobserved where its table may not be read', async () => {
    pools.emulator.addFault({ kind: 'accessDenied', operation: 'GetItem' });
    expect(await pools.driftOf([pool])).toMatchObject({ drifted: [], unobserved: [{ reason: expect.stringContaining('AccessDenied') }] });
  });

  test('is reported as deleted if its item or its table is missing', async () => {
    const [item] = pools.items('pool');
    pools.emulator.edit({ service: 'dynamodb', resource: TABLE, deleteItem: { pool: { S: item.pool }, item: { S: 'pool' } } } as never);
    expect(await pools.driftOf([pool])).toEqual(deleted);
    expect(await pools.driftOf([pool], { overrides: { TableName: 'gone' } })).toEqual(deleted);
  });
});

test('a hole in the list, where a condition leaves a resource out, is passed over', async () => {
  const { clock } = await start(new SignalingSetup());
  const log: Log = { info: () => undefined, error: () => undefined, child: () => log };
  const summary = await monitorDrift({ StackId: STACK_ID, Resources: [null] }, 'run', {
    clock,
    log,
    load: async () => { throw new Error('there is nothing to be loaded'); },
    deployments: { last: async () => ({ status: 'UPDATE_COMPLETE', isUnderWay: false, updatedAt: 'a' }) },
    reports: { publish: async () => undefined },
  });
  expect(summary).toEqual({ observed: 0, drifted: [], unobserved: [] });
});

describe('during a deployment', () => {
  const deployment = (status: string, updatedAt = 'a'): Deployment => ({ status, updatedAt, isUnderWay: status.endsWith('_IN_PROGRESS') });
  const inTurn = (...deployments: Deployment[]) => ({ last: async () => deployments.shift()! });

  test.each([
    ['has begun', [deployment('UPDATE_IN_PROGRESS')], 'the stack is UPDATE_IN_PROGRESS'],
    ['begins meanwhile', [deployment('CREATE_COMPLETE'), deployment('UPDATE_IN_PROGRESS')], 'the stack was deployed meanwhile, and is UPDATE_IN_PROGRESS'],
    ['begins and ends meanwhile', [deployment('UPDATE_COMPLETE'), deployment('UPDATE_COMPLETE', 'b')], 'the stack was deployed meanwhile, and is UPDATE_COMPLETE'],
  ])('that %s, nothing is reported', async (_, deployments, skipped) => {
    const signaling = await start(new SignalingSetup());
    const channel = signaling.resource();
    await channel.create();
    const summary = await signaling.driftOf([channel], { overrides: { MessageTtlSeconds: 30 }, deployments: inTurn(...deployments) });
    expect(summary).toEqual({ skipped, observed: 0, drifted: [], unobserved: [] });
    expect(signaling.reported).toEqual([]);
    await signaling.driftOf([channel], { overrides: { MessageTtlSeconds: 30 } });
    expect(signaling.reported).toHaveLength(1);
  });
});
