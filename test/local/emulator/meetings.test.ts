import { account } from './harness';
import { capabilities, everyRequest, legacyRequests, minute, namespaces, unknownId, region, sdkRequests, startMeetings, users } from './meetings-harness';
import { joinTokens } from '../../../local/emulator';
import { asServiceModel } from '../../../local/emulator/model';
import sdkModel from '../../../local/emulator/models/chime-sdk-meetings.json';
import legacyModel from '../../../local/emulator/models/chime.json';

const uuid = /^[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$/;

test('every operation of the models is tried here', () => {
  expect(sdkRequests.map(([name]) => name).sort()).toEqual(Object.keys(sdkModel.operations).sort());
  expect(legacyRequests.map(([name]) => name).sort()).toEqual(Object.keys(legacyModel.operations).filter(name => !/VoiceConnector/.test(name)).sort());
});

describe.each(everyRequest)('%s %s', (namespace, name, request) => {
  const model = asServiceModel(namespace === 'sdk' ? sdkModel : legacyModel);

  async function startWithAttendee() {
    const harness = startMeetings();
    const api = harness[namespace];
    const id = await api.meeting();
    const { AttendeeId } = await api.attendee(id, 'alice');
    return { ...harness, api, id, attendee: AttendeeId as string, arn: `arn:aws:chime:${region}:${account}:meeting/${id}` };
  }

  test('succeeds with the status of its model, and says what it was about', async () => {
    const { api, id, attendee, arn, emulator } = await startWithAttendee();
    const { status, error } = await api.call(...request(id, attendee, arn));
    expect({ status, error }).toEqual({ status: model.operations[name].http.responseCode ?? 200, error: undefined });
    expect(emulator.calls.at(-1)).toMatchObject({ operation: name, outcome: 'success' });
    if (!/CreateMeeting|ListMeetings/.test(name)) expect(emulator.calls.at(-1)?.resource).toBe(arn);
  });

  test('answers every error of its model', async () => {
    const { api, id, attendee, arn, emulator } = await startWithAttendee();
    for (const { shape: error } of model.operations[name].errors!) {
      emulator.addFault({ kind: 'error', operation: name, error, times: 1 });
      expect(await api.call(...request(id, attendee, arn))).toMatchObject({ error, status: model.shapes[error].error!.httpStatusCode });
    }
  });

  if (!/CreateMeeting|ListMeetings/.test(name)) {
    test('does not find a meeting that has ended, nor one that never was', async () => {
      const { api, id, attendee, arn, clock } = await startWithAttendee();
      await clock.advance(5 * minute);
      const error = name.includes('Resource') && namespace === 'sdk' ? 'ResourceNotFoundException' : 'NotFoundException';
      expect(await api.call(...request(id, attendee, arn))).toMatchObject({ status: 404, error });
      expect(await api.call(...request(unknownId, attendee, arn.replace(id, unknownId)))).toMatchObject({ status: 404, error });
    });
  }
});

test('a meeting of the new namespace', async () => {
  const { sdk } = startMeetings();
  const { status, body } = await sdk.create({ MeetingHostId: 'host', TenantIds: ['tenant'], MediaPlacementNetworkType: 'DualStack' });
  const id = body.Meeting.MeetingId;
  expect(id).toMatch(uuid);
  expect({ status, ...body.Meeting }).toEqual({
    status: 200,
    MeetingId: id,
    MeetingArn: `arn:aws:chime:${region}:${account}:meeting/${id}`,
    MeetingHostId: 'host',
    ExternalMeetingId: 'room 1',
    MediaRegion: 'eu-central-1',
    MediaPlacement: Object.fromEntries(['AudioHostUrl', 'AudioFallbackUrl', 'SignalingUrl', 'TurnControlUrl', 'ScreenDataUrl', 'ScreenViewingUrl',
      'ScreenSharingUrl', 'EventIngestionUrl'].map(name => [name, expect.stringContaining('eu-central-1')])),
    MeetingFeatures: {
      Audio: { EchoReduction: 'UNAVAILABLE' }, Video: { MaxResolution: 'HD' }, Content: { MaxResolution: 'FHD' }, Attendee: { MaxCount: 250 },
    },
    TenantIds: ['tenant'],
  });
  expect((await sdk.call(`GET /meetings/${id}`)).body).toEqual(body);
});

test('a legacy meeting', async () => {
  const { legacy } = startMeetings();
  const { status, body: { Meeting } } = await legacy.call('POST /meetings', { ClientRequestToken: 'only' });
  expect(status).toBe(201);
  expect(Object.keys(Meeting).sort()).toEqual(['MediaPlacement', 'MediaRegion', 'MeetingId']);
  expect(Meeting.MediaRegion).toBe('us-east-1');
});

test('meeting features can be set to be answered as they were given', async () => {
  const { sdk } = startMeetings({ meetings: { meetingFeatures: 'as-given' } });
  expect((await sdk.create()).body.Meeting).not.toHaveProperty('MeetingFeatures');
  const MeetingFeatures = { Attendee: { MaxCount: 3 } };
  expect((await sdk.create({ MeetingFeatures })).body.Meeting.MeetingFeatures).toEqual(MeetingFeatures);
});

describe('whose meetings', () => {
  test('each namespace has its own', async () => {
    const { sdk, legacy } = startMeetings();
    const [ours, theirs] = [await sdk.meeting(), await legacy.meeting()];
    expect(ours).not.toBe(theirs);
    expect([await legacy.statusOf(ours), await sdk.statusOf(theirs)]).toEqual([404, 404]);
    expect((await legacy.call('GET /meetings')).body.Meetings.map(({ MeetingId }: { MeetingId: string }) => MeetingId)).toEqual([theirs]);
  });

  test('each control region and account has its own', async () => {
    const { sdk } = startMeetings({ account: key => key === 'AKIAOTHER' ? '222222222222' : account });
    const id = await sdk.meeting();
    expect(await sdk.statusOf(id, { region: 'eu-west-2' })).toBe(404);
    expect(await sdk.statusOf(id, { accessKeyId: 'AKIAOTHER' })).toBe(404);
    expect(await sdk.statusOf(id)).toBe(200);
  });

  test.each(['eu-west-1', 'us-east-2'])('there is no endpoint in %s', async elsewhere => {
    await expect(startMeetings().sdk.create({}, { region: elsewhere })).rejects.toThrow('ENOTFOUND');
  });

  test('legacy meetings are in us-east-1, whatever the client is set to', async () => {
    const { legacy, emulator } = startMeetings();
    expect((await legacy.create({}, { region: 'eu-west-3' })).status).toBe(201);
    expect(emulator.state().chime).toMatchObject([{ region: 'us-east-1', meetings: [{}] }]);
  });

  test('GovCloud has a partition of its own', async () => {
    const { body } = await startMeetings().sdk.create({}, { region: 'us-gov-west-1' });
    expect(body.Meeting.MeetingArn).toMatch(/^arn:aws-us-gov:chime:us-gov-west-1:/);
  });

  test('an account that the legacy namespace refuses gets no meeting', async () => {
    const { legacy, emulator } = startMeetings({ legacy: { refusedAccounts: 'all' } });
    expect(await legacy.create()).toMatchObject({ status: 403, error: 'ForbiddenException' });
    expect(emulator.state().chime).toEqual([]);
  });
});

test('ids and tokens come from the seed', async () => {
  const run = async (seed: number) => {
    const { sdk } = startMeetings({ seed });
    return (await sdk.createWith(users(2))).body;
  };
  expect(await run(1)).toEqual(await run(1));
  expect((await run(1)).Meeting.MeetingId).not.toBe((await run(2)).Meeting.MeetingId);
});

describe.each(namespaces)('what a new meeting may be called (%s)', namespace => {
  test.each<[string, Record<string, unknown>]>([
    ['no token', { ClientRequestToken: undefined }],
    ['a token of one character', { ClientRequestToken: 'x' }],
    ['a token with a blank', { ClientRequestToken: 'a b' }],
    ['an external id of one character', { ExternalMeetingId: 'x' }],
    ['an external id of 65 characters', { ExternalMeetingId: 'x'.repeat(65) }],
    ['an external id with a character that is not allowed', { ExternalMeetingId: 'room*' }],
    ['a reserved external id', { ExternalMeetingId: 'AWS:room' }],
    ['a reserved host', { MeetingHostId: 'aws:host' }],
    ['a topic that is none', { NotificationsConfiguration: { SnsTopicArn: `arn:aws:sqs:${region}:${account}:queue` } }],
    ['a topic of another region', { NotificationsConfiguration: { SnsTopicArn: `arn:aws:sns:eu-west-2:${account}:topic` } }],
    ['a queue of another region', { NotificationsConfiguration: { SqsQueueArn: `arn:aws:sqs:eu-west-2:${account}:queue` } }],
    ['what is no ARN', { NotificationsConfiguration: { SqsQueueArn: 'queue' } }],
    ['a reserved tag', { Tags: [{ Key: 'aws:tag', Value: 'x' }] }],
    ['a tag twice', { Tags: [{ Key: 'tag', Value: 'x' }, { Key: 'tag', Value: 'y' }] }],
    ['an unknown member', { Colour: 'red' }],
    ['no attendees', { Attendees: [] }],
  ])('%s is refused', async (_, more) => {
    const { [namespace]: api, emulator } = startMeetings();
    expect(await api.createWith(users(1), more)).toMatchObject({ status: 400, error: 'BadRequestException', body: { Code: 'BadRequest' } });
    expect(emulator.calls).toMatchObject([{ mutated: false }]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['every character', { ExternalMeetingId: '-_&@+=,(){}[]/«».:|\'"#aZ0Éÿ x' }],
    ['a topic and a queue', {
      NotificationsConfiguration: { SnsTopicArn: `arn:aws:sns:${region}:${account}:topic`, SqsQueueArn: `arn:aws:sqs:${region}:${account}:queue` },
    }],
    ['an unknown media region', { MediaRegion: 'mars-north-1' }],
    ['a null', { MeetingHostId: null }],
  ])('%s is accepted', async (_, more) => {
    expect((await startMeetings()[namespace].create(more)).error).toBeUndefined();
  });

  test('an unknown media region can be set to be refused', async () => {
    const { [namespace]: api } = startMeetings({ meetings: { unknownMediaRegion: 'refuse' }, legacy: { meetings: { unknownMediaRegion: 'refuse' } } });
    expect((await api.create({ MediaRegion: 'mars-north-1' })).error).toBe('BadRequestException');
    expect((await api.create({ MediaRegion: 'eu-north-1' })).error).toBeUndefined();
  });
});

test.each<[string, Record<string, unknown>]>([
  ['no media region', { MediaRegion: undefined }],
  ['no external id', { ExternalMeetingId: undefined }],
  ['no tenants', { TenantIds: [] }],
  ['six tenants', { TenantIds: ['t1', 't2', 't3', 't4', 't5', 't6'] }],
  ['a tenant with four equal characters in a row', { TenantIds: ['teennnnt'] }],
  ['a primary meeting that does not exist', { PrimaryMeetingId: unknownId }],
  ['an unknown network type', { MediaPlacementNetworkType: 'Ipv6Only' }],
  ['FHD video without MaxCount', { MeetingFeatures: { Video: { MaxResolution: 'FHD' } } }],
  ['UHD content without MaxCount', { MeetingFeatures: { Content: { MaxResolution: 'UHD' } } }],
  ['FHD video for 26', { MeetingFeatures: { Video: { MaxResolution: 'FHD' }, Attendee: { MaxCount: 26 } } }],
  ['251 attendees', { MeetingFeatures: { Attendee: { MaxCount: 251 } } }],
  ['MaxCount as a string', { MeetingFeatures: { Attendee: { MaxCount: '3' } } }],
  ['an unknown resolution', { MeetingFeatures: { Video: { MaxResolution: 'UHD' } } }],
  ['a function that is none', { NotificationsConfiguration: { LambdaFunctionArn: `arn:aws:sns:${region}:${account}:topic` } }],
  ['a tag key with a blank', { Tags: [{ Key: 'a b', Value: 'x' }] }],
  ['51 tags', { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) }],
])('the new namespace refuses %s', async (_, more) => {
  expect(await startMeetings().sdk.create(more)).toMatchObject({ status: 400, error: 'BadRequestException' });
});

test('the new namespace accepts FHD for 25, and a function to be notified', async () => {
  const { status } = await startMeetings().sdk.create({
    MeetingFeatures: { Video: { MaxResolution: 'FHD' }, Attendee: { MaxCount: 25 } },
    NotificationsConfiguration: { LambdaFunctionArn: `arn:aws:lambda:eu-west-1:${account}:function:listen` },
  });
  expect(status).toBe(200);
});

test.each(['MeetingFeatures', 'TenantIds', 'PrimaryMeetingId', 'MediaPlacementNetworkType'])('the legacy namespace does not know %s', async member => {
  expect(await startMeetings().legacy.create({ [member]: {} })).toMatchObject({ status: 400, error: 'BadRequestException' });
});

test('the legacy namespace does not notify functions, and rejects an empty list of tags', async () => {
  const { legacy } = startMeetings();
  const LambdaFunctionArn = `arn:aws:lambda:${region}:${account}:function:listen`;
  expect((await legacy.create({ NotificationsConfiguration: { LambdaFunctionArn } })).status).toBe(400);
  expect((await legacy.create({ Tags: [] })).status).toBe(400);
});

describe.each([['sdk', 20], ['legacy', 10]] as const)('meetings with attendees (%s)', (namespace, most) => {
  test(`have up to ${most} from the start`, async () => {
    const { [namespace]: api } = startMeetings();
    const { body } = await api.createWith(users(most));
    expect(body.Errors).toEqual([]);
    expect(body.Attendees.map(({ ExternalUserId }: { ExternalUserId: string }) => ExternalUserId))
      .toEqual(users(most).map(({ ExternalUserId }) => ExternalUserId));
    expect((await api.call(`GET /meetings/${body.Meeting.MeetingId}/attendees`)).body.Attendees).toHaveLength(most);
    expect((await api.createWith(users(most + 1))).status).toBe(400);
  });
});

describe('quotas', () => {
  test.each([['sdk', 'LimitExceededException'], ['legacy', 'ResourceLimitExceededException']] as const)(
    'concurrent meetings (%s): %s', async (namespace, error) => {
      const quotas = { meetings: 2 };
      const { [namespace]: api, clock } = startMeetings({ meetings: { quotas }, legacy: { meetings: { quotas } } });
      const id = await api.meeting();
      await api.meeting();
      expect(await api.create()).toMatchObject({ status: 400, error });
      await api.call(`DELETE /meetings/${id}`);
      expect((await api.create()).error).toBeUndefined();
      await clock.advance(5 * minute);
      expect((await api.create()).error).toBeUndefined();
    });

  test('are 250 meetings in each control region', async () => {
    const { sdk } = startMeetings();
    for (let i = 0; i < 250; i++) await sdk.create();
    expect((await sdk.create()).error).toBe('LimitExceededException');
    expect((await sdk.create({}, { region: 'eu-west-2' })).status).toBe(200);
  });
});

describe('join tokens', () => {
  test('are returned by joinTokens only', async () => {
    const { sdk, legacy, emulator } = startMeetings();
    const given = [(await sdk.createWith(users(2))).body.Attendees, [await legacy.attendee(await legacy.meeting(), 'alice')]].flat()
      .map(({ JoinToken }) => JoinToken);
    expect(joinTokens(emulator)).toEqual(given);
    expect(new Set(given).size).toBe(3);
    for (const token of given) {
      expect(token).toMatch(/^[a-zA-Z0-9+/]{2,2048}$/);
      expect(JSON.stringify([emulator.state(), emulator.calls])).not.toContain(token);
    }
  });

  test('are forgotten by a reset', async () => {
    const { sdk, emulator } = startMeetings();
    await sdk.createWith(users(1));
    emulator.reset();
    expect(joinTokens(emulator)).toEqual([]);
    expect(emulator.state()['chime-sdk-meetings']).toEqual([]);
  });
});

test('the state shows meetings, attendees, and when a meeting ends', async () => {
  const { sdk, emulator, clock } = startMeetings();
  const id = await sdk.meeting({ Tags: [{ Key: 'a', Value: '1' }] });
  await sdk.attendee(id, 'alice', { Capabilities: capabilities('Receive', 'None', 'None') });
  expect(emulator.state()['chime-sdk-meetings']).toMatchObject([{
    account,
    region,
    meetings: [{
      id,
      externalMeetingId: 'room 1',
      tags: { a: '1' },
      endsAt: clock.now() + 5 * minute,
      attendees: [{ externalUserId: 'alice', joinToken: '***', connected: false, capabilities: { Audio: 'Receive' } }],
    }],
  }]);
});
