import * as fc from 'fast-check';
import { halfTheTime, rarely } from './chance';
import type { Stack } from './cloudformation';
import { createdTooLate, ExecutionEnvironments, Terminated } from './functions';
import type { Desired, PoolEvent, Termination } from './history';
import { InvariantViolation } from './invariant-violation';
import { chimeMeetingPool } from './kinds/chime-meeting-pool';
import { dropTables, existingMeetings, type Meeting, type PoolItemState, poolPolicies, type PoolRole, poolsOf, readyIds, retained } from './pool-state';
import type { Time } from './time';
import { HANDLERS } from './versions';
import { type Emulator, type Fault, joinTokens } from '../../local/emulator';
import { POOL_ENVIRONMENT, RESERVED_USER_PREFIX } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { PolicyDocument } from '../synthesised-policies';

/* eslint-disable @typescript-eslint/no-explicit-any */

const termination = fc.record({ after: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before' as const, 'after' as const) });

export const poolEvents: fc.Arbitrary<PoolEvent[]> = fc.array(fc.record({
  resource: fc.integer({ min: 0, max: 1 }),
  after: fc.constantFrom(0, 0.05, 0.3, 1, 5, 31, 62, 200),
  act: fc.oneof(
    { weight: 8, arbitrary: fc.constant('checkout' as const) },
    { weight: 4, arbitrary: fc.constantFrom('end' as const, 'join' as const, 'leave' as const, 'terminate' as const) },
  ),
  token: halfTheTime(fc.constantFrom('token-a', 'token-b')),
  users: fc.subarray(['alice', 'Bob', 'host'], { minLength: 1 }),
  which: fc.integer({ min: 0, max: 3 }),
  termination: rarely(termination, 4),
}), { maxLength: 8 });

/** Seconds between two operations. A caller after an operation has other conditions than a caller during an operation. */
export const pauses = fc.constantFrom(0, 0, 20, 100, 330);

/** Calls before the fault. */
const after = fc.integer({ min: 0, max: 10 });
const times = fc.integer({ min: 1, max: 6 });
/** The largest number is more than a checkout can wait for. */
const throttles = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 15 }) }, { weight: 1, arbitrary: fc.constant(150) });
const meetingService = fc.constantFrom('chime-sdk-meetings', 'chime');
const service = fc.constantFrom('chime-sdk-meetings', 'chime', 'dynamodb');
const status = fc.constantFrom(500, 503);
const user = fc.constantFrom('alice', 'host', 'guest-21');

/** Faults of the services of a pool. There are no stale reads: reads of DynamoDB are consistent, and a stale read of a meeting was never observed. */
export const poolFaults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('throttle' as const), service, times: throttles, after }),
  fc.record({ kind: fc.constant('serverError' as const), service, status, executed: fc.boolean(), times, after }),
  fc.record({ kind: fc.constantFrom('lostResponse' as const, 'lostRequest' as const), service, times, after }),
  fc.record({ kind: fc.constant('accessDenied' as const), service, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('delay' as const), service, milliseconds: fc.constantFrom(500, 3000), times }),
  fc.record({ kind: fc.constant('itemError' as const), service: meetingService, item: user, error: fc.constant('ServiceFailure'), times }),
) as fc.Arbitrary<Fault>;

/** Seconds during which a deleted function can still be invoked. */
const LAMBDA_LAG = 5;

/** Seconds: two runs of the maintainer, each up to ten seconds late, and their work. */
const REFILLED = 150;

/** Milliseconds: the interval of the schedule, and its delay. */
const NEXT_RUN = 75_000;

/** Seconds: in addition, the lifetime of a meeting that ended without the pool's knowledge, and the lock of a terminated run. */
const RECOVERED = 480;

/** Milliseconds: the lifetime of a meeting without participants, and the delay of its request. */
const UNKNOWN_LIFETIME = 320_000;

/** Milliseconds by which a meeting may end early: the delay of the schedule. The largest difference between two clocks adds to it. */
const SCHEDULE_DELAY = 10_000;

/** The result of a checkout that terminated. */
const TERMINATED = 'terminated';

interface PoolFunction {
  readonly role: Exclude<PoolRole, 'handler'>;
  readonly stack: Stack;
  readonly id: string;
  readonly poolName: string;
  readonly table: string;
  readonly legacy: boolean;
}

/** A meeting that a caller received. */
interface Lease {
  readonly poolName: string;
  readonly key: string;
  /** When it ends, as far as known. */
  endsAt: number;
}

/** The functions of the pools, their callers, and the invariants of both. */
export class Pools {
  private readonly allowance: number;
  private violation?: Error;
  private readonly environments = new Map<string, ExecutionEnvironments>();
  private readonly leases = new Map<string, Lease>();
  private readonly byKey = new Map<string, string>();
  /** The user of each attendee that a caller received. */
  private readonly assigned = new Map<string, string>();
  /** The reserved attendee of each meeting and user. */
  private readonly reserved = new Map<string, string>();
  /** The start of a checkout that has no result yet, by pool and token. */
  private readonly startedAt = new Map<string, number>();
  private readonly endedOutOfBand = new Set<string>();
  /** How the next run of a maintainer terminates, by pool. */
  private readonly terminations = new Map<string, Termination>();
  /** Every desired state of a pool in this history, by logical ID. */
  private readonly everDesired = new Map<string, Desired[]>();
  private readonly calls = new Map<string, number>();
  private running = 0;
  private runs = 0;
  private readonly scheduled = new Set<Stack>();
  private disturbed = false;
  private faulty = false;

  constructor(
    private readonly emulator: Emulator, private readonly time: Time, private readonly written: string[], clockErrors: readonly number[] = [],
  ) {
    this.allowance = SCHEDULE_DELAY + Math.max(0, ...clockErrors) - Math.min(0, ...clockErrors);
    retained.set(emulator, new Set());
  }

  /** Starts with the stack's first pool. It ends with the timers of the history. */
  schedule(stack: Stack): void {
    if (this.scheduled.has(stack)) return;
    this.scheduled.add(stack);
    const tick = async (n: number): Promise<never> => {
      const at = n * 60_000 + (n * 7 % 10) * 1000;
      await this.time.sleep(at - (this.time.now() - start));
      for (const [id, { desired }] of this.deployed(stack)) if (desired.keepWarm) void this.maintain(stack, id);
      return tick(n + 1);
    };
    const start = this.time.now();
    void tick(1);
  }

  /** Plays the events of one operation, until their callers have the results. */
  async play(stack: Stack, pools: readonly { id: string; desired: Desired }[], events: readonly PoolEvent[], faulty: boolean): Promise<void> {
    // A planned termination ends with its operation.
    this.terminations.clear();
    this.disturbed = events.length > 0;
    this.faulty = faulty;
    for (const { id, desired } of pools) this.everDesired.set(id, [...this.everDesired.get(id) ?? [], desired]);
    if (pools.length > 0) this.schedule(stack);
    await Promise.all(events.map(async (event) => {
      await this.time.sleep(event.after * 1000);
      const found = this.deployed(stack)[event.resource];
      if (found) await this.act(stack, found[0], event).catch((error) => { this.violation ??= error; });
    }));
  }

  /** CloudFormation deletes the table of a deleted pool. */
  dropTables(stack: Stack): void {
    dropTables(this.emulator, stack.id, new Set(this.deployed(stack).map(([, { properties }]) => String(properties.TableName))));
  }

  /** Waits until no function runs. */
  async runsEnded(): Promise<void> {
    while (this.running > 0) await this.time.sleep(500);
  }

  /** Waits until each pool that is kept warm is full again. */
  async recover(stack: Stack, steadyFor = 0): Promise<void> {
    const limit = this.time.now() + (this.disturbed || this.faulty ? RECOVERED : REFILLED) * 1000;
    for (const [id, { desired, physicalId }] of this.deployed(stack)) {
      if (!desired.keepWarm) continue;
      while (this.missing(physicalId) > 0) {
        if (this.violation) throw this.violation;
        if (this.time.now() > limit) throw new InvariantViolation(`${id} (${physicalId}) lacks ${this.missing(physicalId)} ready meetings, long after the last fault`);
        await this.time.sleep(5000);
      }
      // After an increase of the minimum lifetime, the pool stays full from the next run of the schedule on.
      if (steadyFor > 0) await this.time.sleep(NEXT_RUN);
      for (const until = this.time.now() + steadyFor * 1000; this.time.now() < until; await this.time.sleep(5000)) {
        if (this.missing(physicalId) > 0) throw new InvariantViolation(`${id} (${physicalId}) is not kept full: it lacks ${this.missing(physicalId)} ready meetings`);
      }
    }
    await this.runsEnded();
  }

  /** Checks a pool that was completed just now. Later, its older meetings end. */
  checkComplete(stack: Stack): void {
    for (const [id, { physicalId }] of this.deployed(stack)) {
      const isFresh = this.time.now() - (stack.completed.get(id) ?? 0) < this.allowance;
      if (this.disturbed || stack.unsettled.has(id) || !isFresh || this.missing(physicalId) <= 0) continue;
      throw new InvariantViolation(`${id} (${physicalId}) is complete, and lacks ${this.missing(physicalId)} ready meetings`);
    }
  }

  check(stack: Stack): void {
    if (this.violation) throw this.violation;
    const pools = poolsOf(this.emulator);
    const known = this.deployed(stack);
    for (const [id, { physicalId }] of known) {
      const state = pools.get(physicalId);
      for (const meeting of state?.meetings ?? []) this.checkRecorded(id, state!.items, meeting);
    }
    this.checkLeases(new Set(known.map(([, { physicalId }]) => physicalId)));
    this.retain(stack, pools);
  }

  /** A meeting that its pool doesn't know ends after the five minutes that a meeting without participants has. */
  async checkUnknown(): Promise<void> {
    const [tooLate, left] = [createdTooLate.get(this.emulator)!, retained.get(this.emulator)!];
    const existing = () => existingMeetings(this.emulator).filter(({ id }) => tooLate.has(id) && !left.has(id));
    if (existing().length > 0) await this.time.sleep(UNKNOWN_LIFETIME);
    const [unknown] = existing();
    if (unknown) throw new InvariantViolation(`${unknown.id} has no caller, and still exists`);
  }

  /** Join tokens may be only in responses to callers. */
  checkSecrets(written: string): void {
    const everything = `${written}\n${this.written.join('\n')}\n${JSON.stringify(this.emulator.calls)}`;
    if (joinTokens(this.emulator).some((token) => everything.includes(token))) throw new InvariantViolation('a join token was written');
  }

  private deployed(stack: Stack) {
    return [...stack.deployed].filter(([, { kind }]) => kind === chimeMeetingPool);
  }

  private async act(stack: Stack, id: string, event: PoolEvent): Promise<void> {
    const { poolName } = this.functionOf(stack, id, 'checkout');
    switch (event.act) {
      case 'checkout': return this.checkOut(stack, id, event);
      case 'terminate': {
        this.terminations.set(poolName, event.termination ?? { after: 1 + event.which, when: 'after' });
        return undefined;
      }
      case 'end': return this.edit(stack, poolsOf(this.emulator).get(poolName)?.meetings ?? [], event, { end: true });
      case 'join': return this.edit(stack, this.leased(poolName), event, { connect: '*' });
      case 'leave': return this.edit(stack, this.leased(poolName), event, { disconnect: '*' });
    }
  }

  private leased(poolName: string): Meeting[] {
    return existingMeetings(this.emulator).filter(({ id }) => this.leases.get(id)?.poolName === poolName);
  }

  private async edit(stack: Stack, meetings: Meeting[], { which }: PoolEvent, change: object): Promise<void> {
    if (meetings.length === 0) return;
    const { id, service: name } = meetings[which % meetings.length];
    stack.transcript.push(`  out-of-band change: ${JSON.stringify(change)} ${id}`);
    this.emulator.edit({ service: name, resource: id, ...change } as never);
    const edited = existingMeetings(this.emulator).find((meeting) => meeting.id === id);
    const lease = this.leases.get(id);
    if (!edited) this.endedOutOfBand.add(id);
    else if (lease) lease.endsAt = edited.endsAt;
  }

  private async checkOut(stack: Stack, id: string, event: PoolEvent): Promise<void> {
    this.runs += 1;
    const requestId = `request-${this.runs}`;
    const called = this.functionOf(stack, id, 'checkout');
    const { poolName } = called;
    const key = `${poolName} ${event.token ?? requestId}`;
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      if (!this.exists(called)) return;
      this.calls.set(poolName, (this.calls.get(poolName) ?? 0) + 1);
      if (!this.startedAt.has(key)) this.startedAt.set(key, this.time.now());
      const from = this.startedAt.get(key)!;
      const request = { externalUserIds: event.users, ...event.token ? { clientRequestToken: event.token } : {} };
      stack.transcript.push(`  checkout ${JSON.stringify(request)} of ${poolName}`);
      const result = await this.call(called, request, requestId, attempt === 1 ? event.termination : undefined, 29).catch((error) => {
        if (error instanceof Terminated) return TERMINATED;
        throw error;
      });
      stack.transcript.push(`    checked out: ${JSON.stringify(result?.error ?? result?.Meeting?.MeetingId ?? result)}`);
      if (result?.Meeting) {
        this.accept(called, key, from, event, result);
        return;
      }
      if (!result) throw new InvariantViolation('a checkout had no result');
      if (result !== TERMINATED && !this.mayRefuse(called, result)) throw new InvariantViolation(`a checkout was refused without a fault: ${JSON.stringify(result)}`);
      // Without a token, another invocation is another checkout.
      if (!event.token) return;
      await this.time.sleep(1000);
    }
  }

  /** A checkout may fail only because of a fault, or because its pool is being deleted. */
  private mayRefuse(called: PoolFunction, { statusCode }: any): boolean {
    if (statusCode === 410) return this.isDeleting(called);
    return this.faulty || this.isDeleting(called);
  }

  private accept(called: PoolFunction, key: string, from: number, { users }: PoolEvent, result: any): void {
    const { id, poolName } = called;
    const { Meeting: { MeetingId }, Attendees, Errors = [] } = result;
    const lease = this.leases.get(MeetingId);
    if (lease && lease.key !== key) throw new InvariantViolation(`${MeetingId} was checked out twice: as ${lease.key} and as ${key}`);
    const existing = existingMeetings(this.emulator);
    const former = this.byKey.get(key);
    if (former && former !== MeetingId && existing.some((meeting) => meeting.id === former)) throw new InvariantViolation(`${key} received ${MeetingId}, although ${former} still exists`);
    const meeting = existing.find((one) => one.id === MeetingId);
    const isExcused = this.endedOutOfBand.has(MeetingId) || this.isDeleting(called);
    if (!meeting && !isExcused) throw new InvariantViolation(`${MeetingId} was checked out after it had ended`);
    const minimum = Math.min(...(this.everDesired.get(id) ?? []).map(({ minimum: seconds = 120 }) => seconds)) * 1000;
    if (!lease && meeting && !isExcused && meeting.endsAt < from + minimum - this.allowance) {
      throw new InvariantViolation(`${MeetingId} ends ${Math.round((meeting.endsAt - from) / 1000)} s after the start of its checkout`);
    }
    for (const wanted of users) {
      const isWanted = ({ ExternalUserId, RequestedUserId = ExternalUserId }: any) => RequestedUserId.toLowerCase() === wanted.toLowerCase();
      const attendee = Attendees.find(isWanted);
      if (!attendee?.JoinToken && !Errors.some(({ ExternalUserId }: any) => ExternalUserId === wanted)) throw new InvariantViolation(`${wanted} was not invited into ${MeetingId}`);
      if (attendee) this.checkAssignment(called, MeetingId, wanted.toLowerCase(), attendee);
    }
    const item = poolsOf(this.emulator).get(poolName)?.items.find(({ meetingId }) => meetingId === MeetingId);
    if (item) checkAssignments(item);
    this.leases.set(MeetingId, { poolName, key, endsAt: meeting?.endsAt ?? 0 });
    this.byKey.set(key, MeetingId);
    this.startedAt.delete(key);
  }

  /** An attendee belongs to one user. A user keeps a reserved attendee, except if the previous version checks out, which doesn't know it. */
  private checkAssignment({ stack }: PoolFunction, meetingId: string, name: string, { AttendeeId, ExternalUserId }: any): void {
    const owner = this.assigned.get(AttendeeId) ?? name;
    if (owner !== name) throw new InvariantViolation(`the attendee ${AttendeeId} of ${meetingId} was assigned to ${owner} and to ${name}`);
    this.assigned.set(AttendeeId, name);
    const key = `${meetingId} ${name}`;
    const reserved = this.reserved.get(key) ?? AttendeeId;
    if (reserved !== AttendeeId && stack.version === 'current') {
      throw new InvariantViolation(`${name} received the attendee ${AttendeeId} of ${meetingId}, and ${reserved} before`);
    }
    if (ExternalUserId.startsWith(RESERVED_USER_PREFIX)) this.reserved.set(key, AttendeeId);
  }

  private async maintain(stack: Stack, id: string): Promise<void> {
    const called = this.functionOf(stack, id, 'maintain');
    if (!this.exists(called)) return;
    this.runs += 1;
    const planned = this.terminations.get(called.poolName);
    this.terminations.delete(called.poolName);
    await this.call(called, {}, `run-${this.runs}`, planned, 60).catch((error) => {
      if (error instanceof InvariantViolation) this.violation ??= error;
    });
  }

  private async call(called: PoolFunction, event: unknown, awsRequestId: string, planned: Termination | undefined, seconds: number): Promise<any> {
    const { role, stack, poolName, table, legacy } = called;
    const principal = [stack.id, role, poolName, table, legacy].join('#');
    const late = this.time.sleep(seconds * 1000).then(() => { throw new InvariantViolation(`${role} of ${poolName} took more than ${seconds} s`); });
    this.running += 1;
    try {
      const run = { stackId: principal, state: `chimeMeetingPool: ${role}`, mayTerminate: true, termination: planned };
      return await Promise.race([this.environmentsOf(called).invoke(run, (handlers) => handlers[role](event, { awsRequestId })), late]);
    } catch (error) {
      this.written.push(String((error as Error).stack));
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  private environmentsOf({ role, stack, id, poolName, table }: PoolFunction): ExecutionEnvironments {
    const { version } = stack;
    const name = `${version} ${role} ${poolName}`;
    const known = this.environments.get(name);
    if (known) return known;
    const isKept = stack.deployed.get(id)!.desired.keepWarm;
    const environment = {
      variables: {
        [POOL_ENVIRONMENT.poolName]: poolName,
        [POOL_ENVIRONMENT.tableName]: table,
        ...isKept ? { [POOL_ENVIRONMENT.maintainerFunctionName]: 'maintainer' } : {},
      },
      fetch: async () => {
        await this.time.sleep(30);
        if (stack.deployed.has(id)) void this.maintain(stack, id);
        return { ok: true, text: async () => '' };
      },
    };
    const environments = new ExecutionEnvironments((transport, { clockError }) => HANDLERS[version](transport, { ...environment, clockError }));
    this.environments.set(name, environments);
    return environments;
  }

  private functionOf(stack: Stack, id: string, role: PoolFunction['role']): PoolFunction {
    const { physicalId, properties } = stack.deployed.get(id)!;
    return { role, stack, id, poolName: physicalId, table: String(properties.TableName), legacy: properties.Namespace === 'CHIME' };
  }

  private exists({ stack, id, poolName }: PoolFunction): boolean {
    const since = stack.deletedSince.get(poolName);
    return stack.deployed.get(id)?.physicalId === poolName && (since === undefined || this.time.now() - since < LAMBDA_LAG * 1000);
  }

  private isDeleting({ stack, id, poolName }: PoolFunction): boolean {
    return stack.deletedSince.has(poolName) || stack.deployed.get(id)?.physicalId !== poolName;
  }

  /** The number of missing meetings that exist and could be leased now. */
  private missing(poolName: string): number {
    const { pool, items, meetings } = poolsOf(this.emulator).get(poolName) ?? { pool: undefined, items: [], meetings: [] };
    if (!pool) return Infinity;
    const ready = readyIds(items);
    const from = this.time.now() + pool.minimumRemainingLifetime - this.allowance;
    return pool.size - meetings.filter(({ id, endsAt }) => ready.has(id) && endsAt >= from).length;
  }

  /** A pool never ends a meeting that its table doesn't contain, or marks as ended. */
  private checkRecorded(id: string, items: PoolItemState[], { id: meetingId, externalMeetingId }: Meeting): void {
    const item = items.find((one) => one.meetingId === meetingId || one.item.startsWith(`meeting#${externalMeetingId.split('/')[1]}`));
    if (!item || item.life === 'ended') throw new InvariantViolation(`${meetingId} of ${id} exists, and its table ${item ? 'marks it as ended' : "doesn't contain it"}`);
  }

  private checkLeases(known: ReadonlySet<string>): void {
    const existing = new Set(existingMeetings(this.emulator).map(({ id }) => id));
    for (const [id, { poolName, key, endsAt }] of this.leases) {
      if (existing.has(id) || this.endedOutOfBand.has(id) || !known.has(poolName) || endsAt <= this.time.now()) continue;
      throw new InvariantViolation(`${id} was ended while it was leased as ${key}`);
    }
  }

  /** A deleted pool that doesn't end leased meetings may leave at most as many meetings as were checked out. */
  private retain(stack: Stack, pools: ReturnType<typeof poolsOf>): void {
    const leaves = [...this.everDesired.values()].flat().some(({ endLeased }) => !endLeased);
    const known = new Set(this.deployed(stack).map(([, { physicalId }]) => physicalId));
    for (const [name, { stackId, pool, meetings }] of pools) {
      if (!leaves || stackId !== stack.id || known.has(name) || pool?.state === 'open' || meetings.length > (this.calls.get(name) ?? 0)) continue;
      for (const { id } of meetings) retained.get(this.emulator)!.add(id);
    }
  }
}

/** A user has at most one reserved attendee, and no more attendees are assigned than the meeting has. */
function checkAssignments({ meetingId, reserved = 0, assignedKeys = [] }: PoolItemState): void {
  if (assignedKeys.length > reserved || new Set(assignedKeys).size < assignedKeys.length) {
    throw new InvariantViolation(`${meetingId} assigns its ${reserved} reserved attendees to ${assignedKeys.join(', ')}`);
  }
}

const policies = new Map<string, PolicyDocument[]>();

/** The policies of a pool's function. Undefined: the access key is not one of a pool's function. */
export function poolPrincipal(key: string): PolicyDocument[] | undefined {
  const [stackId, role, poolName, table, legacy] = key.split('#');
  if (poolName === undefined) return undefined;
  if (!policies.has(key)) policies.set(key, poolPolicies(role as PoolRole, legacy === 'true', { stackId, table, poolName }));
  return policies.get(key);
}
