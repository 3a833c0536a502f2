import { Api, capabilities, MeetingsOptions, namespaces, unknownId, startMeetings, users } from './meetings-harness';

const everything = capabilities('SendReceive', 'SendReceive', 'SendReceive');

/** Settings of the meetings of both namespaces. */
const both = (meetings: MeetingsOptions['meetings']): MeetingsOptions => ({ meetings, legacy: { meetings } });
const limit = { sdk: 'LimitExceeded', legacy: 'ResourceLimitExceeded' };

async function listed(api: Api, id: string, query = ''): Promise<{ names: string[]; token?: string; status: number }> {
  const { status, body } = await api.call(`GET /meetings/${id}/attendees${query}`);
  return { status, names: body.Attendees?.map(({ ExternalUserId }: { ExternalUserId: string }) => ExternalUserId).sort(), token: body.NextToken };
}

describe.each(namespaces)('attendees (%s)', namespace => {
  async function start(options: MeetingsOptions = {}) {
    const harness = startMeetings(options);
    const api = harness[namespace];
    return { ...harness, api, id: await api.meeting() };
  }

  test('one is created, got and deleted', async () => {
    const { api, id } = await start();
    const attendee = await api.attendee(id, 'alice');
    expect(attendee).toEqual({
      ExternalUserId: 'alice', AttendeeId: expect.any(String), JoinToken: expect.any(String), ...namespace === 'sdk' && { Capabilities: everything },
    });
    const path = `/meetings/${id}/attendees/${attendee.AttendeeId}`;
    expect((await api.call(`GET ${path}`)).body).toEqual({ Attendee: attendee });
    expect((await api.call(`DELETE ${path}`)).status).toBe(204);
    expect(await api.call(`GET ${path}`)).toMatchObject({ status: 404, error: 'NotFoundException' });
    expect((await api.call(`DELETE ${path}`)).status).toBe(404);
  });

  test('an id of another form is refused', async () => {
    const { api, id } = await start();
    expect((await api.call('GET /meetings/room')).error).toBe('BadRequestException');
    expect((await api.call(`GET /meetings/${id}/attendees/alice`)).error).toBe('BadRequestException');
    expect((await api.call(`GET /meetings/${id}/attendees/${unknownId}`)).error).toBe('NotFoundException');
  });

  test('the same user is the same attendee, in upper case too', async () => {
    const { api, id, emulator } = await start();
    const alice = await api.attendee(id, 'alice');
    expect(await api.attendee(id, 'ALICE')).toEqual(alice);
    expect(emulator.calls.at(-1)?.mutated).toBe(false);
    const { body } = await api.batch(id, 'alice', 'bob', 'bob');
    expect(body.Attendees.map(({ ExternalUserId }: { ExternalUserId: string }) => ExternalUserId)).toEqual(['alice', 'bob', 'bob']);
    expect((await listed(api, id)).names).toEqual(['alice', 'bob']);
  });

  test('the same user can be set to be another attendee', async () => {
    const { api, id } = await start(both({ repeatedUser: 'new-attendee' }));
    expect((await api.attendee(id, 'alice')).AttendeeId).not.toBe((await api.attendee(id, 'alice')).AttendeeId);
  });

  test('who was deleted comes back with another id and token', async () => {
    const { api, id } = await start();
    const alice = await api.attendee(id, 'alice');
    await api.call(`DELETE /meetings/${id}/attendees/${alice.AttendeeId}`);
    const again = await api.attendee(id, 'alice');
    expect(again.AttendeeId).not.toBe(alice.AttendeeId);
    expect(again.JoinToken).not.toBe(alice.JoinToken);
  });

  test.each<[string, unknown]>([
    ['no user', undefined], ['one character', 'x'], ['65 characters', 'x'.repeat(65)], ['a reserved one', 'aws:alice'], ['a star', 'alice*'], ['a number', 12],
  ])('the user id must not be %s', async (_, ExternalUserId) => {
    const { api, id } = await start();
    expect((await api.call(`POST /meetings/${id}/attendees`, { ExternalUserId })).error).toBe('BadRequestException');
    expect((await api.batch(id, 'bob', { ExternalUserId })).error).toBe('BadRequestException');
    expect((await listed(api, id)).names).toEqual([]);
  });

  test('a batch is of 1 to 100', async () => {
    const { api, id } = await start();
    expect((await api.batch(id)).status).toBe(400);
    expect((await api.batch(id, ...users(101))).status).toBe(400);
    const { status, body } = await api.batch(id, ...users(100));
    expect({ status, made: body.Attendees.length, errors: body.Errors }).toEqual({ status: namespace === 'sdk' ? 200 : 201, made: 100, errors: [] });
  });

  test('there are 250 at most, the others of a batch are errors', async () => {
    const { api, id, emulator } = await start();
    for (const prefix of ['a', 'b']) await api.batch(id, ...users(100, prefix));
    const { status, body } = await api.batch(id, ...users(60, 'c'));
    expect({ status, made: body.Attendees.length, failed: body.Errors.length }).toEqual({ status: namespace === 'sdk' ? 200 : 201, made: 50, failed: 10 });
    expect(body.Errors[0]).toEqual({ ExternalUserId: 'c-50', ErrorCode: limit[namespace], ErrorMessage: expect.any(String) });
    expect(await api.call(`POST /meetings/${id}/attendees`, { ExternalUserId: 'late' })).toMatchObject({ status: 400, error: `${limit[namespace]}Exception` });
    expect(await api.attendee(id, 'a-0')).toMatchObject({ ExternalUserId: 'a-0' });
    expect(emulator.calls.at(-1)?.outcome).toBe('success');
  });

  test('one too many can be set to fail the whole batch', async () => {
    const { api, id } = await start(both({ batchOverflow: 'refuse', quotas: { attendees: 2 } }));
    expect(await api.batch(id, ...users(3))).toMatchObject({ status: 400, error: `${limit[namespace]}Exception` });
    expect((await listed(api, id)).names).toEqual([]);
    expect((await api.createWith(users(3))).error).toBe(`${limit[namespace]}Exception`);
  });

  test('single ones of a batch fail by a fault, the call succeeds', async () => {
    const { api, id, emulator } = await start();
    emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttled', message: 'later', times: 1 });
    emulator.addFault({ kind: 'itemError', item: 'carol', error: 'Forbidden', operation: 'CreateMeetingWithAttendees' });
    const { body } = await api.batch(id, 'alice', 'bob', 'carol');
    expect(body).toMatchObject({
      Attendees: [{ ExternalUserId: 'alice' }, { ExternalUserId: 'carol' }],
      Errors: [{ ExternalUserId: 'bob', ErrorCode: 'Throttled', ErrorMessage: 'later' }],
    });
    expect(emulator.calls.at(-1)).toMatchObject({ outcome: 'success', mutated: true, faults: ['itemError'] });
    expect((await listed(api, id)).names).toEqual(['alice', 'carol']);
    expect((await api.batch(id, 'bob')).body.Errors).toEqual([]);
    expect((await api.createWith([{ ExternalUserId: 'carol' }])).body).toMatchObject({ Attendees: [], Errors: [{ ErrorCode: 'Forbidden' }] });
  });

  test('a fault waits for its item, and may come with others', async () => {
    const { api, id, emulator } = await start();
    emulator.addFault({ kind: 'itemError', item: 'bob', error: 'Throttled', times: 1 });
    await api.batch(id, 'alice');
    await api.attendee(id, 'bob');
    expect(emulator.listFaults()).toMatchObject([{ hit: 0 }]);
    emulator.addFault({ kind: 'throttle', times: 1 });
    expect((await api.batch(id, 'bob')).status).toBe(429);
  });

  test('are listed in pages', async () => {
    const { api, id } = await start();
    await api.batch(id, ...users(5));
    const first = await listed(api, id, '?max-results=3');
    const second = await listed(api, id, `?max-results=3&next-token=${encodeURIComponent(first.token!)}`);
    expect([first.names.length, second.names.length, second.token]).toEqual([3, 2, undefined]);
    expect([...first.names, ...second.names].sort()).toEqual(users(5).map(({ ExternalUserId }) => ExternalUserId));
    expect((await listed(api, id, '?max-results=5')).token).toBeUndefined();
  });

  test('a page is of as many as the model says', async () => {
    const { api, id } = await start();
    const most = namespace === 'sdk' ? 100 : 99;
    await api.batch(id, ...users(100));
    await api.attendee(id, 'one-more');
    expect((await listed(api, id)).names).toHaveLength(most);
    expect([await listed(api, id, `?max-results=${most}`), await listed(api, id, `?max-results=${most + 1}`), await listed(api, id, '?max-results=0'),
      await listed(api, id, '?next-token=mine')].map(({ status }) => status)).toEqual([200, 400, 400, 400]);
  });

  test('lists can be set not to show join tokens', async () => {
    const { api, id } = await start(both({ joinTokensInLists: false }));
    await api.attendee(id, 'alice');
    expect((await api.call(`GET /meetings/${id}/attendees`)).body.Attendees[0]).not.toHaveProperty('JoinToken');
  });

  test('a read that lags misses the new ones', async () => {
    const { api, id, emulator, clock } = await start();
    await clock.advance(1000);
    await api.attendee(id, 'alice');
    emulator.addFault({ kind: 'laggingReads', milliseconds: 500 });
    expect((await listed(api, id)).names).toEqual([]);
  });
});

test('a meeting has as many attendees as its MaxCount says', async () => {
  const { sdk } = startMeetings();
  const { body } = await sdk.createWith(users(3), { MeetingFeatures: { Attendee: { MaxCount: 2 } } });
  expect(body).toMatchObject({ Meeting: { MeetingFeatures: { Attendee: { MaxCount: 2 } } }, Errors: [{ ExternalUserId: 'user-2', ErrorCode: 'LimitExceeded' }] });
  const [{ AttendeeId }] = body.Attendees;
  await sdk.call(`DELETE /meetings/${body.Meeting.MeetingId}/attendees/${AttendeeId}`);
  expect(await sdk.attendee(body.Meeting.MeetingId, 'user-2')).toBeDefined();
});

test('legacy meetings are listed in pages', async () => {
  const { legacy } = startMeetings();
  const ids = await Promise.all(Array.from({ length: 5 }, async () => legacy.meeting()));
  const pages: string[] = [];
  let token = '';
  do {
    const { status, body } = await legacy.call(`GET /meetings?max-results=2${token && `&next-token=${encodeURIComponent(token)}`}`);
    expect(status).toBe(200);
    pages.push(...body.Meetings.map(({ MeetingId }: { MeetingId: string }) => MeetingId));
    token = body.NextToken ?? '';
  } while (token);
  expect(pages).toEqual([...ids].sort());
  expect((await legacy.call('GET /meetings?max-results=100')).status).toBe(400);
});

describe('capabilities', () => {
  const none = (feature: string) => ({ MeetingFeatures: { [feature]: { MaxResolution: 'None' } } });

  test.each<[string, Record<string, unknown>, object, number]>([
    ['all', {}, everything, 201],
    ['not all three', {}, { Audio: 'None', Video: 'None' }, 400],
    ['an unknown one', {}, capabilities('Both', 'None', 'None'), 400],
    ['content without receiving video', {}, capabilities('SendReceive', 'Send', 'Receive'), 400],
    ['sending content without video', {}, capabilities('SendReceive', 'None', 'Send'), 201],
    ['video where there is none', none('Video'), capabilities('SendReceive', 'Receive', 'None'), 400],
    ['no video where there is none', none('Video'), capabilities('SendReceive', 'None', 'None'), 201],
    ['content where there is none', none('Content'), capabilities('SendReceive', 'SendReceive', 'Send'), 400],
    ['no content where there is none', none('Content'), capabilities('SendReceive', 'SendReceive', 'None'), 201],
  ])('%s', async (_, features, Capabilities, status) => {
    const { sdk } = startMeetings();
    const id = await sdk.meeting(features);
    const ok = status === 201;
    const alice = await sdk.attendee(id, 'alice');
    const outcomes = [
      await sdk.call(`POST /meetings/${id}/attendees`, { ExternalUserId: 'bob', Capabilities }),
      await sdk.batch(id, { ExternalUserId: 'carol', Capabilities }),
      await sdk.createWith([{ ExternalUserId: 'dave', Capabilities }], features),
      await sdk.call(`PUT /meetings/${id}/attendees/${alice.AttendeeId}/capabilities`, { Capabilities }),
      await sdk.call(`PUT /meetings/${id}/attendees/capabilities?operation=batch-update-except`, {
        Capabilities, ExcludedAttendeeIds: [{ AttendeeId: unknownId }],
      }),
    ];
    expect(outcomes.map(({ error }) => error)).toEqual(Array(5).fill(ok ? undefined : 'BadRequestException'));
    const names = (await listed(sdk, id)).names;
    expect(names).toEqual(ok ? ['alice', 'bob', 'carol'] : ['alice']);
  });

  test.each<[string, Record<string, unknown>, object]>([
    ['everything', {}, everything],
    ['content without video', none('Video'), capabilities('SendReceive', 'Receive', 'SendReceive')],
    ['video without content', none('Content'), capabilities('SendReceive', 'SendReceive', 'None')],
    ['sound', { MeetingFeatures: { Video: { MaxResolution: 'None' }, Content: { MaxResolution: 'None' } } }, capabilities('SendReceive', 'None', 'None')],
  ])('are by default those of %s', async (_, features, expected) => {
    const { sdk } = startMeetings();
    expect((await sdk.attendee(await sdk.meeting(features), 'alice')).Capabilities).toEqual(expected);
  });

  test('of one attendee are updated', async () => {
    const { sdk, emulator } = startMeetings();
    const id = await sdk.meeting();
    const alice = await sdk.attendee(id, 'alice');
    const Capabilities = capabilities('Receive', 'Receive', 'None');
    const request = async () => sdk.call(`PUT /meetings/${id}/attendees/${alice.AttendeeId}/capabilities`, { Capabilities });
    expect(await request()).toEqual({ status: 200, error: undefined, body: { Attendee: { ...alice, Capabilities } } });
    await request();
    expect(emulator.calls.slice(-2).map(({ mutated }) => mutated)).toEqual([true, false]);
    expect((await sdk.call(`PUT /meetings/${id}/attendees/${unknownId}/capabilities`, { Capabilities })).status).toBe(404);
  });

  test('of all but some are updated', async () => {
    const { sdk } = startMeetings();
    const { Meeting: { MeetingId: id }, Attendees: [first, ...others] } = (await sdk.createWith(users(3))).body;
    const Capabilities = capabilities('None', 'None', 'None');
    const request = `PUT /meetings/${id}/attendees/capabilities?operation=batch-update-except`;
    expect((await sdk.call(request, { Capabilities, ExcludedAttendeeIds: [{ AttendeeId: first.AttendeeId }] })).status).toBe(200);
    const { body } = await sdk.call(`GET /meetings/${id}/attendees`);
    expect(new Map(body.Attendees.map((attendee: any) => [attendee.AttendeeId, attendee.Capabilities]))).toEqual(new Map([
      [first.AttendeeId, everything], ...others.map(({ AttendeeId }: { AttendeeId: string }) => [AttendeeId, Capabilities] as const),
    ]));
    expect((await sdk.call(request, { Capabilities, ExcludedAttendeeIds: [] })).status).toBe(400);
  });

  test('are unknown in the legacy namespace', async () => {
    const { legacy } = startMeetings();
    expect((await legacy.batch(await legacy.meeting(), { ExternalUserId: 'alice', Capabilities: everything })).status).toBe(400);
  });
});
