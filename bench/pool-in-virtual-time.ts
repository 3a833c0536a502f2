import { ChimeSDKMeetingsClient } from '@aws-sdk/client-chime-sdk-meetings';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createPoolTable } from './lifecycles';
import { isRetried, PoolPartition, type SdkAnswer } from './table-partition';
import { ChimeMeetingPoolHandler } from '../lambda/chime-sdk-meetings/chime-meeting-pool';
import { type CheckedOut, Checkout, type CheckoutErrorResponse } from '../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { connectPools, type PoolConnections } from '../lambda/chime-sdk-meetings/meeting-pool/connections';
import { maintain } from '../lambda/chime-sdk-meetings/meeting-pool/maintainer';
import { createLifecycle } from '../lambda/engine/lifecycle';
import type { Log } from '../lambda/engine/log';
import { chimeSdkMeetings, dynamoDb, Emulator, requestHandler, VirtualClock } from '../local/emulator';
import { CHIME_MEETING_POOL_RESOURCE_TYPE } from '../src/chime-sdk-meetings/private/meeting-pool-contract';
import { StackResource } from '../test/cloudformation';

/** Milliseconds that every call takes: to Amazon Chime, to the table, and to a function. */
export const LATENCY = 30;

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const TABLE = 'rooms';
const MINUTE = 60_000;

/** Services in virtual time, with the rates that are documented. */
export class Services {
  readonly clock = new VirtualClock({ auto: true });
  readonly emulator = new Emulator({ clock: this.clock, account: ACCOUNT, latency: LATENCY, services: [chimeSdkMeetings(), dynamoDb()] });
  readonly partition = new PoolPartition(this.clock);

  meetingsClient(environment?: ExecutionEnvironment): ChimeSDKMeetingsClient {
    const handler = this.handler(environment, 'chime-sdk-meetings');
    return new ChimeSDKMeetingsClient({ region: REGION, credentials, maxAttempts: 1, requestHandler: handler as never });
  }

  tableClient(environment?: ExecutionEnvironment): DynamoDBDocumentClient {
    const { handle, ...rest } = requestHandler(this.emulator, 'dynamodb');
    const ofPartition = (request: SdkRequest) => this.partition.handle(request, () => handle(request), () => this.clock.sleep(LATENCY));
    const handler = this.handler(environment, 'dynamodb', { ...rest, handle: ofPartition }, 50);
    return DynamoDBDocumentClient.from(
      new DynamoDBClient({ region: REGION, credentials, maxAttempts: 1, requestHandler: handler as never }),
      { marshallOptions: { removeUndefinedValues: true } });
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

  /** Three attempts, as the SDK makes them. The SDK itself would wait in real time. A frozen environment gets no answers. */
  private handler(
    environment: ExecutionEnvironment | undefined, service: string, { handle, ...rest } = requestHandler(this.emulator, service), firstPause = 500,
  ) {
    const retried = async (request: SdkRequest): Promise<SdkAnswer> => {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await handle(request);
        await environment?.thawed;
        if (!isRetried(answer) || attempt === 2) return answer;
        await this.clock.sleep(Math.random() * firstPause * 2 ** attempt);
      }
    };
    return { ...rest, handle: environment ? (request: SdkRequest) => environment.call(() => retried(request)) : retried };
  }
}

type SdkRequest = Parameters<ReturnType<typeof requestHandler>['handle']>[0];

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

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

const silent: Log = { info: () => undefined, error: () => undefined, child: () => silent };

export interface DeployOptions {
  readonly refilled?: boolean;
  readonly properties?: object;
}

/** A deployed pool: its resource, and its two functions as Lambda runs them. */
export class DeployedPool {
  static async deploy(size: number, { refilled = true, properties }: DeployOptions = {}): Promise<DeployedPool> {
    const services = new Services();
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

  private constructor(readonly services: Services, private readonly refilled: boolean) {
    const { clock } = services;
    this.connections = this.connect();
    const { table, meetings } = this.connections;
    const handler = new ChimeMeetingPoolHandler({ region: REGION, clock, table, meetings });
    this.resource = new StackResource(
      createLifecycle({ clock, log: silent, load: async () => handler }), clock, CHIME_MEETING_POOL_RESOURCE_TYPE,
      `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Bench/1`, 'Rooms');
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
    await maintain({ ...this.common(table), meetings }, `maintain-${this.runs += 1}`);
  }

  private connect(environment?: ExecutionEnvironment): PoolConnections {
    const { services } = this;
    return connectPools(
      REGION, () => Promise.reject(new Error('no legacy pool here')), () => services.meetingsClient(environment), services.tableClient(environment));
  }

  private common(table: PoolConnections['table']) {
    const { resource, services } = this;
    return {
      poolName: resource.physicalId!,
      table: (abortSignal: AbortSignal) => table(TABLE, abortSignal),
      metrics: { maintained: () => undefined, checkedOut: () => undefined },
      clock: services.clock,
      log: silent,
    };
  }
}
