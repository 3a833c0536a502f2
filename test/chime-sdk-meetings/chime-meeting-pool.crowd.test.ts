import { PoolSetup, TABLE } from './pool-setup';
import type { Fault } from '../../local/emulator';
import { seededRandom } from '../../local/emulator/random';
import { RESERVED_USER_PREFIX } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';

/** `CHECKOUT_WAVES=334` makes 10,000 checkouts, which takes many minutes. `CHECKOUT_SEED` is the seed of all random pauses. */
const WAVES = Number(process.env.CHECKOUT_WAVES ?? 7);
const SEED = Number(process.env.CHECKOUT_SEED ?? 1);
const CALLERS = 30;
const RESERVED = 3;
/** The users of the callers, in turn. */
const USERS = [0, 1, 3, 20];

const CREATE = 'CreateMeetingWithAttendees';

/** The fault of each wave, in turn. */
const FAULTS: Fault[] = [
  { kind: 'lostResponse', operation: 'TransactWriteItems', times: 9 },
  { kind: 'throttle', service: 'dynamodb', times: 12 },
  { kind: 'serverError', service: 'dynamodb', status: 500, executed: true, times: 9 },
  { kind: 'lostResponse', operation: 'UpdateItem', times: 6 },
  { kind: 'throttle', service: 'chime-sdk-meetings', times: 20 },
  { kind: 'lostResponse', operation: 'BatchCreateAttendee', times: 6 },
  { kind: 'lostResponse', operation: CREATE, times: 4 },
] as Fault[];

const isReserved = ({ externalUserId }: { readonly externalUserId: string }) => externalUserId.startsWith(RESERVED_USER_PREFIX);

test('many concurrent checkouts with faults: no meeting is checked out twice, no attendee is assigned twice, and nothing is left', async () => {
  jest.spyOn(Math, 'random').mockImplementation(seededRandom(SEED));
  const setup = new PoolSetup();
  const resource = setup.resource();
  const { physicalId: poolName } = await resource.create({ TableName: TABLE, Size: 60, ReservedAttendees: RESERVED });
  const idle: ReturnType<PoolSetup['checkoutFunction']>[] = [];
  const tokenOf = new Map<string, string>();
  const userOf = new Map<string, string>();
  /** The users of each meeting, the number of its reserved attendees, and the users who received one of them. */
  const rooms = new Map<string, { reserved: number; users: Set<string>; withReserved: Set<string> }>();
  let checkouts = 0;

  const call = async (clientRequestToken: string, externalUserIds: string[]) => {
    const checkout = idle.pop() ?? setup.checkoutFunction(poolName);
    const answer = await checkout({ clientRequestToken, externalUserIds });
    idle.push(checkout);
    checkouts += 1;
    return answer;
  };
  const caller = async (wave: number, index: number) => {
    const count = USERS[index % USERS.length];
    const users = Array.from({ length: count }, (_, user) => `wave-${wave}-${index}-${user}`);
    // A caller with three users enters the room of the caller before, who has one user. Together, they need one attendee more than are reserved.
    const token = `wave-${wave}-${count === 3 ? index - 1 : index}`;
    for (;;) {
      const { Meeting, Attendees, statusCode } = await call(token, users);
      if (count === 0) {
        expect(statusCode).toBe(400);
        return;
      }
      if (Meeting) {
        expect(tokenOf.get(Meeting.MeetingId) ?? token).toBe(token);
        tokenOf.set(Meeting.MeetingId, token);
        const room = rooms.get(Meeting.MeetingId) ?? {
          reserved: setup.meeting(Meeting.MeetingId)!.attendees.filter(isReserved).length, users: new Set(), withReserved: new Set(),
        };
        rooms.set(Meeting.MeetingId, room);
        expect(Attendees!.map(({ RequestedUserId }) => RequestedUserId)).toEqual(users);
        for (const { AttendeeId, ExternalUserId: externalUserId, RequestedUserId } of Attendees!) {
          expect(userOf.get(AttendeeId) ?? RequestedUserId).toBe(RequestedUserId);
          userOf.set(AttendeeId, RequestedUserId!);
          room.users.add(RequestedUserId!);
          if (isReserved({ externalUserId })) room.withReserved.add(RequestedUserId!);
        }
        return;
      }
      expect([429, 500, 503]).toContain(statusCode);
      await setup.clock.sleep(1_000 * Math.random());
    }
  };

  for (let wave = 0; wave < WAVES; wave += 1) {
    const callsBefore = setup.calls().length;
    const fault = FAULTS[wave % FAULTS.length];
    setup.emulator.addFault(fault);
    // Only the maintainer creates meetings while the pool has ready meetings. Here it starts after the first leases.
    const refilling = fault.operation === CREATE ? setup.clock.sleep(100).then(() => setup.maintain(poolName)) : undefined;
    await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(wave, index)));
    await refilling;
    expect(setup.calls().slice(callsBefore).some(({ faults }) => faults.length > 0)).toBe(true);
    setup.emulator.removeFaults();
    for (const { id } of setup.meetings()) if (tokenOf.has(id)) setup.emulator.edit({ service: 'chime-sdk-meetings', resource: id, end: true });
    await setup.maintain(poolName);
  }
  expect(checkouts).toBeGreaterThanOrEqual(WAVES * CALLERS);
  const ofPool = [...rooms.values()].filter(({ reserved }) => reserved === RESERVED);
  // The pool has more ready meetings than a wave has callers, so few meetings are created on demand, which have no reserved attendees.
  expect(ofPool.length).toBeGreaterThan(rooms.size / 2);
  for (const { reserved, users, withReserved } of rooms.values()) expect(withReserved.size).toBe(Math.min(reserved, users.size));
  await resource.delete();
  expect(setup.meetings()).toEqual([]);
  expect(setup.items().filter(({ item }) => item !== 'pool' && !item.startsWith('lease#'))).toEqual([]);
  await setup.stop();
});
