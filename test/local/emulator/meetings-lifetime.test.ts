import { minute, namespaces, startMeetings, users } from './meetings-harness';

const day = 24 * 60 * minute;

describe.each(namespaces)('the life of a meeting (%s)', namespace => {
  async function startWithAttendees(count = 1) {
    const harness = startMeetings();
    const api = harness[namespace];
    const { Meeting: { MeetingId: id } } = (await api.createWith(users(count))).body;
    return { ...harness, api, id: id as string };
  }

  test('ends after 5 minutes without anybody', async () => {
    const { api, id, clock, emulator } = await startWithAttendees();
    await clock.advance(5 * minute - 1);
    expect(await api.statusOf(id)).toBe(200);
    await clock.advance(1);
    expect(await api.statusOf(id)).toBe(404);
    expect(emulator.state()[api.service]).toMatchObject([{ meetings: [] }]);
  });

  test('reads and invitations do not keep it', async () => {
    const { api, id, clock } = await startWithAttendees();
    await clock.advance(4 * minute);
    await api.attendee(id, 'late');
    await clock.advance(minute);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('a connected attendee keeps it alive, until 5 minutes after the last attendee has left', async () => {
    const { api, id, clock } = await startWithAttendees(2);
    api.edit(id, { connect: '*' });
    await clock.advance(20 * minute);
    api.edit(id, { disconnect: ['user-0'] });
    await clock.advance(5 * minute);
    expect(await api.statusOf(id)).toBe(200);
    api.edit(id, { disconnect: ['user-1'] });
    await clock.advance(5 * minute - 1);
    expect(await api.statusOf(id)).toBe(200);
    await clock.advance(1);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('an attendee that returns in time restarts the 5 minutes', async () => {
    const { api, id, clock } = await startWithAttendees();
    await clock.advance(4 * minute);
    api.edit(id, { connect: ['user-0'] });
    api.edit(id, { disconnect: ['user-0'] });
    await clock.advance(4 * minute);
    expect(await api.statusOf(id)).toBe(200);
  });

  test('an attendee that is deleted is no longer connected', async () => {
    const { api, id, clock } = await startWithAttendees();
    api.edit(id, { connect: '*' });
    await clock.advance(10 * minute);
    const [{ AttendeeId }] = (await api.call(`GET /meetings/${id}/attendees`)).body.Attendees;
    await api.call(`DELETE /meetings/${id}/attendees/${AttendeeId}`);
    await clock.advance(5 * minute);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('who was never connected changes nothing by being deleted, or disconnected', async () => {
    const { api, id, clock } = await startWithAttendees(2);
    await clock.advance(4 * minute);
    const [{ AttendeeId }] = (await api.call(`GET /meetings/${id}/attendees`)).body.Attendees;
    await api.call(`DELETE /meetings/${id}/attendees/${AttendeeId}`);
    api.edit(id, { disconnect: '*' });
    await clock.advance(minute);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('ends after 24 hours in all', async () => {
    const { api, id, clock } = await startWithAttendees(2);
    api.edit(id, { connect: '*' });
    await clock.advance(day - 1);
    expect(await api.statusOf(id)).toBe(200);
    await clock.advance(1);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('ends by an edit', async () => {
    const { api, id } = await startWithAttendees();
    api.edit(id, { end: true });
    expect(await api.statusOf(id)).toBe(404);
  });

  test('ends by DeleteMeeting, for its attendees too, and only once', async () => {
    const { api, id } = await startWithAttendees();
    const [{ AttendeeId }] = (await api.call(`GET /meetings/${id}/attendees`)).body.Attendees;
    expect(await api.call(`DELETE /meetings/${id}`)).toEqual({ status: 204, error: undefined, body: '' });
    expect((await api.call(`GET /meetings/${id}/attendees/${AttendeeId}`)).status).toBe(404);
    expect(await api.call(`DELETE /meetings/${id}`)).toMatchObject({
      status: 404, error: 'NotFoundException', body: { Code: 'NotFound', Message: `Meeting ${id} not found` },
    });
  });

  test('a read that lags still sees it', async () => {
    const { api, id, clock, emulator } = await startWithAttendees();
    await clock.advance(5 * minute);
    emulator.addFault({ kind: 'laggingReads', milliseconds: 1000, times: 1 });
    expect(await api.statusOf(id)).toBe(200);
    await api.create();
    emulator.addFault({ kind: 'laggingReads', milliseconds: 1000, times: 1 });
    expect(await api.statusOf(id)).toBe(200);
    expect(await api.statusOf(id)).toBe(404);
  });

  test('no call is blamed for its end', async () => {
    const { api, clock, emulator } = await startWithAttendees();
    await clock.advance(5 * minute);
    await api.create({ ExternalMeetingId: 'aws:refused' });
    expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'BadRequestException', mutated: false });
  });
});

test('fewer than two for 30 minutes end a legacy meeting only', async () => {
  const { sdk, legacy, clock } = startMeetings();
  const [modern, old] = await Promise.all([sdk, legacy].map(async api => (await api.createWith(users(2))).body.Meeting.MeetingId as string));
  sdk.edit(modern, { connect: '*' });
  legacy.edit(old, { connect: '*' });
  await clock.advance(60 * minute);
  sdk.edit(modern, { disconnect: ['user-0'] });
  legacy.edit(old, { disconnect: ['user-0'] });
  await clock.advance(30 * minute - 1);
  expect(await legacy.statusOf(old)).toBe(200);
  await clock.advance(1);
  expect([await sdk.statusOf(modern), await legacy.statusOf(old)]).toEqual([200, 404]);
});

test('the times can be set', async () => {
  const { sdk, clock } = startMeetings({ meetings: { lifetime: { empty: 100 } } });
  const id = await sdk.meeting();
  await clock.advance(100);
  expect(await sdk.statusOf(id)).toBe(404);
});

describe('replicas', () => {
  async function startWithReplica() {
    const harness = startMeetings();
    const primary = (await harness.sdk.createWith(users(1))).body.Meeting.MeetingId as string;
    const { body: { Meeting } } = await harness.sdk.create({ PrimaryMeetingId: primary });
    return { ...harness, primary, replica: Meeting.MeetingId as string, Meeting };
  }

  test('name their primary', async () => {
    const { primary, Meeting } = await startWithReplica();
    expect(Meeting.PrimaryMeetingId).toBe(primary);
  });

  test('end with their primary and not before', async () => {
    const { sdk, clock, primary, replica } = await startWithReplica();
    sdk.edit(primary, { connect: '*' });
    await clock.advance(60 * minute);
    expect(await sdk.statusOf(replica)).toBe(200);
    sdk.edit(primary, { disconnect: '*' });
    await clock.advance(5 * minute);
    expect([await sdk.statusOf(primary), await sdk.statusOf(replica)]).toEqual([404, 404]);
    await sdk.create();
    expect(await sdk.statusOf(replica)).toBe(404);
  });

  test('are deleted with their primary', async () => {
    const { sdk, primary, replica } = await startWithReplica();
    await sdk.call(`DELETE /meetings/${primary}`);
    expect(await sdk.statusOf(replica)).toBe(404);
  });

  test('can be deleted alone', async () => {
    const { sdk, primary, replica } = await startWithReplica();
    expect((await sdk.call(`DELETE /meetings/${replica}`)).status).toBe(204);
    expect(await sdk.statusOf(primary)).toBe(200);
  });

  test('have no replicas, and a primary has four', async () => {
    const { sdk, primary, replica } = await startWithReplica();
    expect((await sdk.create({ PrimaryMeetingId: replica })).error).toBe('BadRequestException');
    for (let i = 0; i < 3; i++) await sdk.meeting({ PrimaryMeetingId: primary });
    expect((await sdk.create({ PrimaryMeetingId: primary })).error).toBe('LimitExceededException');
  });
});

describe.each(namespaces)('a ClientRequestToken used again (%s)', namespace => {
  const conflict = namespace === 'sdk' ? { status: 409, error: 'ConflictException' } : { status: 400, error: 'BadRequestException' };
  const start = (requestToken = {}) => {
    const harness = startMeetings({ meetings: { requestToken }, legacy: { meetings: { requestToken } } });
    return { ...harness, api: harness[namespace] };
  };
  const same = { ClientRequestToken: 'same', ExternalMeetingId: 'room' };

  test('returns the same meeting until it ends', async () => {
    const { api, emulator, clock } = start();
    const first = await api.create(same);
    await clock.advance(4 * minute);
    expect(await api.create(same)).toEqual(first);
    expect(emulator.calls).toMatchObject([{ mutated: true }, { mutated: false }]);
    expect(emulator.calls[1].resource).toBe(emulator.calls[0].resource);
  });

  test('means a new one when it has ended', async () => {
    const { api, clock } = start();
    const first = await api.meeting(same);
    await clock.advance(5 * minute);
    const second = await api.meeting(same);
    expect(second).not.toBe(first);
    expect(await api.statusOf(second)).toBe(200);
    expect(await api.meeting(same)).toBe(second);
  });

  test('can be set to mean the one that has ended, or a conflict', async () => {
    const old = start({ ended: 'ended-meeting' });
    const first = (await old.api.createWith(users(1), same)).body;
    await old.clock.advance(5 * minute);
    expect((await old.api.createWith(users(1), same)).body).toEqual(first);
    expect(await old.api.statusOf(first.Meeting.MeetingId)).toBe(404);
    const refused = start({ ended: 'conflict' });
    refused.api.edit(await refused.api.meeting(same), { end: true });
    expect(await refused.api.create(same)).toMatchObject(conflict);
  });

  test('is forgotten after its window', async () => {
    const { api, clock } = start({ window: 1000 });
    const first = await api.meeting(same);
    await clock.advance(999);
    expect(await api.meeting(same)).toBe(first);
    await clock.advance(1);
    expect(await api.meeting(same)).not.toBe(first);
  });

  test('with other parameters is a conflict, or can be set to mean the same', async () => {
    const strict = start();
    await strict.api.create(same);
    expect(await strict.api.create({ ...same, ExternalMeetingId: 'hall' })).toMatchObject(conflict);
    const lenient = start({ otherParameters: 'same-meeting' });
    const first = await lenient.api.meeting(same);
    expect(await lenient.api.meeting({ ...same, ExternalMeetingId: 'hall' })).toBe(first);
  });

  test('means the same attendees, and another chance for those that failed', async () => {
    const { api, emulator } = start();
    emulator.addFault({ kind: 'itemError', item: 'user-1', error: 'Throttled', times: 1 });
    const first = (await api.createWith(users(2), same)).body;
    expect(first).toMatchObject({ Attendees: [{ ExternalUserId: 'user-0' }], Errors: [{ ExternalUserId: 'user-1', ErrorCode: 'Throttled' }] });
    const second = (await api.createWith(users(2), same)).body;
    expect(second).toMatchObject({ Meeting: first.Meeting, Attendees: [first.Attendees[0], { ExternalUserId: 'user-1' }], Errors: [] });
    expect((await api.createWith(users(2), same)).body).toEqual(second);
  });

  test('means the same attendees even when a repeated user is another one', async () => {
    const settings = { repeatedUser: 'new-attendee' as const };
    const { [namespace]: api } = startMeetings({ meetings: settings, legacy: { meetings: settings } });
    expect(await api.createWith(users(2), same)).toEqual(await api.createWith(users(2), same));
  });

  test('does not count toward the quota', async () => {
    const quotas = { meetings: 1 };
    const { [namespace]: api } = startMeetings({ meetings: { quotas }, legacy: { meetings: { quotas } } });
    expect(await api.create(same)).toEqual(await api.create(same));
  });

  test('means another meeting in another control region', async () => {
    const { api } = start();
    const first = await api.meeting(same);
    const elsewhere = await api.create(same, { region: 'eu-west-2' });
    expect(elsewhere.body.Meeting.MeetingId === first).toBe(namespace === 'legacy');
  });
});

describe('edits', () => {
  test.each([
    ['an unknown change', 'room 1', { colour: 'red' }, 400],
    ['an unknown meeting', 'nowhere', { end: true }, 404],
    ['an unknown attendee', 'room 1', { connect: ['nobody'] }, 404],
  ])('%s is refused', async (_, resource, changes, status) => {
    const { sdk } = startMeetings();
    await sdk.meeting();
    expect(() => sdk.edit(resource, changes)).toThrow(expect.objectContaining({ name: 'InvalidEdit', status }));
  });

  test('tags are set, removed and replaced', async () => {
    const { sdk, emulator } = startMeetings();
    const id = await sdk.meeting({ Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] });
    const tags = () => (emulator.state()['chime-sdk-meetings'] as any)[0].meetings[0].tags;
    sdk.edit(id, { tags: { a: null, c: '3' } });
    expect(tags()).toEqual({ b: '2', c: '3' });
    sdk.edit(id, { replaceTags: {} });
    expect(tags()).toEqual({});
  });
});
