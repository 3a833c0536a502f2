import { ChimeSDKMeetingsClient } from '@aws-sdk/client-chime-sdk-meetings';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createPoolTable } from './lifecycles';
import { ChimeMeetingPoolHandler } from '../lambda/chime-sdk-meetings/chime-meeting-pool';
import { type CheckedOut, Checkout, type CheckoutErrorResponse } from '../lambda/chime-sdk-meetings/meeting-pool/checkout';
import { connectPools } from '../lambda/chime-sdk-meetings/meeting-pool/connections';
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

  meetingsClient(): ChimeSDKMeetingsClient {
    return new ChimeSDKMeetingsClient({ region: REGION, credentials, maxAttempts: 1, requestHandler: this.handler('chime-sdk-meetings') as never });
  }

  tableClient(): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(
      new DynamoDBClient({ region: REGION, credentials, maxAttempts: 1, requestHandler: this.handler('dynamodb') as never }),
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

  /** Three attempts, as the SDK makes them; its own would wait in real time. */
  private handler(service: string) {
    const { handle, ...rest } = requestHandler(this.emulator, service);
    const retried = async (request: Parameters<typeof handle>[0]) => {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await handle(request);
        if (answer.response.statusCode !== 429 || attempt === 2) return answer;
        await this.clock.sleep(Math.random() * 500 * 2 ** attempt);
      }
    };
    return { ...rest, handle: retried };
  }
}

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

const silent: Log = { info: () => undefined, error: () => undefined, child: () => silent };

/** A deployed pool: its resource, and its two functions as Lambda runs them. */
export class DeployedPool {
  static async deploy(size: number, { refilled = true } = {}): Promise<DeployedPool> {
    const services = new Services();
    createPoolTable(services.emulator, TABLE);
    const pool = new DeployedPool(services, refilled);
    await pool.resource.create({ TableName: TABLE, Size: size });
    return pool;
  }

  private readonly resource: StackResource;
  private readonly connections;
  private readonly checkoutFunction: () => Checkout;
  /** Idle environments of the checkout function; one serves one caller at a time. */
  private readonly environments: Checkout[] = [];
  private keeping = false;
  private runs = 0;

  private constructor(readonly services: Services, refilled: boolean) {
    const { clock } = services;
    this.connections = connectPools(REGION, () => Promise.reject(new Error('no legacy pool here')), () => services.meetingsClient(), services.tableClient());
    const { table, meetings } = this.connections;
    const handler = new ChimeMeetingPoolHandler({ region: REGION, clock, table, meetings });
    this.resource = new StackResource(
      createLifecycle({ clock, log: silent, load: async () => handler }), clock, CHIME_MEETING_POOL_RESOURCE_TYPE,
      `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Bench/1`, 'Rooms');
    this.checkoutFunction = () => new Checkout({ ...this.common(), meetings, refill: refilled ? () => this.invokeMaintainer() : undefined });
  }

  async checkout(request: { clientRequestToken: string; externalUserIds: string[] }): Promise<CheckedOut | CheckoutErrorResponse> {
    await this.services.clock.sleep(LATENCY);
    const environment = this.environments.pop() ?? this.checkoutFunction();
    const answer = await environment.answer(request, `checkout-${this.runs += 1}`);
    this.environments.push(environment);
    return answer;
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

  private async invokeMaintainer(): Promise<void> {
    await this.services.clock.sleep(LATENCY);
    void this.maintain();
  }

  private async maintain(): Promise<void> {
    await maintain({ ...this.common(), meetings: this.connections.meetings }, `maintain-${this.runs += 1}`);
  }

  private common() {
    const { connections, resource, services } = this;
    return {
      poolName: resource.physicalId!,
      table: (abortSignal: AbortSignal) => connections.table(TABLE, abortSignal),
      metrics: { maintained: () => undefined, checkedOut: () => undefined },
      clock: services.clock,
      log: silent,
    };
  }
}
