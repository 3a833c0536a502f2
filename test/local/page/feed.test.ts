import { feedOf, ownerIn, type Sources } from '../../../local/page/feed';

const minute = 60_000;
const stackId = 'arn:aws:cloudformation:us-east-1:000000000000:stack/Front/7c34';
const sources: Sources = { state: {}, region: 'us-east-1', secrets: [], pools: [], logicalIds: new Map([['hash', 'Door']]) };
const inRegion = (kinds: object) => [{ account: '000000000000', region: 'eu-west-1', ...kinds }];

test('who owns a resource', () => {
  const { logicalIds } = sources;
  const tagged = { 'cdk-rtc:stack': stackId, 'cdk-rtc:resource': 'hash.request.create', 'team': 'doors' };
  expect(ownerIn(tagged, logicalIds)).toEqual({ stack: 'Front', logicalId: 'Door', tags: { 'cdk-rtc:stack': stackId, 'cdk-rtc:resource': 'hash.request.create' } });
  expect(ownerIn({ ...tagged, 'cdk-rtc:resource': 'other' }, logicalIds)).toMatchObject({ stack: 'Front', logicalId: undefined });
  const streaming = { 'cdk-rtc:streaming': `${stackId}/hash/retained` };
  expect(ownerIn(streaming, logicalIds)).toEqual({ stack: 'Front', logicalId: 'Door', tags: streaming });
  const settings = { 'cdk-rtc:image-generation': `${stackId}/hash`, 'cdk-rtc:notification': `${stackId}/other` };
  expect(ownerIn(settings, logicalIds)).toEqual({ stack: 'Front', tags: settings });
  expect(ownerIn({ 'cdk-rtc:notification': `${stackId}/other` }, logicalIds)).toMatchObject({ stack: 'Front' });
  const native = { 'aws:cloudformation:stack-name': 'Back', 'aws:cloudformation:logical-id': 'Camera' };
  expect(ownerIn({ ...settings, ...native }, logicalIds)).toEqual({ stack: 'Back', logicalId: 'Camera', tags: settings });
  expect(ownerIn({ 'aws:cloudformation:stack-name': 'Back', 'aws:cloudformation:logical-id': 'Key' }, logicalIds)).toEqual({ stack: 'Back', logicalId: 'Key', tags: {} });
  expect(ownerIn({ team: 'doors' }, logicalIds)).toBeUndefined();
  expect(ownerIn({ 'cdk-rtc:stack': 'no-arn' }, logicalIds)).toMatchObject({ stack: 'no-arn' });
});

test('the state of each kind, without the owner\'s tags among the user\'s', () => {
  const tags = { 'cdk-rtc:stack': stackId, 'aws:cloudformation:stack-name': 'Front', 'team': 'doors' };
  const { resources } = feedOf({
    ...sources,
    state: {
      'kinesisvideo': inRegion({
        channels: [{ arn: 'c', name: 'door', status: 'UPDATING', type: 'SINGLE_MASTER', messageTtlSeconds: 30, storageStreamArn: 'arn:stream/record/1', tags }],
        streams: [{ arn: 's', name: 'record', status: 'ACTIVE', dataRetentionInHours: 24, tags: {} }],
      }),
      'chime-sdk-voice': inRegion({
        voiceConnectors: [
          {
            arn: 'v1',
            id: 'one',
            name: 'trunk',
            tags: {},
            termination: { CallingRegions: ['US', 'CA'], CidrAllowedList: ['203.0.113.10/32'] },
            origination: { Routes: [{ Host: 'sip.example.com' }], Disabled: true },
            logging: { EnableSIPLogs: true, EnableMediaMetricLogs: false },
          },
          { arn: 'v2', id: 'two', name: '', tags: {}, streaming: { DataRetentionInHours: 2, Disabled: false, StreamingNotificationTargets: [{ NotificationTarget: 'SNS' }] } },
          { arn: 'v3', id: 'three', name: '', tags: {}, streaming: { DataRetentionInHours: 2, Disabled: true } },
        ],
        phoneNumbers: [
          { arn: 'n1', name: '+12065550100', status: 'Assigned', productType: 'VoiceConnector', label: 'Sales cdk-rtc.abcdef.01234567.01234567', holder: 'two' },
          { arn: 'n2', name: '+12065550101', status: 'DeleteInProgress', productType: 'VoiceConnector', label: '', deleted: 1 },
        ],
      }),
      'ivs-realtime': inRegion({
        stages: [{ arn: 'arn:stage/st', name: '', tags: {} }, { arn: 'arn:stage/rec', name: 'studio', tags: {}, recording: { storageConfigurationArn: 'arn:storage/sc' } }],
        storageConfigurations: [{ arn: 'arn:storage/sc', name: '', bucketName: 'recordings', tags: {} }],
        ingestConfigurations: [{
          arn: 'i', name: 'encoder', state: 'INACTIVE', ingestProtocol: 'RTMPS', stageArn: 'arn:stage/st', userId: 'camera', redundantIngest: true, streamKey: 'canary', tags: {},
        }],
      }),
    },
    secrets: [{ arn: 'x', name: 'key', tags: {}, deleted: true }],
  });
  expect(resources.map(({ kind, name, state, facts }) => [kind, name, state, facts.join(', ')])).toEqual([
    ['Signaling channel', 'door', 'UPDATING', 'SINGLE_MASTER, message TTL 30 s, records into record'],
    ['Stream', 'record', 'ACTIVE', 'keeps 24 h'],
    ['Voice connector', 'trunk', 'NO STREAMING', 'outbound calls to US, CA, inbound calls to sip.example.com (disabled), logs SIP messages'],
    ['Voice connector', 'two', 'STREAMING', 'keeps 2 h, notifies SNS'],
    ['Voice connector', 'three', 'STREAMING DISABLED', 'keeps 2 h'],
    ['Phone number', '+12065550100', 'Assigned', 'VoiceConnector, named Sales, associated with two'],
    ['Phone number', '+12065550101', 'DeleteInProgress', 'VoiceConnector, in the deletion queue'],
    ['Stage', 'st', '–', ''],
    ['Stage', 'studio', '–', 'records'],
    ['Storage configuration', 'sc', '–', 'bucket recordings'],
    ['Ingest configuration', 'encoder', 'INACTIVE', 'RTMPS, publishes to stage st, as camera, redundant ingest'],
    ['Secret', 'key', 'DELETED', 'value hidden'],
  ]);
  expect(resources.filter(({ kind }) => kind === 'Phone number').map(({ owner }) => owner?.stack)).toEqual(['owner mark', undefined]);
  expect(resources[0].tags).toEqual({ team: 'doors' });
  expect(resources[0].region).toBe('eu-west-1');
});

test('the settings of a stream, each with its owner', () => {
  const imageGeneration = { Status: 'ENABLED', SamplingInterval: 3000, DestinationConfig: { Uri: 's3://images/door', DestinationRegion: 'eu-west-1' } };
  const notification = { Status: 'DISABLED', DestinationConfig: { Uri: 'arn:aws:sns:eu-west-1:000000000000:topic' } };
  const stream = { name: 'camera', status: 'ACTIVE', dataRetentionInHours: 24 };
  const { resources } = feedOf({
    ...sources,
    state: {
      kinesisvideo: inRegion({
        streams: [
          { ...stream, arn: 's1', imageGeneration, notification, tags: { 'cdk-rtc:image-generation': `${stackId}/hash`, 'cdk-rtc:notification': `${stackId}/other/retained` } },
          { ...stream, arn: 's2', imageGeneration, tags: {} },
        ],
      }),
    },
  });
  expect(resources.map(({ facts, owner }) => ({ facts, stack: owner?.stack }))).toEqual([
    {
      facts: [
        'keeps 24 h',
        'writes images every 3 s to s3://images/door (owner Front / Door)',
        'notifies arn:aws:sns:eu-west-1:000000000000:topic (disabled, owner Front)',
      ],
      stack: 'Front',
    },
    { facts: ['keeps 24 h', 'writes images every 3 s to s3://images/door (no owner tag)'], stack: undefined },
  ]);
});

test.each([
  ['no attendee has joined', { created: 0, emptySince: 0, loneSince: 0, endsAt: 5 * minute }, { clock: 'no attendee connected', since: 0 }],
  ['all have left', { created: 0, emptySince: 7 * minute, loneSince: 6 * minute, endsAt: 12 * minute }, { clock: 'no attendee connected', since: 7 * minute }],
  ['one waits', { created: 0, loneSince: minute, endsAt: 31 * minute }, { clock: 'one attendee connected', since: minute }],
  ['two talk', { created: 0, endsAt: 1440 * minute }, { clock: 'since its creation', since: 0 }],
  ['its day is over in four minutes', { created: 0, emptySince: 1436 * minute, endsAt: 1440 * minute }, { clock: 'since its creation', since: 0 }],
])('the clock of a meeting when %s', (_, times, expected) => {
  const meeting = { arn: 'm', id: 'm', tags: { 'cdk-rtc:pool': 'p' }, attendees: [{ externalUserId: 'bob', connected: false, joinToken: 'canary' }], ...times };
  const pools = [{ table: 't', name: 'p', state: 'open', size: 1, items: [{ slot: 0, life: 'leased', meetingId: 'm' }] }];
  const feed = feedOf({ ...sources, pools, state: { 'chime-sdk-meetings': inRegion({ meetings: [meeting] }) } });
  expect(feed.meetings).toEqual([{
    arn: 'm',
    id: 'm',
    namespace: 'chime-sdk-meetings',
    region: 'eu-west-1',
    owner: undefined,
    pool: 'p',
    life: 'leased',
    attendees: [{ externalUserId: 'bob', connected: false }],
    endsAt: times.endsAt,
    ...expected,
  }]);
});
