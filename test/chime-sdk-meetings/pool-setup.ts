import { AsyncLocalStorage } from 'node:async_hooks';
import { DeleteAttendeeCommand } from '@aws-sdk/client-chime-sdk-meetings';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { createLegacyMeetings, legacyClient } from '../../lambda/chime-legacy';
import { ChimeMeetingPoolHandler } from '../../lambda/chime-sdk-meetings/chime-meeting-pool';
import type { Assignments } from '../../lambda/chime-sdk-meetings/meeting-pool/assignments';
import { Checkout, type CheckedOut, type CheckoutErrorResponse } from '../../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { chimeMeetingsClient } from '../../lambda/chime-sdk-meetings/meeting-pool/client';
import { connectPools, type PoolConnections } from '../../lambda/chime-sdk-meetings/meeting-pool/connections';
import { maintain } from '../../lambda/chime-sdk-meetings/meeting-pool/maintainer';
import type { PoolMetrics } from '../../lambda/chime-sdk-meetings/meeting-pool/metrics';
import { tableClient } from '../../lambda/chime-sdk-meetings/meeting-pool/table';
import { generatedName, ownerOf } from '../../lambda/engine/ownership';
import {
  chime, type ChimeOptions, chimeSdkMeetings, type ChimeSdkMeetingsOptions, dynamoDb, type DynamoDbOptions, joinTokens,
} from '../../local/emulator';
import { ChimeNamespace } from '../../src/chime-namespace';
import { CHIME_MEETING_POOL_LIMITS, CHIME_MEETING_POOL_RESOURCE_TYPE } from '../../src/chime-sdk-meetings/private/meeting-pool-contract';
import { ACCOUNT, HandlerSetup, OTHER_REGION, REGION, STACK_ID } from '../handler-setup';
import { resourcesOf } from '../stored-templates';
import type { PolicyDocument } from '../synthesised-policies';

export const TABLE = 'rooms';

export interface MeetingState {
  readonly id: string;
  readonly externalMeetingId: string;
  readonly mediaRegion: string;
  readonly features: Record<string, unknown>;
  readonly created: number;
  readonly endsAt: number;
  readonly attendees: { readonly externalUserId: string; readonly id: string }[];
  readonly tags: Record<string, string>;
}

type Role = 'handler' | 'checkout' | 'maintainer';

export interface PoolSetupOptions {
  readonly meetings?: ChimeSdkMeetingsOptions;
  readonly legacy?: ChimeOptions;
  readonly table?: DynamoDbOptions;
}

/** A stack with a pool of each namespace, as it is synthesised: its table, and what each of its roles may do. */
const template = resourcesOf('meetingPools');

const EVERYTHING: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Of the first request of the resource Rooms. */
export function poolNameOf(stackId: string): string {
  return generatedName(ownerOf({ StackId: stackId, LogicalResourceId: 'Rooms', RequestId: 'Rooms-request-1' }), CHIME_MEETING_POOL_LIMITS.poolName.max).name;
}

function policiesOf(role: Role, stackId: string, namespaces: ReadonlySet<string>): PolicyDocument[] {
  // A legacy pool has the handlers' policy of every pool, too.
  const isOfNamespace = (id: string) => id.includes('Legacy') ? namespaces.has(ChimeNamespace.CHIME) : role === 'handler' || namespaces.has(ChimeNamespace.CHIME_SDK);
  const isRole = (name: string) => name.includes({ handler: 'HandlerRole', checkout: 'Checkout', maintainer: 'Maintainer' }[role]);
  const documents = Object.entries(template).flatMap(([id, { Type, Properties }]) => {
    if (!isOfNamespace(id)) return [];
    if (Type === 'AWS::IAM::Role' && isRole(id)) return (Properties.Policies ?? []).map(({ PolicyDocument: document }: { PolicyDocument: unknown }) => document);
    if (Type === 'AWS::IAM::Policy' && isRole(JSON.stringify(Properties.Roles))) return [Properties.PolicyDocument];
    return [];
  });
  return documents.map((document) => fill(document, stackId) as PolicyDocument);
}

/** What CloudFormation would put for references; every table is the one of the test. */
function fill(value: unknown, stackId: string): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, stackId));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, any>;
  const references: Record<string, string> = { 'AWS::StackId': stackId, 'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION };
  if (Ref !== undefined) return references[Ref] ?? Ref;
  if (join) return (fill(join[1], stackId) as string[]).join(join[0]);
  if (attribute?.[1] === 'PoolName') return poolNameOf(stackId);
  if (attribute) return template[attribute[0]].Type.includes('DynamoDB') ? `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE}` : `arn:aws:other:::${attribute[0]}`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, stackId)]));
}

/** Items of the emulator's state: it shows no tokens. */
function plain(item: Record<string, { S?: string; N?: string } | string>): Record<string, any> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typeof value === 'string' ? value : value.S ?? Number(value.N)]));
}

/** A run of a function, which may die. */
interface Run {
  calls: number;
  isDead: boolean;
}

/** One storage for all setups, because Node.js copies the value of every storage into every promise. */
const currentRun = new AsyncLocalStorage<Run>();

/**
 * A pool's resource, its maintainer and its checkout, each under the policies of its own role, in one process with the emulator: several
 * may run at once, and time passes only when all of them wait.
 */
export class PoolSetup extends HandlerSetup {
  readonly measured: ({ kind: 'maintained' | 'checkedOut' } & Record<string, unknown>)[] = [];
  refills = 0;
  /** Whatever the policies say. */
  unrestricted = false;
  private readonly byRole = new Map<Role, PoolConnections>();
  private runs = 0;
  /** Of the pools that each stack has had: it has no policies for others. */
  private readonly namespaces: Map<string, Set<string>>;

  constructor(options: PoolSetupOptions = {}) {
    const namespaces = new Map<string, Set<string>>();
    super({
      resourceType: CHIME_MEETING_POOL_RESOURCE_TYPE,
      services: [chimeSdkMeetings(options.meetings), chime(options.legacy), dynamoDb(options.table)],
      policies: (id) => {
        const [stackId, role = 'handler'] = id.split('#');
        return this.unrestricted ? [EVERYTHING] : policiesOf(role as Role, stackId, namespaces.get(stackId) ?? new Set());
      },
    });
    this.namespaces = namespaces;
    this.addTable();
  }

  addTable(name = TABLE): void {
    const { Properties } = Object.values(template).find(({ Type }) => Type === 'AWS::DynamoDB::Table')!;
    this.emulator.applyResource({ action: 'create', type: 'AWS::DynamoDB::Table', account: ACCOUNT, region: REGION, properties: { ...Properties, TableName: name } });
  }

  resource(logicalId = 'Rooms', stack = STACK_ID) {
    const resource = super.resource(logicalId, stack);
    const onEvent = resource.onEvent.bind(resource);
    resource.onEvent = async (delivery) => {
      this.deployPolicies(stack, String(delivery.properties?.Namespace ?? ChimeNamespace.CHIME_SDK));
      return onEvent(delivery);
    };
    return resource;
  }

  /** CloudFormation does it before the pool, and takes them away after it. */
  private deployPolicies(stack: string, namespace: string): void {
    const namespaces = this.namespaces.get(stack) ?? new Set();
    if (namespaces.has(namespace)) return;
    this.namespaces.set(stack, namespaces.add(namespace));
    this.changePolicies();
  }

  /** A function of its own, which remembers what it has read. */
  checkoutFunction(poolName: string, { refilled = false }: { refilled?: boolean } = {}) {
    const { table, meetings } = this.connections('checkout');
    const checkout = new Checkout({
      poolName,
      table: (abortSignal) => table(TABLE, abortSignal),
      meetings,
      metrics: this.metrics(),
      clock: this.clock,
      log: this.log(),
      refill: async () => {
        this.refills += 1;
        if (refilled) await this.maintain(poolName);
      },
    });
    return async (event: unknown): Promise<Partial<CheckedOut> & Partial<CheckoutErrorResponse> & Partial<Pick<Assignments, 'MeetingId'>>> => checkout.answer(event, `request-${this.runs += 1}`);
  }

  async maintain(poolName: string): Promise<void> {
    const { table, meetings } = this.connections('maintainer');
    await maintain({
      poolName,
      table: (abortSignal) => table(TABLE, abortSignal),
      meetings,
      metrics: this.metrics(),
      clock: this.clock,
      log: this.log(),
    }, `run-${this.runs += 1}`);
  }

  /** As the schedule does it. */
  async maintainFor(minutes: number, poolName: string): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      const start = this.clock.now();
      await this.maintain(poolName);
      await this.clock.sleep(Math.max(0, start + 60_000 - this.clock.now()));
    }
  }

  /** Living ones, of both namespaces. */
  meetings(): MeetingState[] {
    const state = this.emulator.state() as Record<string, { meetings: MeetingState[] }[]>;
    return [...state['chime-sdk-meetings'], ...state.chime].flatMap(({ meetings }) => meetings);
  }

  meeting(id: string): MeetingState | undefined {
    return this.meetings().find((meeting) => meeting.id === id);
  }

  items(kind = ''): Record<string, any>[] {
    const state = this.emulator.state().dynamodb as any[];
    return state.flatMap(({ tables }) => tables).flatMap(({ items }) => items).map(plain).filter(({ item }) => item.startsWith(kind));
  }

  /** With all that they hold, as a role with access to the table sees them. */
  async storedItems(): Promise<Record<string, any>[]> {
    const { Items = [] } = await this.connections('maintainer').client.send(new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: '#pool = :pool',
      ExpressionAttributeNames: { '#pool': 'pool' },
      ExpressionAttributeValues: { ':pool': this.items('pool')[0].pool },
    }));
    return Items;
  }

  /** An application deletes an attendee. */
  async deleteAttendee(MeetingId: string, AttendeeId: string): Promise<void> {
    this.unrestricted = true;
    this.changePolicies();
    await this.inProcess('chime-sdk-meetings', chimeMeetingsClient(REGION)).send(new DeleteAttendeeCommand({ MeetingId, AttendeeId }));
  }

  meetingStates(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { life } of this.items('meeting#')) counts[life] = (counts[life] ?? 0) + 1;
    return counts;
  }

  /** Those that can be leased now. */
  ready(): Record<string, any>[] {
    const living = new Set(this.meetings().map(({ id }) => id));
    return this.items('meeting#').filter(({ life, meetingId }) => life === 'ready' && living.has(meetingId));
  }

  callsOf(service: 'chime-sdk-meetings' | 'chime' | 'dynamodb') {
    return this.calls().filter((call) => call.service === service);
  }

  /** Every join token that stands where it must not: outside of answers to callers. */
  leakedJoinTokens(...others: unknown[]): string[] {
    const seen = JSON.stringify([this.logged, this.measured, this.emulator.calls, ...others]);
    return joinTokens(this.emulator).filter((token) => seen.includes(token));
  }

  protected handler() {
    const { table, meetings } = this.connections('handler');
    return new ChimeMeetingPoolHandler({ region: REGION, clock: this.clock, table, meetings });
  }

  private connections(role: Role): PoolConnections {
    const known = this.byRole.get(role);
    if (known && role !== 'handler') return known;
    if (role !== 'handler') process.env.AWS_ACCESS_KEY_ID = Buffer.from(`${STACK_ID}#${role}`).toString('hex');
    const legacy = this.inProcess('chime', legacyClient());
    const meetings = new Map([REGION, OTHER_REGION, 'us-west-2'].map((region) => [region, this.inProcess('chime-sdk-meetings', chimeMeetingsClient(region))]));
    const items = this.inProcess('dynamodb', tableClient(REGION));
    // Now: later the environment is another role's.
    for (const { config } of [legacy, ...meetings.values(), items]) void config.credentials();
    const connections = connectPools(REGION, async () => createLegacyMeetings(legacy), (region) => meetings.get(region)!, items);
    this.byRole.set(role, connections);
    return connections;
  }

  /**
   * Lets the work die just before or after its n-th call: what is under way then is still carried out, and nothing more comes of it.
   *
   * @returns whether it died; else it had come to its end before
   */
  async crash(n: number, phase: 'before' | 'after', work: () => Promise<unknown>): Promise<boolean> {
    const run: Run = { calls: 0, isDead: false };
    let died!: () => void;
    const death = new Promise<boolean>((resolve) => { died = () => resolve(true); });
    const forget = this.emulator.onCall((event) => {
      if (currentRun.getStore() !== run) return undefined;
      if (event.phase === 'before') run.calls += 1;
      if (run.calls === n && event.phase === phase) run.isDead = true;
      if (!run.isDead) return undefined;
      died();
      return new Promise<void>(() => {});
    });
    const hasDied = await Promise.race([death, currentRun.run(run, work).then(() => false, () => false)]);
    if (!hasDied) forget();
    return hasDied;
  }

  private metrics(): PoolMetrics {
    return {
      maintained: (values) => { this.measured.push({ kind: 'maintained', ...values }); },
      checkedOut: (values) => { this.measured.push({ kind: 'checkedOut', ...values }); },
    };
  }
}
