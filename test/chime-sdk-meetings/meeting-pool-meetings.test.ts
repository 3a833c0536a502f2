import { type Attendee, isMeetingLimit, type MeetingNamespace, MeetingsApi, type MeetingsApiOptions } from '../../lambda/chime-sdk-meetings/meeting-pool/meetings';

type Input = Record<string, any>;

const people = (count: number, first = 0) => Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${first + index}` }));
const attendee = (ExternalUserId: string, JoinToken?: string): Attendee => ({ AttendeeId: `id-${ExternalUserId}`, ExternalUserId, JoinToken });
const named = (name: string, message = 'the words of the service') => Object.assign(new Error(message), { name });

/** A service that answers, call by call, what it is told to; an error is thrown. */
function serviceOf(...answers: unknown[]) {
  const calls: [string, Input][] = [];
  const command = (operation: string) => class {
    constructor(readonly input: Input) { calls.push([operation, input]); }
  };
  const commands = Object.fromEntries([
    'CreateMeeting', 'CreateMeetingWithAttendees', 'GetMeeting', 'DeleteMeeting', 'CreateAttendee', 'BatchCreateAttendee', 'GetAttendee', 'ListAttendees', 'ListMeetings',
  ].map((operation) => [`${operation}Command`, command(operation)]));
  const client = {
    send: async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const { signal } = new AbortController();
  const api = (options: Partial<MeetingsApiOptions> = {}, namespace: Partial<MeetingNamespace> = {}) =>
    new MeetingsApi({ client, commands, attendeesAtCreation: 20, ...namespace } as MeetingNamespace, { abortSignal: signal, ...options });
  return { calls, api };
}

const REQUEST = { ClientRequestToken: 'token', MediaRegion: 'us-east-1', ExternalMeetingId: 'external', Tags: [] };

describe('creating a meeting', () => {
  test('sends one call without attendees', async () => {
    const { calls, api } = serviceOf({ Meeting: { MeetingId: 'm' } });
    expect(await api().create(REQUEST)).toEqual({ meeting: { MeetingId: 'm' }, attendees: [], errors: [] });
    expect(calls).toEqual([['CreateMeeting', REQUEST]]);
  });

  test('invites the first attendees; a refused one is retried alone with its capabilities, and reported if that fails', async () => {
    const Capabilities = { Audio: 'Receive', Video: 'None', Content: 'None' };
    const Attendees = [{ ExternalUserId: 'one' }, { ExternalUserId: 'two', Capabilities }, { ExternalUserId: 'three' }];
    const refused = ['two', 'three'].map((ExternalUserId) => ({ ExternalUserId, ErrorCode: 'Throttling', ErrorMessage: 'slowly' }));
    const { calls, api } = serviceOf(
      { Meeting: { MeetingId: 'm' }, Attendees: [attendee('one')], Errors: refused }, { Attendee: attendee('two') }, named('LimitExceededException', 'full'));
    expect(await api().create({ ...REQUEST, Attendees })).toEqual({
      meeting: { MeetingId: 'm' },
      attendees: [attendee('one'), attendee('two')],
      errors: [{ ExternalUserId: 'three', ErrorCode: 'LimitExceededException', ErrorMessage: 'full' }],
    });
    expect(calls).toEqual([
      ['CreateMeetingWithAttendees', { ...REQUEST, Attendees }],
      ['CreateAttendee', { MeetingId: 'm', ExternalUserId: 'two', Capabilities }],
      ['CreateAttendee', { MeetingId: 'm', ExternalUserId: 'three' }],
    ]);
  });

  test('marks an error whose outcome is unknown', async () => {
    const { api } = serviceOf(named('TimeoutError'));
    await expect(api().create(REQUEST)).rejects.toMatchObject({ isOutcomeUnknown: true });
    await expect(serviceOf(named('BadRequestException')).api().create(REQUEST)).rejects.not.toHaveProperty('isOutcomeUnknown');
  });
});

describe('a meeting that does not exist', () => {
  test('is undefined when it is read', async () => {
    expect(await serviceOf({ Meeting: { MeetingId: 'm' } }).api().get('m')).toEqual({ MeetingId: 'm' });
    const { calls, api } = serviceOf(named('NotFoundException'));
    expect(await api().get('m')).toBeUndefined();
    expect(calls).toEqual([['GetMeeting', { MeetingId: 'm' }]]);
    await expect(serviceOf(named('ForbiddenException')).api().get('m')).rejects.toMatchObject({ name: 'ForbiddenException' });
  });

  test('is reported as missing when it is ended', async () => {
    const { calls, api } = serviceOf({}, named('NotFoundException'), named('ServiceFailureException'));
    expect([await api().delete('m'), await api().delete('m')]).toEqual([true, false]);
    await expect(api().delete('m')).rejects.toMatchObject({ name: 'ServiceFailureException' });
    expect(calls).toEqual(['m', 'm', 'm'].map((MeetingId) => ['DeleteMeeting', { MeetingId }]));
  });

  test('is recognized by a read if the call is denied, because its tags no longer exist', async () => {
    const { calls, api } = serviceOf(named('ForbiddenException'), named('NotFoundException'), named('ForbiddenException'), { Meeting: { MeetingId: 'm' } });
    expect(await api().delete('m')).toBe(false);
    await expect(api().delete('m')).rejects.toMatchObject({ name: 'ForbiddenException' });
    expect(calls.map(([operation]) => operation)).toEqual(['DeleteMeeting', 'GetMeeting', 'DeleteMeeting', 'GetMeeting']);
  });

  test('is undefined when attendees are invited or read', async () => {
    expect(await serviceOf({ Attendees: [] }, named('NotFoundException')).api().invite('m', people(101))).toBeUndefined();
    expect(await serviceOf(named('NotFoundException')).api().attendees('m', () => true)).toBeUndefined();
  });
});

describe('attendees', () => {
  test('are invited in batches of a hundred, and all results are returned', async () => {
    const refused = (ExternalUserId: string) => ({ ExternalUserId, ErrorCode: 'Throttling', ErrorMessage: 'slowly' });
    const { calls, api } = serviceOf({ Attendees: [attendee('bot-0')], Errors: [refused('bot-1')] }, named('LimitExceededException', 'full'), { Attendees: [attendee('bot-100')] });
    expect(await api().invite('m', people(200))).toEqual({
      attendees: [attendee('bot-0'), attendee('bot-100')],
      errors: [{ ExternalUserId: 'bot-1', ErrorCode: 'LimitExceededException', ErrorMessage: 'full' }],
    });
    expect(calls).toEqual([
      ['BatchCreateAttendee', { MeetingId: 'm', Attendees: people(100) }],
      ['CreateAttendee', { MeetingId: 'm', ExternalUserId: 'bot-1' }],
      ['BatchCreateAttendee', { MeetingId: 'm', Attendees: people(100, 100) }],
    ]);
  });

  test('are found on all pages; missing join tokens of matching attendees are read, unless the attendee was deleted', async () => {
    const { calls, api } = serviceOf(
      { Attendees: [attendee('one', 'token'), attendee('two'), attendee('other')], NextToken: 'next' }, { Attendees: [attendee('three')] },
      { Attendee: attendee('two', 'token') }, named('NotFoundException'));
    expect(await api().attendees('m', ({ ExternalUserId }) => ExternalUserId !== 'other')).toEqual([attendee('one', 'token'), attendee('two', 'token')]);
    expect(calls).toEqual([
      ['ListAttendees', { MeetingId: 'm' }],
      ['ListAttendees', { MeetingId: 'm', NextToken: 'next' }],
      ['GetAttendee', { MeetingId: 'm', AttendeeId: 'id-two' }],
      ['GetAttendee', { MeetingId: 'm', AttendeeId: 'id-three' }],
    ]);
  });

  test('are retried by the given function', async () => {
    let attempts = 0;
    const retryThrottled = async <T>(call: () => Promise<T>): Promise<T> => {
      attempts += 1;
      return call();
    };
    const refused = { ExternalUserId: 'bot-0', ErrorCode: 'Throttling', ErrorMessage: 'slowly' };
    await serviceOf({ Errors: [refused] }, { Attendee: attendee('bot-0') }).api({ retryThrottled }).invite('m', people(1));
    expect(attempts).toBe(2);
    await serviceOf({ Attendees: [attendee('one')] }, { Attendee: attendee('one', 'token') }).api({ retryThrottled }).attendees('m', () => true);
    expect(attempts).toBe(4);
  });
});

test('meetings are listed on all pages, if the namespace has a list', async () => {
  const { calls, api } = serviceOf({ Meetings: [{ MeetingId: 'one' }], NextToken: 'next' }, { Meetings: [{ MeetingId: 'two' }] });
  expect(await api().list()).toEqual([{ MeetingId: 'one' }, { MeetingId: 'two' }]);
  expect(calls).toEqual([['ListMeetings', {}], ['ListMeetings', { NextToken: 'next' }]]);
  expect([api().canList, api({}, { commands: {} as never }).canList]).toEqual([true, false]);
});

test('every call waits for the rate limiter, and its errors are translated', async () => {
  let acquired = 0;
  const rateLimiter = { acquire: async () => { acquired += 1; } };
  const translateError = (error: unknown) => (error as Error).name === 'ForbiddenException' ? named('Explained') : undefined;
  const { api } = serviceOf({}, named('BadRequestException'), named('ForbiddenException'));
  const meetings = api({ rateLimiter }, { translateError });
  await meetings.delete('m');
  await expect(meetings.get('m')).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(meetings.get('m')).rejects.toMatchObject({ name: 'Explained' });
  expect(acquired).toBe(3);
});

test('each namespace has its own error for the quota', () => {
  expect(['LimitExceededException', 'ResourceLimitExceededException', 'BadRequestException'].map((name) => isMeetingLimit(named(name)))).toEqual([true, true, false]);
});
