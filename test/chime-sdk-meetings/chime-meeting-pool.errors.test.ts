import { PoolSetup, TABLE } from './pool-setup';
import { asServiceModel } from '../../local/emulator/model';
import sdkModel from '../../local/emulator/models/chime-sdk-meetings.json';
import legacyModel from '../../local/emulator/models/chime.json';
import dynamoDbModel from '../../local/emulator/models/dynamodb.json';
import type { ResourceFailed, StackResource } from '../cloudformation';

type Properties = Record<string, unknown>;
type History = (resource: StackResource, properties: Properties, fault: () => void) => Promise<unknown>;

const people = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => ({ ExternalUserId: `bot-${index}` })));
const creating = (more: Properties = {}): History => async (resource, properties, fault) => {
  fault();
  await resource.create({ ...properties, ...more });
};

/** What each operation of the service is needed for. */
const MEETINGS: Record<string, History> = {
  CreateMeeting: creating(),
  CreateMeetingWithAttendees: creating({ Attendees: people(2) }),
  BatchCreateAttendee: creating({ Attendees: people(25) }),
  CreateAttendee: async (resource, properties, fault) => {
    setup.emulator.addFault({ kind: 'itemError', item: 'bot-1', error: 'Throttling', times: 2 });
    await creating({ Attendees: people(2) })(resource, properties, fault);
  },
  GetMeeting: async (resource, properties, fault) => {
    await resource.create(properties);
    fault();
    await resource.update({ ...properties, Size: 3 });
  },
  DeleteMeeting: async (resource, properties, fault) => {
    await resource.create(properties);
    fault();
    await resource.delete();
  },
};

const LISTS: Record<string, History> = { ...MEETINGS, ListMeetings: MEETINGS.DeleteMeeting };

const TABLES: Record<string, History> = {
  GetItem: creating(),
  PutItem: creating(),
  UpdateItem: creating(),
  Query: creating(),
  TransactWriteItems: creating(),
  DeleteItem: MEETINGS.DeleteMeeting,
  Scan: async (resource, properties, fault) => {
    await resource.create(properties);
    fault();
    await resource.delete('Doorbells-Rooms-1ABC');
  },
};

/** Errors that no repetition helps against; all others pass. */
const TERMINAL = [
  'BadRequestException', 'LimitExceededException', 'ResourceLimitExceededException', 'UnprocessableEntityException',
  'IdempotentParameterMismatchException', 'ItemCollectionSizeLimitExceededException', 'InvalidEndpointException', 'ValidationException',
];

const errorsOf = (model: unknown, operation: string) =>
  (asServiceModel(model as never).operations[operation].errors ?? []).map(({ shape }) => shape);

const casesOf = (service: string, model: unknown, histories: Record<string, History>, more: Properties = {}) =>
  Object.keys(histories).flatMap((operation) => [...errorsOf(model, operation), 500, 503]
    .map((error) => ({ service, operation, error, history: histories[operation], properties: { TableName: TABLE, Size: 2, ...more } })));

const cases = [
  ...casesOf('chime-sdk-meetings', sdkModel, MEETINGS),
  ...casesOf('chime', legacyModel, LISTS, { Namespace: 'CHIME' }),
  // A refused condition is no error, and what a cancelled transaction means stands in its reasons; a missing table is tested for itself.
  ...casesOf('dynamodb', dynamoDbModel, TABLES)
    .filter(({ error }) => !['ConditionalCheckFailedException', 'TransactionCanceledException', 'ResourceNotFoundException'].includes(String(error))),
];

let setup: PoolSetup;
beforeEach(async () => { setup = new PoolSetup(); });
afterEach(() => setup.stop());

/** What the service does not find is gone, as other tests have it: there it is not alive. */
const isWordOfTheService = ({ operation, error }: typeof cases[number]) => error === 'NotFoundException' && ['GetMeeting', 'DeleteMeeting'].includes(operation);

test.each(cases.filter((each) => !isWordOfTheService(each)))('$service: $operation fails with $error', async ({ service, operation, error, history, properties }) => {
  const resource = setup.resource();
  const fault = () => {
    setup.emulator.addFault(typeof error === 'number'
      ? { kind: 'serverError', status: error as 500 | 503, service, operation, times: 4 }
      : { kind: 'error', error, message: 'the words of the service', service, operation, times: 2 });
  };
  const outcome: ResourceFailed | undefined = await history(resource, properties, fault).then(() => undefined, (failed) => failed);

  const hit = setup.calls(operation).filter(({ faults }) => faults.some((kind) => kind !== 'itemError'));
  expect(hit.length).toBeGreaterThan(0);
  // The search for strays does what it can: an account that may not list the meetings of a namespace has none there.
  if (TERMINAL.includes(String(error)) && operation !== 'ListMeetings') {
    // At once, with the service's text.
    expect(outcome!.message).toContain(String(error));
    expect(outcome!.message).toContain('the words of the service');
  } else {
    expect(outcome?.message).toBeUndefined();
  }
  setup.emulator.removeFaults();
  // What CloudFormation does next leaves nothing.
  await resource.delete(outcome?.physicalId ?? resource.physicalId ?? 'Doorbells-Rooms-1ABC', properties);
  expect(setup.meetings()).toEqual([]);
  expect(setup.items('meeting#')).toEqual([]);
});

describe('checkout', () => {
  const ANSWERS: Record<string, [number, string]> = {
    BadRequestException: [500, 'Failed'],
    ForbiddenException: [500, 'Failed'],
    LimitExceededException: [500, 'Failed'],
    UnauthorizedException: [500, 'Failed'],
    UnprocessableEntityException: [500, 'Failed'],
    ServiceFailureException: [503, 'Unavailable'],
    ServiceUnavailableException: [503, 'Unavailable'],
  };
  const THROTTLED = 'ThrottlingException';
  const ROOM = { clientRequestToken: 'room', externalUserIds: ['alice'] };

  const start = async () => {
    const { physicalId } = await setup.resource().create({ TableName: TABLE, Size: 2 });
    return setup.checkoutFunction(physicalId);
  };

  const refusals = ['BatchCreateAttendee', 'ListAttendees'].flatMap((operation) =>
    errorsOf(sdkModel, operation).filter((error) => error in ANSWERS).map((error) => [operation, error]));

  test.each(refusals)('%s fails with %s: so does the checkout, and a later one with the same token succeeds', async (operation, error) => {
    const checkout = await start();
    const held = operation === 'ListAttendees' ? await checkout(ROOM) : undefined;
    setup.emulator.addFault({ kind: 'error', error, message: 'the words of the service', operation });
    const [statusCode, code] = ANSWERS[error];
    expect(await checkout(ROOM)).toEqual({ statusCode, error: { code, message: expect.stringContaining('the words of the service') } });
    setup.emulator.removeFaults();
    const { Meeting, Attendees } = await checkout(ROOM);
    expect(Attendees).toHaveLength(1);
    if (held) expect(Meeting!.MeetingId).toBe(held.Meeting!.MeetingId);
    expect(setup.meetingStates()).toEqual({ ready: 1, leased: 1 });
  });

  test.each(errorsOf(sdkModel, 'CreateMeetingWithAttendees').filter((error) => error !== THROTTLED))('an empty pool, and CreateMeetingWithAttendees answers %s', async (error) => {
    const checkout = await start();
    await setup.clock.sleep(400_000);
    setup.emulator.addFault({ kind: 'error', error, message: 'the words of the service', operation: 'CreateMeetingWithAttendees' });
    const answer = await checkout(ROOM);
    if (error === 'ConflictException') expect(answer).toMatchObject({ statusCode: 503, error: { code: 'Unavailable' } });
    else if (error === 'LimitExceededException') expect(answer).toMatchObject({ statusCode: 503, error: { code: 'MeetingLimitExceeded' } });
    else expect(answer).toMatchObject({ statusCode: ANSWERS[error][0], error: { code: ANSWERS[error][1] } });
    setup.emulator.removeFaults();
    expect(setup.meeting((await checkout(ROOM)).Meeting!.MeetingId)).toBeDefined();
    expect(setup.meetings()).toHaveLength(1);
  });

  test.each([['BatchCreateAttendee', 0], ['CreateMeetingWithAttendees', 400_000]])('retries a throttled %s', async (operation, idle) => {
    const checkout = await start();
    await setup.clock.sleep(idle);
    setup.emulator.addFault({ kind: 'throttle', operation, times: 7 });
    expect((await checkout(ROOM)).Attendees).toHaveLength(1);
    expect(setup.meetingStates().leased).toBe(1);
  });

  test('every error of the attendee operations has a response', () => {
    for (const operation of ['BatchCreateAttendee', 'ListAttendees']) {
      expect(errorsOf(sdkModel, operation).filter((error) => !(error in ANSWERS)).sort()).toEqual(['NotFoundException', THROTTLED]);
    }
  });

  test.each(['Query', 'TransactWriteItems', 'GetItem'])('retries if the table throttles %s', async (operation) => {
    const checkout = await start();
    setup.emulator.addFault({ kind: 'throttle', operation, service: 'dynamodb' });
    expect(await checkout(ROOM)).toMatchObject({ statusCode: 429 });
    setup.emulator.removeFaults();
    expect((await checkout(ROOM)).Meeting).toBeDefined();
  });
});
