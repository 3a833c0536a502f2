import * as fc from 'fast-check';
import { halfTheTime, rarely } from './chance';
import { Broken, type Stack } from './cloudformation';
import { Containers, Killed, unheard } from './functions';
import { freshHandlers } from './handlers';
import type { Wish } from './kinds';
import { chimeMeetingPool, dropTables, livingMeetings, type LivingMeeting, type PoolItemState, poolPolicies, type PoolRole, poolsOf, readyIds, retained } from './meeting-pool';
import type { Time } from './time';
import { type Emulator, type Fault, joinTokens } from '../../local/emulator';
import { POOL_ENVIRONMENT } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import type { PolicyDocument } from '../synthesised-policies';

/* eslint-disable @typescript-eslint/no-explicit-any */

interface Death {
  readonly after: number;
  readonly when: 'before' | 'after';
}

/**
 * What people do with the pool of the n-th resource, so many seconds after the operation began: an application checks a meeting out, somebody ends a
 * meeting, people join or leave one that was handed out; or the next run of the maintainer dies.
 */
export interface PoolEvent {
  readonly resource: number;
  readonly after: number;
  readonly act: 'checkout' | 'end' | 'join' | 'leave' | 'kill';
  /** Of a checkout; none: its own. */
  readonly token?: string;
  readonly users: readonly string[];
  /** Which of the meetings that there are. */
  readonly which: number;
  /** Of a checkout: it dies, and the application asks again. Of a maintainer: how it dies. */
  readonly death?: Death;
}

const death = fc.record({ after: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before' as const, 'after' as const) });

export const poolEvents: fc.Arbitrary<PoolEvent[]> = fc.array(fc.record({
  resource: fc.integer({ min: 0, max: 1 }),
  after: fc.constantFrom(0, 0.05, 0.3, 1, 5, 31, 62, 200),
  act: fc.oneof(
    { weight: 8, arbitrary: fc.constant('checkout' as const) },
    { weight: 4, arbitrary: fc.constantFrom('end' as const, 'join' as const, 'leave' as const, 'kill' as const) },
  ),
  token: halfTheTime(fc.constantFrom('token-a', 'token-b')),
  users: fc.subarray(['alice', 'Bob', 'host'], { minLength: 1 }),
  which: fc.integer({ min: 0, max: 3 }),
  death: rarely(death, 4),
}), { maxLength: 8 });

/** Who comes late meets other rules than who comes while an operation runs: seconds after it. */
export const pauses = fc.constantFrom(0, 0, 20, 100, 330);

/** Calls that are let through before. */
const after = fc.integer({ min: 0, max: 10 });
const times = fc.integer({ min: 1, max: 6 });
/** Up to more than a checkout can wait for. */
const throttles = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 15 }) }, { weight: 1, arbitrary: fc.constant(150) });
const meetingService = fc.constantFrom('chime-sdk-meetings', 'chime');
const service = fc.constantFrom('chime-sdk-meetings', 'chime', 'dynamodb');
const status = fc.constantFrom(500, 503);
const user = fc.constantFrom('alice', 'host', 'guest-21');

/** Of the services behind a pool. Their reads do not lag: DynamoDB is asked for consistent ones, and of meetings nobody has seen it. */
export const poolFaults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('throttle' as const), service, times: throttles, after }),
  fc.record({ kind: fc.constant('serverError' as const), service, status, executed: fc.boolean(), times, after }),
  fc.record({ kind: fc.constantFrom('lostResponse' as const, 'lostRequest' as const), service, times, after }),
  fc.record({ kind: fc.constant('accessDenied' as const), service, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('delay' as const), service, milliseconds: fc.constantFrom(500, 3000), times }),
  fc.record({ kind: fc.constant('itemError' as const), service: meetingService, item: user, error: fc.constant('ServiceFailure'), times }),
) as fc.Arbitrary<Fault>;

/** Seconds for which a function can still be called after it was deleted. */
const LAMBDA_LAG = 5;

/** Seconds: two runs of the maintainer, each up to ten late, and its work. */
const REFILLED = 150;

/** Milliseconds: the schedule's minute, and how late it may be. */
const NEXT_RUN = 75_000;

/** Seconds: besides, as long as a meeting lives that somebody else has ended without the pool being told, and what a killed run has locked. */
const RECOVERED = 480;

/** Milliseconds: the service's five minutes, and how long a request may be on its way. */
const UNHEARD_LIFE = 320_000;

/** Milliseconds by which a meeting may end sooner than promised: the schedule may be so late. */
const ALLOWANCE = 10_000;

/** Instead of an answer. */
const KILLED = 'killed';

interface PoolFunction {
  readonly role: Exclude<PoolRole, 'handler'>;
  readonly stack: Stack;
  readonly id: string;
  readonly poolName: string;
  readonly table: string;
  readonly legacy: boolean;
}

/** A meeting that somebody was told of. */
interface Lease {
  readonly poolName: string;
  readonly key: string;
  /** When it ends as far as is known. */
  endsAt: number;
}

/** The functions of the stacks' pools, those who call them, and what must hold of both. */
export class Pools {
  private broken?: Error;
  private readonly containers = new Map<string, Containers>();
  private readonly leases = new Map<string, Lease>();
  private readonly byKey = new Map<string, string>();
  /** Since when who calls with this token has no answer. */
  private readonly asking = new Map<string, number>();
  private readonly endedByOthers = new Set<string>();
  private readonly deaths = new Map<string, Death>();
  /** Pools that ever were, and whether they may leave the meetings that they have handed out. */
  private readonly everWished = new Map<string, Wish[]>();
  private readonly calls = new Map<string, number>();
  private running = 0;
  private runs = 0;
  private readonly scheduled = new Set<Stack>();
  private disturbed = false;
  private faulty = false;

  constructor(private readonly emulator: Emulator, private readonly time: Time, private readonly written: string[]) {
    retained.set(emulator, new Set());
  }

  /** Starts with the stack's first pool. Nothing stops it: a history that is over takes its time with it. */
  schedule(stack: Stack): void {
    if (this.scheduled.has(stack)) return;
    this.scheduled.add(stack);
    const tick = async (n: number): Promise<never> => {
      const at = n * 60_000 + (n * 7 % 10) * 1000;
      await this.time.sleep(at - (this.time.now() - start));
      for (const [id, { wish }] of this.deployed(stack)) if (wish.keepWarm) void this.maintain(stack, id);
      return tick(n + 1);
    };
    const start = this.time.now();
    void tick(1);
  }

  /** What people do during one operation; ends when they have their answers. */
  async begin(stack: Stack, wishes: readonly { id: string; wish: Wish }[], events: readonly PoolEvent[], faulty: boolean): Promise<void> {
    // Who was to die and has not run since lives.
    this.deaths.clear();
    this.disturbed = events.length > 0;
    this.faulty = faulty;
    for (const { id, wish } of wishes) this.everWished.set(id, [...this.everWished.get(id) ?? [], wish]);
    if (wishes.length > 0) this.schedule(stack);
    await Promise.all(events.map(async (event) => {
      await this.time.sleep(event.after * 1000);
      const found = this.deployed(stack)[event.resource];
      if (found) await this.act(stack, found[0], event).catch((error) => { this.broken ??= error; });
    }));
  }

  /** CloudFormation deletes the table when the resource is deleted. */
  dropTables(stack: Stack): void {
    dropTables(this.emulator, stack.id, new Set(this.deployed(stack).map(([, { properties }]) => String(properties.TableName))));
  }

  async quiet(): Promise<void> {
    while (this.running > 0) await this.time.sleep(500);
  }

  /** Until each pool that is kept warm is full again. */
  async recover(stack: Stack, steadyFor = 0): Promise<void> {
    const limit = this.time.now() + (this.disturbed || this.faulty ? RECOVERED : REFILLED) * 1000;
    for (const [id, { wish, physicalId }] of this.deployed(stack)) {
      if (!wish.keepWarm) continue;
      while (this.missing(physicalId) > 0) {
        if (this.broken) throw this.broken;
        if (this.time.now() > limit) throw new Broken(`${id} (${physicalId}) lacks ${this.missing(physicalId)} ready meetings, long after all trouble`);
        await this.time.sleep(5000);
      }
      // Where more lifetime is wished than before, it is kept full from the next run of the schedule on.
      if (steadyFor > 0) await this.time.sleep(NEXT_RUN);
      for (const until = this.time.now() + steadyFor * 1000; this.time.now() < until; await this.time.sleep(5000)) {
        if (this.missing(physicalId) > 0) throw new Broken(`${id} (${physicalId}) is not kept full: it lacks ${this.missing(physicalId)} ready meetings`);
      }
    }
    await this.quiet();
  }

  /** Of what has just been reported complete. Later those that were there before end in their time. */
  checkComplete(stack: Stack): void {
    for (const [id, { physicalId }] of this.deployed(stack)) {
      const isFresh = this.time.now() - (stack.completed.get(id) ?? 0) < ALLOWANCE;
      if (this.disturbed || stack.unsettled.has(id) || !isFresh || this.missing(physicalId) <= 0) continue;
      throw new Broken(`${id} (${physicalId}) is complete, and lacks ${this.missing(physicalId)} ready meetings`);
    }
  }

  check(stack: Stack): void {
    if (this.broken) throw this.broken;
    const pools = poolsOf(this.emulator);
    const known = this.deployed(stack);
    for (const [id, { physicalId }] of known) {
      const state = pools.get(physicalId);
      for (const meeting of state?.meetings ?? []) this.checkNoted(id, state!.items, meeting);
    }
    this.checkLeases(new Set(known.map(([, { physicalId }]) => physicalId)));
    this.retain(stack, pools);
  }

  /** Of what nobody knows of, nothing outlives the five minutes that a meeting has in which nobody is. */
  async checkUnheard(): Promise<void> {
    const [late, left] = [unheard.get(this.emulator)!, retained.get(this.emulator)!];
    const living = () => livingMeetings(this.emulator).filter(({ id }) => late.has(id) && !left.has(id));
    if (living().length > 0) await this.time.sleep(UNHEARD_LIFE);
    const [stray] = living();
    if (stray) throw new Broken(`${stray.id} was made for nobody, and lives`);
  }

  /** Join tokens that stand where they must not: outside of answers to callers. */
  checkSecrets(written: string): void {
    const everything = `${written}\n${this.written.join('\n')}\n${JSON.stringify(this.emulator.calls)}`;
    if (joinTokens(this.emulator).some((token) => everything.includes(token))) throw new Broken('a join token was written');
  }

  private deployed(stack: Stack) {
    return [...stack.deployed].filter(([, { kind }]) => kind === chimeMeetingPool);
  }

  private async act(stack: Stack, id: string, event: PoolEvent): Promise<void> {
    const { poolName } = this.functionOf(stack, id, 'checkout');
    switch (event.act) {
      case 'checkout': return this.checkOut(stack, id, event);
      case 'kill': {
        this.deaths.set(poolName, event.death ?? { after: 1 + event.which, when: 'after' });
        return undefined;
      }
      case 'end': return this.edit(stack, poolsOf(this.emulator).get(poolName)?.meetings ?? [], event, { end: true });
      case 'join': return this.edit(stack, this.leased(poolName), event, { connect: '*' });
      case 'leave': return this.edit(stack, this.leased(poolName), event, { disconnect: '*' });
    }
  }

  private leased(poolName: string): LivingMeeting[] {
    return livingMeetings(this.emulator).filter(({ id }) => this.leases.get(id)?.poolName === poolName);
  }

  private async edit(stack: Stack, meetings: LivingMeeting[], { which }: PoolEvent, change: object): Promise<void> {
    if (meetings.length === 0) return;
    const { id, service: name } = meetings[which % meetings.length];
    stack.story.push(`  somebody: ${JSON.stringify(change)} ${id}`);
    this.emulator.edit({ service: name, resource: id, ...change } as never);
    const edited = livingMeetings(this.emulator).find((meeting) => meeting.id === id);
    const lease = this.leases.get(id);
    if (!edited) this.endedByOthers.add(id);
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
      if (!this.asking.has(key)) this.asking.set(key, this.time.now());
      const from = this.asking.get(key)!;
      const request = { externalUserIds: event.users, ...event.token ? { clientRequestToken: event.token } : {} };
      stack.story.push(`  checkout ${JSON.stringify(request)} of ${poolName}`);
      const answer = await this.call(called, request, requestId, attempt === 1 ? event.death : undefined, 29).catch((error) => {
        if (error instanceof Killed) return KILLED;
        throw error;
      });
      stack.story.push(`    checked out: ${JSON.stringify(answer?.error ?? answer?.Meeting?.MeetingId ?? answer)}`);
      if (answer?.Meeting) {
        this.accept(called, key, from, event, answer);
        return;
      }
      if (!answer) throw new Broken('a checkout had no answer');
      if (answer !== KILLED && !this.mayRefuse(called, answer)) throw new Broken(`a checkout was refused without trouble: ${JSON.stringify(answer)}`);
      // The same Lambda request is not repeated: without a token of its own it would be another.
      if (!event.token) return;
      await this.time.sleep(1000);
    }
  }

  /** Only where something goes wrong, or the pool goes. */
  private mayRefuse(called: PoolFunction, { statusCode }: any): boolean {
    if (statusCode === 410) return this.isGoing(called);
    return this.faulty || this.isGoing(called);
  }

  private accept(called: PoolFunction, key: string, from: number, { users }: PoolEvent, answer: any): void {
    const { id, poolName } = called;
    const { Meeting: { MeetingId }, Attendees, Errors = [] } = answer;
    const lease = this.leases.get(MeetingId);
    if (lease && lease.key !== key) throw new Broken(`${MeetingId} was handed out twice: as ${lease.key} and as ${key}`);
    const living = livingMeetings(this.emulator);
    const former = this.byKey.get(key);
    if (former && former !== MeetingId && living.some((meeting) => meeting.id === former)) throw new Broken(`${key} stands for ${MeetingId}, and ${former} is alive`);
    const meeting = living.find((one) => one.id === MeetingId);
    const isExcused = this.endedByOthers.has(MeetingId) || this.isGoing(called);
    if (!meeting && !isExcused) throw new Broken(`${MeetingId} was handed out, and has ended`);
    const minimum = Math.min(...(this.everWished.get(id) ?? []).map(({ minimum: seconds = 120 }) => seconds)) * 1000;
    if (!lease && meeting && !isExcused && meeting.endsAt < from + minimum - ALLOWANCE) {
      throw new Broken(`${MeetingId} was handed out, and ends ${Math.round((meeting.endsAt - from) / 1000)} s after it was asked for`);
    }
    for (const wanted of users) {
      const attendee = Attendees.find(({ ExternalUserId }: any) => ExternalUserId.toLowerCase() === wanted.toLowerCase());
      if (!attendee?.JoinToken && !Errors.some(({ ExternalUserId }: any) => ExternalUserId === wanted)) throw new Broken(`${wanted} was not invited into ${MeetingId}`);
    }
    this.leases.set(MeetingId, { poolName, key, endsAt: meeting?.endsAt ?? 0 });
    this.byKey.set(key, MeetingId);
    this.asking.delete(key);
  }

  private async maintain(stack: Stack, id: string): Promise<void> {
    const called = this.functionOf(stack, id, 'maintain');
    if (!this.exists(called)) return;
    this.runs += 1;
    const fate = this.deaths.get(called.poolName);
    this.deaths.delete(called.poolName);
    await this.call(called, {}, `run-${this.runs}`, fate, 60).catch((error) => {
      if (error instanceof Broken) this.broken ??= error;
    });
  }

  private async call(called: PoolFunction, event: unknown, awsRequestId: string, fate: Death | undefined, seconds: number): Promise<any> {
    const { role, stack, poolName, table, legacy } = called;
    const principal = [stack.id, role, poolName, table, legacy].join('#');
    const late = this.time.sleep(seconds * 1000).then(() => { throw new Broken(`${role} of ${poolName} took more than ${seconds} s`); });
    this.running += 1;
    try {
      const run = { stackId: principal, state: `chimeMeetingPool: ${role}`, mortal: true, fate };
      return await Promise.race([this.containersOf(called).invoke(run, (handlers) => handlers[role](event, { awsRequestId })), late]);
    } catch (error) {
      this.written.push(String((error as Error).stack));
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  private containersOf({ role, stack, id, poolName, table }: PoolFunction): Containers {
    const name = `${role} ${poolName}`;
    const known = this.containers.get(name);
    if (known) return known;
    const isKept = stack.deployed.get(id)!.wish.keepWarm;
    const surroundings = {
      environment: {
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
    const made = new Containers((transport) => freshHandlers(transport, surroundings));
    this.containers.set(name, made);
    return made;
  }

  private functionOf(stack: Stack, id: string, role: PoolFunction['role']): PoolFunction {
    const { physicalId, properties } = stack.deployed.get(id)!;
    return { role, stack, id, poolName: physicalId, table: String(properties.TableName), legacy: properties.Namespace === 'CHIME' };
  }

  private exists({ stack, id, poolName }: PoolFunction): boolean {
    const since = stack.leaving.get(poolName);
    return stack.deployed.get(id)?.physicalId === poolName && (since === undefined || this.time.now() - since < LAMBDA_LAG * 1000);
  }

  private isGoing({ stack, id, poolName }: PoolFunction): boolean {
    return stack.leaving.has(poolName) || stack.deployed.get(id)?.physicalId !== poolName;
  }

  /** Of those that can be leased now and that live. */
  private missing(poolName: string): number {
    const { pool, items, meetings } = poolsOf(this.emulator).get(poolName) ?? { pool: undefined, items: [], meetings: [] };
    if (!pool) return Infinity;
    const ready = readyIds(items);
    const from = this.time.now() + pool.minimumRemainingLifetime - ALLOWANCE;
    return pool.size - meetings.filter(({ id, endsAt }) => ready.has(id) && endsAt >= from).length;
  }

  /** A meeting that the table does not know, or holds for dead, is one that nobody will end. */
  private checkNoted(id: string, items: PoolItemState[], { id: meetingId, externalMeetingId }: LivingMeeting): void {
    const item = items.find((one) => one.meetingId === meetingId || one.item.startsWith(`meeting#${externalMeetingId.split('/')[1]}`));
    if (!item || item.life === 'ended') throw new Broken(`${meetingId} of ${id} lives, and its table says ${item ? 'that it has ended' : 'nothing of it'}`);
  }

  private checkLeases(known: ReadonlySet<string>): void {
    const living = new Set(livingMeetings(this.emulator).map(({ id }) => id));
    for (const [id, { poolName, key, endsAt }] of this.leases) {
      if (living.has(id) || this.endedByOthers.has(id) || !known.has(poolName) || endsAt <= this.time.now()) continue;
      throw new Broken(`${id} was ended while ${key} had it`);
    }
  }

  /** Where a pool leaves alone what it has handed out, no more may be left than that. */
  private retain(stack: Stack, pools: ReturnType<typeof poolsOf>): void {
    const leaves = [...this.everWished.values()].flat().some(({ endLeased }) => !endLeased);
    const known = new Set(this.deployed(stack).map(([, { physicalId }]) => physicalId));
    for (const [name, { stackId, pool, meetings }] of pools) {
      if (!leaves || stackId !== stack.id || known.has(name) || pool?.state === 'open' || meetings.length > (this.calls.get(name) ?? 0)) continue;
      for (const { id } of meetings) retained.get(this.emulator)!.add(id);
    }
  }
}

const policies = new Map<string, PolicyDocument[]>();

/** Of a function of a pool; undefined: the key is another's. */
export function poolPrincipal(key: string): PolicyDocument[] | undefined {
  const [stackId, role, poolName, table, legacy] = key.split('#');
  if (poolName === undefined) return undefined;
  if (!policies.has(key)) policies.set(key, poolPolicies(role as PoolRole, legacy === 'true', { stackId, table, poolName }));
  return policies.get(key);
}
