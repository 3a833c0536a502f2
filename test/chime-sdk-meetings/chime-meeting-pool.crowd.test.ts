import { PoolSetup, TABLE } from './pool-setup';
import type { Fault } from '../../local/emulator';

/** `CHECKOUT_WAVES=334` makes 10,000 checkouts, which takes many minutes. */
const WAVES = Number(process.env.CHECKOUT_WAVES ?? 7);
const CALLERS = 30;
/** The users of the callers, in turn. */
const USERS = [0, 1, 3, 20];

/** The fault of each wave, in turn. */
const FAULTS: Fault[] = [
  { kind: 'lostResponse', operation: 'TransactWriteItems', times: 9 },
  { kind: 'throttle', service: 'dynamodb', times: 12 },
  { kind: 'serverError', service: 'dynamodb', status: 500, executed: true, times: 9 },
  { kind: 'lostResponse', operation: 'UpdateItem', times: 6 },
  { kind: 'throttle', service: 'chime-sdk-meetings', times: 20 },
  { kind: 'lostResponse', operation: 'BatchCreateAttendee', times: 6 },
  { kind: 'lostResponse', operation: 'CreateMeetingWithAttendees', times: 4 },
] as Fault[];

test('many concurrent checkouts with faults: no meeting is checked out twice, no attendee is assigned twice, and nothing is left', async () => {
  const setup = new PoolSetup();
  const resource = setup.resource();
  const { physicalId: poolName } = await resource.create({ TableName: TABLE, Size: 60, ReservedAttendees: 3 });
  const idle: ReturnType<PoolSetup['checkoutFunction']>[] = [];
  const tokenOf = new Map<string, string>();
  const userOf = new Map<string, string>();
  let checkouts = 0;

  const call = async (clientRequestToken: string, externalUserIds: string[]) => {
    const checkout = idle.pop() ?? setup.checkoutFunction(poolName);
    const answer = await checkout({ clientRequestToken, externalUserIds });
    idle.push(checkout);
    checkouts += 1;
    return answer;
  };
  const caller = async (name: string, count: number) => {
    const users = Array.from({ length: count }, (_, index) => `${name}-${index}`);
    // Every tenth caller enters the room of the caller before.
    const token = name.endsWith('9') ? name.replace(/9$/, '8') : name;
    for (;;) {
      const { Meeting, Attendees, statusCode } = await call(token, users);
      if (count === 0) {
        expect(statusCode).toBe(400);
        return;
      }
      if (Meeting) {
        expect(tokenOf.get(Meeting.MeetingId) ?? token).toBe(token);
        tokenOf.set(Meeting.MeetingId, token);
        expect(Attendees!.map(({ RequestedUserId }) => RequestedUserId)).toEqual(users);
        for (const { AttendeeId, RequestedUserId } of Attendees!) {
          expect(userOf.get(AttendeeId) ?? RequestedUserId).toBe(RequestedUserId);
          userOf.set(AttendeeId, RequestedUserId!);
        }
        return;
      }
      expect([429, 500, 503]).toContain(statusCode);
      await setup.clock.sleep(1_000 * Math.random());
    }
  };

  for (let wave = 0; wave < WAVES; wave += 1) {
    setup.emulator.addFault(FAULTS[wave % FAULTS.length]);
    await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(`wave-${wave}-${String(index).padStart(2, '0')}`, USERS[index % USERS.length])));
    setup.emulator.removeFaults();
    for (const { id } of setup.meetings()) if (tokenOf.has(id)) setup.emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
    await setup.maintain(poolName);
  }
  expect(checkouts).toBeGreaterThanOrEqual(WAVES * CALLERS);
  await resource.delete();
  expect(setup.meetings()).toEqual([]);
  expect(setup.items().filter(({ item }) => item !== 'pool' && !item.startsWith('lease#'))).toEqual([]);
  await setup.stop();
});
