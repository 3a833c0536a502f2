import type { ChimeSDKMeetingsClient } from '@aws-sdk/client-chime-sdk-meetings';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createPoolTable } from './lifecycles';
import { PoolPartition } from './table-partition';
import { ChimeMeetingPoolHandler } from '../lambda/chime-sdk-meetings/chime-meeting-pool';
import { type CheckedOut, Checkout, type CheckoutErrorResponse } from '../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { chimeMeetingsClient } from '../lambda/chime-sdk-meetings/meeting-pool/client';
import { connectPools, type PoolConnections } from '../lambda/chime-sdk-meetings/meeting-pool/connections';
import { maintain } from '../lambda/chime-sdk-meetings/meeting-pool/maintainer';
import { type PoolTable, tableClient } from '../lambda/chime-sdk-meetings/meeting-pool/table';
import { createLifecycle } from '../lambda/engine/lifecycle';
import type { Log } from '../lambda/engine/log';
import { chimeSdkMeetings, type Clock, dynamoDb, Emulator, requestHandler } from '../local/emulator';
import { seededRandom } from '../local/emulator/random';
import { CHIME_MEETING_POOL_RESOURCE_TYPE } from '../src/chime-sdk-meetings/private/meeting-pool-contract';
import { StackResource } from '../test/cloudformation';
import { Time } from '../test/simulation/time';

/** Milliseconds that every call takes: to Amazon Chime, to the table, and to a function. */
export const LATENCY = 30;

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const TABLE = 'rooms';
const MINUTE = 60_000;

/**
 * Services in virtual time, with the rates that are documented. The pauses of the SDK clients and of the functions are virtual, too, and what is chosen
 * at random is the same for the same seed.
 */
export async function inVirtualTime<T>(seed: number, work: (services: Services) => Promise<T>): Promise<T> {
  const { random } = Math;
  const time = new Time();
  Math.random = seededRandom(seed);
  try {
    return await time.run(work(new Services(time)));
  } finally {
    Math.random = random;
    time.uninstall();
  }
}

export class Services {
  readonly emulator: Emulator;
  readonly partition: PoolPartition;

  constructor(readonly clock: Clock) {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' });
    this.emulator = new Emulator({ clock, account: ACCOUNT, latency: LATENCY, services: [chimeSdkMeetings(), dynamoDb()] });
    this.partition = new PoolPartition(clock);
  }

  meetingsClient(environment?: ExecutionEnvironment): ChimeSDKMeetingsClient {
    return connect(chimeMeetingsClient(REGION), requestHandler(this.emulator, 'chime-sdk-meetings'), environment);
  }

  tableClient(environment?: ExecutionEnvironment, onResponse?: (body: string) => void): DynamoDBDocumentClient {
    const { handle, ...rest } = requestHandler(this.emulator, 'dynamodb');
    const ofPartition = async (request: SdkRequest) => {
      const answer = await this.partition.handle(request, () => handle(request), () => this.clock.sleep(LATENCY));
      onResponse?.(Buffer.from(answer.response.body).toString());
      return answer;
    };
    return connect(tableClient(REGION), { ...rest, handle: ofPartition }, environment);
  }

  /** Living ones. */
  meetings(): { readonly id: string }[] {
    return (this.emulator.state()['chime-sdk-meetings'] as { meetings: { id: string }[] }[]).flatMap(({ meetings }) => meetings);
  }

  chimeCalls(): number {
    return this.emulator.calls.filter(({ service }) => service === 'chime-sdk-meetings').length;
  }

  /** All attendees leave the meeting. This isn't an API call of the library. */
  end(meetingId: string): void {
    this.emulator.edit({ service: 'chime-sdk-meetings', resource: meetingId, end: true });
  }
}

type SdkRequest = Parameters<ReturnType<typeof requestHandler>['handle']>[0];

interface SdkClient {
  readonly config: object;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  send(...call: any[]): any;
}

/** A frozen environment gets no responses. */
function connect<C extends SdkClient>(client: C, { handle, ...rest }: ReturnType<typeof requestHandler>, environment?: ExecutionEnvironment): C {
  const answered: typeof handle = async (request) => {
    const answer = await handle(request);
    await environment?.thawed;
    return answer;
  };
  // The logger of the SDK discards every line, but only after it has looked for secrets in the input and the output of each call.
  Object.assign(client.config, { logger: {}, requestHandler: { ...rest, handle: answered, destroy: () => undefined } });
  const send = client.send.bind(client);
  if (environment) Object.assign(client, { send: (...call: unknown[]) => environment.call(() => send(...call)) });
  return client;
}

/** Lambda freezes an execution environment between two invocations, together with its calls in progress. */
export class ExecutionEnvironment {
  thawed: Promise<void> = Promise.resolve();
  private inProgress = 0;
  private thaw = () => {};

  async invoke<T>(work: () => Promise<T>): Promise<T> {
    this.thaw();
    this.thawed = Promise.resolve();
    try {
      return await work();
    } finally {
      if (this.inProgress > 0) throw new Error(`the function answered with ${this.inProgress} calls in progress`);
      this.thawed = new Promise((resolve) => { this.thaw = resolve; });
    }
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    this.inProgress += 1;
    try {
      return await work();
    } finally {
      this.inProgress -= 1;
    }
  }
}

const silent: Log = { info: () => undefined, error: () => undefined, child: () => silent };

export interface DeployOptions {
  readonly refilled?: boolean;
  readonly properties?: object;
}

/** A deployed pool: its resource, and its two functions as Lambda runs them. */
export class DeployedPool {
  static readonly TABLE = TABLE;

  static async deploy(services: Services, size: number, { refilled = true, properties }: DeployOptions = {}): Promise<DeployedPool> {
    createPoolTable(services.emulator, TABLE);
    const pool = new DeployedPool(services, refilled);
    await pool.resource.create({ TableName: TABLE, Size: size, ...properties });
    return pool;
  }

  private readonly resource: StackResource;
  private readonly connections;
  /** Idle environments of the checkout function; one serves one caller at a time. */
  private environments: { readonly environment: ExecutionEnvironment; readonly checkout: Checkout }[] = [];
  private keeping = false;
  private runs = 0;
  /** Runs of the maintainer that failed. */
  failedRuns = 0;
  /** The ready meetings at the end of the last run of the maintainer, as its metric shows them. */
  reportedReady = 0;

  private constructor(readonly services: Services, private readonly refilled: boolean) {
    const { clock } = services;
    this.connections = this.connect();
    const { table, meetings } = this.connections;
    const handler = new ChimeMeetingPoolHandler({ region: REGION, clock, table, meetings });
    this.resource = new StackResource(
      createLifecycle({ clock, log: silent, load: async () => handler }), clock, CHIME_MEETING_POOL_RESOURCE_TYPE,
      `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Bench/1`, 'Rooms');
  }

  get poolName(): string {
    return this.resource.physicalId!;
  }

  async checkout(request: { clientRequestToken: string; externalUserIds: string[] }): Promise<CheckedOut | CheckoutErrorResponse> {
    await this.services.clock.sleep(LATENCY);
    const idle = this.environments.pop() ?? this.start();
    const answer = await idle.environment.invoke(() => idle.checkout.answer(request, `checkout-${this.runs += 1}`));
    this.environments.push(idle);
    return answer as CheckedOut | CheckoutErrorResponse;
  }

  /** The next checkouts start in new environments. */
  stopEnvironments(): void {
    this.environments = [];
  }

  /** According to the table. */
  readyMeetings(): number {
    const regions = this.services.emulator.stateOf('dynamodb') as { tables: { items: { life?: { S: string } }[] }[] }[];
    return regions.flatMap(({ tables }) => tables).flatMap(({ items }) => items).filter(({ life }) => life?.S === 'ready').length;
  }

  /** By the schedule, from now on. */
  keep(): void {
    this.keeping = true;
    const tick = async () => {
      while (this.keeping) {
        void this.maintain();
        await this.services.clock.sleep(MINUTE);
      }
    };
    void tick();
  }

  /** Time to become as warm as it gets. */
  async rest(minutes = 2): Promise<void> {
    await this.services.clock.sleep(minutes * MINUTE);
  }

  async destroy(): Promise<void> {
    this.keeping = false;
    await this.rest(1);
    await this.resource.delete();
  }

  private start() {
    const environment = new ExecutionEnvironment();
    const { table, meetings } = this.connect(environment);
    const refill = this.refilled ? () => environment.call(() => this.invokeMaintainer()) : undefined;
    return { environment, checkout: new Checkout({ ...this.common(table), meetings, refill }) };
  }

  private async invokeMaintainer(): Promise<void> {
    await this.services.clock.sleep(LATENCY);
    void this.maintain();
  }

  private async maintain(): Promise<void> {
    const { table, meetings } = this.connections;
    await maintain({ ...this.common(table), meetings }, `maintain-${this.runs += 1}`).catch(() => { this.failedRuns += 1; });
  }

  private connect(environment?: ExecutionEnvironment): PoolConnections {
    const { services } = this;
    return connectPools(
      REGION, () => Promise.reject(new Error('no legacy pool here')), () => services.meetingsClient(environment), services.tableClient(environment));
  }

  private common(table: PoolConnections['table']) {
    const { poolName, services } = this;
    return {
      poolName,
      table: (abortSignal: AbortSignal): PoolTable => table(TABLE, abortSignal),
      metrics: { maintained: ({ ready }: { ready: number }) => { this.reportedReady = ready; }, checkedOut: () => undefined },
      clock: services.clock,
      log: silent,
    };
  }
}
